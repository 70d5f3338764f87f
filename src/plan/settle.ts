import {imageText, isSameImage} from '../image/reference.ts'
import {type Answers, type LockAnswer, type Plan, type PlannedStep, type PushAnswer, stepOf} from '../model/plan.ts'
import type {Verdict} from '../model/verdict.ts'
import type {BuilderWork, BuildWork, DoorRoute} from '../model/work-build.ts'
import {refineForecast} from '../wheels/disk-room.ts'
import {costOfBuilding} from './costs.ts'
import {attributes} from './csv.ts'
import {LOCK_TO_COME} from './lock.ts'
import {refuse} from './permit.ts'

/** Puts what was found out on the way into the plan: the lock's hash, and what the registries said. */
export function settlePlan(plan: Plan, answers: Answers): Plan {
  const {lock, runtime, push, builder} = answers
  const withLock = lock === undefined ? plan : settleLock(plan, lock)
  // Before the registries' answers, which then also hold for the cache of the Dockerfile.
  const withRuntime = runtime?.isLaid === false ? withoutRuntime(withLock, unlaid(runtime.because)) : withLock
  const withBuilder = builder?.isFresh === false ? withoutFreshBuilder(withRuntime) : withRuntime
  return push === undefined ? withBuilder : settlePush(withBuilder, {...answers, push})
}

/** The engine's own builder in place of one of its own: it answers nothing from a cache, its own nor any other. */
function withoutFreshBuilder(plan: Plan): Plan {
  const {otherwise, ...work} = stepOf(plan, 'builder').work
  if (otherwise === undefined) return plan
  return {
    ...plan,
    steps: plan.steps.map((step): PlannedStep => {
      if (step.name === 'builder') {
        const verdict = {...step.verdict, because: 'No builder of its own could be made, so the engine’s own is used.'}
        return {...step, verdict, work: {...work, driver: 'docker', driverOptions: [], bridge: otherwise.bridge}}
      }
      return step.name === 'build' ? withArgv(step, withoutCache) : step
    })
  }
}

function withoutCache(argv: readonly string[]): readonly string[] {
  const kept = argv.filter((argument, at) => argument !== '--cache-from' && argv[at - 1] !== '--cache-from')
  return kept.includes('--no-cache') ? kept : kept.toSpliced(kept.indexOf('--file'), 0, '--no-cache')
}

/** The hash goes into the labels; where there is no lock, they do not speak of one. */
function settleLock(plan: Plan, {sha256, downloadBytes = 0, mustBuild = []}: LockAnswer): Plan {
  const {disk} = plan
  const weighed = disk === undefined || downloadBytes === 0 ? {} : {disk: refineForecast(disk, downloadBytes)}
  const settled = {...plan, ...weighed, pending: plan.pending.filter(pending => pending !== 'lock')}
  const fill = (argv: readonly string[]) =>
    sha256 === null
      ? argv.filter((argument, at) => !isOfLock(argument) && !isOfLock(argv[at + 1]))
      : argv.map(argument => argument.replace(LOCK_TO_COME, sha256))
  const filled: Plan = {...settled, steps: settled.steps.map(step => withArgv(step, fill))}
  if (sha256 === null) return withoutRuntime(filled, refuse('nothing-to-do', IN_THE_BUILD))
  const [first, ...more] = mustBuild
  // What other platforms take then is told by the step itself.
  const isForeign = stepOf(filled, 'runtime').work.images.some(image => image.isForeign)
  if (first === undefined || isForeign) return filled
  const others = more.length === 0 ? '' : `, and ${more.length} more`
  return withoutRuntime(filled, unlaid(`${first}${others}`, costOfBuilding(downloadBytes)))
}

const IN_THE_BUILD = 'The packages are resolved inside the build, so no wheel is known before.'

function unlaid(because: string, cost = ''): Verdict {
  return refuse('nothing-to-do', `The Dockerfile installs the packages: ${because}.${cost}`)
}

/** A step with its arguments changed, wherever it has some. */
function withArgv(step: PlannedStep, change: (argv: readonly string[]) => readonly string[]): PlannedStep {
  switch (step.name) {
    case 'build':
      return {...step, work: {...step.work, argv: change(step.work.argv)}}
    case 'cache':
      return {...step, work: {...step.work, argv: change(step.work.argv)}}
    case 'runtime': {
      const {otherwise} = step.work
      if (otherwise === null) return step
      return {...step, work: {...step.work, otherwise: {...otherwise, argv: change(otherwise.argv)}}}
    }
    default:
      return step
  }
}

/** The same plan with the build by the Dockerfile in place of the one upon a runtime. */
function withoutRuntime(plan: Plan, verdict: Verdict): Plan {
  const runtime = stepOf(plan, 'runtime')
  // Without another way the step itself stops the run.
  if (!runtime.verdict.allowed || runtime.work.otherwise === null) return plan
  const {cache, ...otherwise} = runtime.work.otherwise
  return {
    ...plan,
    steps: plan.steps.map((step): PlannedStep => {
      switch (step.name) {
        case 'runtime':
          return {...step, verdict}
        case 'build':
          return {...step, work: {...step.work, ...otherwise}}
        case 'cache':
          return step.verdict.code === 'nothing-to-do' ? {...step, verdict: cache} : step
        default:
          return step
      }
    })
  }
}

function isOfLock(argument: string | undefined): boolean {
  return argument?.endsWith(`=${LOCK_TO_COME}`) === true
}

