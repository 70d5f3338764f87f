import type {IncomingMessage} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {NoAnswer} from './registry-transport.ts'

/** Answers that may be another one soon. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** How often and how long to try. */
export interface Persistence {
  readonly tries: number
  /** The pause doubles from the first to the longest one. */
  readonly firstMs: number
  readonly longestMs: number
  /** After so long no new try begins, and none waits past it. */
  readonly totalMs: number
}

/** For work that must succeed: a registry that limits its callers asks for up to a minute. */
export const PERSISTENT: Persistence = {tries: 6, firstMs: 500, longestMs: 60_000, totalMs: 180_000}

/** For a question whose answer may be left open. */
export const BRIEF: Persistence = {tries: 4, firstMs: 500, longestMs: 5_000, totalMs: 15_000}

/** Whether trying again may help. */
export function isTransient(status: number): boolean {
  return TRANSIENT.has(status)
}

/**
 * Tries until an answer is not a transient one, and returns the last answer or throws the last `NoAnswer`.
 *
 * A registry's `Retry-After` is kept; when it asks for more time than there is, its answer is returned at once.
 * `act` gets the time that is left. After a cancel it tries no more.
 */
export async function persistently(
  act: (remainingMs: number) => Promise<IncomingMessage>,
  {tries, firstMs, longestMs, totalMs}: Persistence,
  cancelled?: AbortSignal
): Promise<IncomingMessage> {
  const endMs = performance.now() + totalMs
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOf(() => act(endMs - performance.now()))
    const isLast = attempt >= tries || cancelled?.aborted === true
    const pauseMs = pauseAfter(outcome, Math.min(longestMs, firstMs * 2 ** (attempt - 1)))
    const fits = performance.now() + pauseMs < endMs
    if (outcome instanceof NoAnswer) {
      if (isLast || !fits) throw outcome
    } else {
      if (isLast || !fits || !isTransient(outcome.statusCode ?? 0)) return outcome
      outcome.resume()
    }
    await sleep(pauseMs, undefined, cancelled === undefined ? {} : {signal: cancelled}).catch(() => {})
  }
}

async function attemptOf(act: () => Promise<IncomingMessage>): Promise<IncomingMessage | NoAnswer> {
  try {
    return await act()
  } catch (thrown) {
    if (thrown instanceof NoAnswer) return thrown
    throw thrown
  }
}

// Up to a fifth more at random, so that jobs refused together do not come back together.
function pauseAfter(outcome: IncomingMessage | NoAnswer, backoffMs: number): number {
  const askedMs = outcome instanceof NoAnswer ? undefined : retryAfterMs(outcome.headers['retry-after'], Date.now())
  return Math.max(askedMs ?? 0, backoffMs) * (1 + Math.random() / 5)
}

/** The pause that a `Retry-After` header asks for: seconds, or a date. Undefined where it says neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
