import {mkdir} from 'node:fs/promises'
import type {CachePort, LogPort} from './host.ts'
import {trustSystemCertificates} from './trust.ts'

type Toolkit = typeof import('@actions/cache')

/**
 * What `ACTIONS_CACHE_MODE` permits: the workflow key `cache-mode`, handed to actions by runners since 2026-09.
 *
 * Source: docs.github.com, "Dependency caching". Unset (older runners, GitHub Enterprise Server) permits both.
 */
const MODES: Readonly<Record<string, {readonly mayRead: boolean; readonly mayWrite: boolean}>> = {
  read: {mayRead: true, mayWrite: false},
  write: {mayRead: true, mayWrite: true},
  'write-only': {mayRead: false, mayWrite: true},
  none: {mayRead: false, mayWrite: false}
}

/**
 * How long the service may take: to answer a question, for which the toolkit tries five times in half a minute, and to
 * take or give an archive. The toolkit itself waits three minutes for each answer, five times over.
 */
const LIMITS_MS = {question: 45_000, transfer: 600_000}

/**
 * What the toolkit reads from our own environment: where paths begin that it hands to tar, in a command line that a blank
 * in the workspace's path breaks, and where it makes a folder for its archive, which it leaves behind.
 */
const VARIABLES = ['GITHUB_WORKSPACE', 'RUNNER_TEMP'] as const

/** The runner's cache service. A cache that does not answer costs time and nothing else, so it never fails. */
export function openCache({
  environment,
  log,
  cancelled,
  limitsMs = LIMITS_MS
}: {
  environment: Readonly<Record<string, string | undefined>>
  log: LogPort
  cancelled: AbortSignal
  limitsMs?: typeof LIMITS_MS
}): CachePort {
  const mode = environment.ACTIONS_CACHE_MODE ?? ''
  const {mayRead, mayWrite} =
    mode === '' ? {mayRead: true, mayWrite: true} : (MODES[mode] ?? {mayRead: false, mayWrite: false})
  // A service that once kept us waiting in vain is not asked again.
  let isSilent = false

  async function quietly<T>(archive: string, limitMs: number, act: (toolkit: Toolkit) => Promise<T>) {
    if (isSilent || cancelled.aborted) return undefined
    const before = VARIABLES.map(name => process.env[name])
    try {
      // Loaded when it is needed: it brings a whole storage client along.
      const toolkit = await import('@actions/cache')
      if (!toolkit.isFeatureAvailable()) return undefined
      trustSystemCertificates()
      await mkdir(archive, {recursive: true, mode: 0o700})
      setVariables(['/', archive])
      const answer = await within(act(toolkit), {limitMs, cancelled})
      if (answer !== 'late') return answer
      if (cancelled.aborted) return undefined
      isSilent = true
      log.warning(`The runner's cache service gave no answer within ${limitMs / 1000} s; the run goes on without it.`)
    } catch (thrown) {
      log.debug(`The cache service: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    } finally {
      setVariables(before)
    }
    return undefined
  }

  return {
    restore: async ({paths, key, archive}, restoreKeys) => {
      if (!mayRead) return undefined
      const fetch = (toolkit: Toolkit, lookupOnly: boolean) =>
        toolkit.restoreCache([...paths], key, [...restoreKeys], {lookupOnly})
      const found = await quietly(archive, limitsMs.question, toolkit => fetch(toolkit, true))
      if (found === undefined) return undefined
      return quietly(archive, limitsMs.transfer, toolkit => fetch(toolkit, false))
    },
    save: async ({paths, key, archive}) => {
      if (!mayWrite) return false
      // The service answers -1 for an entry that was not written, for example because the key exists.
      const id = await quietly(archive, limitsMs.transfer, toolkit => toolkit.saveCache([...paths], key))
      return id !== undefined && id >= 0
    }
  }
}

function setVariables(values: readonly (string | undefined)[]): void {
  for (const [at, name] of VARIABLES.entries()) {
    const value = values[at]
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

/** Waits so long and no longer; what is waited for goes on, because the toolkit cannot be stopped. */
async function within<T>(
  promise: Promise<T>,
  {limitMs, cancelled}: {limitMs: number; cancelled: AbortSignal}
): Promise<T | 'late'> {
  let giveUp = () => {}
  const late = new Promise<'late'>(resolve => {
    giveUp = () => resolve('late')
  })
  const timer = setTimeout(giveUp, limitMs)
  cancelled.addEventListener('abort', giveUp)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    cancelled.removeEventListener('abort', giveUp)
    // What it says after we have gone on is of no use to anyone.
    promise.catch(() => {})
  }
}
