import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {loadavg} from 'node:os'
import {join} from 'node:path'
import type {Registry} from '../world/registry.ts'

/** What a way says of a piece of work that it did. */
export interface Work {
  readonly seconds: number
  /** Those of `seconds` in which the built image was proven; absent where nothing is. */
  readonly proofSeconds?: number
  /** The most memory that the way's own processes held at once; absent where nobody looked. */
  readonly peakBytes?: number
}

/** What a piece of work took. */
export interface Measured extends Work {
  /** By which the registry's storage grew: what it had already, it keeps once. */
  readonly addedBytes: number
  /** Of layers that were fetched from that registry. */
  readonly fetchedBytes: number
  /** How many processes wanted a core when it began: with more than a few, other work was measured too. */
  readonly loadBefore: number
  /** What was sent to the registry, kept or not; absent where nobody counted. */
  readonly sentBytes?: number
  /** Compressed bytes of the image that the work ended with, all layers. */
  readonly imageBytes?: number
}

/** Does a piece of work and measures it at the registry that it works with. */
export async function measure(registry: Registry, work: () => Promise<Work>): Promise<Measured> {
  const [loadBefore = 0] = loadavg()
  const before = {stored: storedBytes(registry), served: servedBytes(registry)}
  const done = await work()
  return {
    ...done,
    addedBytes: storedBytes(registry) - before.stored,
    fetchedBytes: servedBytes(registry) - before.served,
    loadBefore
  }
}

/** The seconds that a piece of work takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

/** The middle one of several, by time. Throws where there is none. */
export function medianOf<T extends {readonly seconds: number}>(measured: readonly T[]): T {
  const sorted = measured.toSorted((one, other) => one.seconds - other.seconds)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('Nothing was measured.')
  return middle
}

function storedBytes({folder}: Registry): number {
  const data = join(folder, 'data')
  if (!existsSync(data)) return 0
  return readdirSync(data, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

// Each answer is a line of the registry's log, with its method, path and length.
function servedBytes({log}: Registry): number {
  const lines = readFileSync(log, 'utf8').split('\n')
  const blobs = lines.filter(line => /http\.request\.method=GET/.test(line) && /\/blobs\/sha256:/.test(line))
  return blobs.reduce((sum, line) => sum + Number(/http\.response\.written=(\d+)/.exec(line)?.[1] ?? 0), 0)
}
