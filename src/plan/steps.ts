import {isSameImage} from '../image/reference.ts'
import {packageRegistryOf} from '../image/registries.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import {LABELS} from '../model/labels.ts'
import type {PlannedStep} from '../model/plan.ts'
import type {PlannedCredential} from '../model/token.ts'
import type {Verdict} from '../model/verdict.ts'
import type {BuilderWork, BuildWork, CacheWork, ImageAccess, PreflightWork} from '../model/work-build.ts'
import type {PromoteWork} from '../model/work-release.ts'
import {pushAccess} from './access.ts'
import {argumentsByEnvironment, argumentsOf} from './arguments.ts'
import {withAudit} from './audit.ts'
import {type BaseImages, readBaseImages} from './base-images.ts'
import {buildArgv, cacheArgv, type Recipe, type Shape} from './build.ts'
import {type BuilderChoice, buildxToInstall} from './builder.ts'
import {type Caching, planCache} from './cache.ts'
import {credentialsOf, usingWork} from './credentials.ts'
import {routesOf} from './door.ts'
import {imagesOf} from './images.ts'
import {type Labels, labelsOf, runLabelsOf} from './labels.ts'
import {LOCK_CONTEXT, lockFolder, lockLabel, lockVerdict, lockWork} from './lock.ts'
import {type Output, outputOf} from './output.ts'
import {standsOnRuntime} from './own-runtime.ts'
import {buildDirectory, metadataFile} from './paths.ts'
import {allow, permit, refuse, trustOf} from './permit.ts'
import {proveVerdict, proveWork} from './prove.ts'
import {runtimeDockerfile, runtimeWork, uponRuntime} from './runtime.ts'
import {runtimePlace} from './runtime-place.ts'
import {runtimeVerdict} from './runtime-verdict.ts'
import {agentVariablesOf, buildAccessOf, keyFilesOf, keysOf, secretsOf} from './secrets.ts'
import {gitVerdict, gitWork} from './submodules.ts'
import {type Naming, nameImage} from './tags.ts'
import {isAboutDigest, validateVerdict, validateWork} from './validate.ts'
import type {Variant} from './variant.ts'

/** What was chosen before the steps are laid out. */
export interface Choices {
  readonly variant: Variant
  readonly builder: BuilderChoice
}

/** The steps in their order, with what their layout has to tell. */
export interface Layout {
  readonly steps: readonly PlannedStep[]
  readonly naming: Naming
  readonly caching: Caching
  readonly credentials: readonly PlannedCredential[]
}

/** Lays out every step with its verdict and its work, the refused ones as well. */
export function layOut(facts: Facts, {variant, builder}: Choices): Layout {
  const naming = nameImage(facts, variant)
  const caching = planCache(facts, {variant, reach: builder.reach})
  const push = permit(facts, 'push')
  const images = imagesToPush(facts, naming)
  const output = outputOf(facts, {builder, naming, images: images.map(({image}) => image), push})
  const args = argumentsOf(facts, variant)
  const bases = readBaseImages(facts, {args, reach: builder.reach})
  const lock = lockVerdict(facts, variant)
  const isOwn = facts.source.dockerfile.source === 'user'
  const recipe: Recipe = {
    facts,
    builder,
    arguments: args,
    contexts: [...bases.contexts, ...(lock.allowed && !isOwn ? [`${LOCK_CONTEXT}=${lockFolder(facts)}`] : [])],
    secrets: secretsOf(facts),
    cacheFrom: caching.from
  }
  const labels = labelsOf(facts, {variant, version: naming.version, lock: lockLabel(facts, lock)})
  const build = permit(facts, 'build')
  const idle = idleSteps(facts)
  // A run that only writes a lock goes no further.
  const onlyLock = facts.inputs.mode === 'lock' ? ONLY_LOCK : undefined
  const unlessRefused = (verdict: Verdict) => (build.allowed ? (onlyLock ?? verdict) : build)
  const whenLocking = (verdict: Verdict) => (build.allowed ? (idle ?? verdict) : build)
  const whenBuilding = (verdict: Verdict) => (build.allowed ? (idle ?? onlyLock ?? verdict) : build)
  const byDockerfile = buildWork(facts, {recipe, output, labels, caching, images, naming})
  const laying = runtimeVerdict(facts, {variant, lock, push, builder, contexts: bases.contexts})
  const place = runtimePlace(facts, {push, images, builder})
  const uponLayers = laying.allowed && place !== undefined ? uponRuntime(recipe, place.into) : undefined
  const validate = {
    name: 'validate',
    verdict: unlessRefused(validateVerdict(facts, push)),
    work: validateWork(facts, images[0]?.image ?? null)
  } as const
  const steps: readonly PlannedStep[] = [
    {name: 'git', verdict: whenLocking(gitVerdict(facts)), work: gitWork(facts)},
    {name: 'lock', verdict: whenLocking(lock), work: lockWork(facts, {variant, builder})},
    {
      name: 'preflight',
      verdict: unlessRefused(preflightVerdict(facts, push)),
      work: preflightWork(facts, {images, caching})
    },
    {
      name: 'builder',
      verdict: whenBuilding(allow(builder.because)),
      work: builderWork(facts, {builder, caching, output, images, bases})
    },
    {
      name: 'runtime',
      verdict: whenBuilding(laying),
      work: runtimeWork(facts, {
        variant,
        builder,
        place,
        output: output.kind,
        otherwise: standsOnRuntime(facts) ? null : {...byDockerfile, cache: caching.verdict}
      })
    },
    {
      name: 'build',
      verdict: whenBuilding(build),
      work:
        uponLayers === undefined
          ? byDockerfile
          : isOwn
            ? buildWork(facts, {recipe: uponLayers, output, labels, caching, images, naming})
            : {
                ...buildWork(facts, {
                  recipe: uponLayers,
                  output,
                  labels,
                  caching: withoutCache(caching),
                  images,
                  naming
                }),
                dockerfile: {source: 'built-in', path: runtimeDockerfile(facts)}
              }
    },
    {
      name: 'prove',
      verdict: whenBuilding(proveVerdict(facts, {variant, output})),
      work: proveWork(facts, {variant, output, image: images[0], validate})
    },
    validate,
    {
      name: 'promote',
      verdict: unlessRefused(promoteVerdict(facts, {push, naming})),
      work: promoteWork(facts, {naming, images, labels})
    },
    {
      name: 'cache',
      verdict: whenBuilding(
        uponLayers === undefined || isOwn || !caching.verdict.allowed ? caching.verdict : NOTHING_TO_CACHE
      ),
      work: cacheWork({
        recipe,
        caching,
        argv: cacheArgv(isOwn ? (uponLayers ?? recipe) : recipe, {cacheTo: caching.to, labels})
      })
    }
  ]
  const credentials = credentialsOf(facts, usingWork(steps))
  return {
    steps: withAudit(steps, credentials, facts),
    naming,
    caching,
    credentials
  }
}

