import type {Kernels, TorchPlatform, TorchSet} from '../model/pytorch.ts'
import {type KernelRow, kernelRow, MATRIX, type Release} from './matrix.ts'

/** A set of the matrix, whose Python is always known. */
export interface MatrixSet extends TorchSet {
  readonly python: string
  readonly release: Release
}

const ARCHITECTURES: Readonly<Record<TorchPlatform, KernelRow['arch']>> = {
  'linux/amd64': 'x86_64',
  'linux/arm64': 'aarch64'
}

/** Every set that is known to exist, oldest release first. */
export const SETS: readonly MatrixSet[] = MATRIX.releases.flatMap(setsOf)

/** `+cu128` as PyTorch writes it, with what belongs to it: `torch 2.8.0+cu128, torchvision 0.23.0, Python 3.12`. */
export function setText({torch, torchvision, torchaudio, cuda, python}: TorchSet): string {
  const audio = torchaudio === undefined ? [] : [`torchaudio ${torchaudio}`]
  const interpreter = python === undefined ? [] : [`Python ${python}`]
  return [`torch ${torch}+${cuda}`, `torchvision ${torchvision}`, ...audio, ...interpreter].join(', ')
}

/** A set as it is for some platforms: what a plan holds. Platforms without wheels count for nothing. */
export function setFor({release, ...set}: MatrixSet, platforms: readonly string[]): TorchSet {
  const wanted = set.platforms.filter(platform => platforms.includes(platform))
  return {
    ...set,
    platforms: wanted,
    isOnPypi: wanted.every(platform => set.cuda === pypiVariant(release, platform)),
    kernels: set.kernels.filter(({platform}) => wanted.includes(platform))
  }
}

function setsOf(release: Release): readonly MatrixSet[] {
  const cudas = ['cpu', ...release.variants.map(({cuda}) => cuda)]
  const pythons = [...new Set([...release.pythons, ...release.pythonsArm64])]
  return cudas.flatMap(cuda => pythons.flatMap(python => setOf(release, cuda, python) ?? []))
}

function setOf(release: Release, cuda: string, python: string): MatrixSet | undefined {
  const platforms = platformsOf(release, cuda, python)
  if (platforms.length === 0) return undefined
  const variant = release.variants.find(row => row.cuda === cuda)
  const hasTriton = cuda !== 'cpu' && !release.withoutTriton.includes(python)
  const isMeasured = cuda === release.pypi && release.download !== null
  return {
    release,
    torch: release.torch,
    torchvision: release.torchvision,
    ...(release.installsAudio ? {torchaudio: release.torchaudio} : {}),
    cuda,
    python,
    platforms,
    ...(hasTriton ? {triton: release.triton} : {}),
    ...(release.numpy === null ? {} : {numpy: release.numpy}),
    ...(variant === undefined || variant.cudnn === null ? {} : {cudnn: variant.cudnn}),
    ...(variant === undefined || variant.nccl === null ? {} : {nccl: variant.nccl}),
    isOnPypi: platforms.every(platform => cuda === pypiVariant(release, platform)),
    kernels: platforms.map(platform => kernelsOf(release.torch, cuda, platform)),
    ...(isMeasured ? {downloadBytes: release.download?.bytes ?? 0} : {})
  }
}

/** The variant that PyPI serves for a platform. */
export function pypiVariant(release: Release, platform: TorchPlatform): string {
  return platform === 'linux/arm64' ? release.pypiArm64 : release.pypi
}

/** CUDA wheels for arm64 are known as far as PyPI has them; those of other indexes were not read. */
function platformsOf(release: Release, cuda: string, python: string): readonly TorchPlatform[] {
  const isForArm = cuda === 'cpu' || cuda === release.pypiArm64
  return [
    ...(release.pythons.includes(python) ? ['linux/amd64' as const] : []),
    ...(isForArm && release.pythonsArm64.includes(python) ? ['linux/arm64' as const] : [])
  ]
}

function kernelsOf(torch: string, cuda: string, platform: TorchPlatform): Kernels {
  if (cuda === 'cpu') return {platform, sass: [], ptx: []}
  const row = kernelRow(torch, cuda, ARCHITECTURES[platform])
  return {
    platform,
    ...(row === undefined || row.sass === null ? {} : {sass: row.sass}),
    ...(row === undefined || row.ptx === null ? {} : {ptx: row.ptx})
  }
}
