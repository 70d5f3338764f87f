/** A GPU that the image is meant for. */
export interface GpuTarget {
  /** As the user may call it: `A100`, or `8.0` where they gave the capability. */
  readonly name: string
  /** Compute capability, `8.0`. */
  readonly capability: string
}

/** Platforms that PyTorch has wheels for. */
export const TORCH_PLATFORMS = ['linux/amd64', 'linux/arm64'] as const

/** An entry of `TORCH_PLATFORMS`. */
export type TorchPlatform = (typeof TORCH_PLATFORMS)[number]

/** Which GPUs a wheel has code for. */
export interface Kernels {
  readonly platform: TorchPlatform
  /** Compute capabilities with machine code, ascending; absent where nobody has read them yet. */
  readonly sass?: readonly string[]
  /** Compute capabilities with PTX, which later GPUs compile when they start; absent where not known. */
  readonly ptx?: readonly string[]
}

/** Which NVIDIA driver the image needs where it runs. Both are Linux driver versions. */
export interface DriverNeed {
  /** The oldest that runs it: any release of the same CUDA major runs from there on. */
  readonly oldest: string
  /** The one that came with this very CUDA: whatever is compiled on the GPU's machine may ask for it. */
  readonly complete: string
  /** One sentence: which driver, and why. */
  readonly because: string
}

/** Versions of PyTorch and of what belongs to it that exist together. */
export interface TorchSet {
  readonly torch: string
  readonly torchvision: string
  /** Absent where the install line of the release names none. */
  readonly torchaudio?: string
  /** `cu128`, `cpu`. */
  readonly cuda: string
  /** `3.12`, `3.13t`; absent where the base image brings one that it does not tell. */
  readonly python?: string
  readonly platforms: readonly TorchPlatform[]
  /** What the wheels require of triton, `3.4.0` or `~=3.9.0`; absent where they require none. */
  readonly triton?: string
  /** A constraint on NumPy that the wheels need and do not state. */
  readonly numpy?: string
  /** Absent for CPU, and where it is not known for this variant. */
  readonly cudnn?: string
  readonly nccl?: string
  /** Whether PyPI itself serves this variant for every platform; others are on PyTorch's own index. */
  readonly isOnPypi: boolean
  readonly kernels: readonly Kernels[]
  /** All its wheels together, compressed; absent where nobody added them up. */
  readonly downloadBytes?: number
}
