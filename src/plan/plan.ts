import type {Facts} from '../model/facts.ts'
import {type Plan, stepOf} from '../model/plan.ts'
import {type Problem, Problems} from '../model/problem.ts'
import type {Verdict} from '../model/verdict.ts'
import {idleInputs} from './arguments.ts'
import {crowdedHosts} from './base-images.ts'
import {readBuilder} from './builder.ts'
import {checkContract} from './contract.ts'
import {droppedNotices, foreseenWarnings} from './credentials.ts'
import {checkDisclosure} from './disclosure.ts'
import {checkDisk} from './disk.ts'
import {emulationNotices} from './emulation.ts'
import {checkExtensions} from './extensions.ts'
import {initNotices} from './init.ts'
import {checkLock, idleLock} from './lock.ts'
import {checkRuntime} from './own-runtime.ts'
import {permit, trustOf} from './permit.ts'
import {checkPush, checkRequests} from './requests.ts'
import {layOut} from './steps.ts'
import {checkGpu, gpuNotices, isAboutDigest} from './validate.ts'
import {readVariant, type Variant} from './variant.ts'

export {settlePlan} from './settle.ts'

/**
 * Decides what this run does: every step with its verdict and all its work.
 *
 * Throws `Problems` with everything that would stop the run and can be told before it. Where nothing is built, nothing
 * is asked for: a deleted branch, or a machine that must not build this code, is no error.
 */
export function makePlan(facts: Facts): Plan {
  const {variant, problems: ofVariant, ...told} = readVariant(facts)
  const {choice: builder, problems: ofBuilder} = readBuilder(facts)
  const isBuilt = permit(facts, 'build').allowed && !isAboutDigest(facts.inputs)
  const contract = checkContract(facts)
  const extensions = checkExtensions(facts, variant)
  const found = [
    // Writing a lock needs no builder.
    ...(facts.inputs.mode === 'lock' ? [] : ofBuilder),
    ...ofVariant,
    ...checkRequests(facts, builder),
    ...contract.problems,
    ...extensions.problems,
    ...checkDisclosure(facts),
    ...checkLock(facts, variant)
  ]
  stopAt([...checkPush(facts), ...checkGpu(facts), ...(isBuilt ? found : [])])
  const {steps, naming, caching, laysIntoFolder, credentials} = layOut(facts, {variant, builder})
  const disk = checkDisk(facts, {variant, builder, laysIntoFolder})
  const isWhole = facts.inputs.mode !== 'lock'
  if (isBuilt) {
    stopAt([...disk.problems, ...(isWhole ? checkRuntime(facts, stepOf({steps}, 'runtime').verdict) : [])])
  }
  const {inputs, event, paths} = facts
  const plan: Plan = {
    schemaVersion: 1,
    mode: inputs.mode,
    directory: paths.run,
    ...(inputs.timeoutMs === undefined ? {} : {timeoutMs: inputs.timeoutMs}),
    origin: event.origin,
    trust: trustOf(facts),
    ...setPart(variant),
    ...(isBuilt && disk.forecast !== undefined ? {disk: disk.forecast} : {}),
    pending: [],
    steps,
    credentials,
    notices: [
      ...inputs.notices,
      ...(isBuilt ? [...told.notices, ...emulationNotices(facts, stepOf({steps}, 'runtime').verdict)] : []),
      ...(isBuilt ? initNotices(facts, stepOf({steps}, 'lock')) : []),
      ...naming.notices,
      ...droppedNotices(facts, credentials),
      ...gpuNotices(facts)
    ],
    warnings: isBuilt
      ? [
          ...told.warnings,
          ...disk.warnings,
          ...contract.warnings,
          ...extensions.warnings,
          ...naming.warnings,
          ...idleInputs(facts, variant),
          ...idleLock(facts),
          ...cacheWarnings(facts, caching.verdict),
          ...foreseenWarnings(credentials),
          ...crowdedHosts(stepOf({steps}, 'builder').work)
        ]
      : [],
    advice: isBuilt ? facts.source.advice : []
  }
  return {...plan, pending: pendingOf(plan)}
}

/** What has to be asked before the steps behind it are known to the last word. */
function pendingOf(plan: Plan): Plan['pending'] {
  const lock = stepOf(plan, 'lock')
  return [
    ...(lock.verdict.allowed && lock.work.committed === undefined ? (['lock'] as const) : []),
    ...(stepOf(plan, 'preflight').verdict.allowed ? (['registry'] as const) : [])
  ]
}

/** What a plan says of PyTorch; a set only where all of it is what the image has. */
function setPart({torch, cuda, python, set, driver, gpuTargets}: Variant) {
  const isWhole = torch !== undefined && cuda !== undefined && set !== undefined
  return {
    ...(torch === undefined ? {} : {torch}),
    ...(cuda === undefined ? {} : {cuda}),
    ...(python === undefined ? {} : {python}),
    ...(isWhole ? {set} : {}),
    ...(driver === undefined ? {} : {driver}),
    gpuTargets
  }
}

/** A cache that was asked for and must not be used makes every build slow: worth telling. */
function cacheWarnings(facts: Facts, verdict: Verdict): readonly string[] {
  const isClosed = verdict.code === 'private-cache' && permit(facts, 'cache-write').allowed
  return isClosed ? [`The layer cache is not used. ${verdict.because} Use \`cache: registry\`.`] : []
}

function stopAt(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Problems(problems)
}
