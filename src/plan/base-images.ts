import {imageText, isSameImage, parseReference, type Reference} from '../image/reference.ts'
import {baseImageOf, imagesReadBy, platformArgs} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import type {BuilderWork} from '../model/work-build.ts'
import {packageAccess} from './access.ts'
import type {BuildArguments} from './arguments.ts'
import {nameForBuilder, type Passage} from './door.ts'
import {platformsOf, stagesBuilt} from './stages.ts'

const IMAGE = 'docker-image://'

/** How the build gets at images that only a login opens. */
export interface BaseImages {
  /** Values of `--build-context`: the user's own, and one for each private image, leading through the door. */
  readonly contexts: readonly string[]
  /** Ways for reading them. */
  readonly passages: readonly Passage[]
}

/**
 * Finds the images that the build reads with a login: those of `FROM`, `COPY --from`, mounts and named contexts.
 *
 * The builder holds no key, so it takes them through the door: a named context that bears an image's own name stands in
 * for it. Images without a login are pulled by the builder itself, from where the Dockerfile says.
 */
export function readBaseImages(
  facts: Facts,
  {args, reach}: {readonly args: BuildArguments; readonly reach: BuilderWork['reach']}
): BaseImages {
  const {buildContexts} = facts.inputs
  const taken = buildContexts.map(({name}) => parseReference(name))
  const named = buildContexts.flatMap(({location}) =>
    location.startsWith(IMAGE) ? (parseReference(location.slice(IMAGE.length)) ?? []) : []
  )
  const written = imagesWritten(facts, args).filter(
    ({reference}) => !taken.some(other => other !== undefined && isSameReference(other, reference))
  )
  const opened = written.filter(({reference}) => isOpened(facts, reference))
  const passages = [...opened.map(({reference}) => reference), ...named].flatMap(reference =>
    isOpened(facts, reference) ? [passageTo(facts, reference)] : []
  )
  const own = buildContexts.map(({name, location}) => `${name}=${rewritten(location, {facts, reach})}`)
  if (reach === 'direct') return {contexts: own, passages}
  const stands = opened.map(({text, reference}) => `${text}=${placeFor(reference, reach)}`)
  return {contexts: [...own, ...stands], passages}
}

interface Written {
  readonly text: string
  readonly reference: Reference
}

/** Every image that a stage of this build names, once. */
function imagesWritten(facts: Facts, args: BuildArguments): readonly Written[] {
  const {dockerfile} = facts.source
  const stages = stagesBuilt(facts)
  const bases = platformsOf(facts).flatMap(platform =>
    stages.flatMap(stage => baseImageOf(stage, dockerfile, {...platformArgs(platform), ...args}) ?? [])
  )
  const read = stages.flatMap(stage => imagesReadBy(stage, dockerfile))
  return [...new Set([...bases, ...read])].flatMap(text => {
    const reference = parseReference(text)
    return reference === undefined || reference.wasLowered ? [] : [{text, reference}]
  })
}

function isOpened(facts: Facts, {image}: Reference): boolean {
  return packageAccess(facts, image).credential !== null
}

function passageTo(facts: Facts, {image}: Reference): Passage {
  return {...packageAccess(facts, image), actions: 'pull', tags: []}
}

function rewritten(
  location: string,
  {facts, reach}: {readonly facts: Facts; readonly reach: BuilderWork['reach']}
): string {
  const reference = location.startsWith(IMAGE) ? parseReference(location.slice(IMAGE.length)) : undefined
  if (reference === undefined || reach === 'direct' || !isOpened(facts, reference)) return location
  return placeFor(reference, reach)
}

function placeFor({image, tag, digest}: Reference, reach: BuilderWork['reach']): string {
  return `${IMAGE}${nameForBuilder(image, reach)}${digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`}`
}

function isSameReference(one: Reference, other: Reference): boolean {
  const tail = ({tag = 'latest', digest}: Reference) => digest ?? tag
  return isSameImage(one.image, other.image) && tail(one) === tail(other)
}

/** Images of one host that need different logins, where the builder takes them from docker's configuration: it has room for one. */
export function crowdedHosts(work: BuilderWork): readonly string[] {
  if (work.reach === 'door') return []
  const used = work.routes.flatMap(({image, credential}) => (credential === null ? [] : [{image, credential}]))
  const crowded = used.filter(({image, credential}, at) =>
    used
      .slice(0, at)
      .some(
        other => other.image.registry === image.registry && other.credential.token.secret !== credential.token.secret
      )
  )
  return crowded.map(
    ({image}) =>
      `The builder cannot reach our door, and docker’s configuration holds one login for ${image.registry}: the first one is used for ${imageText(image)} too.`
  )
}
