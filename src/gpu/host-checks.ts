import type {GpuCheck, GpuDevice, GpuReport, GpuStatus} from '../model/gpu-report.ts'
import type {GpuProcess, HostGpu} from './nvidia-smi.ts'

/** How a container gets at a GPU. */
export type Injection = 'gpus' | 'cdi' | 'runtime'

/** What the machine says of its GPUs and of how to hand them over. */
export interface HostState {
  readonly gpus: readonly HostGpu[]
  readonly devices: readonly GpuDevice[]
  readonly processes: readonly GpuProcess[]
  /** Names of `gpu-devices` that no GPU of the machine has. */
  readonly unknown: readonly string[]
  readonly driverCuda?: string
  /** The last lines of nvidia-smi where it failed. */
  readonly words: readonly string[]
  readonly toolkit?: string
  readonly engine?: {
    readonly version: string
    readonly isRootless: boolean
    readonly runtimes: readonly string[]
    readonly hasCdi: boolean
    readonly knowsGpu: boolean
  }
  readonly freeBytes?: number
}

/** What the image says of itself in the registry, before a byte of its layers is pulled. */
export interface ImageState {
  readonly digest: string
  /** Of the manifest for one platform, which is another one where the digest is that of an index. */
  readonly manifest: string
  readonly platform?: string
  readonly compressedBytes: number
  /** Of these what the engine has already, since the proof. */
  readonly heldBytes?: number
  readonly layers: number
  readonly user: string
  readonly labels: Readonly<Record<string, string>>
  readonly torch?: string
  /** `cu128`, `cpu`. */
  readonly cuda?: string
  /** The oldest driver that the image itself asks for. */
  readonly minDriver?: string
  /** `sm_80 sm_90 compute_90` */
  readonly archList: readonly string[]
}

/**
 * The oldest driver that runs a CUDA major, by minor-version compatibility.
 *
 * Source: table 2 of NVIDIA's CUDA release notes (13.2 U2).
 */
export const OLDEST_DRIVERS: Readonly<Record<string, string>> = {
  11: '450.80.02',
  12: '525.60.13',
  13: '580.65.06'
}

/** Free space that pulling and unpacking an image needs; the factor is an estimate, not yet measured on torch images. */
export const DISK_FACTOR = 2.5
/** What the engine needs beside it. */
export const DISK_MARGIN = 2e9
const BUSY_MIB = 256
const BUDGET_MS = 10_000

/** CDI where the engine can do nothing else, else docker's own flag. */
export function injectionOf(asked: 'auto' | Injection, {engine}: HostState): Injection {
  if (asked !== 'auto') return asked
  return engine?.isRootless === true && engine.hasCdi ? 'cdi' : 'gpus'
}

/** T0: what can be known of machine and image before the image is pulled. */
export function checkHost(
  state: HostState,
  image: ImageState,
  {injection, place}: {readonly injection: Injection; readonly place: GpuReport['host']['place']}
): readonly GpuCheck[] {
  const common = [checkGpus(state), checkKinds(state), checkDriver(state, image), checkArchitectures(state, image)]
  if (place !== 'engine') return common
  return [...common, checkToolkit(state, injection), checkDisk(state, image), checkIdle(state)]
}

function checkGpus({gpus, words, unknown}: HostState): GpuCheck {
  if (unknown.length > 0) {
    const message = `\`gpu-devices\` names ${unknown.join(', ')}, which this machine has not.`
    return found('t0.gpu', 'fail', 'GPU_UNKNOWN', message, {evidence: words})
  }
  if (gpus.length === 0) return found('t0.gpu', 'fail', 'GPU_ABSENT', 'nvidia-smi names no GPU.', {evidence: words})
  const broken = gpus.filter(({isBroken}) => isBroken)
  if (broken.length > 0) {
    return found('t0.gpu', 'fail', 'GPU_HW', `GPU ${broken.map(({index}) => index).join(', ')} does not answer.`, {
      evidence: words
    })
  }
  const faulty = gpus.filter(({uncorrectable}) => uncorrectable > 0)
  const measured = {gpus: gpus.length, uncorrectable: gpus.reduce((sum, gpu) => sum + gpu.uncorrectable, 0)}
  if (faulty.length > 0) {
    return found('t0.gpu', 'warn', 'GPU_HW', 'Uncorrectable memory errors were counted.', {measured})
  }
  return found('t0.gpu', 'pass', undefined, gpus.map(({name}) => name).join(', '), {measured})
}

