import {ALIVE} from '../gpu/nvidia-smi.ts'
import type {Host} from '../host/host.ts'
import type {RunPaths} from '../model/facts.ts'
import type {Machine} from '../model/machine.ts'
import {askShortly} from './asking-machine.ts'
import {gatherDocker} from './docker.ts'
import {dottedVersion} from './dotted-version.ts'

/** A file by which the owner of a self-hosted machine says that it is thrown away after one job. */
export const EPHEMERAL_MARKER = '/etc/pytorch-cuda-image-action/ephemeral-runner'

/** Files that container runtimes put into every container. */
const CONTAINER_MARKERS = ['/.dockerenv', '/run/.containerenv']
const CONTAINER_GROUPS = /docker|kubepods|containerd|libpod|lxc/

/** Asks the machine everything once, side by side. What does not answer in time is absent. */
export async function gatherMachine(
  host: Host,
  {workspace, run}: Pick<RunPaths, 'workspace' | 'run'>
): Promise<Machine> {
  const [docker, git, uv, gpu, isContainer, isEphemeral, hostname] = await Promise.all([
    gatherDocker(host),
    askAboutGit(host),
    askAboutUv(host),
    askAboutGpu(host),
    isInContainer(host),
    isMarkedEphemeral(host),
    host.files.read('/proc/sys/kernel/hostname').catch(() => undefined)
  ])
  const {engine, builders, ...client} = docker.reach({isContainer, hostname: hostname?.trim()})
  const place = engine === undefined || !engine.endpoint.startsWith('unix:') ? workspace : engine.rootDir
  const [freeBytes, holdsRun] = await Promise.all([
    host.files.freeBytes(place).catch(() => undefined),
    // The run's own folder is not there yet.
    host.files.isSameDisk(place, run.slice(0, run.lastIndexOf('/')) || '/').catch(() => false)
  ])
  return {
    os: host.place.os,
    arch: host.place.arch,
    runner: host.env.RUNNER_ENVIRONMENT === 'github-hosted' ? 'github-hosted' : 'self-hosted',
    isEphemeral: isEphemeral || host.env.RUNNER_ENVIRONMENT === 'github-hosted',
    isContainer,
    builders,
    ...client,
    ...(engine === undefined ? {} : {engine}),
    ...(git === undefined ? {} : {git}),
    ...(uv === undefined ? {} : {uv}),
    ...(gpu === undefined ? {} : {gpu}),
    ...(freeBytes === undefined ? {} : {disk: {place, freeBytes, holdsRun}})
  }
}

async function askAboutGit(host: Host): Promise<Machine['git']> {
  const [git, lfs] = await Promise.all([
    askShortly(host, {file: 'git', args: ['--version']}),
    askShortly(host, {file: 'git-lfs', args: ['version']})
  ])
  const version = git.exitCode === 0 ? dottedVersion(git.stdout) : undefined
  return version === undefined ? undefined : {version, hasLfs: lfs.exitCode === 0}
}

async function askAboutUv(host: Host): Promise<Machine['uv']> {
  const {exitCode, stdout} = await askShortly(host, {file: 'uv', args: ['--version']})
  const version = exitCode === 0 ? dottedVersion(stdout) : undefined
  return version === undefined ? undefined : {version}
}

async function askAboutGpu(host: Host): Promise<Machine['gpu']> {
  const args = ['--query-gpu=driver_version,name', '--format=csv,noheader']
  const {exitCode, stdout} = await askShortly(host, {file: 'nvidia-smi', args})
  if (!ALIVE.includes(exitCode)) return undefined
  const rows = stdout.split('\n').map(line => line.split(',').map(field => field.trim()))
  const found = rows.filter(([driver, name]) => dottedVersion(driver ?? '') !== undefined && (name ?? '') !== '')
  const driver = dottedVersion(found[0]?.[0] ?? '')
  return driver === undefined ? undefined : {driver, names: found.map(([, name = '']) => name)}
}

async function isInContainer(host: Host): Promise<boolean> {
  const markers = await Promise.all(CONTAINER_MARKERS.map(path => host.files.kindOf(path)))
  if (markers.some(kind => kind !== 'absent')) return true
  const groups = await host.files.read('/proc/1/cgroup').catch(() => undefined)
  return CONTAINER_GROUPS.test(groups ?? '') || host.env.KUBERNETES_SERVICE_HOST !== undefined
}

async function isMarkedEphemeral(host: Host): Promise<boolean> {
  return (await host.files.kindOf(EPHEMERAL_MARKER).catch(() => 'absent')) === 'file'
}
