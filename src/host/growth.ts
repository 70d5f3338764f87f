import {stat} from 'node:fs/promises'

/** How often a file is looked at, as a part of the time after which it counts as standing still. */
const LOOKS = 20

/** Waits for what writes a file, as long as the file grows. */
export interface Growth {
  /** Milliseconds without a new byte after which it is given up. */
  readonly stallMs: number
  readonly cancelled: AbortSignal
}

/**
 * Waits for a writer that has no end of its own. Throws when its file stands still for too long, or the job is cancelled.
 *
 * The writer itself goes on: it is one that cannot be stopped.
 */
export async function whileGrowing<T>(writing: Promise<T>, path: string, {stallMs, cancelled}: Growth): Promise<T> {
  let size = -1
  let grownAt = performance.now()
  let giveUp: (cause: Error) => void = () => {}
  const stalled = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const look = async () => {
    const now = await stat(path).then(
      found => found.size,
      () => -1
    )
    if (now !== size) grownAt = performance.now()
    size = now
    if (performance.now() - grownAt >= stallMs) giveUp(new Error(`Nothing arrived for ${stallMs / 1000} s.`))
  }
  const onCancel = () => giveUp(new Error('The job was cancelled.'))
  const timer = setInterval(() => void look(), stallMs / LOOKS)
  cancelled.addEventListener('abort', onCancel)
  if (cancelled.aborted) onCancel()
  try {
    return await Promise.race([writing, stalled])
  } finally {
    clearInterval(timer)
    cancelled.removeEventListener('abort', onCancel)
    writing.catch(() => {})
  }
}
