import {pythonOfImage} from '../image/base-image.ts'
import {layoutFolder} from '../image/layout-folder.ts'
import {RUNTIME_CONTEXT} from '../image/named-runtime.ts'
import {isSameImage} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeWork} from '../model/work-runtime.ts'
import {INIT} from '../wheels/init.ts'
import {STORE_TAG} from '../wheels/layer-store.ts'
import {cacheAccess} from './access.ts'
import type {Recipe} from './build.ts'
import type {BuilderChoice} from './builder.ts'
import {proposalOf} from './cache-place.ts'
import type {Output} from './output.ts'
import {looksInside} from './own-runtime.ts'
import {permit} from './permit.ts'
import {hasFlavor, imageWork, sourcesFolder} from './runtime-images.ts'
import {contextIn, isFolder, type RuntimePlace} from './runtime-place.ts'
import {platformsOf} from './stages.ts'
import type {Variant} from './variant.ts'

/** What a container of the built-in image starts with; what a flavour changes stands in its stage of the Dockerfile. */
const SETTINGS: RuntimeWork['settings'] = {
  user: '10001:10001',
  workingDirectory: '/app',
  environment: {
    VIRTUAL_ENV: '/opt/venv',
    NVIDIA_VISIBLE_DEVICES: 'all',
    NVIDIA_DRIVER_CAPABILITIES: 'compute,utility'
  },
  path: {before: '/opt/venv/bin', after: '/home/app/.local/bin'},
  start: {init: INIT.entrypoint, command: ['python3']}
}

/** What the step does; `otherwise` is the build by the built-in Dockerfile. */
export function runtimeWork(
  facts: Facts,
  made: {
    readonly variant: Variant
    readonly builder: BuilderChoice
    readonly place: RuntimePlace | undefined
    readonly output: Output['kind']
    readonly otherwise: RuntimeWork['otherwise']
  }
): RuntimeWork {
  const {paths, inputs} = facts
  const {place} = made
  const into = place?.into ?? null
  return {
    images: platformsOf(facts).map(platform => imageWork(facts, {...made, platform, into})),
    ...expectedPython(made.variant),
    into,
    packing: inputs.compression === 'gzip' ? {format: 'gzip', level: 1} : {format: 'zstd', level: 1},
    directory: `${paths.run}/wheels`,
    sources: sourcesFolder(facts),
    store: storeWork(facts, place),
    // What copies code upon layers never looks at them, so those that lie elsewhere need only be named. Asked for more
    // (an SBOM), buildx may look.
    isWhole: made.output !== 'discard' || inputs.buildxArgs.length > 0 || looksInside(facts) !== undefined,
    settings: hasFlavor(facts) ? {...SETTINGS, start: null} : SETTINGS,
    otherwise: made.otherwise === null ? null : onlyWhatDiffers(made.otherwise)
  }
}

/** Wheels are fetched before the base image was looked at where its name tells the Python, as that of ours does. */
function expectedPython({python, baseImage}: Variant): Pick<RuntimeWork, 'python'> {
  const isTold = baseImage === undefined || pythonOfImage(baseImage) !== undefined
  return python !== undefined && isTold ? {python} : {}
}

/** What is not merged reads what was remembered and adds nothing to it, as with the layer cache. */
function storeWork(facts: Facts, place: RuntimePlace | undefined): RuntimeWork['store'] {
  const {layerStore} = facts.inputs
  if (place === undefined) return {tag: STORE_TAG, mayRead: false, mayWrite: false}
  const {into, elsewhere, mayRead} = place
  const mayAdd = !isFolder(place) && proposalOf(facts.event) === undefined
  const own = {
    tag: STORE_TAG,
    ...(elsewhere === undefined ? {} : {elsewhere}),
    mayRead,
    mayWrite: mayAdd && permit(facts, 'cache-write').allowed
  }
  if (layerStore === undefined || isSameImage(layerStore.image, (elsewhere ?? into).image)) return own
  const {image, kind} = layerStore
  const mayWrite = (['push', 'cache-write', 'shared-store'] as const).every(right => permit(facts, right).allowed)
  return {
    ...own,
    shared: {at: cacheAccess(facts, image), kind, mayRead: permit(facts, 'cache-read').allowed, mayWrite}
  }
}

/** The rest of a build is the same either way, and would stand in the plan twice. */
function onlyWhatDiffers(otherwise: NonNullable<RuntimeWork['otherwise']>): RuntimeWork['otherwise'] {
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

/** The build upon a runtime: the code alone; of the user's own Dockerfile all that it is, with one context more. */
export function uponRuntime(recipe: Recipe, into: ImageAccess): Recipe {
  const context = `${RUNTIME_CONTEXT}=${contextIn(into, '{runtime}')}`
  if (recipe.facts.source.dockerfile.source === 'user') return {...recipe, contexts: [...recipe.contexts, context]}
  const kept = Object.entries(recipe.arguments).filter(([name]) => name === 'BUILDKIT_CACHE_MOUNT_NS')
  const cacheFrom = layoutFolder(into.image) === undefined ? [] : recipe.cacheFrom
  return {...recipe, arguments: Object.fromEntries(kept), secrets: [], cacheFrom, contexts: [context]}
}

/** The Dockerfile of that build. */
export function runtimeDockerfile({paths}: Facts): string {
  return `${paths.action}/dockerfiles/runtime.Dockerfile`
}
