import type {HostState} from '../gpu/host-checks.ts'
import {
  ALIVE,
  chosenOf,
  devicesOf,
  GPU_QUERY,
  readDriverCuda,
  readGpus,
  readInstances,
  readProcesses
} from '../gpu/nvidia-smi.ts'
import type {Command, Host, Ran} from '../host/host.ts'
import type {ValidateWork} from '../model/work-release.ts'

// A graphics driver that has to wake up takes its seconds; one that hangs is told as no answer.
const TIMEOUT_MS = 30_000
const PLAIN = '--format=csv,noheader,nounits'
const APPS = ['--query-compute-apps=pid,gpu_uuid,used_memory', PLAIN]

/** Asks the machine about its GPUs and about how the engine hands them over; what does not answer is absent. */
export async function askMachine(work: ValidateWork, host: Host): Promise<HostState> {
  const [gpus, toolkit, cdi, info, freeBytes] = await Promise.all([
    askGpus(args => ask(host, 'nvidia-smi', args), work.devices),
    ask(host, 'nvidia-ctk', ['--version']),
    ask(host, 'nvidia-ctk', ['cdi', 'list']),
    work.place === 'engine' ? askEngine(work, host) : undefined,
    host.files.freeBytes(work.disk).catch(() => undefined)
  ])
  const toolkitVersion = /(\d+\.\d+\.\d+)/.exec(toolkit.stdout)?.[1]
  const engine = engineIn(info, cdi)
  return {
    ...gpus,
    ...(toolkit.exitCode !== 0 || toolkitVersion === undefined ? {} : {toolkit: toolkitVersion}),
    ...(engine === undefined ? {} : {engine}),
    ...(freeBytes === undefined ? {} : {freeBytes})
  }
}

/** What nvidia-smi says of the GPUs that were named, or of all, wherever `ask` runs it with these arguments. */
export async function askGpus(
  ask: (args: readonly string[]) => Promise<Ran>,
  names: readonly string[] = []
): Promise<HostState> {
  const [query, list, table, apps] = await Promise.all([
    ask([`--query-gpu=${GPU_QUERY.join(',')}`, PLAIN]),
    ask(['-L']),
    ask([]),
    ask(APPS)
  ])
  const all = ALIVE.includes(query.exitCode) ? readGpus(query.stdout) : []
  const {gpus, instances, unknown} = chosenOf(names, {gpus: all, instances: readInstances(list.stdout)})
  const chosen = [...gpus, ...instances].map(({uuid}) => uuid)
  const driverCuda = readDriverCuda(table.stdout)
  return {
    gpus,
    devices: devicesOf(gpus, instances),
    processes: readProcesses(apps.stdout).filter(({gpu_uuid}) => names.length === 0 || chosen.includes(gpu_uuid)),
    unknown,
    words: `${query.stdout}\n${query.stderr}`
      .split('\n')
      .filter(line => line.trim() !== '')
      .slice(-10),
    ...(driverCuda === undefined ? {} : {driverCuda})
  }
}

/** Which processes use a GPU of this machine, as its driver says. */
export function askProcesses(host: Host): Promise<Ran> {
  return ask(host, 'nvidia-smi', APPS)
}

function askEngine({docker, endpoint}: ValidateWork, host: Host): Promise<Ran> {
  const env = endpoint === undefined ? {} : {DOCKER_HOST: endpoint}
  return ask(host, docker, ['info', '--format', '{{json .}}'], env)
}

function engineIn(info: Ran | undefined, cdi: Ran): HostState['engine'] {
  if (info === undefined || info.exitCode !== 0) return undefined
  const json = parsed(info.stdout)
  if (typeof json.ServerVersion !== 'string') return undefined
  const options = Array.isArray(json.SecurityOptions) ? json.SecurityOptions.map(String) : []
  const directories = Array.isArray(json.CDISpecDirs) ? json.CDISpecDirs : []
  const discovered = JSON.stringify(json.DiscoveredDevices ?? [])
  return {
    version: json.ServerVersion,
    isRootless: options.some(option => option.includes('rootless')),
    runtimes: Object.keys((json.Runtimes ?? {}) as object),
    hasCdi: directories.length > 0,
    knowsGpu: discovered.includes('nvidia.com/gpu') || cdi.stdout.includes('nvidia.com/gpu=')
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

function ask(host: Host, file: string, args: readonly string[], env: Command['env'] = {}): Promise<Ran> {
  return host.commands.ask({file, args, env, timeoutMs: TIMEOUT_MS})
}
