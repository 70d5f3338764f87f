import {type GpuTarget, TORCH_PLATFORMS, type TorchPlatform} from '../model/pytorch.ts'
import {compareCapabilities, coverageOf} from './coverage.ts'
import {cudaRelease, MATRIX, rankOf} from './matrix.ts'
import type {MatrixSet} from './sets.ts'
import {isAskedVersion, isDriverEnough, isWithin, pythonMinor, pythonParts} from './versions.ts'

/** What is asked of PyTorch. What is absent is left open. */
export interface SetRequest {
  /** A version, the beginning of one, a specifier, or `latest`. */
  readonly torch?: string
  readonly torchvision?: string
  readonly torchaudio?: string
  /** `cu128`, `cu12`, `cpu`, or `latest`. Left open it is some CUDA, never `cpu`. */
  readonly cuda?: string
  /** `3.12`, `3.12.4`, `3.13t`. */
  readonly python?: string
  readonly gpus?: readonly GpuTarget[]
  /** The oldest driver that the image shall run on. */
  readonly driverFloor?: string
  readonly platforms?: readonly string[]
  /** Taken where nothing that was asked for speaks against it. */
  readonly preferred?: {readonly torch?: string}
}

/** Names of what can be asked for; those of inputs where there is one. */
export const DIMENSIONS = [
  'torch',
  'torchvision',
  'torchaudio',
  'cuda',
  'python',
  'gpu-targets',
  'driver-floor',
  'platforms'
] as const

/** An entry of `DIMENSIONS`. */
export type DimensionName = (typeof DIMENSIONS)[number]

/** One thing that can be asked for. */
export interface Dimension {
  /** Whether the request says something of it. */
  readonly isAsked: (request: SetRequest) => boolean
  /** What was asked, as a part of a sentence. */
  readonly asked: (request: SetRequest) => string
  readonly admits: (set: MatrixSet, request: SetRequest) => boolean
  /** What these sets have, as a part of a sentence. */
  readonly offers: (sets: readonly MatrixSet[], request: SetRequest) => string
  /** How far a set is from what was asked; 0 where it is just that. */
  readonly distance: (set: MatrixSet, request: SetRequest) => number
  /** The request changed so that it admits a set. */
  readonly towards: (set: MatrixSet, request: SetRequest) => SetRequest
}

