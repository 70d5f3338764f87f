import type {Facts} from '../model/facts.ts'
import type {CacheRequest} from '../model/inputs.ts'
import type {Verdict} from '../model/verdict.ts'
import type {BuilderWork, LocalCache} from '../model/work-build.ts'
import {type CachePlace, cachePassages, directoryOf, placeOf, refsRead, refWritten} from './cache-place.ts'
import {compressionOf} from './compression.ts'
import {attributes} from './csv.ts'
import type {Passage} from './door.ts'
import {allow, mayReadAsAnyone, permit, refuse} from './permit.ts'
import {accessSecretsOf} from './secrets.ts'
import type {Variant} from './variant.ts'

/** What the run does with BuildKit's layer cache. */
export interface Caching {
  readonly backend: CacheBackend
  /** Whether it is written, and if not, why. */
  readonly verdict: Verdict
  /** Values of `--cache-from`: where to look, the nearest first. */
  readonly from: readonly string[]
  /** Values of `--cache-to` of the second build. */
  readonly to: readonly string[]
  readonly passages: readonly Passage[]
  readonly runnerVariables: readonly string[]
  readonly directory?: LocalCache
}

type Fields = readonly (readonly [name: string, value: string])[]

/** One store for the layer cache. It depends on facts, and never probes. */
interface Backend {
  /** Why the facts at hand do not let it be used at all. */
  readonly needs?: (facts: Facts) => Verdict | undefined
  readonly from: (place: CachePlace) => readonly Fields[]
  readonly to: (place: CachePlace) => readonly Fields[]
  readonly passages?: (place: CachePlace) => readonly Passage[]
  /** Where it lies in the open it is read without a login, by the builder itself. */
  readonly isReadWithoutLogin?: true
  readonly directory?: (place: CachePlace) => LocalCache
  /** Its entries lie in GitHub's cache service, which has a say of its own. */
  readonly keptBy?: 'GitHub'
  /** Variables of the runner that buildx reads for it. */
  readonly runnerVariables?: readonly string[]
}

/** A name of `CACHE_BACKENDS`. */
export type CacheBackend = Exclude<CacheRequest['backend'], 'auto'>

/** The stores that `cache` can name. `auto` is the first. */
export const CACHE_BACKENDS: {readonly [B in CacheBackend]: Backend} = {
  registry: {
    from: place =>
      refsRead(place).map(
        ref =>
          [
            ['type', 'registry'],
            ['ref', ref]
          ] as const
      ),
    to: place => [
      [
        ['type', 'registry'],
        ['ref', refWritten(place)],
        ['image-manifest', 'true'],
        ['oci-mediatypes', 'true']
      ]
    ],
    passages: cachePassages,
    isReadWithoutLogin: true
  },
  gha: {
    keptBy: 'GitHub',
    needs: closedGitHubCache,
    from: place =>
      place.reads.map(
        name =>
          [
            ['type', 'gha'],
            ['scope', name]
          ] as const
      ),
    to: place => [
      [
        ['type', 'gha'],
        ['scope', place.writes]
      ]
    ],
    runnerVariables: ['ACTIONS_CACHE_SERVICE_V2', 'ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL', 'ACTIONS_RUNTIME_TOKEN']
  },
  local: {
    keptBy: 'GitHub',
    needs: closedGitHubCache,
    from: place => [
      [
        ['type', 'local'],
        ['src', directoryOf(place).directory]
      ]
    ],
    to: place => [
      [
        ['type', 'local'],
        ['dest', directoryOf(place).directory]
      ]
    ],
    directory: directoryOf
  },
  none: {from: () => [], to: () => []}
}

