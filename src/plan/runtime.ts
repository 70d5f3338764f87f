import {localNameOf, parseReference, type Reference} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageAccess, RuntimeWork, Verdict} from '../model/plan.ts'
import {FOUNDATION_CONTEXT} from '../wheels/bytecode.ts'
import {pushAccess} from './access.ts'
import type {Recipe} from './build.ts'
import type {BuilderChoice} from './builder.ts'
import {lockFolder} from './lock.ts'
import {foundationOutput} from './output.ts'
import {allow, permit, refuse} from './permit.ts'
import {machinePlatform, platformsOf} from './stages.ts'
import type {Variant} from './variant.ts'

/** The name under which a Dockerfile finds the runtime: `FROM runtime`. */
export const RUNTIME_CONTEXT = 'runtime'

/** The tag under which a repository remembers its layers. */
const STORE_TAG = 'pytorch-cuda-image-layers'

/** What a container of the built-in image starts with. */
const SETTINGS: RuntimeWork['settings'] = {
  user: '10001:10001',
  workingDirectory: '/app',
  environment: {
    VIRTUAL_ENV: '/opt/venv',
    NVIDIA_VISIBLE_DEVICES: 'all',
    NVIDIA_DRIVER_CAPABILITIES: 'compute,utility'
  },
  path: {before: '/opt/venv/bin', after: '/home/app/.local/bin'},
  command: ['python3']
}

interface Choices {
  readonly variant: Variant
  readonly lock: Verdict
  readonly push: Verdict
  readonly builder: BuilderChoice
  /** Base images that are opened by a login, through the door. */
  readonly contexts: readonly string[]
}

/**
 * Whether the locked wheels are laid as layers without an engine, or installed by the built-in Dockerfile.
 *
 * Laying is several times faster wherever it can be done, so whatever speaks against it is something that it cannot do.
 */
export function runtimeVerdict(facts: Facts, choices: Choices): Verdict {
  const {source} = facts
  if (source.dockerfile.source !== 'built-in') {
    return refuse('nothing-to-do', `${source.dockerfile.shown} says by itself how packages are installed.`)
  }
  if (!choices.lock.allowed)
    return refuse(choices.lock.code, `Without a lock there are no wheels to lay. ${choices.lock.because}`)
  if (!choices.push.allowed) {
    return refuse(
      choices.push.code,
      `Layers need a registry that takes them, so the Dockerfile installs. ${choices.push.because}`
    )
  }
  const hindrance = HINDRANCES.find(({holds}) => holds(facts, choices))
  if (hindrance !== undefined)
    return refuse('nothing-to-do', `The Dockerfile installs the packages: ${hindrance.because}`)
  return allow('The locked wheels become layers without an engine; those that the registry has are not even fetched.')
}

/** What laying wheels cannot do, and the Dockerfile can. */
const HINDRANCES: readonly {
  readonly holds: (facts: Facts, choices: Choices) => boolean
  readonly because: string
}[] = [
  {
    holds: (_, {builder}) => builder.reach !== 'door' || (builder.driver === 'docker' && builder.bridge === undefined),
    because: 'this builder does not reach the door through which a runtime is handed to it.'
  },
  {
    holds: facts => platformsOf(facts).length !== 1 || platformsOf(facts)[0] !== machinePlatform(facts),
    because: 'the image is not for this machine’s platform alone.'
  },
  {holds: (_, {contexts}) => contexts.length > 0, because: 'the base image is opened by a login.'},
  {holds: ({inputs}) => inputs.load, because: '`load` unpacks the whole image into the engine anyway.'},
  {holds: ({inputs}) => inputs.target !== undefined, because: '`target` names a stage of it.'},
  {holds: ({inputs}) => inputs.buildArgs.length > 0, because: '`build-args` may change what it installs.'},
  {
    holds: ({inputs}) => inputs.caBundle !== undefined,
    because: 'certificates of `ca-bundle` are known to the build alone.'
  },
  {
    holds: ({inputs}) => inputs.indexLogin !== undefined,
    because: 'wheels of an index with a login are fetched in the build alone.'
  },
  {
    holds: ({inputs}) => inputs.flavor !== 'runtime' || inputs.aptPackages.length > 0,
    because: 'a flavour or `apt-packages` needs more than wheels.'
  },
  {
    holds: (facts, {variant}) => baseOf(facts, variant) === undefined,
    because: 'the base image is no image of a registry.'
  }
]