function checkKinds({gpus}: HostState): GpuCheck {
  const kinds = [...new Set(gpus.map(({name}) => name))]
  if (kinds.length < 2) return found('t0.kinds', 'pass', undefined, 'All GPUs are of one kind.')
  return found('t0.kinds', 'fail', 'GPU_MIXED', `There are ${kinds.join(' and ')}.`)
}

function checkDriver({gpus}: HostState, {cuda, labels, minDriver}: ImageState): GpuCheck {
  const driver = gpus[0]?.driver ?? ''
  const major = /^cu(\d{2})\d$/.exec(cuda ?? '')?.[1]
  if (cuda === 'cpu') {
    return found('t0.driver', 'fail', 'NO_GPU', 'The label of the image says that its torch is a CPU build.')
  }
  const oldest = newerOf(minDriver, major === undefined ? undefined : OLDEST_DRIVERS[major])
  if (oldest === undefined) {
    const evidence = Object.keys(labels).slice(0, 20)
    return found('t0.driver', 'fail', 'IMAGE_UNLABELLED', 'The image does not say for which CUDA it is.', {evidence})
  }
  const figures = {measured: {driver}, threshold: {driver: oldest}}
  if (driver === '') return found('t0.driver', 'skip', undefined, 'nvidia-smi does not say the driver.', figures)
  if (compareVersions(driver, oldest) < 0) {
    const message = `The driver is ${driver}; ${cuda ?? 'the image'} needs ${oldest} or newer.`
    return found('t0.driver', 'fail', 'DRIVER_TOO_OLD', message, figures)
  }
  return found('t0.driver', 'pass', undefined, `The driver ${driver} runs ${cuda ?? 'the image'}.`, figures)
}

function checkArchitectures({devices}: HostState, {archList}: ImageState): GpuCheck {
  if (archList.length === 0) return found('t0.arch', 'skip', undefined, 'The image does not say which GPUs it is for.')
  const figures = {threshold: {arch_list: archList.join(' ')}, measured: {capabilities: capabilitiesOf(devices)}}
  const missing = devices.filter(({capability}) => capability !== '' && matchOf(archList, capability) === 'none')
  if (missing.length > 0) {
    const message = `The image has no kernel for ${missing.map(({name, capability}) => `${name} (${capability})`).join(', ')}.`
    return found('t0.arch', 'fail', 'ARCH_MISSING', message, figures)
  }
  return found('t0.arch', 'pass', undefined, 'The image has kernels for every GPU.', figures)
}

function checkToolkit({toolkit, engine}: HostState, injection: Injection): GpuCheck {
  if (engine === undefined) return found('t0.toolkit', 'fail', 'ENGINE_MISSING', 'No Docker engine answers here.')
  const measured = {toolkit: toolkit ?? 'absent', injection, runtimes: engine.runtimes.join(' ')}
  if (injection === 'cdi') {
    if (!engine.hasCdi) return found('t0.toolkit', 'fail', 'CDI_DISABLED', 'The engine has CDI turned off.', {measured})
    if (!engine.knowsGpu) {
      return found('t0.toolkit', 'fail', 'CDI_SPEC_MISSING', 'No CDI specification names nvidia.com/gpu.', {measured})
    }
    return found('t0.toolkit', 'pass', undefined, 'CDI knows the GPU.', {measured})
  }
  const hasRuntime = engine.runtimes.includes('nvidia')
  if (injection === 'runtime' && !hasRuntime) {
    return found('t0.toolkit', 'fail', 'TOOLKIT_MISSING', 'The engine has no runtime named nvidia.', {measured})
  }
  if (toolkit === undefined && !hasRuntime) {
    return found('t0.toolkit', 'fail', 'TOOLKIT_MISSING', 'The NVIDIA container toolkit is not installed.', {measured})
  }
  return found('t0.toolkit', 'pass', undefined, `The toolkit ${toolkit ?? 'of the engine'} is there.`, {measured})
}

