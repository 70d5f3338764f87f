import {PYTHON_ARGUMENTS, runArguments} from '../gpu/container.ts'
import type {HostState, ImageState, Injection} from '../gpu/host-checks.ts'
import type {ContainerRun} from '../gpu/judgement.ts'
import {transcriptReader} from '../gpu/lines.ts'
import {type GpuProcess, readProcesses} from '../gpu/nvidia-smi.ts'
import type {Command, Host} from '../host/host.ts'
import type {ValidateWork} from '../model/plan.ts'
import {Secret} from '../model/secret.ts'
import {askProcesses} from './gpu-machine.ts'

const PULL_MS = 45 * 60_000
const SHORT_MS = 60_000
const MINUTE_MS = 60_000

/** Limit for the whole container, beyond what the validator's own timers add up to; and for each GPU after the first. */
const LIMITS_MS = {quick: 10 * MINUTE_MS, standard: 25 * MINUTE_MS, full: 40 * MINUTE_MS} as const
const EACH_GPU_MS = 5 * MINUTE_MS

/** How often the host looks for our process while the container says that it holds the GPU. */
const LOOKS = 12
const HOLD_S = 4
const WORDS = 60

/** Variables by which a container knows its GPU; nothing else of the job reaches the validator. */
const GPU_VARIABLES = [
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES'
]

/** What a run of the validator needs. */
export interface Order {
  readonly work: ValidateWork
  readonly state: HostState
  readonly image: ImageState
  readonly injection: Injection
  /** Figures of earlier reports by name. */
  readonly previous: Readonly<Record<string, number>>
  /** A number that only this run knows. */
  readonly nonce: string
}

