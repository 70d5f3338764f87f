import type {Host} from '../host/host.ts'
import type {Builder, Engine, Machine} from '../model/machine.ts'
import {askShortly} from './asking-machine.ts'
import {type BuilderSeen, isOnHostNetwork, parseBuilders, parseInspected} from './builders.ts'
import {dottedVersion} from './dotted-version.ts'

/** What docker said. Whether its builders reach our 127.0.0.1 follows only when the machine around us is known too. */
export interface DockerSeen {
  reach(around: Around): Pick<Machine, 'docker' | 'buildx' | 'engine' | 'builders'>
}

/** Where we stand. */
export interface Around {
  readonly isContainer: boolean
  readonly hostname: string | undefined
}

/** What is read of `docker info`. */
interface Info {
  readonly ServerVersion?: string
  readonly Driver?: string
  readonly DriverStatus?: readonly (readonly string[])[] | null
  readonly DockerRootDir?: string
  readonly Name?: string
  readonly OperatingSystem?: string
  readonly SecurityOptions?: readonly string[] | null
  readonly ClientInfo?: {
    readonly Version?: string
    readonly Plugins?: readonly {readonly Name?: string; readonly Version?: string}[] | null
  }
}

/** What is read of `docker context inspect`. */
interface Context {
  readonly Name?: string
  readonly Endpoints?: {readonly docker?: {readonly Host?: string}}
}

const CONTAINERD_STORE = 'io.containerd.snapshotter.v1'
const NONE: DockerSeen = {reach: () => ({builders: []})}

/** Asks the docker client, the engine behind it and buildx, side by side. A client on PATH does not make an engine. */
export async function gatherDocker(host: Host): Promise<DockerSeen> {
  const path = await findProgram('docker', host)
  if (path === undefined) return NONE
  const env = environmentOf(host)
  const ask = (...args: string[]) => askShortly(host, {file: path, args, env})
  const [infoSaid, contextSaid, listed, current] = await Promise.all([
    ask('info', '--format', '{{json .}}'),
    ask('context', 'inspect', '--format', '{{json .}}'),
    ask('buildx', 'ls', '--format', '{{json .}}'),
    ask('buildx', 'inspect')
  ])
  const info: Info = parseJson(infoSaid.stdout)
  const context: Context = parseJson(contextSaid.stdout)
  // buildx before 0.13 knows no format there.
  const list = listed.exitCode === 0 ? listed.stdout : (await ask('buildx', 'ls')).stdout
  const builders = parseBuilders(list, parseInspected(current.stdout).name)
  const onHostNetwork = await findHostNetworked(builders, name => ask('buildx', 'inspect', name))
  const buildx = buildxVersionOf(info)
  const version = dottedVersion(info.ClientInfo?.Version ?? '')
  return {
    reach: around => {
      const engine = engineOf(info, context, around)
      return {
        docker: {path, ...(version === undefined ? {} : {version})},
        ...(buildx === undefined ? {} : {buildx: {version: buildx}}),
        ...(engine === undefined ? {} : {engine}),
        builders: builders.map(seen => builderOf(seen, {engine, context, onHostNetwork}))
      }
    }
  }
}

/** The machine's own docker configuration, which is only read here. */
function environmentOf(host: Host): Record<string, string> {
  const names = ['DOCKER_CONFIG', 'BUILDX_CONFIG', 'BUILDX_BUILDER']
  return Object.fromEntries(names.flatMap(name => (host.env[name] === undefined ? [] : [[name, host.env[name] ?? '']])))
}

async function findProgram(name: string, host: Host): Promise<string | undefined> {
  for (const directory of (host.env.PATH ?? '').split(':').filter(part => part.startsWith('/'))) {
    const path = `${directory}/${name}`
    if ((await host.files.kindOf(path).catch(() => 'absent')) === 'file') return path
  }
  return undefined
}

async function findHostNetworked(
  builders: readonly BuilderSeen[],
  inspect: (name: string) => Promise<{readonly stdout: string}>
): Promise<ReadonlySet<string>> {
  const containers = builders.filter(({driver}) => driver === 'docker-container')
  const said = await Promise.all(containers.map(async ({name}) => ({name, text: (await inspect(name)).stdout})))
  return new Set(said.filter(({text}) => isOnHostNetwork(text)).map(({name}) => name))
}

function buildxVersionOf(info: Info): string | undefined {
  const plugin = info.ClientInfo?.Plugins?.find(({Name}) => Name === 'buildx')
  return dottedVersion(plugin?.Version ?? '')
}

function engineOf(info: Info, context: Context, around: Around): Engine | undefined {
  const version = dottedVersion(info.ServerVersion ?? '')
  if (version === undefined) return undefined
  const endpoint = context.Endpoints?.docker?.Host ?? 'unix:///var/run/docker.sock'
  return {
    version,
    endpoint,
    sharesLoopback: sharesLoopback(info, endpoint, around),
    hasContainerdStore: (info.DriverStatus ?? []).some(row => row.includes(CONTAINERD_STORE)),
    storage: info.Driver ?? '',
    rootDir: info.DockerRootDir ?? ''
  }
}

/**
 * Whether the engine stands in our network: on a socket of this machine, neither in a virtual machine nor rootless
 * (both have a loopback of their own), and, where we are in a container, in the very same one or its pod.
 */
function sharesLoopback(info: Info, endpoint: string, {isContainer, hostname}: Around): boolean {
  const isLocal = endpoint.startsWith('unix://') || /^tcp:\/\/(?:127\.|localhost)/.test(endpoint)
  const isApart = (info.SecurityOptions ?? []).some(option => option.includes('name=rootless'))
  const isVirtual = /docker desktop|rancher desktop|orbstack|colima/i.test(info.OperatingSystem ?? '')
  if (!isLocal || isApart || isVirtual) return false
  return !isContainer || (info.Name !== undefined && info.Name === hostname)
}

function builderOf(
  {name, driver, isCurrent, buildkit, endpoints}: BuilderSeen,
  {engine, context, onHostNetwork}: {engine: Engine | undefined; context: Context; onHostNetwork: ReadonlySet<string>}
): Builder {
  const isOfEngine = engine?.sharesLoopback === true && endpoints.every(place => isOwnEndpoint(place, engine, context))
  const shares = driver === 'docker' ? name === context.Name : onHostNetwork.has(name)
  return {
    name,
    driver,
    isCurrent,
    sharesLoopback: isOfEngine && shares,
    ...(buildkit === undefined ? {} : {buildkit})
  }
}

function isOwnEndpoint(place: string, engine: Engine, context: Context): boolean {
  return place === context.Name || place === engine.endpoint || place === 'unix:///var/run/docker.sock'
}

function parseJson(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}