function checkDisk({freeBytes}: HostState, {compressedBytes, heldBytes = 0}: ImageState): GpuCheck {
  if (freeBytes === undefined) return found('t0.disk', 'skip', undefined, 'Free space could not be asked.')
  const needed = Math.round(Math.max(0, compressedBytes - heldBytes) * DISK_FACTOR + DISK_MARGIN)
  const figures = {measured: {free_bytes: freeBytes}, threshold: {free_bytes: needed}}
  if (freeBytes < needed) {
    const message = `${gigabytes(freeBytes)} are free, ${gigabytes(needed)} are needed.`
    return found('t0.disk', 'fail', 'DISK_SHORT', message, figures)
  }
  return found('t0.disk', 'pass', undefined, `${gigabytes(freeBytes)} are free.`, figures)
}

function checkIdle({processes, gpus}: HostState): GpuCheck {
  const busy = processes.filter(({used_mib}) => used_mib > BUSY_MIB)
  const used = gpus.map(({used_mib}) => used_mib)
  const figures = {measured: {processes: busy.length, used_mib: Math.max(0, ...used)}, threshold: {used_mib: BUSY_MIB}}
  if (busy.length > 0) {
    return found('t0.idle', 'warn', 'GPU_BUSY', `${busy.length} other process(es) use the GPU.`, figures)
  }
  return found('t0.idle', 'pass', undefined, 'No other process uses the GPU.', figures)
}

/** How kernels reach a GPU: machine code runs on its major from its minor on, PTX on any later GPU. */
export function matchOf(archList: readonly string[], capability: string): 'sass' | 'ptx' | 'none' {
  const [major = 0, minor = 0] = capability.split('.').map(Number)
  const versions = (kind: string) =>
    archList.flatMap(flag => {
      const match = new RegExp(`^${kind}_(\\d+)(\\d)[af]?$`).exec(flag)
      return match === null ? [] : [{major: Number(match[1]), minor: Number(match[2])}]
    })
  if (versions('sm').some(kernel => kernel.major === major && kernel.minor <= minor)) return 'sass'
  const isEarlier = (kernel: {major: number; minor: number}) =>
    kernel.major < major || (kernel.major === major && kernel.minor <= minor)
  return versions('compute').some(isEarlier) ? 'ptx' : 'none'
}

/**
 * The architectures of a label, as torch writes them: `7.5;8.0;9.0+PTX` is `sm_75 sm_80 sm_90 compute_90`.
 *
 * Names that are written out already stay as they are; anything else is left out.
 */
export function archFlagsOf(text: string): readonly string[] {
  return text.split(/[\s,;]+/).flatMap(entry => {
    if (/^(?:sm|compute)_\d{2,3}[af]?$/.test(entry)) return [entry]
    const [, major, minor, feature = '', ptx] = /^(\d+)\.(\d)([af]?)(\+PTX)?$/.exec(entry) ?? []
    if (major === undefined || minor === undefined) return []
    const name = `${major}${minor}`
    return ptx === undefined ? [`sm_${name}${feature}`] : [`sm_${name}${feature}`, `compute_${name}`]
  })
}

/** An image may ask for more than its CUDA does, never for less. */
function newerOf(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return compareVersions(one, other) < 0 ? other : one
}

function compareVersions(one: string, other: string): number {
  const [left = [], right = []] = [one, other].map(text => text.split('.').map(Number))
  const length = Math.max(left.length, right.length)
  const differences = Array.from({length}, (_, at) => (left[at] ?? 0) - (right[at] ?? 0))
  return differences.find(difference => difference !== 0) ?? 0
}

function capabilitiesOf(devices: readonly GpuDevice[]): string {
  return [...new Set(devices.map(({capability}) => capability))].join(' ')
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** A check of T0. */
export function found(
  id: string,
  status: GpuStatus,
  code: string | undefined,
  message: string,
  more: Partial<Pick<GpuCheck, 'evidence' | 'measured' | 'threshold'>> = {}
): GpuCheck {
  return {
    id,
    tier: 'T0',
    status,
    ...(code === undefined ? {} : {code}),
    message,
    evidence: more.evidence ?? [],
    measured: more.measured ?? {},
    threshold: more.threshold ?? {},
    duration_ms: 0,
    budget_ms: BUDGET_MS
  }
}
