import type {GpuTarget, TorchPlatform} from '../model/pytorch.ts'

/** GPUs of one compute capability. */
export interface GpuRow {
  readonly capability: string
  readonly generation: string
  /** The one platform of the machines that have them, where there is only one. */
  readonly platform?: TorchPlatform
  /** Names without maker and without what only tells memory, form or clock apart. */
  readonly names: readonly string[]
}

/**
 * NVIDIA GPUs by compute capability, oldest first, as far as some PyTorch 2 has kernels for them.
 *
 * Source: NVIDIA's list of CUDA GPUs, https://developer.nvidia.com/cuda-gpus, read 2026-08.
 */
export const GPUS: readonly GpuRow[] = [
  {capability: '3.7', generation: 'Kepler', names: ['K80']},
  {capability: '5.0', generation: 'Maxwell', names: ['GTX 750']},
  {capability: '5.2', generation: 'Maxwell', names: ['M40', 'M60', 'GTX 980', 'GTX TITAN X']},
  {capability: '6.0', generation: 'Pascal', names: ['P100']},
  {
    capability: '6.1',
    generation: 'Pascal',
    names: ['P4', 'P40', 'GTX 1060', 'GTX 1070', 'GTX 1080', 'TITAN XP', 'QUADRO P6000']
  },
  {capability: '7.0', generation: 'Volta', names: ['V100', 'V100S', 'TITAN V', 'QUADRO GV100']},
  {
    capability: '7.5',
    generation: 'Turing',
    names: [
      'T4',
      'GTX 1650',
      'GTX 1660',
      'RTX 2060',
      'RTX 2070',
      'RTX 2080',
      'TITAN RTX',
      'QUADRO RTX 4000',
      'QUADRO RTX 5000',
      'QUADRO RTX 6000',
      'QUADRO RTX 8000',
      'T4G',
      'T1000'
    ]
  },
  {capability: '8.0', generation: 'Ampere', names: ['A100', 'A30', 'A800']},
  {
    capability: '8.6',
    generation: 'Ampere',
    names: [
      'A10',
      'A10G',
      'A16',
      'A2',
      'A40',
      'RTX 3050',
      'RTX 3060',
      'RTX 3070',
      'RTX 3080',
      'RTX 3090',
      'RTX A2000',
      'RTX A4000',
      'RTX A4500',
      'RTX A5000',
      'RTX A5500',
      'RTX A6000'
    ]
  },
  {
    capability: '8.7',
    generation: 'Ampere',
    platform: 'linux/arm64',
    names: ['JETSON AGX ORIN', 'JETSON ORIN NX', 'JETSON ORIN NANO']
  },
  {
    capability: '8.9',
    generation: 'Ada Lovelace',
    names: [
      'L4',
      'L40',
      'L40S',
      'L20',
      'RTX 4060',
      'RTX 4070',
      'RTX 4080',
      'RTX 4090',
      'RTX 2000 ADA',
      'RTX 4000 ADA',
      'RTX 4500 ADA',
      'RTX 5000 ADA',
      'RTX 6000 ADA'
    ]
  },
  {capability: '9.0', generation: 'Hopper', names: ['H100', 'H200', 'H800', 'H20', 'GH200']},
  {capability: '10.0', generation: 'Blackwell', names: ['B200', 'GB200']},
  {capability: '10.3', generation: 'Blackwell', names: ['B300', 'GB300']},
  {capability: '11.0', generation: 'Blackwell', platform: 'linux/arm64', names: ['JETSON THOR', 'JETSON T5000']},
  {
    capability: '12.0',
    generation: 'Blackwell',
    names: ['RTX 5060', 'RTX 5070', 'RTX 5080', 'RTX 5090', 'RTX PRO 4000', 'RTX PRO 5000', 'RTX PRO 6000']
  },
  {capability: '12.1', generation: 'Blackwell', platform: 'linux/arm64', names: ['GB10', 'DGX SPARK']}
]

/** Every name in `GPUS`, for suggestions. */
export const GPU_NAMES: readonly string[] = GPUS.flatMap(({names}) => names)

/** Words that tell apart what has the same compute capability: form, memory, clock, a share of it (MIG, vGPU). */
const DETAILS =
  /\b(?:NVIDIA|GEFORCE|TESLA|PCIE|NVL\d*|SXM\d?|H|SFF|HBM\d\w?|MIG|\d+G\.\d+GB|\d+\s?GB?|\d+[ABCQ]|LAPTOP|MOBILE|GPU|D|TI|SUPER|MAX ?Q|BLACKWELL|SERVER|WORKSTATION|EDITION|GENERATION|SUPERCHIP)\b/g

/**
 * The GPU that a text means: a name as people or `nvidia-smi` write it, or a compute capability as `8.0`, `80`,
 * `sm_80` or `8.0+PTX`. Undefined for a name that `GPUS` does not have, and for a capability that no GPU has.
 */
export function gpuOf(text: string): GpuTarget | undefined {
  const capability = capabilityOf(text)
  if (capability !== undefined) {
    return GPUS.some(row => row.capability === capability) ? {name: capability, capability} : undefined
  }
  const wanted = squeezed(text)
  for (const row of GPUS) {
    const name = row.names.find(known => squeezed(known) === wanted)
    if (name !== undefined) return {name, capability: row.capability}
  }
  return undefined
}

/** The GPU that an unknown name most likely means: one whose name ends so (`4090`), or one of that generation (`Hopper`). */
export function likeliestGpu(text: string): string | undefined {
  const wanted = squeezed(text)
  const longer =
    wanted.length < 4
      ? []
      : GPU_NAMES.filter(name => squeezed(name).endsWith(wanted) || name.split(' ').includes(wanted))
  const [shortest] = longer.toSorted((one, other) => one.length - other.length)
  const ofGeneration = GPUS.find(
    ({generation}) => generation.split(' ')[0]?.toUpperCase() === text.trim().toUpperCase()
  )
  return shortest ?? ofGeneration?.names[0]
}

/** Whether the machines that have a GPU are of none of these platforms, so that an image for them does not start there. */
export function isElsewhere(capability: string, platforms: readonly string[]): boolean {
  const platform = GPUS.find(row => row.capability === capability)?.platform
  return platform !== undefined && !platforms.includes(platform)
}

/** The generation of a compute capability, `Hopper`. */
export function generationOf(capability: string): string | undefined {
  return GPUS.find(row => row.capability === capability)?.generation
}

function capabilityOf(text: string): string | undefined {
  const [, major, minor] = /^(?:sm_?|compute_?)?(\d{1,2})\.?(\d)[af]?(?:\+ptx)?$/i.exec(text.trim()) ?? []
  return major === undefined ? undefined : `${Number(major)}.${minor}`
}

/** Letters and digits that count: `NVIDIA A100-SXM4-80GB` and `a100` are the same. */
function squeezed(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[-_/]/g, ' ')
    .replaceAll(DETAILS, '')
    .replaceAll(/[^A-Z0-9]/g, '')
}
