import {join} from 'node:path'
import {atEnd} from './ending.ts'
import {dropLeases, type Holding, isInUse, type Lease, takeLease} from './lease.ts'
import {withLock} from './lock.ts'

/** Something that runs in a folder of its own and may be shared by several scripts. */
export interface Held {
  readonly worldFolder: string
  readonly kind: 'engine' | 'registry' | 'git-server' | 'ssh-server'
  readonly name: string
  /** Its own folder. */
  readonly place: string
  /** Ends it; harmless where it does not run. */
  end(): Promise<void>
}

/**
 * Starts something, or finds it running, and claims it for this process.
 *
 * `stop` gives the claim back, and ends the thing when nobody else has one; it also runs when this script ends in another way.
 */
export async function hold<T>(
  held: Held,
  holding: Holding,
  start: () => Promise<T>
): Promise<{made: T; stop: () => Promise<void>}> {
  let lease: Lease | undefined
  const stop = atEnd(() =>
    locked(held, async () => {
      lease?.release()
      if (!isInUse(held.place)) await held.end()
    })
  )
  try {
    const made = await locked(held, async () => {
      lease = takeLease(held.place, holding)
      return start()
    })
    return {made, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ends something whoever claims it. */
export function endHeld(held: Held): Promise<void> {
  return locked(held, async () => {
    dropLeases(held.place)
    await held.end()
  })
}

/** Ends something that no living process claims and that is not kept. */
export function sweepHeld(held: Held): Promise<void> {
  return locked(held, async () => {
    if (!isInUse(held.place)) await held.end()
  })
}

// The locks do not lie in what they guard: that may be removed.
function locked<T>({worldFolder, kind, name}: Held, work: () => Promise<T>): Promise<T> {
  return withLock(join(worldFolder, 'locks'), `${kind}-${name}`, work)
}