/** Environment of the docker commands: the engine, and a configuration that holds the door's password alone. */
interface Client {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Pulls the image through a door of our own and runs the validator in it: the engine never holds a registry credential.
 *
 * A pull that fails is a run that failed: its words go to the diagnosis.
 */
export async function runInEngine(order: Order, host: Host): Promise<ContainerRun> {
  const {work, image} = order
  if (work.image === null) throw new Error('There is no image to validate')
  const local = 'image'
  const door = await host.openDoor([{local, ...work.image, actions: 'pull'}])
  const reference = `${door.address}/${local}@${image.digest}`
  const endpoint = work.endpoint === undefined ? {} : {DOCKER_HOST: work.endpoint}
  const client: Client = {
    file: work.docker,
    env: {DOCKER_CONFIG: work.directory, DOCKER_CLI_HINTS: 'false', ...endpoint}
  }
  const auth = Buffer.from(`${door.user}:${door.password.reveal()}`).toString('base64')
  try {
    await host.files.write(
      `${work.directory}/config.json`,
      new Secret('docker configuration', JSON.stringify({auths: {[door.address]: {auth}}}))
    )
    host.ledger.record({kind: 'remove-image', reference, docker: client.file, environment: client.env})
    host.log.info(`Pulling ${image.layers} layers, ${(image.compressedBytes / 1e9).toFixed(1)} GB, by digest`)
    const pulled = await followed({...client, args: ['pull', '--quiet', reference], timeoutMs: PULL_MS}, host)
    if (pulled.exitCode !== 0) return {...NOTHING_SAID, ...pulled, hasTimedOut: pulled.exitCode === 124}
    return await runContainer(order, {client, reference, host})
  } finally {
    await host.commands.ask({...client, args: ['image', 'rm', reference], timeoutMs: SHORT_MS})
    await door.close()
  }
}

/** Runs the validator right here, where the job itself runs in the image: nobody outside of it looks on. */
export async function runInPlace(order: Order, host: Host): Promise<ContainerRun> {
  const {work} = order
  const given = GPU_VARIABLES.flatMap(name => (host.env[name] === undefined ? [] : [[name, host.env[name]]]))
  const command = {
    file: 'python3',
    args: [...PYTHON_ARGUMENTS, `${work.validator}/validate.py`],
    env: Object.fromEntries(given) as Record<string, string>
  }
  return listen(order, {command, host, witness: async () => []})
}

const NOTHING_SAID: Omit<ContainerRun, 'exitCode' | 'words'> = {
  transcript: {checks: [], tiers: [], forged: [], isComplete: false},
  witnessed: [],
  hasTimedOut: false
}

async function runContainer(
  order: Order,
  {client, reference, host}: {client: Client; reference: string; host: Host}
): Promise<ContainerRun> {
  const {work, image, injection} = order
  const name = work.container
  host.ledger.record({kind: 'remove-container', name, docker: client.file, environment: client.env})
  const args = runArguments({name, image: reference, user: image.user, injection, validator: work.validator})
  try {
    return await listen(order, {
      command: {...client, args},
      host,
      witness: () => processesOf(name, {client, host})
    })
  } finally {
    await host.commands.ask({...client, args: ['rm', '--force', name], timeoutMs: SHORT_MS})
  }
}

/** Gives the validator its order and reads what it says; while it holds the GPU, the host looks by itself. */
async function listen(
  order: Order,
  {command, host, witness}: {command: Command; host: Host; witness: () => Promise<readonly GpuProcess[]>}
): Promise<ContainerRun> {
  const {work, state} = order
  const reader = transcriptReader(order.nonce)
  const words: string[] = []
  let isHeld = false
  let looking: Promise<readonly GpuProcess[]> = Promise.resolve([])
  const look = async (): Promise<readonly GpuProcess[]> => {
    for (let turn = 0; turn < LOOKS && isHeld; turn += 1) {
      const seen = await witness()
      if (seen.length > 0) return seen
    }
    return []
  }
  const limit = LIMITS_MS[work.level] + EACH_GPU_MS * Math.max(0, state.devices.length - 1)
  const ran = await host.commands.follow(
    {...command, stdin: new Secret('validation order', orderText(order)), timeoutMs: limit, lines: 'as-printed'},
    (line, stream) => {
      const said = stream === 'stdout' ? reader.take(line) : 'other'
      if (said === 'holding' && !isHeld) {
        isHeld = true
        looking = look()
      }
      if (said === 'released') isHeld = false
      if (stream === 'stderr' || !line.startsWith('{"format"')) words.push(host.secrets.cover(line))
      else tell(line, host)
      if (words.length > 2 * WORDS) words.splice(0, WORDS)
    }
  )
  isHeld = false
  const witnessed = await looking
  const hasTimedOut = ran.exitCode === 124 && !reader.transcript().isComplete
  return {exitCode: ran.exitCode, transcript: reader.transcript(), words: words.slice(-WORDS), witnessed, hasTimedOut}
}

function orderText({work, state, image, previous, nonce}: Order): string {
  const devices = state.devices.map(({uuid, name, capability, memory_mib, mig_profile}) => ({
    uuid,
    name,
    capability,
    memory_mib,
    ...(mig_profile === undefined ? {} : {mig: mig_profile})
  }))
  const {torch, cuda, archList} = image
  const expected = {...(torch === undefined ? {} : {torch}), ...(cuda === undefined ? {} : {cuda}), arch_list: archList}
  return JSON.stringify({
    nonce,
    level: work.level,
    expected,
    host: {devices},
    floors: work.floors,
    previous,
    hold_s: HOLD_S
  })
}

/** Processes on a GPU that are the container's: as the driver numbers them, and as the engine does, on this machine. */
async function processesOf(name: string, {client, host}: {client: Client; host: Host}): Promise<readonly GpuProcess[]> {
  const [apps, top] = await Promise.all([
    askProcesses(host),
    host.commands.ask({...client, args: ['top', name, '-eo', 'pid'], timeoutMs: SHORT_MS})
  ])
  const pids = new Set(top.stdout.split('\n').map(line => Number(line.trim())))
  return readProcesses(apps.stdout).filter(({pid}) => pids.has(pid))
}

/** Shows a check as it ends, so that a log that is read while it grows says how far it is. */
function tell(line: string, host: Host): void {
  try {
    const {event, status, id, message} = JSON.parse(line) as Record<string, string>
    if (event === 'check')
      host.log.info(`${status?.padEnd(4)} ${id}: ${host.secrets.cover(message ?? '')}`.slice(0, 300))
  } catch {
    // No line of the validator's; if it should have been one, the transcript says that something is missing.
  }
}

async function followed(command: Command, host: Host): Promise<Pick<ContainerRun, 'exitCode' | 'words'>> {
  const words: string[] = []
  const {exitCode} = await host.commands.follow(command, line => words.push(line))
  return {exitCode, words: words.slice(-WORDS)}
}
