import {randomUUID} from 'node:crypto'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {commandEffectsOf, type JobEffects, makeJobEffects, takeEffects} from './effects.ts'
import {evaluate} from './expression.ts'
import {inputVariables, resolveInputs, warnAboutInputs} from './inputs.ts'
import {type Interrupt, makeInterrupt} from './interrupt.ts'
import {type JobLog, makeLog} from './log.ts'
import {type Manifest, readManifest} from './manifest.ts'
import {makeMasks} from './masks.ts'
import {killProcesses, type LeftProcess} from './processes.ts'
import {RUNNER_TIMINGS, type RunRequest} from './request.ts'
import type {RunResult, StageResult} from './result.ts'
import {runStage} from './stage.ts'
import {leftIn, wipeTemp} from './temp.ts'
import {contextsOf, eventPathOf, jobVariables, type RunPlaces, visibleSecrets, withLastWord} from './variables.ts'
import {stillAlive} from './watch.ts'

/**
 * Runs an action as GitHub's runner does: main, then post, as processes of their own in a clean environment.
 *
 * Throws only for what is no action at all; whatever the action does ends up in the result.
 */
export async function runAction(request: RunRequest): Promise<RunResult> {
  const begin = performance.now()
  const manifest = readManifest(request.action)
  const run = makePlaces(request)
  const masks = makeMasks([request.token ?? '', ...Object.values(visibleSecrets(request))])
  const interrupt = makeInterrupt(request)
  const log = makeLog({
    masks,
    debug: request.debug === true,
    onLine(line) {
      interrupt.see(line)
      request.onLine?.(line)
    }
  })
  const scope = {contexts: contextsOf(request, run)}
  const job: Job = {
    request,
    manifest,
    run,
    log,
    inputs: resolveInputs(manifest, request.inputs ?? {}, scope),
    effects: makeJobEffects()
  }
  writeEvent(request, run)
  announce(job)
  const main = await playMain(job, interrupt)
  const ending = interrupt.signal.aborted ? interrupt.signal.reason : undefined
  const outputs = {...job.effects.outputs}
  const isOver = ending === 'crash' || request.force?.aborted === true
  const post = isOver ? undefined : await playPost(job, ending === 'cancel')
  const left = await stillAlive(eachOnce([...main.leftRunning, ...(post?.leftRunning ?? [])]))
  killProcesses(left)
  await stillAlive(left)
  const conclusion = ending === 'cancel' ? 'cancelled' : job.effects.hasFailed ? 'failure' : 'success'
  const result: RunResult = {
    conclusion,
    exitCode: EXIT_CODES[conclusion],
    durationMs: performance.now() - begin,
    main,
    ...(post === undefined ? {} : {post}),
    outputs,
    state: job.effects.state,
    environment: job.effects.environment,
    path: job.effects.path,
    summary: masks.apply(job.effects.summaries.join('\n')),
    annotations: log.annotations,
    log: log.lines,
    masks: masks.values,
    leftInTemp: leftIn(run.places.temp),
    leftInHome: leftIn(run.places.home),
    orphans: left,
    places: run.places
  }
  if (ending !== 'crash') clearPlaces(request, run)
  return result
}

function eachOnce(processes: readonly LeftProcess[]): readonly LeftProcess[] {
  return [...new Map(processes.map(left => [left.pid, left])).values()]
}

const EXIT_CODES = {success: 0, failure: 1, cancelled: 130} as const

interface Job {
  readonly request: RunRequest
  readonly manifest: Manifest
  readonly run: RunPlaces
  readonly log: JobLog
  readonly inputs: Readonly<Record<string, string>>
  readonly effects: JobEffects
}

async function playMain(job: Job, interrupt: Interrupt): Promise<StageResult> {
  interrupt.start()
  try {
    return await playStage(job, {stage: 'main', script: job.manifest.main, interrupt: interrupt.signal})
  } finally {
    interrupt.stop()
  }
}

async function playPost(job: Job, isCancelled: boolean): Promise<StageResult | undefined> {
  const {manifest, effects} = job
  if (manifest.post === undefined) return undefined
  const functions = {
    always: () => true,
    cancelled: () => isCancelled,
    failure: () => effects.hasFailed && !isCancelled,
    success: () => !effects.hasFailed && !isCancelled
  }
  const answer = evaluate(manifest.postIf, {contexts: contextsOf(job.request, job.run), functions})
  if (answer === false || answer === '' || answer === null) return undefined
  job.log.say('group', `Post ${manifest.name}`)
  job.log.say('text', 'Post job cleanup.')
  job.log.say('endgroup', '')
  return playStage(job, {stage: 'post', script: manifest.post})
}

interface Part {
  readonly stage: 'main' | 'post'
  readonly script: string
  readonly interrupt?: AbortSignal
}

async function playStage(job: Job, part: Part): Promise<StageResult> {
  const {request, run, log, effects} = job
  const result = await runStage({
    stage: part.stage,
    script: resolve(request.action, part.script),
    workspace: run.workspace,
    temp: run.places.temp,
    environment: environmentOf(job),
    trackingId: run.trackingId,
    timings: {...RUNNER_TIMINGS, ...request.timings},
    reader: log.readerFor(part.stage, commandEffectsOf(effects)),
    interrupt: part.interrupt,
    force: request.force
  })
  takeEffects(effects, result.files, log)
  if (result.exitCode !== 0) effects.hasFailed = true
  return result
}

function environmentOf(job: Job): Record<string, string> {
  const {effects, request, run} = job
  const variables = {...jobVariables(request, run), ...effects.environment, ...inputVariables(job.inputs)}
  for (const [name, value] of Object.entries(effects.state)) variables[`STATE_${name}`] = value
  if (effects.path.length > 0) variables.PATH = [...effects.path.toReversed(), variables.PATH].join(':')
  return withLastWord(variables, request.variables)
}

// The runner prints what a step was given before it starts; what it was told to mask is masked here too.
function announce(job: Job): void {
  const {log} = job
  log.say('group', `Run ${job.manifest.name}`)
  const given = Object.entries(job.inputs).filter(([, value]) => value !== '')
  if (given.length > 0) log.say('text', 'with:')
  for (const [name, value] of given) log.say('text', `  ${name}: ${value}`)
  log.say('endgroup', '')
  warnAboutInputs(job.manifest, job.request.inputs ?? {}, log)
}

function makePlaces(request: RunRequest): RunPlaces {
  const root = request.root === undefined ? mkdtempSync(join(tmpdir(), 'runner-')) : resolve(request.root)
  const places = {root, temp: join(root, '_temp'), toolCache: join(root, '_tool'), home: join(root, 'home')}
  const workspace = resolve(request.workspace ?? join(root, 'workspace'))
  for (const folder of [places.toolCache, places.home, workspace]) mkdirSync(folder, {recursive: true})
  wipeTemp(places.temp)
  return {workspace, places, trackingId: `github_${randomUUID()}`}
}

function clearPlaces(request: RunRequest, run: RunPlaces): void {
  if (request.keep === true) return
  wipeTemp(run.places.temp)
  if (request.root === undefined) rmSync(run.places.root, {recursive: true, force: true})
}

function writeEvent(request: RunRequest, run: RunPlaces): void {
  const {payload, payloadText} = request.event
  const path = eventPathOf(run.places.temp)
  mkdirSync(dirname(path), {recursive: true})
  if (payloadText === null) return
  writeFileSync(path, payloadText ?? JSON.stringify(payload, null, 2))
}