/** Everything that can be asked for. A new way to narrow the matrix is a new row here. */
export const DIMENSION_TABLE: {readonly [D in DimensionName]: Dimension} = {
  torch: {
    isAsked: ({torch}) => torch !== undefined,
    asked: ({torch}) => `torch ${torch}`,
    admits: (set, {torch = ''}) => (torch === 'latest' ? isNewest(set) : isAskedVersion(set.torch, torch)),
    offers: sets => `torch ${spans(distinct(sets.map(set => set.torch)))}`,
    distance: (set, {torch = ''}) => Math.abs(rankOf(set.torch) - nearestRank(torch)),
    towards: (set, request) => ({...request, torch: set.torch})
  },
  torchvision: {
    isAsked: ({torchvision}) => torchvision !== undefined,
    asked: ({torchvision}) => `torchvision ${torchvision}`,
    admits: (set, {torchvision = ''}) => isAskedVersion(set.torchvision, torchvision),
    offers: sets => `torchvision ${listed(distinct(sets.map(set => set.torchvision)))}`,
    distance: (set, {torchvision = ''}) => Number(!isAskedVersion(set.torchvision, torchvision)),
    towards: (set, request) => ({...request, torchvision: set.torchvision})
  },
  torchaudio: {
    isAsked: ({torchaudio}) => torchaudio !== undefined,
    asked: ({torchaudio}) => `torchaudio ${torchaudio}`,
    admits: ({release}, {torchaudio = ''}) => isAskedVersion(release.torchaudio, torchaudio),
    offers: sets => `torchaudio ${listed(distinct(sets.map(({release}) => release.torchaudio)))}`,
    distance: ({release}, {torchaudio = ''}) => Number(!isAskedVersion(release.torchaudio, torchaudio)),
    towards: ({release}, request) => ({...request, torchaudio: release.torchaudio})
  },
  cuda: {
    isAsked: () => true,
    asked: ({cuda = 'auto'}) => (cuda === 'cpu' ? 'a CPU build' : cuda === 'auto' ? 'a CUDA build' : `CUDA ${cuda}`),
    admits: (set, {cuda = 'auto'}) => isAskedCuda(set.cuda, cuda),
    offers: sets => listed(distinct(sets.map(set => set.cuda)).toSorted()),
    distance: (set, {cuda = 'auto'}) => cudaDistance(set.cuda, cuda),
    towards: (set, request) => ({...request, cuda: set.cuda})
  },
  python: {
    isAsked: ({python}) => python !== undefined,
    asked: ({python}) => `Python ${python}`,
    admits: (set, {python = ''}) => isAskedPython(set, python),
    offers: sets => `Python ${listed(distinct(sets.map(set => set.python)).toSorted(comparePythons))}`,
    distance: (set, {python = ''}) => Math.abs(pythonMinor(set.python) - pythonMinor(python)),
    towards: (set, request) => ({...request, python: set.python})
  },
  'gpu-targets': {
    isAsked: ({gpus = []}) => gpus.length > 0,
    asked: ({gpus = []}) => `code for ${listed(gpus.map(gpuText))}`,
    admits: (set, {gpus = []}) => missedBy(set, gpus).length === 0,
    offers: codeOf,
    distance: (set, {gpus = []}) => missedBy(set, gpus).length,
    towards: (set, request) => {
      const missed = missedBy(set, request.gpus ?? [])
      return {...request, gpus: (request.gpus ?? []).filter(gpu => !missed.includes(gpu))}
    }
  },
  'driver-floor': {
    isAsked: ({driverFloor}) => driverFloor !== undefined,
    asked: ({driverFloor}) => `the driver ${driverFloor}`,
    admits: (set, {driverFloor = ''}) => isDriverEnough(driverFloor, driverOf(set)),
    offers: sets => `driver ${listed(distinct(sets.map(driverOf)))} and newer ones`,
    distance: (set, {driverFloor = ''}) => Math.max(0, major(driverOf(set)) - major(driverFloor)),
    towards: (set, request) => ({...request, driverFloor: driverOf(set)})
  },
  platforms: {
    isAsked: ({platforms = []}) => platforms.length > 0,
    asked: ({platforms = []}) => `wheels for ${listed(platforms)}`,
    admits: (set, {platforms = []}) => platforms.every(platform => isIn(platform, set.platforms)),
    offers: sets =>
      `wheels for ${listed(TORCH_PLATFORMS.filter(platform => sets.some(set => isIn(platform, set.platforms))))}`,
    distance: (set, {platforms = []}) => platforms.filter(platform => !isIn(platform, set.platforms)).length,
    towards: (set, request) => {
      const kept = (request.platforms ?? []).filter(platform => isIn(platform, set.platforms))
      return {...request, platforms: kept.length === 0 ? set.platforms : kept}
    }
  }
}

/** What the request says something of. */
export function askedDimensions(request: SetRequest): readonly DimensionName[] {
  return DIMENSIONS.filter(name => DIMENSION_TABLE[name].isAsked(request))
}

/** The GPUs that a set has no code for, as far as that is known. */
export function missedBy(set: MatrixSet, gpus: readonly GpuTarget[]): readonly GpuTarget[] {
  return gpus.filter(gpu => coverageOf(set, gpu) === 'none')
}

/** `B200 (10.0)`. */
export function gpuText({name, capability}: GpuTarget): string {
  return name === capability ? `compute capability ${capability}` : `${name} (${capability})`
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? 'nothing') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

