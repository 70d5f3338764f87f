import type {Layer} from '../model/layers.ts'
import type {LockedFile} from '../model/lock.ts'
import {knownDiffId} from './known-layers.ts'

/**
 * Whose index remembers a layer: that of the image's own repository, or one that several repositories share.
 *
 * `protected`: the workflow says that protected refs alone can write to it.
 */
export const STORE_KINDS = ['own', 'shared', 'protected'] as const

/** An entry of `STORE_KINDS`. */
export type StoreKind = (typeof STORE_KINDS)[number]

/**
 * What is believed of what the action's own table of layers does not know.
 *
 * Whoever can write to the image's own repository can push an image as well, so believing its index gives nobody more
 * than they have. To a shared store others can write, who cannot push this image.
 */
const BELIEF: Readonly<Record<StoreKind, {readonly wheels: boolean; readonly programs: boolean}>> = {
  own: {wheels: true, programs: true},
  shared: {wheels: false, programs: false},
  protected: {wheels: true, programs: true}
}

/** Whether a remembered layer is used. `poisoned`: it says of known wheels what cannot be. */
export type Belief =
  | {readonly holds: true}
  | {readonly holds: false; readonly why: 'unknown'}
  | {readonly holds: false; readonly why: 'poisoned'; readonly expected: string}

/**
 * Judges what an index says of the layer of these wheels.
 *
 * Engines hold what they unpack against its diffID, so a false diffID shows at the pull. A true diffID of other content is
 * what would get by, and what the table catches, whichever index says it.
 */
export function beliefIn(
  {diffId}: Layer,
  {
    wheels,
    kind,
    known = knownDiffId
  }: {
    readonly wheels: readonly LockedFile[]
    readonly kind: StoreKind
    readonly known?: typeof knownDiffId
  }
): Belief {
  const expected = known(wheels)
  if (expected !== undefined && expected !== diffId) return {holds: false, why: 'poisoned', expected}
  return expected !== undefined || BELIEF[kind].wheels ? {holds: true} : {holds: false, why: 'unknown'}
}

/**
 * Whether bytecode and foundations that such an index remembers are used. Each is a program in the image, and no table can
 * know it: Pythons and base images are too many.
 */
export function believesPrograms(kind: StoreKind): boolean {
  return BELIEF[kind].programs
}
