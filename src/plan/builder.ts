import {coerce, lt} from 'semver'
import type {Facts} from '../model/facts.ts'
import type {Builder, Machine} from '../model/machine.ts'
import {Problem} from '../model/problem.ts'
import type {BuilderWork} from '../model/work-build.ts'
import {isolationOf} from './isolation.ts'
import {trustOf} from './permit.ts'

/** Which builder builds, and whether it reaches our door. */
export type BuilderChoice = Pick<
  BuilderWork,
  'use' | 'name' | 'driver' | 'because' | 'driverOptions' | 'reach' | 'bridge' | 'otherwise'
>

/** A choice with everything that is wrong with the machine for it. */
export interface BuilderRead {
  readonly choice: BuilderChoice
  readonly problems: readonly Problem[]
}

/**
 * Versions that the build needs. Engine 23.0 is the first that reads zstd layers; buildx 0.13 the first that lists
 * builders as JSON and prints its progress as JSON lines. Where buildx is older or absent, `installed` is fetched.
 */
export const VERSIONS = {oldestEngine: '23.0.0', oldestBuildx: '0.13.0', installedBuildx: '0.29.1'} as const

/** Longest path of a socket on Linux: `sun_path` has 108 bytes, the last of them zero. */
const LONGEST_SOCKET = 107

/** The docker driver of our own docker configuration, which knows no contexts but the engine's endpoint. */
const DOCKER_DRIVER = 'default'

/**
 * Chooses the builder: the one that was named, the engine's own where it has a containerd image store, else a new one.
 *
 * `mode: plan` needs no engine; without one it leaves the driver open.
 */
export function readBuilder(facts: Facts): BuilderRead {
  const {inputs, machine} = facts
  const named = inputs.builder
  if (trustOf(facts) === 'none') return freshBuilder(facts)
  if (named !== undefined) return adoptNamed(facts, named)
  if (machine.engine === undefined) {
    return {choice: create(facts, leftOpen(facts)), problems: inputs.mode === 'plan' ? [] : [engineMissing(machine)]}
  }
  const problems = isOlder(machine.engine.version, VERSIONS.oldestEngine) ? [engineTooOld(machine.engine.version)] : []
  const {hasContainerdStore} = machine.engine
  if (inputs.driver === 'docker' && !hasContainerdStore) {
    return {choice: adoptEngine(facts), problems: [...problems, storeMissing('driver', 'docker')]}
  }
  const takesEngine = inputs.driver === 'docker' || (inputs.driver === 'auto' && hasContainerdStore)
  return {choice: takesEngine ? adoptEngine(facts) : create(facts, whyCreate(facts)), problems}
}

/** The version of buildx to fetch where the machine's own is absent or too old. Nothing is known before asking. */
export function buildxToInstall({inputs, machine}: Facts): {version: string} | undefined {
  if (machine.buildx === undefined) {
    return inputs.mode === 'plan' && machine.engine === undefined ? undefined : {version: VERSIONS.installedBuildx}
  }
  return isOlder(machine.buildx.version, VERSIONS.oldestBuildx) ? {version: VERSIONS.installedBuildx} : undefined
}

/** A builder that nothing was built in before and nothing will be after. It holds no key. */
function freshBuilder(facts: Facts): BuilderRead {
  const {inputs, machine} = facts
  const because = `Code without trust is built in a builder made for it and destroyed after it${inputs.builder === undefined ? '' : `, not in ${inputs.builder}`}.`
  const choice = create(facts, {driver: 'docker-container', because})
  const bridge = isolationOf(facts).otherwise === 'engine' ? bridgeTo(facts) : undefined
  return {
    choice: bridge === undefined ? choice : {...choice, otherwise: {bridge}},
    problems: inputs.mode === 'plan' && machine.engine === undefined ? [] : engineProblems(machine)
  }
}

function adoptNamed(facts: Facts, name: string): BuilderRead {
  const {machine, inputs} = facts
  const because = `The input \`builder\` names ${name}.`
  const found = machine.builders.find(builder => builder.name === name)
  if (found === undefined) {
    const choice: BuilderChoice = {use: 'adopt', name, driver: 'auto', because, driverOptions: [], reach: 'door'}
    const isUnasked = inputs.mode === 'plan' && machine.engine === undefined
    return {choice, problems: isUnasked ? [] : [...engineProblems(machine), builderMissing(name, machine.builders)]}
  }
  const reach = found.sharesLoopback ? 'door' : 'direct'
  const adopted = {use: 'adopt', driver: found.driver, because, driverOptions: [], reach} as const
  if (found.driver !== 'docker') return {choice: {...adopted, name}, problems: []}
  const problems = machine.engine?.hasContainerdStore === true ? [] : [storeMissing('builder', name)]
  return {choice: {...adopted, name: DOCKER_DRIVER}, problems: [...engineProblems(machine), ...problems]}
}

