import type {Readable, Writable} from 'node:stream'
import {finished} from 'node:stream/promises'
import {freeIfLast} from './memory.ts'

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
  /** Gets each chunk once the receiving side does not need its memory any more. */
  readonly onSent?: (chunk: Uint8Array) => void
}

/**
 * Passes bytes on as fast as the slower side takes them; ends neither stream.
 *
 * Throws `Stalled` for the side whose limit ran out, and what the streams throw. `from` stays usable, so that an
 * answer can still be sent over its connection.
 */
export async function pump(from: Readable, to: Writable, {readMs, writeMs, onBytes, onSent}: Patience): Promise<void> {
  for await (const chunk of chunksOf(from, readMs)) {
    if (to.destroyed) throw new Error('the receiving side is gone')
    onBytes?.(chunk.length)
    const hasRoom = to.write(chunk, thrown => {
      if (!thrown) onSent?.(chunk)
    })
    if (!hasRoom) await roomIn(to, writeMs)
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

/**
 * The bytes of a stream in pieces of this memory's size, all in this same memory: a piece is good until the next one is
 * asked for.
 *
 * A stream read in any other way hands out memory of its own for every 16 kB that came, and what belongs together once
 * more. The memory of what came is freed as soon as it was copied. Throws `Stalled` when nothing comes for too long; ends
 * the stream with that, and where it is left early.
 */
export async function* gather(from: Readable, memory: Buffer, limitMs?: number): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = []
  let waiting = 0
  let [isOver, wake] = [false, () => {}]
  const patience =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          if (!from.isPaused()) from.destroy(new Stalled(limitMs))
        }, limitMs)
  from.on('data', (chunk: Buffer) => {
    patience?.refresh()
    chunks.push(chunk)
    waiting += chunk.length
    if (waiting < memory.length) return
    from.pause()
    wake()
  })
  const end = finished(from, {writable: false}).finally(() => {
    isOver = true
    wake()
  })
  end.catch(() => {})
  try {
    while (!isOver || waiting > 0) {
      if (!isOver && waiting < memory.length) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      const filled = fill(memory, chunks)
      waiting -= filled
      if (filled > 0) yield memory.subarray(0, filled)
      if (waiting >= memory.length) continue
      patience?.refresh()
      from.resume()
    }
    await end
  } finally {
    clearTimeout(patience)
    from.destroy()
  }
}

/** Moves as much of the chunks as there is room for, and frees those that are done. Returns how much that is. */
function fill(memory: Buffer, chunks: Buffer[]): number {
  let filled = 0
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    const count = chunk.copy(memory, filled)
    filled += count
    if (count < chunk.length) {
      chunks.unshift(chunk.subarray(count))
      break
    }
    freeIfLast(chunk)
  }
  return filled
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