const NOTHING_TO_CACHE = refuse(
  'nothing-to-do',
  'The repository remembers the layers of its wheels, and copying the code is faster than finding it in a cache.'
)

function withoutCache({directory: _, ...caching}: Caching): Caching {
  return {...caching, from: [], runnerVariables: []}
}

const ONLY_LOCK = refuse('not-asked', 'The input `mode` says lock, which ends with the lock.')

/** Images that no tag is meant for are not pushed. */
function imagesToPush(facts: Facts, {tags}: Naming): readonly ImageAccess[] {
  const isMeant = (image: ImageName) => tags.some(tag => tag.image === undefined || isSameImage(tag.image, image))
  const all = imagesOf(facts)
  const meant = all.filter(isMeant)
  return (meant.length === 0 ? all : meant).map(image => pushAccess(facts, image))
}

/** Why nothing is built, where the run is about an image that exists already. */
function idleSteps({inputs}: Facts): Verdict | undefined {
  if (!isAboutDigest(inputs)) return undefined
  return refuse('not-asked', `The input \`mode\` says ${inputs.mode}, which is about an image that exists already.`)
}

function preflightVerdict({inputs}: Facts, push: Verdict): Verdict {
  if (inputs.mode === 'validate') return refuse('not-asked', 'The input `mode` says validate, which pushes nothing.')
  return push.allowed ? allow('Whether the registry will take the push is asked before the build.') : push
}

function preflightWork(
  facts: Facts,
  {images, caching}: {images: readonly ImageAccess[]; caching: Caching}
): PreflightWork {
  const isProposal = facts.event.origin === 'own-pull-request' || facts.event.origin === 'merge-queue'
  const {event, inputs} = facts
  const {owner, name} = event.repository
  const isAsked = inputs.push === 'always'
  const written = caching.passages.find(({actions}) => actions === 'pull,push')
  const isApart = written !== undefined && !images.some(({image}) => isSameImage(image, written.image))
  return {
    images,
    ...(isApart ? {cache: {image: written.image, credential: written.credential}} : {}),
    // A runtime for their own Dockerfile would lie in the registry that refused.
    onDenied: isProposal && !isAsked && !standsOnRuntime(facts) ? 'build-only' : 'fail',
    secondTry: isAsked ? 'one-byte-upload' : 'none',
    tokens: [],
    pusher: {owner, name, packages: packageRegistryOf(event.serverUrl)},
    ...(inputs.timeoutMs === undefined ? {} : {limitMs: inputs.timeoutMs})
  }
}

