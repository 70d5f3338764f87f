/** Receives one line about something that was done; the caller decides where it is shown. */
export type Say = (line: string) => void

/** Says a line on stderr, which keeps stdout free for results. */
export function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`)
}

const STILL_AT_IT_EVERY_MS = 10_000

/**
 * Does one thing and says, once it is done, how long it took, and every ten seconds until then that it goes on.
 *
 * `remark` tells what came of it: bytes, an address.
 */
export async function timed<T>(
  say: Say,
  what: string,
  work: () => Promise<T>,
  remark: (made: T) => string = () => ''
): Promise<T> {
  const begun = Date.now()
  const pulse = setInterval(() => say(`${what}: going on, ${secondsSince(begun)} so far`), STILL_AT_IT_EVERY_MS)
  try {
    const made = await work()
    const note = remark(made)
    say(`${what}: ${secondsSince(begun)}${note === '' ? '' : `, ${note}`}`)
    return made
  } finally {
    clearInterval(pulse)
  }
}

/** The seconds since a moment, as people read them: `0.4 s`. */
export function secondsSince(begunMs: number): string {
  return `${((Date.now() - begunMs) / 1000).toFixed(1)} s`
}

/** A number of bytes in the unit people read: `78 MB`, `3.9 GB`. */
export function bytesText(sizeBytes: number): string {
  if (sizeBytes >= 1e9) return `${(sizeBytes / 1e9).toFixed(1)} GB`
  if (sizeBytes >= 1e6) return `${Math.round(sizeBytes / 1e6)} MB`
  return `${Math.ceil(sizeBytes / 1e3)} kB`
}
