import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Ajv2020} from 'ajv/dist/2020.js'
import type {Command, CommandsPort, Ran} from '../../src/host/host.ts'
import type {ImageName} from '../../src/model/inputs.ts'
import {Secret} from '../../src/model/secret.ts'
import type {ValidateWork} from '../../src/model/work-release.ts'
import {SMI} from '../gpu/machines.ts'
import {barePython} from '../support/bare-python.ts'
import {INFO, LAYER_LOST} from '../support/scripted-docker.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The validator as it is shipped. */
export const VALIDATOR = join(ROOT, 'validator')

/** Whether something is a report by the published schema. */
export const isReport = new Ajv2020({allErrors: true, strict: true, strictTypes: false}).compile(
  JSON.parse(readFileSync(join(ROOT, 'docs/gpu-report.schema.json'), 'utf8'))
)

/** The image of every story. */
export const APP: ImageName = {registry: 'ghcr.io', repository: 'acme/app'}

/** The GPU of `SMI.a100`, as the stand-in for torch sees it. */
const A100 = {
  uuid: 'GPU-aaaaaaaa-0000-0000-0000-000000000000',
  name: 'NVIDIA A100-SXM4-80GB',
  capability: '8.0',
  memory_mib: 81920
}

/** What the machine plays, where it does not simply work. */
export interface Machine {
  readonly gpus?: string
  readonly list?: string
  readonly runtimes?: readonly string[]
  /** What `STAND_IN_TORCH` says beside one A100. */
  readonly torch?: Readonly<Record<string, unknown>>
  /** A folder that lies among the image's packages. */
  readonly packages?: string
  /** What docker prints instead of running the image, and how it ends. */
  readonly run?: {readonly exitCode: number; readonly stderr: string}
  readonly pull?: {readonly exitCode: number; readonly stderr: string}
  /** What fails the first time, because a layer was collected while it was unpacked. */
  readonly losesLayer?: 'pull' | 'run'
  /** Processes on the GPU while the container runs; the container's own has the number 4711. */
  readonly processes?: string
  /** Takes the validator's lines before the action sees them. */
  readonly edit?: (line: string) => string | undefined
}

/** A scripted nvidia-smi and engine; what the engine "runs" is the real validator, over the stand-in for torch. */
export function playMachine(machine: Machine, asked: Command[] = []): CommandsPort {
  let isRunning = false
  const lost = {exitCode: 125, stderr: `docker: Error response from daemon: ${LAYER_LOST}`}
  let toLose = machine.losesLayer
  const loses = (what: NonNullable<Machine['losesLayer']>) => {
    const isLost = toLose === what
    if (isLost) toLose = undefined
    return isLost
  }
  const answer = (command: Command): Partial<Ran> | undefined => {
    const [first = '', second = ''] = command.args
    if (command.file === 'nvidia-smi') {
      if (first.startsWith('--query-gpu')) return {stdout: machine.gpus ?? SMI.a100}
      if (first.startsWith('--query-compute-apps')) {
        return {stdout: isRunning ? (machine.processes ?? `4711, ${A100.uuid}, 612\n`) : ''}
      }
      if (first === '-L') return {stdout: machine.list ?? SMI.list}
      return {stdout: '| Driver Version: 570.124.06   CUDA Version: 12.8 |\n'}
    }
    if (command.file === 'nvidia-ctk' && first === '--version' && machine.runtimes === undefined) {
      return {stdout: 'NVIDIA Container Toolkit CLI version 1.18.0\n'}
    }
    if (command.file !== 'docker') return undefined
    if (first === 'info') {
      const runtimes = Object.fromEntries((machine.runtimes ?? ['nvidia', 'runc']).map(name => [name, {}]))
      const cdi = {CDISpecDirs: ['/etc/cdi'], DiscoveredDevices: [{Source: 'cdi', ID: 'nvidia.com/gpu=all'}]}
      return {stdout: JSON.stringify({...INFO, Runtimes: runtimes, SecurityOptions: [], ...cdi})}
    }
    if (first === 'pull') return loses('pull') ? lost : (machine.pull ?? {})
    if (first === 'top') return {stdout: 'PID\n4711\n4712\n'}
    return first === 'rm' || (first === 'image' && second === 'rm') ? {} : undefined
  }
  const settle = (found: Partial<Ran> | undefined): Ran =>
    found === undefined
      ? {exitCode: 127, stdout: '', stderr: 'not found'}
      : {exitCode: 0, stdout: '', stderr: '', ...found}
  return {
    ask: async command => {
      asked.push(command)
      return settle(answer(command))
    },
    follow: async (command, onLine) => {
      asked.push(command)
      const isRun = (command.file === 'docker' && command.args[0] === 'run') || command.file === 'python3'
      const failed = isRun && loses('run') ? lost : machine.run
      if (!isRun || failed !== undefined) {
        const ran = settle(isRun ? failed : answer(command))
        for (const line of ran.stderr.split('\n').filter(text => text !== '')) onLine(line, 'stderr')
        return ran
      }
      isRunning = true
      try {
        return await runValidator(command, {machine, onLine})
      } finally {
        isRunning = false
      }
    },
    stop: async () => {},
    isAlive: () => false
  }
}

/** Runs the validator with the very input that the action gives it. */
export function runValidator(
  command: Command,
  {
    machine,
    onLine
  }: {
    machine: Pick<Machine, 'torch' | 'packages' | 'edit'>
    onLine: (line: string, stream: 'stdout' | 'stderr') => void
  }
): Promise<Ran> {
  const torch = {devices: [A100], arch_flags: 'sm_80 sm_90', ...machine.torch}
  const child = spawn(barePython(), ['-I', '-S', join(VALIDATOR, 'validate.py')], {
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: [join(ROOT, '__tests__/validator/stand_in'), machine.packages ?? ''].join(':'),
      STAND_IN_TORCH: JSON.stringify(torch)
    }
  })
  child.stdin.end(command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin)
  let left = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${left}${text}`.split('\n')
    left = lines.pop() ?? ''
    for (const line of lines) {
      const edited = machine.edit === undefined ? line : machine.edit(line)
      if (edited !== undefined) onLine(edited, 'stdout')
    }
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({exitCode: code ?? 137, stdout: '', stderr: ''}))
  })
}

/** The work of a validation, with what a test says instead. */
export function makeWork(said: Partial<ValidateWork> = {}): ValidateWork {
  return {
    image: {image: APP, credential: null},
    level: 'quick',
    devices: [],
    injection: 'auto',
    floors: {},
    compareWith: [],
    place: 'engine',
    docker: 'docker',
    directory: '/run/gpu',
    validator: VALIDATOR,
    container: 'pytorch-cuda-image-7001-1',
    platform: 'amd64',
    disk: '/var/lib/docker',
    reportFile: '/temp/run.gpu-report.json',
    run: {id: '7001', attempt: 1, workflow: 'image', revision: 'ours'},
    runner: {ephemeral: true, kind: 'self-hosted'},
    ...said
  }
}