function builderWork(
  facts: Facts,
  made: {
    readonly builder: BuilderChoice
    readonly caching: Caching
    readonly output: Output
    readonly images: readonly ImageAccess[]
    readonly bases: BaseImages
  }
): BuilderWork {
  const {machine, paths} = facts
  const {builder, caching, output, images, bases} = made
  const [primary] = images
  const candidate =
    output.kind === 'candidate' && primary !== undefined ? [{...primary, actions: 'pull,push' as const, tags: []}] : []
  const installBuildx = buildxToInstall(facts)
  return {
    ...builder,
    docker: machine.docker?.path ?? 'docker',
    directory: `${paths.run}/docker`,
    inheritsLogins: trustOf(facts) !== 'none',
    routes: routesOf([...candidate, ...caching.passages, ...bases.passages]),
    // A hosted machine is new; one of the owner's may have seen a run that lost its power.
    ...(machine.runner === 'self-hosted' && machine.engine !== undefined ? {sweeps: true as const} : {}),
    ...(machine.engine === undefined ? {} : {endpoint: machine.engine.endpoint}),
    ...(installBuildx === undefined ? {} : {installBuildx})
  }
}

function buildWork(
  facts: Facts,
  made: {
    readonly recipe: Recipe
    readonly output: Output
    readonly labels: Labels
    readonly caching: Caching
    readonly images: readonly ImageAccess[]
    readonly naming: Naming
  }
): BuildWork {
  const {paths, source} = facts
  const {recipe, output, labels, caching, images, naming} = made
  const {dockerfile, ignore} = source
  const isPublished = output.kind === 'candidate'
  const candidate = isPublished ? (images[0] ?? null) : null
  const compareWith = candidate === null ? undefined : movingTagOf(naming, candidate.image)
  const maxBytes = facts.inputs.maxSizeBytes
  return {
    argv: buildArgv(recipe, {
      outputs: output.values,
      shape: shapeOf(facts, output),
      labels,
      runLabels: runLabelsOf(facts)
    }),
    workspace: paths.workspace,
    directory: buildDirectory(facts),
    buildArgs: argumentsByEnvironment(recipe.arguments),
    runnerVariables: [...caching.runnerVariables, ...agentVariablesOf(facts)],
    secrets: recipe.secrets,
    ssh: keysOf(facts),
    access: buildAccessOf(facts),
    keyFiles: keyFilesOf(facts),
    dockerfile: {source: dockerfile.source, path: dockerfile.path},
    ignore: dockerfile.source === 'built-in' ? ignore : [],
    metadataFile: metadataFile(facts),
    output: output.kind,
    ...(maxBytes === undefined ? {} : {maxBytes}),
    ...(compareWith === undefined ? {} : {compareWith}),
    candidate,
    ...(output.leavesImage === undefined ? {} : {leavesImage: output.leavesImage}),
    ...(output.loadAs === undefined ? {} : {loadAs: output.loadAs}),
    ...(caching.directory === undefined || caching.from.length === 0 ? {} : {localCache: caching.directory})
  }
}

/** The tag whose image this run is going to replace. */
function movingTagOf({tags}: Naming, own: ImageName): string | undefined {
  return tags.find(({class: kind, image}) => kind === 'moving' && (image === undefined || isSameImage(image, own)))?.tag
}

/** An engine without the containerd image store cannot load an image that stands in an index. */
function shapeOf({machine}: Facts, {kind, loadAs}: Output): Shape {
  if (kind !== 'candidate') return 'unpublished'
  return loadAs === undefined || machine.engine?.hasContainerdStore === true ? 'index' : 'manifest'
}

function promoteVerdict(facts: Facts, {push, naming}: {push: Verdict; naming: Naming}): Verdict {
  if (!push.allowed) return push
  if (facts.inputs.mode === 'build') {
    return refuse('not-asked', 'The input `mode` says build, which ends with a candidate that no tag points to.')
  }
  if (facts.inputs.mode === 'validate') {
    return refuse('not-asked', 'The input `mode` says validate, which ends with a report.')
  }
  if (naming.tags.length === 0) return refuse('nothing-to-do', 'No tag is left to write.')
  return push
}

function promoteWork(
  {event, inputs}: Facts,
  {naming, images, labels}: {naming: Naming; images: readonly ImageAccess[]; labels: Labels}
): PromoteWork {
  return {
    ...(inputs.digest === undefined ? {} : {digest: inputs.digest}),
    reports: inputs.mode === 'promote' ? inputs.gpuReports : [],
    runId: event.runId,
    images,
    tags: naming.tags,
    revision: event.sha,
    version: labels[LABELS.version] ?? naming.version,
    runNumber: event.runNumber,
    workflow: event.workflow
  }
}

function cacheWork({recipe, caching, argv}: {recipe: Recipe; caching: Caching; argv: readonly string[]}): CacheWork {
  const {backend, runnerVariables, directory} = caching
  return {
    backend,
    argv,
    buildArgs: argumentsByEnvironment(recipe.arguments),
    runnerVariables: [...runnerVariables, ...agentVariablesOf(recipe.facts)],
    ...(directory === undefined ? {} : {localCache: directory})
  }
}
