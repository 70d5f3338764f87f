import {isRemoteContext} from '../git/remote-context.ts'
import type {BuildSecret} from '../model/credentials.ts'
import type {Facts} from '../model/facts.ts'
import {argumentTexts, type BuildArguments} from './arguments.ts'
import type {BuilderChoice} from './builder.ts'
import {buildxArgsOf} from './buildx-args.ts'
import type {Labels} from './labels.ts'
import {buildDirectory, metadataFile, within} from './paths.ts'
import {trustOf} from './permit.ts'
import {keysOf, secretText} from './secrets.ts'

/** What both builds have in common: the one that makes the image, and the one that exports the cache. */
export interface Recipe {
  readonly facts: Facts
  readonly builder: BuilderChoice
  readonly arguments: BuildArguments
  readonly secrets: readonly BuildSecret[]
  readonly cacheFrom: readonly string[]
  /** Values of `--build-context`. */
  readonly contexts: readonly string[]
}

/** How the image is published: in an index with its provenance, as a manifest alone, or not at all. */
export type Shape = 'index' | 'manifest' | 'unpublished'

/** Arguments after `docker` for the build that makes the image. */
export function buildArgv(
  recipe: Recipe,
  made: {
    readonly outputs: readonly string[]
    readonly shape: Shape
    readonly labels: Labels
    readonly runLabels: Labels
  }
): readonly string[] {
  return [
    ...head(recipe),
    ...buildxArgsOf(recipe.facts),
    '--metadata-file',
    metadataFile(recipe.facts),
    // Provenance stands beside the image in an index. With `mode=max` it would hold the build arguments.
    `--provenance=${made.shape === 'index' ? 'mode=min' : 'false'}`,
    ...options('--label', entriesOf(made.labels)),
    ...options('--annotation', annotationsOf(made)),
    ...options('--output', made.outputs),
    contextOf(recipe.facts)
  ]
}

/** Arguments after `docker` for the same build again, all of it cached, which exports the cache. */
export function cacheArgv(
  recipe: Recipe,
  {cacheTo, labels}: {cacheTo: readonly string[]; labels: Labels}
): readonly string[] {
  return [
    ...head(recipe),
    ...buildxArgsOf(recipe.facts).filter(keepsCache),
    '--provenance=false',
    ...options('--label', entriesOf(labels)),
    ...options('--cache-to', cacheTo),
    '--output',
    'type=cacheonly',
    contextOf(recipe.facts)
  ]
}

/** What would build anew has done so already: this build is to find all of it in the cache. */
function keepsCache(flag: string): boolean {
  return !/^--(?:no-cache|pull)/.test(flag)
}

/** One level each: buildx 0.13 takes `index,manifest:` for a part of the name. */
function annotationsOf({
  shape,
  labels,
  runLabels
}: {
  readonly shape: Shape
  readonly labels: Labels
  readonly runLabels: Labels
}): readonly string[] {
  switch (shape) {
    case 'index':
      return [
        ...entriesOf(labels).flatMap(label => [`index:${label}`, `manifest:${label}`]),
        ...entriesOf(runLabels).map(label => `index:${label}`)
      ]
    case 'manifest':
      return entriesOf({...labels, ...runLabels}).map(label => `manifest:${label}`)
    case 'unpublished':
      return []
  }
}

function head(recipe: Recipe): readonly string[] {
  const {facts, builder, secrets, cacheFrom, contexts} = recipe
  const {inputs} = facts
  return [
    'buildx',
    'build',
    '--builder',
    builder.name,
    '--progress=rawjson',
    '--file',
    dockerfileOf(facts),
    // Nothing that a trusted build left in a builder may come into one without trust: the keys of BuildKit's cache do
    // not contain secrets, so a step that read one would be answered from the cache. A builder of its own is empty,
    // but for what anyone may read.
    ...(trustOf(facts) === 'none' && cacheFrom.length === 0 ? ['--no-cache'] : []),
    ...(inputs.target === undefined ? [] : ['--target', inputs.target]),
    ...(inputs.platforms.length === 0 ? [] : ['--platform', inputs.platforms.join(',')]),
    ...options('--build-arg', argumentTexts(recipe.arguments)),
    ...options(
      '--secret',
      secrets.map(secret => secretText(secret, facts))
    ),
    ...options(
      '--ssh',
      keysOf(facts).map(({id, paths}) => (paths.length === 0 ? id : `${id}=${paths.join(',')}`))
    ),
    ...options('--build-context', contexts),
    ...options('--cache-from', cacheFrom)
  ]
}

/** The built-in Dockerfile is laid beside its ignore file, where BuildKit looks for it. */
function dockerfileOf(facts: Facts): string {
  const {dockerfile} = facts.source
  return dockerfile.source === 'built-in' ? `${buildDirectory(facts)}/dockerfile/Dockerfile` : dockerfile.path
}

function contextOf({inputs, paths}: Facts): string {
  return isRemoteContext(inputs.context) ? inputs.context : within(inputs.context, paths.workspace)
}

function entriesOf(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`)
}

function options(option: string, values: readonly string[]): readonly string[] {
  return values.flatMap(value => [option, value])
}
