import type {Facts} from '../model/facts.ts'
import type {Verdict} from '../model/verdict.ts'
import {packageAccess} from './access.ts'
import type {BuilderChoice} from './builder.ts'
import {isForeign} from './emulation.ts'
import {compilesExtensions} from './extensions.ts'
import {choosesPackages, costOfRuntime, standsOnRuntime} from './own-runtime.ts'
import {allow, refuse} from './permit.ts'
import {baseOf, hasFlavor, NOWHERE} from './runtime-images.ts'
import {reachesDoor} from './runtime-place.ts'
import {platformsOf} from './stages.ts'
import type {Variant} from './variant.ts'

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
  if (!choosesPackages(facts)) {
    return refuse('nothing-to-do', `${source.dockerfile.shown} says by itself how packages are installed.`)
  }
  if (!choices.lock.allowed)
    return refuse(choices.lock.code, `Without a lock there are no wheels to lay. ${choices.lock.because}`)
  if (standsOnRuntime(facts)) return ownVerdict(facts, choices)
  const hindrance = [...ALWAYS, ...WITH_OURS].find(({holds}) => holds(facts, choices))
  if (hindrance !== undefined)
    return refuse('nothing-to-do', `The Dockerfile installs the packages: ${hindrance.because}`)
  return choices.push.allowed
    ? allow('The locked wheels become layers without an engine; those that the registry has are not even fetched.')
    : allow(
        'The locked wheels become layers in a folder of this run, which the builder is handed; those that the registry has are not even fetched.'
      )
}

/** Of a runtime that the user's own Dockerfile begins with; what speaks against it there has no other way. */
function ownVerdict(facts: Facts, choices: Choices): Verdict {
  const hindrance = [...ALWAYS, ...WITH_OWN].find(({holds}) => holds(facts, choices))
  if (hindrance !== undefined)
    return refuse('nothing-to-do', `Wheels cannot be laid for \`FROM runtime\`: ${hindrance.because}`)
  return allow(
    `The locked wheels become the runtime that \`FROM runtime\` names. ${costOfRuntime(facts, choices.variant.set)}`
  )
}

interface Hindrance {
  readonly holds: (facts: Facts, choices: Choices) => boolean
  readonly because: string
}

/** What laying wheels cannot do, whoever builds upon them. */
const ALWAYS: readonly Hindrance[] = [
  {
    holds: ({inputs}) => inputs.caBundle !== undefined,
    because: 'certificates of `ca-bundle` are known to the build alone.'
  },
  {
    holds: ({inputs}) => inputs.indexLogin !== undefined,
    because: 'wheels of an index with a login are fetched in the build alone.'
  },
  {
    holds: (facts, {variant}) => baseOf(facts, variant) === undefined,
    because: 'the base image is no image of a registry.'
  }
]

/** What the built-in Dockerfile does better than layers, or can and they cannot. */
const WITH_OURS: readonly Hindrance[] = [
  {
    holds: facts => hasFlavor(facts) && platformsOf(facts).some(platform => isForeign(facts, platform)),
    because: 'a flavour or `apt-packages` runs commands on each platform, and one of them does not run here.'
  },
  {
    holds: (facts, {variant}) => compilesExtensions(facts, variant),
    because: '`extensions` are compiled in it.'
  },
  {
    holds: (_, {builder, push}) => push.allowed && !reachesDoor(builder),
    because: 'this builder does not reach the door through which a runtime is handed to it.'
  },
  {holds: (_, {contexts}) => contexts.length > 0, because: 'the base image is opened by a login.'},
  {
    holds: ({inputs}, {push}) => inputs.load && push.allowed,
    because: '`load` beside a push would have the layers fetched again from where they were pushed.'
  },
  {holds: ({inputs}) => inputs.target !== undefined, because: '`target` names a stage of it.'},
  {holds: ({inputs}) => inputs.buildArgs.length > 0, because: '`build-args` may change what it installs.'}
]

/** What `FROM runtime` cannot begin with. A base image that the inputs do not name is a public one. */
const WITH_OWN: readonly Hindrance[] = [
  {holds: hasFlavor, because: 'a flavour or `apt-packages` needs more than wheels.'},
  {
    holds: (facts, {variant}) =>
      facts.inputs.baseImage !== undefined &&
      packageAccess(facts, baseOf(facts, variant)?.reference.image ?? NOWHERE).credential !== null,
    because: 'the base image is opened by a login.'
  }
]
