import type {KernelRow, Matrix, Release} from '../../src/pytorch/matrix.ts'
import {pythonMinor} from '../../src/pytorch/versions.ts'

/** What PyPI says of one release of PyTorch, as far as the matrix follows from it. */
export interface RecordedRelease {
  /** Day of upload. */
  readonly released: string
  /** What the Linux wheel requires of CUDA and triton; markers other than Linux and x86-64 are kept. */
  readonly requires: readonly string[]
  readonly requiresPython: string
  readonly pythons: readonly string[]
  readonly pythonsArm64: readonly string[]
  readonly torchvision: string
  readonly torchvisionRequiresPython: string
  readonly torchaudio: string
  /** What it weighs with all it requires, resolved for one Python; absent where that was not done. */
  readonly set?: {readonly python: string; readonly wheels: number; readonly bytes: number}
}

/** Metadata recorded from PyPI by release. */
export type Recorded = Readonly<Record<string, RecordedRelease>>

/** Where a row and what PyPI says differ, one line each; empty where they agree. */
export function differencesOf(release: Release, recorded: RecordedRelease | undefined): readonly string[] {
  if (recorded === undefined) return [`PyPI has no torch ${release.torch}`]
  const derived = deriveFrom(recorded)
  const variant = release.variants.find(({cuda}) => cuda === derived.pypi)
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ...(Object.keys(derived) as (keyof Derived)[])
      .filter(key => key !== 'cudnn' && key !== 'nccl')
      .map(key => [key, release[key as keyof Release], derived[key]] as const),
    ['cudnn', variant?.cudnn, derived.cudnn],
    ['nccl', variant?.nccl, derived.nccl]
  ]
  return pairs
    .filter(([, ours, theirs]) => JSON.stringify(ours) !== JSON.stringify(theirs))
    .map(([name, ours, theirs]) => `${name}: ${JSON.stringify(ours)} in the matrix, ${JSON.stringify(theirs)} on PyPI`)
}

/** The matrix with a row for each recorded release that it lacks; what PyPI does not say is marked as unknown. */
export function withNewReleases(matrix: Matrix, recorded: Recorded, readOn: string): Matrix {
  const known = new Set(matrix.releases.map(({torch}) => torch))
  const fresh = Object.entries(recorded).filter(([torch]) => !known.has(torch))
  if (fresh.length === 0) return matrix
  return {
    ...matrix,
    readOn,
    releases: [...matrix.releases, ...fresh.map(([torch, one]) => proposeRelease(torch, one))],
    kernels: [...matrix.kernels, ...fresh.flatMap(([torch, one]) => proposeKernels(torch, one))]
  }
}

interface Derived {
  readonly released: string
  readonly torchvision: string
  readonly torchaudio: string
  readonly requiresPython: string
  readonly torchvisionRequiresPython: string
  readonly pythons: readonly string[]
  readonly pythonsArm64: readonly string[]
  readonly triton: string
  readonly withoutTriton: readonly string[]
  readonly pypi: string
  readonly download: Release['download']
  readonly cudnn: string | null
  readonly nccl: string | null
}

function deriveFrom(recorded: RecordedRelease): Derived {
  const {requires, set, ...same} = recorded
  const {triton, below} = tritonOf(requires)
  return {
    ...same,
    triton,
    withoutTriton: same.pythons.filter(python => below !== undefined && pythonMinor(python) >= below),
    pypi: cudaOf(requires),
    download: set ?? null,
    cudnn: pinOf('nvidia-cudnn', requires),
    nccl: pinOf('nvidia-nccl', requires)
  }
}

function proposeRelease(torch: string, recorded: RecordedRelease): Release {
  const {cudnn, nccl, ...derived} = deriveFrom(recorded)
  return {
    torch,
    ...derived,
    installsAudio: false,
    numpy: null,
    pypiArm64: derived.pypi,
    variants: [{cuda: derived.pypi, cudnn, nccl}],
    otherVariants: 'unknown',
    unconfirmed: [],
    sources: ['pypi']
  }
}

function proposeKernels(torch: string, {requires}: RecordedRelease): readonly KernelRow[] {
  const unknown = {from: torch, to: torch, cuda: [cudaOf(requires)], sass: null, ptx: null, source: null}
  return [
    {...unknown, arch: 'x86_64'},
    {...unknown, arch: 'aarch64'}
  ]
}

/** The CUDA of the pinned runtime: `nvidia-cuda-runtime-cu12==12.8.90`, since 2.11 `cuda-toolkit[…]==13.0.2`. */
function cudaOf(requires: readonly string[]): string {
  for (const line of requires) {
    const [, major, minor] =
      /^nvidia-cuda-runtime-cu\d+==(\d+)\.(\d+)/.exec(line) ??
      /^cuda-toolkit(?:\[[^\]]*\])?==(\d+)\.(\d+)/.exec(line) ??
      []
    if (major !== undefined) return `cu${major}${minor}`
  }
  throw new Error(`No CUDA runtime is among ${requires.join(', ')}`)
}

function pinOf(project: string, requires: readonly string[]): string | null {
  const pattern = new RegExp(`^${project}(?:-cu\\d+)?==([\\d.]+)`)
  return requires.flatMap(line => pattern.exec(line)?.[1] ?? [])[0] ?? null
}

/** `3.4.0` for an exact pin, else the specifier; `below` is the minor of the first Python that gets none. */
function tritonOf(requires: readonly string[]): {readonly triton: string; readonly below: number | undefined} {
  const line = requires.find(one => one.startsWith('triton')) ?? ''
  const [, specifier = '', python] = /^triton([^;]+?)\s*(?:;.*python_version < "3\.(\d+)".*)?$/.exec(line) ?? []
  return {triton: specifier.replace(/^==/, ''), below: python === undefined ? undefined : Number(python)}
}
