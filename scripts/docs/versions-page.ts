import {compareCapabilities} from '../../src/pytorch/coverage.ts'
import {GPUS} from '../../src/pytorch/gpus.ts'
import {kernelRow, MATRIX, type Release} from '../../src/pytorch/matrix.ts'
import {table} from './tables.ts'

/** Releases, newest first, with what belongs to each. */
export function printReleases(): string {
  const rows = MATRIX.releases
    .toReversed()
    .map(release => [
      release.torch,
      release.released,
      release.torchvision,
      release.installsAudio ? release.torchaudio : `${release.torchaudio} (not installed)`,
      cudasOf(release),
      release.pythons.join(' '),
      release.withoutTriton.length === 0
        ? release.triton
        : `${release.triton} (not on ${release.withoutTriton.join(', ')})`
    ])
  return table(['torch', 'on PyPI since', 'torchvision', 'torchaudio', 'CUDA', 'Python', 'triton'], rows)
}

/** Each CUDA with its drivers. */
export function printCudas(): string {
  const rows = MATRIX.cudas.toReversed().map(({cuda, release, driver, toolkitDriver}) => {
    const releases = MATRIX.releases.filter(({variants}) => variants.some(variant => variant.cuda === cuda))
    return [cuda, release, driver, toolkitDriver, `${releases[0]?.torch} to ${releases.at(-1)?.torch}`]
  })
  return table(['CUDA', 'release', 'oldest driver', 'driver that came with it', 'PyTorch'], rows)
}

/** What each build has code for. */
export function printKernels(): string {
  const rows = MATRIX.kernels
    .toReversed()
    .map(({from, to, cuda, arch, sass, ptx, source}) => [
      from === to ? from : `${from} to ${to}`,
      cuda.join(', '),
      arch,
      sass === null ? 'not read yet' : sass.toSorted(compareCapabilities).join(' '),
      ptx === null ? 'unknown' : ptx.length === 0 ? 'none' : ptx.join(' '),
      source === null ? '' : sourceLink(source)
    ])
  return table(['torch', 'CUDA', 'wheels for', 'machine code (SASS)', 'PTX', 'source'], rows)
}

/** cuDNN and NCCL by release and variant. */
export function printLibraries(): string {
  const rows = MATRIX.releases
    .toReversed()
    .flatMap(({torch, variants, pypi}) =>
      variants.map(({cuda, cudnn, nccl}) => [
        torch,
        cuda === pypi ? `**${cuda}**` : cuda,
        cudnn ?? 'unknown',
        nccl ?? 'unknown',
        kernelRow(torch, cuda, 'x86_64')?.sass?.join(' ') ?? 'not read yet'
      ])
    )
  return table(['torch', 'CUDA', 'cuDNN', 'NCCL', 'code for'], rows)
}

/** Names of GPUs that `gpu-targets` knows. */
export function printGpus(): string {
  return table(
    ['compute capability', 'generation', 'GPUs'],
    GPUS.map(({capability, generation, names}) => [capability, generation, names.join(', ')])
  )
}

/** Where all of it was read. */
export function printSources(): string {
  const rows = Object.entries(MATRIX.sources).map(([name, {says, url, read}]) => [name, `[${says}](${url})`, read])
  return table(['source', 'what it says', 'read'], rows)
}

function cudasOf({variants, pypi, otherVariants, unconfirmed}: Release): string {
  return [
    ...variants.map(({cuda}) => (cuda === pypi ? `**${cuda}**` : cuda)),
    ...unconfirmed.map(cuda => `${cuda}?`),
    ...(otherVariants === 'unknown' ? ['others unknown'] : [])
  ].join(' ')
}

function sourceLink(name: string): string {
  return `[${name}](${MATRIX.sources[name]?.url})`
}