function adoptEngine(facts: Facts): BuilderChoice {
  const {machine, inputs} = facts
  const because =
    inputs.driver === 'docker'
      ? 'The input `driver` asks for the engine’s own builder.'
      : 'The engine’s own builder has a containerd image store and starts at once.'
  const bridge = bridgeOf(facts)
  const reach = machine.engine?.sharesLoopback === true ? 'door' : 'direct'
  const engines = {driver: 'docker', because, driverOptions: [], reach} as const
  if (bridge === undefined) return {...engines, use: 'adopt', name: DOCKER_DRIVER}
  return {...engines, use: 'create', name: builderName(facts), bridge}
}

/** The bridge, but for `load`, which buildx's docker driver does best. */
function bridgeOf(facts: Facts): BuilderWork['bridge'] {
  return facts.inputs.load ? undefined : bridgeTo(facts)
}

/**
 * The way to the engine's BuildKit past buildx's docker driver, which would unpack every image that it exports.
 *
 * Only where the engine’s socket is on this machine.
 */
function bridgeTo({machine, paths}: Facts): BuilderWork['bridge'] {
  const engine = /^unix:\/\/(\/.+)$/.exec(machine.engine?.endpoint ?? '')?.[1]
  const socket = `${paths.run}/buildkit.sock`
  if (engine === undefined || machine.engine?.hasContainerdStore !== true) return undefined
  return socket.length > LONGEST_SOCKET ? undefined : {engine, socket}
}

function create(facts: Facts, {driver, because}: {driver: string; because: string}): BuilderChoice {
  const {machine} = facts
  const reachesDoor = machine.engine?.sharesLoopback ?? true
  return {
    use: 'create',
    name: builderName(facts),
    driver,
    because,
    driverOptions: reachesDoor && mayReachHost(facts) ? ['network=host'] : [],
    reach: reachesDoor ? 'door' : 'direct'
  }
}

/**
 * On the host's network a builder reaches the door on 127.0.0.1.
 *
 * Code without trust gets no door, and in a job with rights it shall reach nothing else there either: service
 * containers, an engine's TCP port.
 */
function mayReachHost(facts: Facts): boolean {
  return trustOf(facts) !== 'none' || isolationOf(facts).network === 'host'
}

/** Named after the private directory, which no other run has. */
function builderName({paths}: Facts): string {
  return paths.run.slice(paths.run.lastIndexOf('/') + 1)
}

function whyCreate({inputs}: Facts): {driver: string; because: string} {
  const because =
    inputs.driver === 'docker-container'
      ? 'The input `driver` asks for a builder in a container.'
      : 'The engine has no containerd image store, so its own builder can neither push by digest nor keep a cache.'
  return {driver: 'docker-container', because}
}

function leftOpen({inputs}: Facts): {driver: string; because: string} {
  return {driver: inputs.driver, because: 'No engine answered, so the builder is chosen where one does.'}
}

function engineProblems(machine: Machine): readonly Problem[] {
  if (machine.engine === undefined) return [engineMissing(machine)]
  return isOlder(machine.engine.version, VERSIONS.oldestEngine) ? [engineTooOld(machine.engine.version)] : []
}

function isOlder(version: string, oldest: string): boolean {
  // Docker counted 17.06, 18.09, 19.03: semver reads no number that begins with a zero.
  const known = coerce(version.replaceAll(/\b0+(?=\d)/g, ''))
  return known !== null && lt(known, oldest)
}

function engineMissing({docker}: Machine): Problem {
  const what =
    docker === undefined
      ? 'There is no `docker` program on this machine.'
      : `The docker client ${docker.version ?? ''} is here, but no engine answers it.`.replace('  ', ' ')
  return new Problem('engine-missing', {
    what,
    why: 'The image is built by a Docker engine.',
    fix: 'Run the job on a runner with Docker (`ubuntu-latest` has it), start the engine (`systemctl start docker`), let the runner’s user reach its socket, or set DOCKER_HOST.'
  })
}

function engineTooOld(version: string): Problem {
  return new Problem('engine-too-old', {
    what: `The Docker engine is ${version}.`,
    why: `Engines before ${VERSIONS.oldestEngine} cannot read layers that are compressed with zstd, and lack the image store that pushes by digest.`,
    fix: 'Update the engine to 23.0 or later (https://docs.docker.com/engine/install/).'
  })
}

function storeMissing(input: 'driver' | 'builder', value: string): Problem {
  return new Problem('builder-unsuitable', {
    what: `The input \`${input}\` asks for ${value}, and this engine has no containerd image store.`,
    why: 'Without it the engine’s own builder can neither push by digest nor keep a cache.',
    fix: 'Set `driver: docker-container`, or put {"features": {"containerd-snapshotter": true}} into /etc/docker/daemon.json and restart the engine.'
  })
}

function builderMissing(name: string, builders: readonly Builder[]): Problem {
  const names = builders.map(builder => builder.name).join(', ')
  return new Problem('builder-unsuitable', {
    what: `The input \`builder\` names ${name}, and buildx knows no such builder here.`,
    why: names === '' ? 'It knows none at all.' : `It knows ${names}.`,
    fix: 'Name one of them, create it in an earlier step (docker/setup-buildx-action), or leave `builder` empty.'
  })
}
