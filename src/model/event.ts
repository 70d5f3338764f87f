/** Who wrote the code of this run, and through which door it came. `facts/event.ts` maps every GitHub event to one. */
export const ORIGINS = [
  'own-branch',
  'own-tag',
  'deleted-branch',
  'own-pull-request',
  'fork-pull-request',
  'dependabot',
  'pull-request-target',
  'workflow-run',
  'foreign-workflow-run',
  'dispatch',
  'schedule',
  'release',
  'merge-queue',
  'repository-dispatch',
  'comment',
  'bystander',
  'unknown'
] as const

/** An entry of `ORIGINS`. */
export type Origin = (typeof ORIGINS)[number]

/** What a workflow can ask for by name, of all that the policy allows on request only. */
export const OPT_INS = ['pr-push', 'pr-gpu', 'merge-queue', 'dependabot-read'] as const

/** An entry of `OPT_INS`. */
export type OptIn = (typeof OPT_INS)[number]

/** Which store the secrets of a run come from, as `github.secret_source` says. */
export const SECRET_SOURCES = ['None', 'Actions', 'Dependabot', 'Codespaces'] as const

/** An entry of `SECRET_SOURCES`. */
export type SecretSource = (typeof SECRET_SOURCES)[number]

/** What a run may do at GitHub's cache service, in the service's own words. */
export const CACHE_MODES = ['read', 'write', 'write-only', 'none'] as const

/** An entry of `CACHE_MODES`: `write` reads as well. */
export type CacheMode = (typeof CACHE_MODES)[number]

/** How far code is trusted: with all that the event may do, with less, or with nothing but being built. */
export type Trust = 'full' | 'limited' | 'none'

/** What GitHub says about the event, from its payload and the runner's variables. */
export interface EventFacts {
  readonly name: string
  readonly action?: string
  readonly origin: Origin
  /** One sentence: what of the event decided its origin. */
  readonly originBecause?: string
  readonly repository: {
    readonly owner: string
    readonly name: string
    readonly id?: number
    /** Absent where the payload does not say. */
    readonly isPrivate?: boolean
    readonly isFork: boolean
    readonly defaultBranch?: string
  }
  readonly sha: string
  readonly ref: string
  readonly refName: string
  readonly refType: 'branch' | 'tag' | 'other'
  readonly isRefProtected: boolean
  readonly pullRequest?: {readonly number: number; readonly headSha?: string; readonly baseRef?: string}
  /** Commits that came from outside this repository although the event is privileged. */
  readonly foreignShas: readonly string[]
  readonly runId: string
  readonly runNumber: number
  readonly runAttempt: number
  /** What GitHub's cache service lets this run do (`ACTIONS_CACHE_MODE`); absent where the runner does not say. */
  readonly cacheMode?: CacheMode
  /** When this run began, RFC 3339. */
  readonly startedAt?: string
  readonly workflow: string
  readonly actor: string
  readonly serverUrl: string
  readonly apiUrl: string
}

/**
 * What one source of build input holds: the event's own code, someone else's, or something we cannot tell.
 *
 * `event` is as trusted as the event; the two others take every permission away.
 */
export interface InputRoot {
  readonly root: string
  readonly place: string
  readonly holds: 'event' | 'foreign' | 'unknown'
  readonly because: string
}