/** Decides where the layer cache is read and written. It is never written where the event may not publish. */
export function planCache(
  facts: Facts,
  choice: {readonly variant: Variant; readonly reach: BuilderWork['reach']}
): Caching {
  const asked = facts.inputs.cache.backend
  const name = asked === 'auto' ? 'registry' : asked
  const backend: Backend = CACHE_BACKENDS[name]
  const place = placeOf(facts, choice)
  const refusal = backend.needs?.(facts)
  const {closedToRead, closedToWrite} = serviceOf(facts, backend)
  const isRead = refusal === undefined && !closedToRead && permit(facts, 'cache-read').allowed
  const isOpen = backend.isReadWithoutLogin === true && mayReadAsAnyone(facts)
  const verdict = refusal ?? mayWrite(facts, name, closedToWrite)
  const isUsed = isRead || verdict.allowed
  return {
    backend: name,
    verdict,
    from: [
      ...(isRead ? backend.from(place) : []),
      // Past the door: it is for what this run may do, and this takes no right.
      ...(isOpen ? backend.from(inTheOpen(place)) : [])
    ].map(attributes),
    to: backend.to(place).map(fields => attributes([...fields, ...howWritten(facts)])),
    passages: isUsed ? passagesOf(backend, {place, verdict}) : [],
    runnerVariables: isUsed ? (backend.runnerVariables ?? []) : [],
    ...(backend.directory === undefined ? {} : {directory: backend.directory(place)})
  }
}

/** The places that others wrote: under the name of its own, code without trust never does. */
function inTheOpen(place: CachePlace): CachePlace {
  return {...place, reach: 'direct', reads: place.proposal === undefined ? place.reads : place.reads.slice(1)}
}

/** Whether code that not everyone who reads the cache may read goes into the build. */
export function hasPrivateSources(facts: Facts): boolean {
  const {inputs, source} = facts
  const {secrets, ssh, sshKeys} = inputs
  return (
    secrets.length > 0 ||
    ssh.length > 0 ||
    sshKeys.length > 0 ||
    source.submodules.length > 0 ||
    accessSecretsOf(facts).length > 0
  )
}

/** Whether GitHub's cache service, where a backend uses it, said in advance what it will refuse. */
function serviceOf({event}: Facts, backend: Backend): {closedToRead: boolean; closedToWrite: boolean} {
  const {cacheMode} = event
  if (backend.keptBy !== 'GitHub' || cacheMode === undefined) return {closedToRead: false, closedToWrite: false}
  return {
    closedToRead: cacheMode === 'none' || cacheMode === 'write-only',
    closedToWrite: cacheMode === 'none' || cacheMode === 'read'
  }
}

function mayWrite(facts: Facts, backend: CacheBackend, closedToWrite: boolean): Verdict {
  const permission = permit(facts, 'cache-write')
  if (!permission.allowed) return permission
  if (closedToWrite) {
    return refuse(
      'cache-mode',
      `GitHub’s cache takes nothing from this run (\`ACTIONS_CACHE_MODE\` is ${facts.event.cacheMode}).`
    )
  }
  if (backend === 'registry' && facts.inputs.push === 'never') {
    return refuse('not-asked', 'The input `push` says never, and the cache would lie beside the image.')
  }
  if (facts.event.refType === 'tag') return refuse('nothing-to-do', 'No later run would read the cache of a tag.')
  return allow(permission.because)
}

/** Without the permission to write, the builder gets a way to read and no other. */
function passagesOf(
  backend: Backend,
  {place, verdict}: {readonly place: CachePlace; readonly verdict: Verdict}
): readonly Passage[] {
  const passages = backend.passages?.(place) ?? []
  return verdict.allowed ? passages : passages.map(passage => ({...passage, actions: 'pull', tags: []}))
}

function closedGitHubCache(facts: Facts): Verdict | undefined {
  if (!hasPrivateSources(facts) || facts.event.repository.isPrivate === true) return undefined
  return refuse(
    'private-cache',
    'Pull requests from forks can read the GitHub cache of a public repository, and this build gets private code.'
  )
}

function howWritten(facts: Facts): Fields {
  // Without `ignore-error`, which would call it a success: the step that writes it tells, and never fails the run.
  return [['mode', modeOf(facts)], ...compressionOf(facts)]
}

/**
 * `max` keeps the layers of every stage, also of those that are not in the image: private code among them.
 *
 * The stages of the built-in Dockerfile hold nothing that the image has not, so `max` would be the same bytes twice.
 */
function modeOf(facts: Facts): 'min' | 'max' {
  return facts.source.dockerfile.source === 'built-in' || hasPrivateSources(facts) ? 'min' : 'max'
}