/** What the step does; `otherwise` is the build by the Dockerfile. */
export function runtimeWork(
  facts: Facts,
  made: {
    readonly variant: Variant
    readonly builder: BuilderChoice
    readonly images: readonly ImageAccess[]
    readonly otherwise: RuntimeWork['otherwise']
  }
): RuntimeWork {
  const {paths, inputs} = facts
  const [into = null] = made.images
  const base = baseOf(facts, made.variant)
  const [platform = machinePlatform(facts)] = platformsOf(facts)
  const directory = `${paths.run}/foundation`
  const metadata = `${paths.run}/foundation.json`
  return {
    lock: `${lockFolder(facts)}/pylock.toml`,
    platform,
    into,
    foundation: {
      base: {
        ...pushAccess(facts, base?.reference.image ?? {registry: '', repository: ''}),
        text: base?.text ?? '',
        reference: base?.reference.digest ?? base?.reference.tag ?? 'latest'
      },
      dockerfile: `${paths.action}/dockerfiles/foundation.Dockerfile`,
      argv: [
        ...['buildx', 'build', '--builder', made.builder.name, '--progress=rawjson'],
        ...['--file', `${directory}/Dockerfile`, '--platform', platform, '--build-arg', 'BASE_IMAGE={base}'],
        ...['--provenance=false', '--metadata-file', metadata],
        ...(into === null ? [] : ['--output', foundationOutput(facts, {builder: made.builder, image: into.image})]),
        directory
      ],
      directory,
      metadataFile: metadata
    },
    packing: inputs.compression === 'gzip' ? {format: 'gzip', level: 1} : {format: 'zstd', level: 1},
    directory: `${paths.run}/wheels`,
    bytecode: bytecodeWork(facts, {builder: made.builder, into, platform}),
    store: {
      tag: STORE_TAG,
      mayRead: permit(facts, 'cache-read').allowed,
      mayWrite: permit(facts, 'cache-write').allowed
    },
    settings: SETTINGS,
    otherwise: onlyWhatDiffers(made.otherwise)
  }
}

function bytecodeWork(
  facts: Facts,
  {builder, into, platform}: {builder: BuilderChoice; into: ImageAccess | null; platform: string}
): RuntimeWork['bytecode'] {
  const directory = `${facts.paths.run}/bytecode`
  const metadataFile = `${facts.paths.run}/bytecode.json`
  const pushed =
    into === null
      ? []
      : [
          ...['--build-context', `${FOUNDATION_CONTEXT}=docker-image://{door}/${localNameOf(into.image)}@{foundation}`],
          ...['--output', foundationOutput(facts, {builder, image: into.image})]
        ]
  return {
    argv: [
      ...['buildx', 'build', '--builder', builder.name, '--progress=rawjson', '--file', `${directory}/Dockerfile`],
      ...['--platform', platform, '--provenance=false', '--metadata-file', metadataFile],
      ...pushed,
      directory
    ],
    directory,
    metadataFile
  }
}

/** The rest of a build is the same either way, and would stand in the plan twice. */
function onlyWhatDiffers(otherwise: RuntimeWork['otherwise']): RuntimeWork['otherwise'] {
  const {argv, buildArgs, dockerfile, secrets, localCache, runnerVariables, cache} = otherwise
  return {
    argv,
    buildArgs,
    dockerfile,
    secrets,
    cache,
    ...(localCache === undefined ? {} : {localCache}),
    ...(runnerVariables === undefined ? {} : {runnerVariables})
  }
}

/** The build upon a runtime: the code alone. */
export function uponRuntime(recipe: Recipe, into: ImageAccess): Recipe {
  const location = `docker-image://{door}/${localNameOf(into.image)}@{runtime}`
  return {...recipe, arguments: {}, secrets: [], cacheFrom: [], contexts: [`${RUNTIME_CONTEXT}=${location}`]}
}

/** The Dockerfile of that build. */
export function runtimeDockerfile({paths}: Facts): string {
  return `${paths.action}/dockerfiles/runtime.Dockerfile`
}

/** The base of the built-in image: the chosen one, else what its Dockerfile says. */
function baseOf(
  {source}: Facts,
  {baseImage}: Variant
): {readonly text: string; readonly reference: Reference} | undefined {
  const declared = source.dockerfile.globals.find(({kind, name}) => kind === 'ARG' && name === 'BASE_IMAGE')
  const text = baseImage ?? declared?.value
  const reference = text === undefined ? undefined : parseReference(text)
  return text === undefined || reference === undefined ? undefined : {text, reference}
}
