import {PYTHON_ARGUMENTS, runArguments} from '../gpu/container.ts'
import type {ContainerRun} from '../gpu/judgement.ts'
import {type GpuProcess, readProcesses} from '../gpu/nvidia-smi.ts'
import type {Host} from '../host/host.ts'
import {listen, type Order, secretOrder} from './gpu-listen.ts'
import {askProcesses} from './gpu-machine.ts'
import {type Client, clientOf, pullImage} from './pulled-image.ts'
import {NOTHING_SAID, runContainer} from './validator-run.ts'

const SHORT_MS = 60_000

/** Variables by which a container knows its GPU; nothing else of the job reaches the validator. */
const GPU_VARIABLES = [
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES'
]

/** Pulls the image and runs the validator in it. A pull that fails is a run that failed: its words go to the diagnosis. */
export async function runInEngine(order: Order, host: Host): Promise<ContainerRun> {
  const {work, image} = order
  if (work.image === null) throw new Error('There is no image to validate')
  const client = clientOf(work)
  const {directory} = work
  const pulled = await pullImage({access: work.image, digest: image.digest, size: image, client, directory, host})
  if (!pulled.isPulled) {
    const {exitCode, words} = pulled
    return {exitCode, words, transcript: NOTHING_SAID, witnessed: [], hasTimedOut: exitCode === 124, isUnpulled: true}
  }
  try {
    return await runOnGpu(order, {client, reference: pulled.reference, host})
  } finally {
    await pulled.remove()
  }
}

/** Runs the validator right here, where the job itself runs in the image: nobody outside of it looks on. */
export async function runInPlace(order: Order, host: Host): Promise<ContainerRun> {
  const {work, state} = order
  const chosen = work.devices.length === 0 ? {} : {CUDA_VISIBLE_DEVICES: state.devices.map(({uuid}) => uuid).join(',')}
  const given = GPU_VARIABLES.flatMap(name => (host.env[name] === undefined ? [] : [[name, host.env[name]]]))
  const command = {
    file: 'python3',
    args: [...PYTHON_ARGUMENTS, `${work.validator}/validate.py`],
    env: {...(Object.fromEntries(given) as Record<string, string>), ...chosen},
    stdin: secretOrder(order)
  }
  return listen(order, {command, host, witness: async () => []})
}

async function runOnGpu(
  order: Order,
  {client, reference, host}: {client: Client; reference: string; host: Host}
): Promise<ContainerRun> {
  const {work, image, injection} = order
  const name = work.container
  const {devices, validator} = work
  const args = runArguments({name, image: reference, user: image.user, injection, devices, validator})
  const command = {...client, args, stdin: secretOrder(order)}
  return runContainer(name, {client, host}, () =>
    listen(order, {command, host, witness: () => processesOf(name, {client, host})})
  )
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
