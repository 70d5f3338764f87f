import {existsSync, mkdirSync, rmSync, symlinkSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {attempt} from './command.ts'
import {type EngineStore, startEngine, stopEngine} from './dockerd.ts'
import {type Held, hold} from './holding.ts'
import {recordedProcess} from './processes.ts'
import {type Say, sayOnStderr, timed} from './say.ts'
import {ensureBuildx, ensureEnginePrograms, findOnPath, worldPath} from './tools.ts'

/** Which engine is wanted. */
export interface EngineOptions {
  /** The world's folder: everything that is fetched, written or started lies in it. */
  readonly folder: string
  readonly say?: Say
  /** Start an engine of our own with this name even where another answers: for tests that kill or fill it. */
  readonly fresh?: string
  /** Where images are kept by an engine that we start; `containerd` where nothing else is said. */
  readonly store?: EngineStore
  /** Keeps its data in memory of this size, which makes a full disk easy to have. */
  readonly dataRootTmpfsMb?: number
  /** Leaves a started engine running when the script ends. */
  readonly keep?: boolean
}

/** An engine that answers, and how to reach it. */
export interface Engine {
  readonly dockerHost: string
  /** The docker client that fits it. */
  readonly dockerPath: string
  readonly buildxPlugin: string
  /** What a child process needs in its environment to reach this engine, over what we have in ours. */
  readonly env: Readonly<Record<string, string>>
  /** Whether it was started from the folder, by us or by an earlier caller; false where the machine's own is used. */
  readonly started: boolean
  /** dockerd's log, where the engine was started from the folder. */
  readonly log?: string
  /** The process of dockerd, where the engine was started from the folder. */
  readonly pid?: number
  /** Ends the engine if it was started from the folder, was not asked to be kept, and no other living process uses it. */
  stop(): Promise<void>
}

const MAIN = 'main'

/** Makes sure that a Docker engine answers: the machine's own, or one unpacked into the folder and started from there. */
export async function useEngine(options: EngineOptions): Promise<Engine> {
  const folder = resolve(options.folder)
  const say = options.say ?? sayOnStderr
  if (options.fresh === undefined) {
    const present = await presentEngine(folder, say)
    if (present !== undefined) return present
  }
  return ownEngine(folder, options.fresh ?? MAIN, options, say)
}

/** Whether a Docker engine answers to what this process has in its environment; the client alone is no proof. */
export async function engineAnswers(): Promise<boolean> {
  return (await serverVersion()) !== undefined
}

/** An engine of the world's folder as something that may be shared; what a fresh one stored goes with it. */
export function heldEngine(folder: string, name: string): Held {
  const place = engineFolder(folder, name)
  const end = async (): Promise<void> => {
    await stopEngine(folder, place)
    if (name !== MAIN) rmSync(place, {recursive: true, force: true})
  }
  return {worldFolder: folder, kind: 'engine', name, place, end}
}

/** The folder of one engine of ours inside the world's folder. */
export function engineFolder(folder: string, name: string): string {
  return join(folder, 'engines', name)
}

async function presentEngine(folder: string, say: Say): Promise<Engine | undefined> {
  const version = await serverVersion()
  if (version === undefined) return undefined
  const dockerPath = findOnPath('docker') ?? 'docker'
  const found = await presentBuildx()
  const buildxPlugin = found ?? (await ensureBuildx(folder, say))
  const env: Record<string, string> = found === undefined ? {DOCKER_CONFIG: makeDockerConfig(folder, buildxPlugin)} : {}
  say(`Docker engine ${version} answers; nothing is set up`)
  return {dockerHost: await presentHost(), dockerPath, buildxPlugin, env, started: false, stop: async () => {}}
}

async function ownEngine(folder: string, name: string, options: EngineOptions, say: Say): Promise<Engine> {
  const held = heldEngine(folder, name)
  const bin = await ensureEnginePrograms(folder, say)
  const {made: socket, stop} = await hold(held, options.keep === true ? 'kept' : 'while-used', () =>
    timed(
      say,
      `Docker engine "${name}"`,
      () =>
        startEngine({
          folder,
          place: held.place,
          store: options.store ?? 'containerd',
          dataRootTmpfsMb: options.dataRootTmpfsMb
        }),
      path => `unix://${path}`
    )
  )
  const dockerHost = `unix://${socket}`
  const buildxPlugin = join(bin, 'docker-buildx')
  const env = {DOCKER_HOST: dockerHost, DOCKER_CONFIG: makeDockerConfig(folder, buildxPlugin), PATH: worldPath(folder)}
  const pid = recordedProcess(held.place, 'dockerd')?.pid
  return {
    dockerHost,
    dockerPath: join(bin, 'docker'),
    buildxPlugin,
    env,
    started: true,
    log: join(held.place, 'dockerd.log'),
    ...(pid === undefined ? {} : {pid}),
    stop
  }
}

async function serverVersion(): Promise<string | undefined> {
  const asked = await attempt(['docker', 'version', '--format', '{{.Server.Version}}'], {timeoutMs: 10_000})
  const version = asked.stdout.trim()
  return asked.exitCode === 0 && version !== '' ? version : undefined
}

async function presentHost(): Promise<string> {
  const named = process.env.DOCKER_HOST
  if (named !== undefined && named !== '') return named
  const asked = await attempt(['docker', 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])
  return asked.stdout.trim() || 'unix:///var/run/docker.sock'
}

async function presentBuildx(): Promise<string | undefined> {
  const format = '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}'
  const asked = await attempt(['docker', 'info', '--format', format], {timeoutMs: 10_000})
  return asked.stdout.trim() || undefined
}

// A Docker configuration of the world's own: ~/.docker is never written, and its logins are never seen.
function makeDockerConfig(folder: string, plugin: string): string {
  const config = join(folder, 'docker-config')
  const link = join(config, 'cli-plugins', 'docker-buildx')
  mkdirSync(dirname(link), {recursive: true})
  if (!existsSync(link)) {
    rmSync(link, {force: true})
    symlinkSync(plugin, link)
  }
  return config
}
