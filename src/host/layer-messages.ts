import type {Packing} from '../model/layers.ts'
import type {LockedFile} from '../model/lock.ts'
import type {Explanation, ProblemCode} from '../model/problem.ts'
import type {FetchedWheel, PressedWheels} from './wheel-layer.ts'

/** What a worker thread is asked to do. */
export type Task =
  | {readonly kind: 'fetch'; readonly id: number; readonly wheel: LockedFile; readonly path: string}
  | {
      readonly kind: 'press'
      readonly id: number
      readonly wheels: readonly FetchedWheel[]
      readonly packing: Packing
    }
  /** Put the Python sources of wheels into an archive. */
  | {readonly kind: 'sources'; readonly id: number; readonly wheels: readonly FetchedWheel[]; readonly archive: string}
  /** So many pieces of a task have been taken on: there is room for as many more. */
  | {readonly kind: 'taken'; readonly id: number; readonly pieces: number}
  /** Nobody wants its result any more. */
  | {readonly kind: 'drop'; readonly id: number}

/** What a worker thread says. */
export type Told =
  /** Bytes received, or bytes laid. */
  | {readonly kind: 'bytes'; readonly id: number; readonly count: number}
  /** A piece of a packed layer. */
  | {readonly kind: 'piece'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer>}
  | {readonly kind: 'fetched'; readonly id: number}
  | {readonly kind: 'pressed'; readonly id: number; readonly pressed: PressedWheels}
  | {readonly kind: 'sources'; readonly id: number; readonly count: number}
  | {readonly kind: 'problem'; readonly id: number; readonly code: ProblemCode; readonly explanation: Explanation}
  | {readonly kind: 'thrown'; readonly id: number; readonly message: string; readonly code?: string}

/** What a worker thread is started with. */
export interface WorkerSettings {
  /** Proxies and certificates of this machine. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stallMs?: number
}

/** How many pieces of one layer may be on their way before the worker waits. */
export const PIECES_AHEAD = 4
