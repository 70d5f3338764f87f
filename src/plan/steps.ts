import {isSameImage} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {PlannedStep} from '../model/plan.ts'
import type {PlannedCredential} from '../model/token.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {pushAccess} from './access.ts'
import {argumentsOf} from './arguments.ts'
import {withAudit} from './audit.ts'
import {readBaseImages} from './base-images.ts'
import {cacheArgv, type Recipe} from './build.ts'
import {buildWork} from './build-work.ts'
import type {BuilderChoice} from './builder.ts'
import {builderWork} from './builder-work.ts'
import {type Caching, planCache} from './cache.ts'
import {cacheWork} from './cache-work.ts'
import {credentialsOf, usingWork} from './credentials.ts'
import {imagesOf} from './images.ts'
import {labelsOf} from './labels.ts'
import {LOCK_CONTEXT, lockFolder, lockLabel, lockVerdict, lockWork} from './lock.ts'
import {outputOf} from './output.ts'
import {standsOnRuntime} from './own-runtime.ts'
import {allow, permit, refuse} from './permit.ts'
import {preflightVerdict, preflightWork} from './preflight.ts'
import {promoteVerdict, promoteWork} from './promote.ts'
import {proveVerdict, proveWork} from './prove.ts'
import {runtimeDockerfile, runtimeWork, uponRuntime} from './runtime.ts'
import {isFolder, runtimePlace} from './runtime-place.ts'
import {runtimeVerdict} from './runtime-verdict.ts'
import {secretsOf} from './secrets.ts'
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
  readonly laysIntoFolder: boolean
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
  const laying = runtimeVerdict(facts, {variant, lock, push, builder, contexts: bases.contexts})
  const place = runtimePlace(facts, {push, images, builder})
  const laysIntoFolder = laying.allowed && place !== undefined && isFolder(place)
  const uponLayers = laying.allowed && place !== undefined ? uponRuntime(recipe, place.into) : undefined
  const isBareCode = uponLayers !== undefined && !isOwn
  const byDockerfile = buildWork(facts, {recipe, output, labels, caching, images, naming})
  const built =
    uponLayers === undefined
      ? byDockerfile
      : buildWork(facts, {
          recipe: uponLayers,
          output,
          labels,
          caching: isBareCode ? withoutCache(caching) : caching,
          images,
          naming
        })
  const validate = {
    name: 'validate',
    verdict: unlessRefused(validateVerdict(facts, push)),
    work: validateWork(facts, images[0]?.image ?? null)
  } as const
  const steps: readonly PlannedStep[] = [
    {name: 'git', verdict: whenLocking(gitVerdict(facts)), work: gitWork(facts)},
    {name: 'lock', verdict: whenLocking(lock), work: lockWork(facts, {variant, builder, laysIntoFolder})},
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
      work: isBareCode ? {...built, dockerfile: {source: 'built-in', path: runtimeDockerfile(facts)}} : built
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
      verdict: whenBuilding(isBareCode && caching.verdict.allowed ? NOTHING_TO_CACHE : caching.verdict),
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
    laysIntoFolder,
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