/**
 * What the registries said.
 *
 * All or nothing: one image that is refused takes the push away from all of them, because half of a release under the
 * same names is worse than none. An answer that could not be had takes nothing away; the push itself will tell.
 * What was asked has been told where it was asked, so no notice is added here.
 */
function settlePush(plan: Plan, answers: Answers & {readonly push: readonly PushAnswer[]}): Plan {
  const asked = plan.pending.filter(pending => pending !== 'registry')
  const settled: Plan = withCache({...plan, pending: asked}, answers)
  const preflight = stepOf(plan, 'preflight')
  if (!preflight.verdict.allowed) return settled
  const denied = answers.push.filter(({result}) => result === 'denied')
  if (denied.length > 0) return withoutPush(settled, denied)
  const unknown = answers.push.filter(({result}) => result === 'unknown')
  return unknown.length > 0 ? unverified(settled, unknown) : settled
}

/** A cache that may not be written is read as before; the build does not need it. */
function withCache(plan: Plan, {cache}: Answers): Plan {
  if (cache?.result !== 'denied') return plan
  const verdict = refuse('push-denied', `${namesOf([cache])} refused the layer cache.`)
  const isIts = ({image}: DoorRoute) => isSameImage(image, cache.image)
  return {
    ...plan,
    steps: plan.steps.map(step => {
      if (step.name === 'cache') return step.verdict.allowed ? {...step, verdict} : step
      if (step.name !== 'builder') return step
      const routes = step.work.routes.map(route => (isIts(route) ? readOnly(route) : route))
      return {...step, work: {...step.work, routes}}
    })
  }
}

function readOnly({tags: _, ...route}: DoorRoute): DoorRoute {
  return {...route, actions: 'pull'}
}

function unverified(plan: Plan, unknown: readonly PushAnswer[]): Plan {
  const because = `Whether ${namesOf(unknown)} will take the push could not be asked; the push itself will tell.`
  const verdict: Verdict = {allowed: true, code: 'unverified', because}
  return {
    ...plan,
    steps: plan.steps.map(step => (step.name === 'promote' && step.verdict.allowed ? {...step, verdict} : step))
  }
}

function withoutPush(plan: Plan, denied: readonly PushAnswer[]): Plan {
  const verdict = refuse('push-denied', `${namesOf(denied)} refused the push.`)
  const byDockerfile = withoutRuntime(plan, verdict)
  return {...byDockerfile, steps: byDockerfile.steps.map(step => stepWithoutPush(step, verdict))}
}

function stepWithoutPush(step: PlannedStep, verdict: Verdict): PlannedStep {
  switch (step.name) {
    case 'builder':
      return {...step, work: builderWithoutPush(step.work)}
    case 'build':
      return {...step, work: buildWithoutPush(step.work)}
    case 'prove':
      return proofWithoutPush(step, verdict)
    case 'validate':
    case 'promote':
      return step.verdict.allowed ? {...step, verdict} : step
    case 'cache':
      return step.verdict.allowed && step.work.backend === 'registry' ? {...step, verdict} : step
    default:
      return step
  }
}

/** What the engine has been given can be run all the same. */
function proofWithoutPush(step: Extract<PlannedStep, {name: 'prove'}>, verdict: Verdict): PlannedStep {
  const isRefused = step.verdict.allowed && step.work.loadedAs === undefined
  return {...step, verdict: isRefused ? verdict : step.verdict, work: {...step.work, image: null}}
}

/** No way leads to the registry any more but reading what was readable. */
function builderWithoutPush(work: BuilderWork): BuilderWork {
  return {...work, routes: work.routes.map(readOnly)}
}

/** The same build with another end: what was to be loaded is loaded, the rest is not kept. */
function buildWithoutPush({leavesImage: _, ...work}: BuildWork): BuildWork {
  const pairs = pairsOf(work.argv)
  const isLoaded = pairs.some(([option, value]) => option === '--output' && value?.startsWith('type=docker,') === true)
  const argv = pairs.flatMap(([option, value]) => endingOf(option, {value, isLoaded}))
  return {...work, argv, output: isLoaded ? 'load' : 'discard', candidate: null}
}

type Pair = readonly [option: string, value: string | undefined]

/** Provenance and annotations need an index, which only a push makes. */
function endingOf(
  option: string,
  {value, isLoaded}: {value: string | undefined; isLoaded: boolean}
): readonly string[] {
  if (option === '--annotation') return []
  if (option.startsWith('--provenance=')) return ['--provenance=false']
  if (value === undefined) return [option]
  if (option !== '--output' || value.startsWith('type=docker,')) return [option, value]
  return isLoaded ? [] : [option, discarded(value)]
}

/** The options that this ending depends on take a value of their own; everything else stands as it is. */
function pairsOf(argv: readonly string[]): readonly Pair[] {
  const takesValue = (argument: string | undefined) => argument === '--output' || argument === '--annotation'
  return argv.flatMap((argument, at): readonly Pair[] => {
    if (takesValue(argv[at - 1])) return []
    return [[argument, takesValue(argument) ? argv[at + 1] : undefined]]
  })
}

function discarded(output: string): string {
  const kept = output.split(',').filter(field => KEPT.test(field))
  const ending = attributes([
    ['push', 'false'],
    ['store', 'false'],
    ['unpack', 'false']
  ])
  return [...kept, ending].join(',')
}

/** What an output says about the image itself, and not about where it goes. */
const KEPT = /^(?:type|oci-mediatypes|compression|compression-level)=/

function namesOf(answers: readonly PushAnswer[]): string {
  return answers.map(({image}) => imageText(image)).join(' and ')
}
