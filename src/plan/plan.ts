import type {Facts} from '../model/facts.ts'
import {type Plan, stepOf, type Verdict} from '../model/plan.ts'
import {type Problem, Problems} from '../model/problem.ts'
import {idleInputs} from './arguments.ts'
import {readBuilder} from './builder.ts'
import {checkContract} from './contract.ts'
import {droppedNotices, foreseenWarnings} from './credentials.ts'
import {checkDisclosure} from './disclosure.ts'
import {permit, trustOf} from './permit.ts'
import {checkPush, checkRequests} from './requests.ts'
import {layOut} from './steps.ts'
import {readVariant} from './variant.ts'

export {settlePlan} from './settle.ts'

/**
 * Decides what this run does: every step with its verdict and all its work.
 *
 * Throws `Problems` with everything that would stop the run and can be told before it. Where nothing is built, nothing
 * is asked for: a deleted branch, or a machine that must not build this code, is no error.
 */
export function makePlan(facts: Facts): Plan {
  const {variant, problems: ofVariant} = readVariant(facts)
  const {choice: builder, problems: ofBuilder} = readBuilder(facts)
  const isBuilt = permit(facts, 'build').allowed
  const contract = checkContract(facts)
  const found = [
    ...ofBuilder,
    ...ofVariant,
    ...checkRequests(facts, builder),
    ...contract.problems,
    ...checkDisclosure(facts)
  ]
  stopAt([...checkPush(facts), ...(isBuilt ? found : [])])
  const {steps, naming, caching, credentials} = layOut(facts, {variant, builder})
  const {inputs, event, paths} = facts
  const plan: Plan = {
    schemaVersion: 1,
    mode: inputs.mode,
    directory: paths.run,
    ...(inputs.timeoutMs === undefined ? {} : {timeoutMs: inputs.timeoutMs}),
    origin: event.origin,
    trust: trustOf(facts),
    ...(variant.release === undefined ? {} : {torch: variant.release.torch}),
    ...(variant.cuda === undefined ? {} : {cuda: variant.cuda}),
    pending: [],
    steps,
    credentials,
    notices: [...inputs.notices, ...naming.notices, ...droppedNotices(facts, credentials)],
    warnings: isBuilt
      ? [
          ...contract.warnings,
          ...naming.warnings,
          ...idleInputs(facts, variant),
          ...cacheWarnings(facts, caching.verdict),
          ...foreseenWarnings(credentials)
        ]
      : [],
    advice: isBuilt ? facts.source.advice : []
  }
  return stepOf(plan, 'preflight').verdict.allowed ? {...plan, pending: ['registry']} : plan
}

/** A cache that was asked for and must not be used makes every build slow: worth telling. */
function cacheWarnings(facts: Facts, verdict: Verdict): readonly string[] {
  const isClosed = verdict.code === 'private-cache' && permit(facts, 'cache-write').allowed
  return isClosed ? [`The layer cache is not used. ${verdict.because} Use \`cache: registry\`.`] : []
}

function stopAt(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Problems(problems)
}
