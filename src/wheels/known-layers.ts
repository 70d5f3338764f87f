import type {LockedFile} from '../model/lock.ts'
import data from './known-layers.json' with {type: 'json'}
import {LAYOUT} from './layout.ts'

/** A layer whose content was derived from the wheels when the action was made. */
export interface KnownLayer {
  /** The layout that it is for: another one gives other bytes. */
  readonly layout: number
  /** File names and SHA-256 (64 digits), in the order in which they are laid. */
  readonly wheels: readonly (readonly [name: string, sha256: string])[]
  /** `sha256:…` of the tar. */
  readonly diffId: string
}

/** The table that comes with the action; `npm run layers` derives its rows from what PyPI serves. */
export const KNOWN_LAYERS = data as unknown as readonly KnownLayer[]

type Known = Pick<LockedFile, 'sha256'>

const ROWS: ReadonlyMap<string, string> = new Map(
  KNOWN_LAYERS.filter(({layout}) => layout === LAYOUT.version).map(({wheels, diffId}) => [
    rowKey(wheels.map(([, sha256]) => ({sha256}))),
    diffId
  ])
)

/** What the layer of these wheels holds, whoever made it; undefined where the table does not say. */
export function knownDiffId(wheels: readonly Known[]): string | undefined {
  return ROWS.get(rowKey(wheels))
}

function rowKey(wheels: readonly Known[]): string {
  return wheels.map(({sha256}) => sha256).join(' ')
}
