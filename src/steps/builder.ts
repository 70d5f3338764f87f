import type {Door, Host} from '../host/host.ts'
import type {RegistryCredential} from '../model/credentials.ts'
import {Problem} from '../model/problem.ts'
import {Secret} from '../model/secret.ts'
import type {BuilderWork} from '../model/work-build.ts'
import {audit} from './audit.ts'
import type {StepContext, StepMade} from './step.ts'
import {ownerOption, sweepBuilders} from './sweep.ts'

/** What of the machine's own docker configuration a run reads. Logins only where its code is trusted. */
const INHERITED = {
  always: ['proxies'],
  logins: ['auths', 'credHelpers', 'credsStore', 'HttpHeaders']
} as const

/**
 * No registry: it only keeps the configuration from naming no login at all.
 *
 * For such a one the docker client uses whatever store of logins it finds on the machine, `pass` or the desktop's.
 */
const NOBODY = 'nobody.invalid'

const CREATE_TIMEOUT_MS = 120_000

/**
 * Provides the builder: a private docker configuration, the door, and a builder of our own where the machine's will not do.
 *
 * Throws `builder-failed` when buildx cannot create or start it.
 */
export async function provideBuilder(work: BuilderWork, context: StepContext): Promise<StepMade> {
  const [provided, audited] = await Promise.all([provide(work, context), audit(work.audit, context)])
  return {...provided, products: {...provided.products, ...audited}}
}

async function provide(work: BuilderWork, context: StepContext): Promise<StepMade> {
  const {host, resources} = context
  const plugin =
    work.installBuildx === undefined
      ? undefined
      : await host.tools.buildx(work.installBuildx.version, `${work.directory}/download`)
  const door = work.reach === 'door' && work.routes.length > 0 ? await host.openDoor(work.routes) : undefined
  if (door !== undefined) resources.door = door
  await writeConfiguration(work, {context, door, plugin})
  resources.docker = {file: work.docker, environment: environmentOf(work, host)}
  if (work.sweeps === true) await sweepBuilders(resources.docker, host)
  if (work.bridge !== undefined) resources.bridge = await host.openBridge(work.bridge)
  const failure = work.use === 'create' ? await createBuilder(work, context) : undefined
  if (failure !== undefined) return useEngine(work, {context, failure})
  const keys =
    work.reach === 'direct' && work.routes.length > 0 ? 'it holds the registry credentials' : 'it holds no key'
  return {made: `${work.name} (${work.driver}), ${keys}`, products: {builder: work.name}}
}

/**
 * The engine's own builder where the plan allows it in place of one that could not be made; the reader is told.
 *
 * Throws the failure where it does not.
 */
async function useEngine(
  {otherwise, ...work}: BuilderWork,
  {context, failure}: {context: StepContext; failure: Problem}
): Promise<StepMade> {
  if (otherwise === undefined) throw failure
  const {host, resources} = context
  const {file, environment} = resources.docker
  // What could not be started stands in buildx's list all the same.
  await host.commands.ask({file, args: ['buildx', 'rm', '--force', work.name], env: environment})
  const {bridge} = otherwise
  resources.bridge = await host.openBridge(bridge)
  const second = await createBuilder({...work, driver: 'docker', driverOptions: [], bridge}, context)
  if (second !== undefined) throw second
  context.notice(
    `No builder of its own could be made for this code (${failure.evidence.at(-1) ?? failure.what}), so the engine’s own builds it, without its cache. The machine is new and the job holds no secrets; what earlier steps of the job left in the engine can be read by the build.`
  )
  return {
    made: `${work.name} (the engine’s own), it holds no key`,
    products: {builder: work.name, answers: {builder: {isFresh: false}}}
  }
}

function environmentOf(work: BuilderWork, host: Host): Record<string, string> {
  return {
    DOCKER_CONFIG: work.directory,
    // Builders that others made (docker/setup-buildx-action) are found in the machine's own buildx directory;
    // everything else stays in ours, so that nothing is left behind.
    BUILDX_CONFIG: work.use === 'adopt' && work.driver !== 'docker' ? machineBuildx(host) : `${work.directory}/buildx`,
    // With provenance in the metadata file, build-arg values would be in it even at mode=min.
    BUILDX_METADATA_PROVENANCE: 'disabled',
    BUILDX_METADATA_WARNINGS: '0',
    DOCKER_CLI_HINTS: 'false',
    // For provenance buildx asks git in the context, on this machine and as its repository's configuration says. A
    // tree may hold a repository of its own making, so code without trust is not asked.
    ...(work.inheritsLogins ? {} : {BUILDX_GIT_INFO: 'false'}),
    ...(work.endpoint === undefined ? {} : {DOCKER_HOST: work.endpoint})
  }
}

function machineDocker(host: Host): string {
  return host.env.DOCKER_CONFIG ?? `${host.env.HOME ?? ''}/.docker`
}

