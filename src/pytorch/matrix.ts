import data from './matrix.json' with {type: 'json'}

/** Where rows of the matrix were read. */
export interface Source {
  readonly says: string
  readonly url: string
  /** `YYYY-MM`. */
  readonly read: string
}

/** A CUDA release that PyTorch was built with. Drivers are versions of the Linux driver. */
export interface CudaRelease {
  /** `cu128`. */
  readonly cuda: string
  /** `12.8`. */
  readonly release: string
  /** The oldest driver by minor-version compatibility. */
  readonly driver: string
  /** The driver that came with the toolkit. */
  readonly toolkitDriver: string
  /** The oldest compute capability that it can compile for, where that shuts GPUs out. */
  readonly oldestGpu: string | null
  /** The newest compute capability that PyTorch built with it serves, where that shuts GPUs out. */
  readonly newestGpu: string | null
  readonly source: string
}

/** A release of PyTorch: what belongs to it, and what it was built for. */
export interface Release {
  readonly torch: string
  /** Day of upload to PyPI. */
  readonly released: string
  readonly torchvision: string
  readonly torchaudio: string
  /** Whether the install line of the release has torchaudio in it. */
  readonly installsAudio: boolean
  readonly requiresPython: string
  readonly torchvisionRequiresPython: string
  /** Pythons with a wheel for Linux on x86-64; `t` is the free-threaded build. */
  readonly pythons: readonly string[]
  readonly pythonsArm64: readonly string[]
  readonly triton: string
  /** Pythons on which the wheels require no triton, so that `torch.compile` has no GPU back end. */
  readonly withoutTriton: readonly string[]
  readonly numpy: string | null
  /** The variant that PyPI serves for x86-64. */
  readonly pypi: string
  /** The variant that PyPI serves for arm64. */
  readonly pypiArm64: string
  /** CUDA variants for x86-64, oldest first; cuDNN and NCCL are null where not known. `cpu` exists besides. */
  readonly variants: readonly {readonly cuda: string; readonly cudnn: string | null; readonly nccl: string | null}[]
  /** `unknown` where there may be CUDA variants beyond those listed. */
  readonly otherVariants: 'none' | 'unknown'
  /** Variants that one source names and no other confirms. */
  readonly unconfirmed: readonly string[]
  /** What PyPI's variant with its companions weighs, compressed, for one Python. */
  readonly download: {readonly python: string; readonly wheels: number; readonly bytes: number} | null
  readonly sources: readonly string[]
}

/** Which GPUs the wheels of a range of releases have code for; null where nobody has read it. */
export interface KernelRow {
  /** First and last release, inclusive. */
  readonly from: string
  readonly to: string
  readonly cuda: readonly string[]
  readonly arch: 'x86_64' | 'aarch64'
  readonly sass: readonly string[] | null
  readonly ptx: readonly string[] | null
  readonly source: string | null
}

/** The whole matrix: facts with their sources, and nothing computed. */
export interface Matrix {
  /** The day on which PyPI's part was read last. */
  readonly readOn: string
  readonly sources: Readonly<Record<string, Source>>
  readonly cudas: readonly CudaRelease[]
  /** Oldest first. */
  readonly releases: readonly Release[]
  readonly kernels: readonly KernelRow[]
}

/** What is known of PyTorch's releases. `scripts/refresh-matrix.ts` proposes new rows; `docs/versions.md` prints it. */
export const MATRIX: Matrix = data as Matrix

/** The row of a CUDA variant; undefined for `cpu` and for one that no release has. */
export function cudaRelease(cuda: string): CudaRelease | undefined {
  return MATRIX.cudas.find(row => row.cuda === cuda)
}

/** Where a release stands in the matrix: greater is newer. */
export function rankOf(torch: string): number {
  return MATRIX.releases.findIndex(release => release.torch === torch)
}

/** The kernel row of a release's variant. */
export function kernelRow(torch: string, cuda: string, arch: KernelRow['arch']): KernelRow | undefined {
  const rank = rankOf(torch)
  return MATRIX.kernels.find(
    row => row.arch === arch && row.cuda.includes(cuda) && rankOf(row.from) <= rank && rank <= rankOf(row.to)
  )
}