function isIn(platform: string, platforms: readonly TorchPlatform[]): boolean {
  return platforms.some(known => known === platform)
}

function isNewest({torch}: MatrixSet): boolean {
  return torch === MATRIX.releases.at(-1)?.torch
}

/** The place that a version which may not exist would have among the releases. */
function nearestRank(asked: string): number {
  const {releases} = MATRIX
  if (asked === 'latest') return releases.length - 1
  const same = releases.findLastIndex(({torch}) => isAskedVersion(torch, asked))
  if (same !== -1) return same
  const version = /\d+(?:\.\d+)*/.exec(asked)?.[0] ?? '0'
  const older = releases.findLastIndex(({torch}) => isWithin(torch, `<=${version}`))
  const series = releases.findLastIndex(({torch}) => isAskedVersion(torch, version.split('.').slice(0, 2).join('.')))
  return series === -1 ? Math.max(0, older) : series
}

function isAskedCuda(cuda: string, asked: string): boolean {
  if (asked === 'auto' || asked === 'latest') return cuda !== 'cpu'
  // `cu12` stands for every CUDA 12.
  return cuda === asked || (/^cu\d\d$/.test(asked) && cuda.startsWith(asked))
}

/** A CPU build is farthest from a CUDA build, another major is far, another minor near. */
function cudaDistance(cuda: string, asked: string): number {
  if (isAskedCuda(cuda, asked)) return 0
  if (cuda === 'cpu' || asked === 'cpu' || asked === 'auto') return 1000
  return Math.abs(Number(cuda.slice(2)) - Number(asked.slice(2).padEnd(3, '0')))
}

function isAskedPython({python, release}: MatrixSet, asked: string): boolean {
  const {series, full} = pythonParts(asked)
  if (python !== series) return false
  if (full === undefined) return true
  return [release.requiresPython, release.torchvisionRequiresPython].every(range => isWithin(full, range))
}

function driverOf({cuda}: MatrixSet): string {
  return cudaRelease(cuda)?.driver ?? '0'
}

function major(driver: string): number {
  return Number(driver.split('.')[0])
}

function comparePythons(one: string, other: string): number {
  return pythonMinor(one) - pythonMinor(other) || one.length - other.length
}

/** Few builds are told one by one: what one has and another lacks is the very point. */
function codeOf(sets: readonly MatrixSet[]): string {
  const builds = distinct(sets.filter(({cuda}) => cuda !== 'cpu').map(({torch, cuda}) => `${torch}+${cuda}`))
  if (builds.length < 2 || builds.length > MOST_BUILDS) return codeOfOne(sets)
  return builds
    .map(build => `in ${build} ${codeOfOne(sets.filter(({torch, cuda}) => `${torch}+${cuda}` === build))}`)
    .join('; ')
}

const MOST_BUILDS = 4

function codeOfOne(sets: readonly MatrixSet[]): string {
  const known = distinct(sets.flatMap(({kernels}) => kernels.flatMap(({sass}) => sass ?? []))).toSorted(
    compareCapabilities
  )
  if (known.length > 0) return `code for compute capabilities ${listed(known)}`
  if (sets.every(({cuda}) => cuda === 'cpu')) return 'code for no GPU'
  const oldest = distinct(sets.flatMap(({cuda}) => cudaRelease(cuda)?.oldestGpu ?? []))
  return oldest.length === 0
    ? 'code that nobody has listed yet'
    : `no code for compute capabilities below ${listed(oldest)}`
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Releases as spans of neighbours: `2.1.0 to 2.5.1`. */
function spans(versions: readonly string[]): string {
  const runs: [string, string][] = []
  for (const version of versions.toSorted((one, other) => rankOf(one) - rankOf(other))) {
    const last = runs.at(-1)
    if (last !== undefined && rankOf(version) === rankOf(last[1]) + 1) last[1] = version
    else runs.push([version, version])
  }
  return listed(runs.map(([first, last]) => (first === last ? first : `${first} to ${last}`)))
}
