import type {TorchSet} from '../model/pytorch.ts'
import {MATRIX} from './matrix.ts'

/** How much is downloaded for a set, compressed. */
export interface Weight {
  readonly bytes: number
  /** Taken from a set that is like it, because nobody added up its own wheels. */
  readonly isEstimate: boolean
}

/** A CPU build with torchvision and what both require: the wheel of torch alone is 0.2 GB. */
const CPU_BYTES = 350e6

/** What a set's wheels weigh; for variants beside PyPI's what the release's own variant weighs. */
export function weightOf({torch, cuda, downloadBytes}: TorchSet): Weight | undefined {
  if (downloadBytes !== undefined) return {bytes: downloadBytes, isEstimate: false}
  if (cuda === 'cpu') return {bytes: CPU_BYTES, isEstimate: true}
  const like = MATRIX.releases.find(release => release.torch === torch)?.download
  const known = like ?? MATRIX.releases.findLast(({download}) => download !== null)?.download
  return known === null || known === undefined ? undefined : {bytes: known.bytes, isEstimate: true}
}
