import {imageText, parseReference, tagSlug} from '../image/reference.ts'
import type {EventFacts} from '../model/event.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {BuilderWork, LocalCache} from '../model/work-build.ts'
import {cacheAccess} from './access.ts'
import {nameForBuilder, type Passage} from './door.ts'
import {imagesOf} from './images.ts'
import {within} from './paths.ts'
import type {Variant} from './variant.ts'

/** Where a cache lies, as far as every backend needs it. */
export interface CachePlace {
  readonly facts: Facts
  readonly reach: BuilderWork['reach']
  /** Names of the caches to look into: this branch's, that of the branch it goes to, the default branch's. */
  readonly reads: readonly string[]
  /** Name of the cache to write. */
  readonly writes: string
  /** What is not merged keeps a cache of its own, under this name: nothing that is merged ever reads it. */
  readonly proposal?: string
}

/** The names of this run's caches. */
export function placeOf(
  facts: Facts,
  {variant, reach}: {readonly variant: Variant; readonly reach: BuilderWork['reach']}
): CachePlace {
  const {event, inputs} = facts
  // Siblings of other variants and platforms would overwrite each other's cache.
  const siblings = variant.isDefault ? '' : variant.suffix
  const platforms = inputs.platforms.map(name => `-${name.replaceAll('/', '-')}`).join('')
  const nameOf = (branch: string) => tagSlug(`buildcache-${branch}${siblings}${platforms}`)
  const proposal = proposalOf(event)
  const branches = [proposal, branchOf(event), event.pullRequest?.baseRef, event.repository.defaultBranch]
  const known = distinct(branches.filter(branch => branch !== undefined))
  const place = {facts, reach, reads: known.map(nameOf), writes: nameOf(known[0] ?? 'default')}
  return proposal === undefined ? place : {...place, proposal}
}

/** The references to look into, the nearest first. */
export function refsRead(place: CachePlace): readonly string[] {
  return distinct(place.reads.map(name => refOf(name, place)))
}

/** The reference to write. */
export function refWritten(place: CachePlace): string {
  return refOf(place.writes, place)
}

/** What the builder does in the registry for the cache. */
export function cachePassages(place: CachePlace): readonly Passage[] {
  const {facts, writes} = place
  const cache = cacheImageOf(facts)
  if (cache === undefined) return []
  return [{...cacheAccess(facts, cache.image), actions: 'pull,push', tags: [tagOf(writes, {place, tag: cache.tag})]}]
}

/**
 * The directory of the local backend: a new key each run, the nearest earlier one restored.
 *
 * Its path is the same in every run and for every branch: the cache service finds an entry only by the path that it was
 * saved from.
 */
export function directoryOf({facts, reads, writes}: CachePlace): LocalCache {
  const {event, inputs, paths} = facts
  const [image] = imagesOf(facts)
  const prefix = `layers-${image === undefined ? '' : tagSlug(imageText(image))}`
  const {place} = inputs.cache
  const temporary = paths.run.slice(0, paths.run.lastIndexOf('/'))
  return {
    directory: place === undefined ? `${temporary}/pytorch-cuda-image-${prefix}` : within(place, paths.workspace),
    isOurs: place === undefined,
    archive: `${paths.run}/cache-archive`,
    key: `${prefix}-${writes}-${event.runId}-${event.runAttempt}`,
    restoreKeys: reads.map(name => `${prefix}-${name}-`)
  }
}

/** The branch that this run is of; for the merge queue, the one it merges into. */
function branchOf(event: EventFacts): string | undefined {
  if (event.refType !== 'branch') return undefined
  return queueBase(event.refName) ?? event.refName
}

function queueBase(refName: string): string | undefined {
  return /^gh-readonly-queue\/(.+)\/[^/]+$/.exec(refName)?.[1]
}

/** `pr-12`, `mq-main`: what a cache of code that is not merged is called. */
export function proposalOf({origin, pullRequest, refName}: EventFacts): string | undefined {
  if (origin === 'merge-queue') return `mq-${queueBase(refName) ?? refName}`
  return pullRequest === undefined ? undefined : `pr-${pullRequest.number}`
}

function refOf(name: string, place: CachePlace): string {
  const cache = cacheImageOf(place.facts)
  if (cache === undefined) return name
  return `${nameForBuilder(cache.image, place.reach)}:${tagOf(name, {place, tag: cache.tag})}`
}

/** The cache's tag: the one that the workflow names, but for a proposal, which never writes where others read. */
function tagOf(name: string, {place, tag}: {readonly place: CachePlace; readonly tag: string | undefined}): string {
  if (tag === undefined) return name
  return place.proposal !== undefined && name === place.writes ? tagSlug(`${tag}-${place.proposal}`) : tag
}

/** The image whose repository holds the cache: the one that was named, else the primary one. */
function cacheImageOf(facts: Facts): {image: ImageName; tag?: string} | undefined {
  const {place} = facts.inputs.cache
  const given = place === undefined ? undefined : parseReference(place)
  if (given !== undefined) return given
  const [image] = imagesOf(facts)
  return image === undefined ? undefined : {image}
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)]
}
