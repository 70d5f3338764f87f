import type {GpuTarget, Kernels, TorchSet} from '../model/pytorch.ts'
import {cudaRelease} from './matrix.ts'

/** How a set runs on a GPU: by machine code, by PTX that the driver compiles, not at all, or nobody knows. */
export type Coverage = 'machine-code' | 'ptx' | 'none' | 'unknown'

const ORDER: readonly Coverage[] = ['machine-code', 'ptx', 'unknown', 'none']

/** How a set runs on a GPU, on that platform of the set where it runs best. */
export function coverageOf(set: TorchSet, {capability}: Pick<GpuTarget, 'capability'>): Coverage {
  const limits = cudaRelease(set.cuda)
  const found = set.kernels.map(kernels => coverageBy(kernels, capability, limits))
  return ORDER.find(coverage => found.includes(coverage)) ?? 'none'
}

/** Compute capabilities that a set has code for, as `TORCH_CUDA_ARCH_LIST` has them; undefined where not known. */
export function archListOf(set: TorchSet): string | undefined {
  if (set.kernels.some(({sass}) => sass === undefined)) return undefined
  const sass = [...new Set(set.kernels.flatMap(kernels => kernels.sass ?? []))].toSorted(compareCapabilities)
  const ptx = new Set(set.kernels.flatMap(kernels => kernels.ptx ?? []))
  return sass.map(capability => (ptx.has(capability) ? `${capability}+PTX` : capability)).join(';')
}

/** Orders compute capabilities as numbers, not as text: 9.0 before 10.0. */
export function compareCapabilities(one: string, other: string): number {
  return numberOf(one) - numberOf(other)
}

/**
 * Machine code runs on its own major and the same or a later minor, never on another major. PTX runs on whatever is
 * not older.
 */
function coverageBy(
  {sass, ptx}: Kernels,
  capability: string,
  limits: {readonly oldestGpu: string | null; readonly newestGpu: string | null} | undefined
): Coverage {
  if (sass?.some(known => majorOf(known) === majorOf(capability) && numberOf(known) <= numberOf(capability))) {
    return 'machine-code'
  }
  if (ptx?.some(known => numberOf(known) <= numberOf(capability))) return 'ptx'
  if (sass !== undefined && ptx !== undefined) return 'none'
  // PTX, if there is some, is that of the newest machine code.
  if (sass !== undefined && numberOf(capability) < Math.max(...sass.map(numberOf))) return 'none'
  const isTooOld = limits !== undefined && limits.oldestGpu !== null && isOlder(capability, limits.oldestGpu)
  const isTooNew = limits !== undefined && limits.newestGpu !== null && isOlder(limits.newestGpu, capability)
  return isTooOld || isTooNew ? 'none' : 'unknown'
}

function isOlder(one: string, other: string): boolean {
  return compareCapabilities(one, other) < 0
}

function majorOf(capability: string): string {
  return capability.split('.')[0] ?? ''
}

/** `12.1` is 121, `9.0` is 90. */
function numberOf(capability: string): number {
  const [major = '0', minor = '0'] = capability.split('.')
  return Number(major) * 10 + Number(minor)
}
