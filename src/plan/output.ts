import {imageText} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {Verdict} from '../model/verdict.ts'
import type {BuildWork} from '../model/work-build.ts'
import type {BuilderChoice} from './builder.ts'
import {compressionOf, type LayerUse} from './compression.ts'
import {attributes} from './csv.ts'
import {nameForBuilder} from './door.ts'
import type {Naming} from './tags.ts'

/** What becomes of the built image. */
export interface Output {
  readonly kind: BuildWork['output']
  /** Values of `--output`. */
  readonly values: readonly string[]
  /** Name that the docker driver leaves in the engine's store. */
  readonly leavesImage?: string
  /** Name under which the engine gets the image. */
  readonly loadAs?: string
}

/** The tag that the door takes for the candidate. The registry never sees it: the door puts the manifest by digest. */
const CANDIDATE = 'candidate'

/** The candidate where this event may push, else what the workflow can use without a registry. */
export function outputOf(
  facts: Facts,
  made: {
    readonly builder: BuilderChoice
    readonly naming: Naming
    readonly images: readonly ImageName[]
    readonly push: Verdict
  }
): Output {
  const {builder, naming, images, push} = made
  const [primary] = images
  if (primary === undefined) return discardOutput(facts)
  // The shortest name is the one without variant, where the image has it.
  const tag = naming.tags.map(each => each.tag).toSorted((one, other) => one.length - other.length)[0] ?? naming.version
  const loadAs = facts.inputs.load ? loadedName(primary, tag) : undefined
  if (push.allowed) return candidateOutput(facts, {builder, image: primary, loadAs})
  return loadAs === undefined ? discardOutput(facts) : loadOutput(loadAs)
}

/** Sends the candidate to the registry, and loads it into the engine as well where that was asked for. */
function candidateOutput(
  facts: Facts,
  {builder, image, loadAs}: {builder: BuilderChoice; image: ImageName; loadAs: string | undefined}
): Output {
  const candidate = attributes(candidateFields(facts, {builder, image}))
  // The last output is the one whose digest buildx reports.
  const values = loadAs === undefined ? [candidate] : [loadValue(loadAs), candidate]
  const [[, left]] = candidateName(facts, {builder, image})
  return {
    kind: 'candidate',
    values,
    ...(loadAs === undefined ? {} : {loadAs}),
    ...(isDockerDriver(builder) ? {leavesImage: left} : {})
  }
}

/** An image that is pushed to a repository and that only its digest names there. */
export function candidateFields(
  facts: Facts,
  {builder, image, use}: {builder: BuilderChoice; image: ImageName; use?: LayerUse | undefined}
): readonly Field[] {
  return [
    ['type', 'image'],
    ...candidateName(facts, {builder, image}),
    ['push', 'true'],
    ['oci-mediatypes', 'true'],
    ...compressionOf(facts, use),
    ...unkept(builder)
  ]
}

/** Loads the image into the engine, under a name that the workflow's next steps can use. */
function loadOutput(loadAs: string): Output {
  return {kind: 'load', values: [loadValue(loadAs)], loadAs}
}

/** Builds all of it, and keeps nothing but the digest. */
function discardOutput(facts: Facts): Output {
  return {
    kind: 'discard',
    values: [
      attributes([
        ['type', 'image'],
        ['push', 'false'],
        ['oci-mediatypes', 'true'],
        ...compressionOf(facts),
        ['store', 'false'],
        ['unpack', 'false']
      ])
    ]
  }
}

/** `ghcr.io/acme/app:pr-12`: the name of a loaded image. */
function loadedName(image: ImageName, tag: string): string {
  return `${imageText(image)}:${tag}`
}

function loadValue(name: string): string {
  return attributes([
    ['type', 'docker'],
    ['name', name]
  ])
}

type Field = readonly [string, string]

/** Behind the door, or where the builder holds the key itself: by digest, or under a name of this run where it cannot. */
function candidateName(
  {event}: Facts,
  {builder, image}: {builder: BuilderChoice; image: ImageName}
): readonly [Field, ...Field[]] {
  const name = nameForBuilder(image, builder.reach)
  if (builder.reach === 'door') return [['name', `${name}:${CANDIDATE}`]]
  if (isDockerDriver(builder)) return [['name', `${name}:${CANDIDATE}-${event.runId}-${event.runAttempt}`]]
  return [
    ['name', name],
    ['push-by-digest', 'true']
  ]
}

/** buildx's own docker driver, not the engine's BuildKit reached past it. */
function isDockerDriver({driver, bridge}: BuilderChoice): boolean {
  return driver === 'docker' && bridge === undefined
}

/**
 * The engine's BuildKit would unpack the image and keep it in the engine's store: bytes that nobody asked for.
 *
 * buildx's docker driver must keep what it pushes: before 0.14 it pushes it once more through the engine, and fails
 * where the engine has no such image. The build step takes the name away again.
 */
function unkept(builder: BuilderChoice): readonly Field[] {
  if (builder.driver !== 'docker') return []
  return isDockerDriver(builder)
    ? [['unpack', 'false']]
    : [
        ['store', 'false'],
        ['unpack', 'false']
      ]
}
