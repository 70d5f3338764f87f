import type {Readable, Writable} from 'node:stream'

/** The other side owed us bytes, or room for bytes, and gave none for too long. */
export class Stalled extends Error {
  constructor(limitMs: number) {
    super(`nothing moved for ${limitMs / 1000} s`)
    this.name = 'Stalled'
  }
}

/** How long each side of a stream may keep us waiting; a side without a limit may take its time. */
export interface Patience {
  readonly readMs?: number
  readonly writeMs?: number
  readonly onBytes?: (count: number) => void
}

/**
 * Passes bytes on as fast as the slower side takes them; ends neither stream.
 *
 * Throws `Stalled` for the side whose limit ran out, and what the streams throw. `from` stays usable, so that an
 * answer can still be sent over its connection.
 */
export async function pump(from: Readable, to: Writable, {readMs, writeMs, onBytes}: Patience): Promise<void> {
  for await (const chunk of chunksOf(from, readMs)) {
    if (to.destroyed) throw new Error('the receiving side is gone')
    onBytes?.(chunk.length)
    if (!to.write(chunk)) await roomIn(to, writeMs)
  }
}

/** The chunks of a stream; throws `Stalled` when the next one does not come in time. */
export async function* chunksOf(from: Readable, limitMs?: number): AsyncGenerator<Buffer> {
  const chunks = from.iterator({destroyOnReturn: false})
  try {
    for (;;) {
      const next = await within(chunks.next(), limitMs)
      if (next.done === true) return
      yield next.value as Buffer
    }
  } finally {
    // Lets go of the stream. Not awaited: behind a chunk that never comes it would wait for ever.
    chunks.return?.().catch(() => {})
  }
}

/** A whole stream of at most so many bytes; undefined where it is longer. */
export async function collect(
  from: Readable,
  {limitBytes, stallMs}: {limitBytes: number; stallMs?: number}
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of chunksOf(from, stallMs)) {
    size += chunk.length
    if (size > limitBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function roomIn(to: Writable, limitMs?: number): Promise<void> {
  const room = new Promise<void>((resolve, reject) => {
    const settle = (error?: Error) => {
      to.off('drain', settle)
      to.off('close', gone)
      to.off('error', settle)
      if (error === undefined) resolve()
      else reject(error)
    }
    const gone = () => settle(new Error('the receiving side is gone'))
    to.once('drain', settle)
    to.once('close', gone)
    to.once('error', settle)
  })
  return within(room, limitMs)
}

/** A promise that throws `Stalled` when it takes longer than the limit. */
export async function within<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
  if (limitMs === undefined) return promise
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Stalled(limitMs)), limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    // The loser may still throw, when its stream is destroyed.
    promise.catch(() => {})
  }
}
