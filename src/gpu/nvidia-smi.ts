import type {GpuDevice} from '../model/gpu-report.ts'

/** What nvidia-smi is asked for, in this order, each GPU on a line. */
export const GPU_QUERY = [
  'index',
  'uuid',
  'name',
  'compute_cap',
  'memory.total',
  'driver_version',
  'ecc.errors.uncorrected.volatile.total',
  'memory.used'
] as const

/** nvidia-smi also ends with 14 where only the GPU's own information store is damaged: it computes all the same. */
export const ALIVE: readonly number[] = [0, 14]

/** A GPU as nvidia-smi tells it. */
export interface HostGpu extends GpuDevice {
  readonly driver: string
  readonly uncorrectable: number
  readonly used_mib: number
  readonly isBroken: boolean
}

/** A process on a GPU. */
export interface GpuProcess {
  readonly pid: number
  readonly gpu_uuid: string
  readonly used_mib: number
}

/** Reads the answer to `GPU_QUERY` (`--format=csv,noheader,nounits`); lines that are none are left out. */
export function readGpus(text: string): readonly HostGpu[] {
  return text.split('\n').flatMap(line => {
    const [index = '', uuid = '', name = '', capability = '', memory = '', driver = '', ecc = '', used = ''] = line
      .split(',')
      .map(field => field.trim())
    if (!/^\d+$/.test(index)) return []
    return [
      {
        index: Number(index),
        uuid,
        name,
        capability: /^\d+\.\d+$/.test(capability) ? capability : '',
        memory_mib: numberIn(memory),
        driver: /^[\d.]+$/.test(driver) ? driver : '',
        uncorrectable: numberIn(ecc),
        used_mib: numberIn(used),
        isBroken: /ERR!|Unknown Error/i.test(line) || uuid === ''
      }
    ]
  })
}

/** MIG instances by the UUID of their GPU, from `nvidia-smi -L`. */
export function readInstances(text: string): readonly {parent: string; uuid: string; profile: string}[] {
  let parent = ''
  return text.split('\n').flatMap(line => {
    const gpu = /^GPU \d+:.*\(UUID: (GPU-[^)]+)\)/.exec(line)
    if (gpu !== null) parent = gpu[1] ?? ''
    const instance = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)/.exec(line)
    return instance === null ? [] : [{parent, profile: instance[1] ?? '', uuid: instance[2] ?? ''}]
  })
}

/** The GPUs and instances that were named, each by its number or UUID, and the names that are nobody's; no names are all. */
export function chosenOf(
  names: readonly string[],
  {gpus, instances}: {readonly gpus: readonly HostGpu[]; readonly instances: ReturnType<typeof readInstances>}
): {
  readonly gpus: readonly HostGpu[]
  readonly instances: ReturnType<typeof readInstances>
  readonly unknown: readonly string[]
} {
  if (names.length === 0) return {gpus, instances, unknown: []}
  const named = (gpu: HostGpu) => names.includes(String(gpu.index)) || names.includes(gpu.uuid)
  const parts = instances.filter(({uuid}) => names.includes(uuid))
  const whole = gpus.filter(named)
  const known = [...whole.flatMap(({index, uuid}) => [String(index), uuid]), ...parts.map(({uuid}) => uuid)]
  return {
    gpus: gpus.filter(gpu => named(gpu) || parts.some(({parent}) => parent === gpu.uuid)),
    instances: instances.filter(part => parts.includes(part) || whole.some(({uuid}) => uuid === part.parent)),
    unknown: names.filter(name => !known.includes(name))
  }
}

/** What a container gets to see: MIG instances in place of the GPU that they are parts of. */
export function devicesOf(gpus: readonly HostGpu[], instances: ReturnType<typeof readInstances>): readonly GpuDevice[] {
  const all = gpus.flatMap(({uuid, name, capability, memory_mib}) => {
    const parts = instances.filter(({parent}) => parent === uuid)
    if (parts.length === 0) return [{uuid, name, capability, memory_mib}]
    // What an instance has of the memory stands in its profile: 1g.10gb.
    return parts.map(part => ({
      uuid: part.uuid,
      name,
      capability,
      memory_mib: 1024 * Number(/\.(\d+)gb/.exec(part.profile)?.[1] ?? 0),
      mig_profile: part.profile
    }))
  })
  return all.map((device, index) => ({index, ...device}))
}

/** Reads `--query-compute-apps=pid,gpu_uuid,used_memory` (`--format=csv,noheader,nounits`). */
export function readProcesses(text: string): readonly GpuProcess[] {
  return text.split('\n').flatMap(line => {
    const [pid = '', gpu_uuid = '', used = ''] = line.split(',').map(field => field.trim())
    return /^\d+$/.test(pid) ? [{pid: Number(pid), gpu_uuid, used_mib: numberIn(used)}] : []
  })
}

/** The newest CUDA that the driver runs, from the head of nvidia-smi's own table. */
export function readDriverCuda(text: string): string | undefined {
  return /CUDA Version: (\d+\.\d+)/.exec(text)?.[1]
}

/** `[N/A]` and `[Not Supported]` count as nothing. */
function numberIn(text: string): number {
  const number = Number.parseInt(text, 10)
  return Number.isNaN(number) ? 0 : number
}
