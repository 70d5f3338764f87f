import type {Host} from '../host/host.ts'
import {type Answers, type Plan, type PlannedStep, STEP_NAMES, type StepName} from '../model/plan.ts'
import {Problem, problemsOf} from '../model/problem.ts'
import type {Outcome, Products, StepResult} from '../model/report.ts'
import {buildCandidate} from './build.ts'
import {provideBuilder} from './builder.ts'
import {exportCache} from './cache.ts'
import {fetchSubmodules} from './git.ts'
import {inTurns} from './in-turns.ts'
import {makeLock} from './lock.ts'
import {askRegistries} from './preflight.ts'
import {promote} from './promote.ts'
import {proveImage} from './prove.ts'
import {layRuntime} from './runtime.ts'
import type {Resources, Step, StepContext, StepMade} from './step.ts'
import {ownerFileOf, printOwner, sweepDirectories} from './sweep.ts'
import {validateOnGpu} from './validate.ts'

/** The function for each step. */
const STEPS: {readonly [N in StepName]: Step<N>} = {
  git: fetchSubmodules,
  lock: makeLock,
  preflight: askRegistries,
  builder: provideBuilder,
  runtime: layRuntime,
  build: buildCandidate,
  prove: proveImage,
  validate: validateOnGpu,
  promote,
  cache: exportCache
}

/**
 * What goes on at the same time: stage after stage, and within each the tracks beside each other, each step by step.
 *
 * The packages are resolved while the registries are asked and the builder is made: neither needs anything of the other,
 * and both must have succeeded before anything is laid or built. Both end by themselves, also where the other has failed,
 * so one run tells what is wrong with either.
 */
const COURSE: readonly (readonly (readonly StepName[])[])[] = [
  [['git']],
  [['lock'], ['preflight', 'builder']],
  [['runtime', 'build', 'prove', 'validate', 'promote', 'cache']]
]

/** What the steps share while they go. */
interface Progress {
  plan: Plan
  products: Products
  readonly results: StepResult[]
  readonly notices: string[]
  readonly warnings: string[]
  readonly problems: Problem[]
}

/**
 * Carries out a plan. After a failure no step begins any more; what was made until then is told.
 *
 * `settle` puts what steps found out into the plan, for the steps behind them.
 */
export async function carryOut(
  plan: Plan,
  host: Host,
  settle: (plan: Plan, answers: Answers) => Plan
): Promise<Outcome> {
  const progress: Progress = {plan, products: {}, results: [], notices: [], warnings: [], problems: []}
  // From the beginning each time: what comes of it does not depend on who was first.
  const settleAnew = (answers: Answers) => settle(plan, answers)
  const resources: Resources = {docker: {file: 'docker', environment: {}}}
  host.ledger.record({kind: 'remove-path', path: plan.directory})
  await host.files.makeDirectory(plan.directory)
  await host.files.write(ownerFileOf(plan.directory), printOwner(host.place.owner))
  await sweepDirectories(plan.directory, host)
  try {
    for (const tracks of COURSE) {
      await inTurns(tracks, tracks.length, async names => {
        for (const name of names) await takeStep(name, {progress, host, resources, settle: settleAnew})
      })
    }
  } finally {
    await resources.held?.remove()
    await resources.bridge?.close()
    await resources.door?.close()
  }
  const {results} = progress
  return {...progress, results: STEP_NAMES.flatMap(name => results.filter(result => result.name === name))}
}

async function takeStep(
  name: StepName,
  {
    progress,
    host,
    resources,
    settle
  }: {progress: Progress; host: Host; resources: Resources; settle: (answers: Answers) => Plan}
): Promise<void> {
  const step = progress.plan.steps.find(planned => planned.name === name)
  const record = (state: StepResult['state'], durationMs: number, made: string) =>
    progress.results.push({name, state, durationMs, made})
  if (step === undefined || progress.problems.length > 0) return void record('not-reached', 0, '')
  if (!step.verdict.allowed) return void record('skipped', 0, step.verdict.because)
  const context: StepContext = {
    host,
    resources,
    products: progress.products,
    notice: text => {
      progress.notices.push(text)
      host.log.notice(text)
    },
    warn: text => {
      progress.warnings.push(text)
      host.log.warning(text)
    }
  }
  const startedMs = host.clock.elapsedMs()
  host.log.info(`${name}: begins`)
  try {
    if (host.cancelled.aborted) throw cancelled(String(host.cancelled.reason))
    const {made, products, problems = []} = await perform(step, context)
    // Read anew: another track may have added something meanwhile.
    const before = progress.products
    progress.products = {...before, ...products}
    if (products?.answers !== undefined) {
      const answers = {...before.answers, ...products.answers}
      progress.products = {...progress.products, answers}
      progress.plan = settle(answers)
    }
    const durationMs = host.clock.elapsedMs() - startedMs
    if (problems.length > 0) {
      progress.problems.push(...problems)
      return void record('failed', durationMs, made)
    }
    record('done', durationMs, made)
    host.log.info(`${name}: ${made} in ${(durationMs / 1000).toFixed(1)} s`)
  } catch (thrown) {
    const problems = host.cancelled.aborted ? [cancelled(String(host.cancelled.reason))] : problemsOf(thrown)
    if (problems.length === 0) throw thrown
    // A cancel ends the steps of all tracks, and is one thing that happened.
    const isTold = host.cancelled.aborted && progress.problems.some(({code}) => code === problems[0]?.code)
    if (!isTold) progress.problems.push(...problems)
    record('failed', host.clock.elapsedMs() - startedMs, problems.map(problem => problem.what).join(' '))
  }
}

function perform<N extends StepName>(step: Extract<PlannedStep, {name: N}>, context: StepContext): Promise<StepMade> {
  const run = STEPS[step.name] as Step<N>
  return run(step.work as never, context)
}

function cancelled(reason: string): Problem {
  if (reason === 'timeout') {
    return new Problem('timeout', {
      what: 'The run took longer than the input `timeout` allows.',
      why: 'Everything that was running was ended.',
      fix: 'Set a longer `timeout`, or look at the step that was running for what it waited for.'
    })
  }
  return new Problem('cancelled', {
    what: `The run was cancelled (${reason}).`,
    why: 'The runner asked us to stop: someone cancelled the job, or a newer run replaced it.',
    fix: 'Run the job again. Layers that were built are cached; no tag was moved after the cancel.'
  })
}