function machineBuildx(host: Host): string {
  return host.env.BUILDX_CONFIG ?? `${machineDocker(host)}/buildx`
}

/** Writes `config.json` of this run: the door's password, and what of the machine's own this run may read. */
async function writeConfiguration(
  work: BuilderWork,
  {context, door, plugin}: {context: StepContext; door: Door | undefined; plugin: string | undefined}
): Promise<void> {
  const {host} = context
  const machine = await readMachineConfiguration(context)
  const inherited = work.inheritsLogins ? [...INHERITED.always, ...INHERITED.logins] : INHERITED.always
  const kept = Object.fromEntries(
    inherited
      .filter(key => key in machine && (work.inheritsLogins || !holdsLogin(machine[key])))
      .map(key => [key, machine[key]])
  )
  const logins =
    door === undefined ? directLogins(work.routes, host) : {[door.address]: login(door.user, door.password)}
  const plugins = [`${machineDocker(host)}/cli-plugins`, ...extraPlugins(machine)]
  const own = plugin === undefined ? [] : [plugin.slice(0, plugin.lastIndexOf('/'))]
  const configuration = {
    ...kept,
    auths: {...(kept.auths as object | undefined), ...logins},
    // A store of the machine would be asked instead of `auths`; an empty name says that these logins stand here.
    credHelpers: {...(kept.credHelpers as object | undefined), ...withoutHelper([...Object.keys(logins), NOBODY])},
    cliPluginsExtraDirs: [...own, ...plugins]
  }
  await host.files.write(
    `${work.directory}/config.json`,
    new Secret('docker configuration', JSON.stringify(configuration, undefined, 2))
  )
}

/** A proxy's own login would reach the build: buildx hands proxies on as build arguments. */
function holdsLogin(value: unknown): boolean {
  return JSON.stringify(value).includes('@')
}

function withoutHelper(hosts: readonly string[]): Record<string, string> {
  return Object.fromEntries(hosts.map(host => [host, '']))
}

/** The machine's own `config.json`. One that is broken is told and taken for none, as docker itself does. */
async function readMachineConfiguration({host, warn}: StepContext): Promise<Record<string, unknown>> {
  const path = `${machineDocker(host)}/config.json`
  const text = await host.files.read(path)
  if (text === undefined) return {}
  const configuration = parseObject(text)
  if (configuration !== undefined) return configuration
  warn(`${path} is no JSON object, so the logins and proxies in it are not used. Mend or remove the file.`)
  return {}
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function extraPlugins(machine: Record<string, unknown>): readonly string[] {
  return Array.isArray(machine.cliPluginsExtraDirs) ? machine.cliPluginsExtraDirs.map(String) : []
}

/** Logins for a builder that cannot reach the door: it gets the credentials themselves, and the plan has said so. */
function directLogins(routes: BuilderWork['routes'], host: Host): Record<string, {auth: string}> {
  const credentials = routes.flatMap(({image, credential}) => (credential === null ? [] : [{image, credential}]))
  // The first of a host counts: it is the one that pushes.
  return Object.fromEntries(
    credentials
      .toReversed()
      .map(({image, credential}: {image: {registry: string}; credential: RegistryCredential}) => [
        image.registry === 'docker.io' ? 'https://index.docker.io/v1/' : image.registry,
        login(credential.user, host.secrets.redeem(credential.token))
      ])
  )
}

function login(user: string, password: Secret): {auth: string} {
  return {auth: Buffer.from(`${user}:${password.reveal()}`).toString('base64')}
}

/** What is wrong, where buildx could not create the builder. */
async function createBuilder(work: BuilderWork, {host, resources}: StepContext): Promise<Problem | undefined> {
  const {file, environment} = resources.docker
  const args = ['buildx', 'create', '--name', work.name]
  if (work.bridge !== undefined) args.push('--driver', 'remote', `unix://${work.bridge.socket}`)
  else {
    host.ledger.record({kind: 'remove-builder', name: work.name, docker: file, environment: environmentOf(work, host)})
    args.push('--driver', work.driver, '--bootstrap')
  }
  const owner = work.driver === 'docker-container' ? [ownerOption(host.place.owner)] : []
  const options = [...work.driverOptions, ...owner].flatMap(option => ['--driver-opt', option])
  const ran = await host.commands.ask({
    file,
    args: [...args, ...options],
    env: environment,
    timeoutMs: CREATE_TIMEOUT_MS
  })
  if (ran.exitCode === 0) return undefined
  return new Problem('builder-failed', {
    what: `buildx could not create a builder with the driver ${work.driver}.`,
    why: 'Without a builder nothing can be built.',
    fix:
      work.driver === 'docker-container'
        ? 'Mend what the lines of buildx name. BuildKit’s image (moby/buildkit:buildx-stable-1) has to be there, or in reach of the engine.'
        : 'Mend what the lines of buildx name, or name a builder that works with the input `builder`.',
    evidence: ran.stderr.trim().split('\n').slice(-6)
  })
}
