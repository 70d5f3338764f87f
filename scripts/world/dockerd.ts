import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeBridge, removeBridge} from './bridge.ts'
import {attempt, run} from './command.ts'
import {endProcess, recordedProcess, startProcess, startTimeOf, stopProcess, waitUntil} from './processes.ts'
import {worldPath} from './tools.ts'

/** Where an engine keeps its images. */
export type EngineStore = 'containerd' | 'overlay2'

/** One engine to start. */
export interface EngineRequest {
  /** The world's folder, which holds the programs. */
  readonly folder: string
  /** The folder of this one engine. */
  readonly place: string
  readonly store: EngineStore
  readonly dataRootTmpfsMb: number | undefined
}

// Linux allows 107 bytes for the path of a socket, and dockerd's own sockets lie up to 45 below its run folder.
const RUN_FOLDER_BYTES_MAX = 60
const OVERLAY_MAGIC = 0x794c7630
const START_WITHIN_MS = 60_000

/** Two engines that start or stop at one moment take each other's rules out of the machine's one set of iptables. */
const RACE_FOR_RULES = /Failed to Setup IP tables|iptables failed/
const STARTS = 4

/** Starts an engine, or finds the one that already runs in its folder; returns the path of its socket. Holds no lock itself. */
export async function startEngine(request: EngineRequest): Promise<string> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(request)
    } catch (thrown) {
      if (start === STARTS || !RACE_FOR_RULES.test(String(thrown))) throw thrown
      await new Promise(resolve => setTimeout(resolve, start * 1_000 + Math.random() * 1_000))
    }
  }
}

async function startOnce(request: EngineRequest): Promise<string> {
  const {folder, place} = request
  const runFolder = runFolderOf(place)
  const socket = join(runFolder, 'docker.sock')
  if (recordedProcess(place, 'dockerd') !== undefined && (await answers(folder, socket, START_WITHIN_MS))) return socket
  if (process.getuid?.() !== 0) {
    throw new Error('No Docker engine answers, and only root can start one. Start Docker, or run this as root.')
  }
  await stopEngine(folder, place)
  mkdirSync(runFolder, {recursive: true, mode: 0o700})
  const data = join(place, 'data')
  mkdirSync(data, {recursive: true})
  if (request.dataRootTmpfsMb !== undefined) {
    await run(['mount', '-t', 'tmpfs', '-o', `size=${request.dataRootTmpfsMb}m`, 'tmpfs', data])
  }
  const bridge = await makeBridge(folder, place)
  const config = join(place, 'daemon.json')
  writeFileSync(
    config,
    JSON.stringify(daemonSettings({data, runFolder, socket, bridge: bridge.name, store: request.store}), null, 2)
  )
  startProcess({
    folder: place,
    name: 'dockerd',
    argv: [join(folder, 'bin', 'dockerd'), '--config-file', config],
    env: {...process.env, PATH: worldPath(folder)},
    log: join(place, 'dockerd.log')
  })
  if (await answers(folder, socket, START_WITHIN_MS, () => recordedProcess(place, 'dockerd') === undefined))
    return socket
  const reason = readFileSync(join(place, 'dockerd.log'), 'utf8').trim().split('\n').slice(-6).join('\n  ')
  await stopEngine(folder, place)
  throw new Error(`dockerd did not come up. The end of ${join(place, 'dockerd.log')}:\n  ${reason}`)
}

/** Ends an engine with its containers, networks, mounts and bridge; its images stay on disk. Harmless where none runs. */
export async function stopEngine(folder: string, place: string): Promise<void> {
  const runFolder = runFolderOf(place)
  if (recordedProcess(place, 'dockerd') !== undefined) await emptyEngine(folder, join(runFolder, 'docker.sock'))
  await stopProcess(place, 'dockerd', 20_000)
  await endProcessesNaming(runFolder)
  await unmountBelow(place)
  await unmountBelow(runFolder)
  await removeBridge(folder, place)
  rmSync(runFolder, {recursive: true, force: true})
}

interface DaemonPlaces {
  readonly data: string
  readonly runFolder: string
  readonly socket: string
  readonly bridge: string
  readonly store: EngineStore
}

function daemonSettings({data, runFolder, socket, bridge, store}: DaemonPlaces): object {
  return {
    hosts: [`unix://${socket}`],
    'data-root': data,
    'exec-root': join(runFolder, 'x'),
    pidfile: join(runFolder, 'docker.pid'),
    bridge,
    features: {'containerd-snapshotter': store === 'containerd'},
    'shutdown-timeout': 5,
    ...storageDriver(data, store)
  }
}

// Inside a container the folder may itself lie on overlayfs, on which no second overlay can be laid: then files are copied.
function storageDriver(data: string, store: EngineStore): object {
  if (statfsSync(data).type !== OVERLAY_MAGIC) return store === 'overlay2' ? {'storage-driver': 'overlay2'} : {}
  return {'storage-driver': store === 'overlay2' ? 'vfs' : 'native'}
}

function runFolderOf(place: string): string {
  const inside = join(place, 'run')
  if (Buffer.byteLength(inside) <= RUN_FOLDER_BYTES_MAX) return inside
  return join(tmpdir(), `pcw-${createHash('sha256').update(place).digest('hex').slice(0, 12)}`)
}

async function answers(folder: string, socket: string, withinMs: number, hasEnded = () => false): Promise<boolean> {
  const docker = join(folder, 'bin', 'docker')
  let answered = false
  await waitUntil(async () => {
    answered = (await attempt([docker, '--host', `unix://${socket}`, 'version'], {timeoutMs: 5_000})).exitCode === 0
    return answered || hasEnded()
  }, withinMs)
  return answered
}

async function emptyEngine(folder: string, socket: string): Promise<void> {
  const docker = [join(folder, 'bin', 'docker'), '--host', `unix://${socket}`]
  const listed = await attempt([...docker, 'ps', '--all', '--quiet'], {timeoutMs: 10_000})
  const containers = listed.stdout.split('\n').filter(id => id !== '')
  if (containers.length > 0)
    await attempt([...docker, 'rm', '--force', '--volumes', ...containers], {timeoutMs: 30_000})
  await attempt([...docker, 'network', 'prune', '--force'], {timeoutMs: 10_000})
}

// containerd and its shims name our run folder among their arguments, and nothing else on the machine does.
async function endProcessesNaming(runFolder: string): Promise<void> {
  for (const entry of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const pid = Number(entry)
    const startTime = startTimeOf(pid)
    if (startTime === undefined || !argumentsOf(pid).some(argument => argument.startsWith(`${runFolder}/`))) continue
    if (pid !== process.pid) await endProcess({name: 'containerd', pid, startTime}, 3_000)
  }
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter(point => point.startsWith(`${folder}/`))
  for (const point of points.reverse()) await attempt(['umount', '--lazy', point])
}
