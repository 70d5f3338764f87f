import type {GpuCheck, GpuReport, GpuStatus, GpuTier} from '../model/gpu-report.ts'
import {diagnose, diagnosisOf, UNKNOWN} from './diagnosis.ts'
import type {HostState, ImageState, Injection} from './host-checks.ts'
import type {Transcript} from './lines.ts'
import type {GpuProcess} from './nvidia-smi.ts'

/** What came of the container: absent where it was never started. */
export interface ContainerRun {
  readonly exitCode: number
  readonly transcript: Transcript
  /** The last lines of what was printed beside the validator's own. */
  readonly words: readonly string[]
  readonly witnessed: readonly GpuProcess[]
  /** It was ended by the limit for the whole of it. */
  readonly hasTimedOut: boolean
  /** It was never started: the engine could not pull the image, in these words. */
  readonly isUnpulled?: true
}

/** Everything that a report is made of. */
export interface Evidence {
  readonly tool: GpuReport['tool']
  readonly run: GpuReport['run']
  readonly startedAt: string
  readonly durationMs: number
  readonly level: GpuReport['level']
  readonly ref: string
  readonly image: ImageState
  readonly place: GpuReport['host']['place']
  readonly injection: Injection
  readonly runner: {readonly ephemeral: boolean; readonly kind: string}
  readonly host: HostState
  readonly hostChecks: readonly GpuCheck[]
  readonly container?: ContainerRun
  /** T9, where the host has DCGM and was asked for everything. */
  readonly dcgm?: GpuCheck
}

/** Puts everything that was found out together, and says what it comes to. */
export function makeGpuReport(evidence: Evidence): GpuReport {
  const {host, image, container, place} = evidence
  const tiers = tiersOf(evidence)
  const checks = tiers.flatMap(tier => tier.checks)
  const isMig = host.devices.some(({mig_profile}) => mig_profile !== undefined)
  const torch = container?.transcript.torch
  return {
    schema_version: 1,
    tool: evidence.tool,
    run: evidence.run,
    started_at: evidence.startedAt,
    duration_ms: evidence.durationMs,
    result: resultOf(tiers),
    level: evidence.level,
    image: {
      ref: evidence.ref,
      digest: image.digest,
      ...(image.platform === undefined ? {} : {platform: image.platform}),
      size_compressed: image.compressedBytes,
      layers: image.layers,
      labels: image.labels
    },
    expected: {
      ...(image.torch === undefined ? {} : {torch: image.torch}),
      ...(image.cuda === undefined ? {} : {cuda_variant: image.cuda}),
      arch_list: image.archList
    },
    host: {
      place,
      mig: isMig,
      runner: evidence.runner,
      ...present('kernel', container?.transcript.kernel),
      ...present('driver', host.gpus[0]?.driver),
      ...present('driver_cuda', host.driverCuda),
      ...present('engine', host.engine?.version),
      ...present('toolkit', host.toolkit),
      ...(place === 'engine' ? {injection: evidence.injection} : {})
    },
    witnessed: (container?.witnessed ?? []).map(({gpu_uuid, used_mib}) => ({gpu_uuid, used_mib})),
    ...(torch === undefined ? {} : {torch}),
    devices: host.devices.map(device => ({...device, ...matchIn(checks, device.index)})),
    tiers,
    numerics: checks.flatMap(numericsOf),
    throughput: throughputOf(checks),
    diagnosis: checks.filter(({status}) => status === 'fail' || status === 'warn').map(check => diagnosed(check, isMig))
  }
}

function present<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined || value === '' ? {} : ({[name]: value} as Record<K, string>)
}

function tiersOf(evidence: Evidence): readonly GpuTier[] {
  const {hostChecks, container, dcgm} = evidence
  const host = tierOf('T0', 'host preflight', hostChecks)
  if (container === undefined) return [host]
  const {transcript} = container
  const fromImage = transcript.tiers.map(tier => {
    const checks = transcript.checks.filter(check => check.tier === tier.id)
    // The host judges some of what a tier found, which the validator's own word on the tier does not know of.
    return {...tier, status: worstOf([tier.status, ...checks.map(({status}) => status)]), checks}
  })
  const run = runChecks(evidence, container)
  return [
    host,
    ...fromImage,
    ...(run.length === 0 ? [] : [tierOf('RUN', 'the run itself', run)]),
    ...(dcgm === undefined ? [] : [tierOf('T9', 'DCGM', [dcgm])])
  ]
}

/** What the host finds about the run: whether all was said, by whom, and whether the GPU was really held. */
function runChecks({place}: Evidence, container: ContainerRun): readonly GpuCheck[] {
  const {transcript, witnessed} = container
  const {isComplete, checks} = transcript
  const found = [...lineChecks(container)]
  const claims = checks.some(({id, status}) => id === 't3.held' && status === 'pass')
  if (place === 'engine' && claims && isComplete) {
    found.push(
      witnessed.length > 0
        ? hostCheck('run.witnessed', 'pass', undefined, 'nvidia-smi on the host saw our process on the GPU.', [])
        : hostCheck(
            'run.witnessed',
            'fail',
            'NOT_SEEN',
            'nvidia-smi on the host saw no process of ours on the GPU.',
            []
          )
    )
  }
  return found
}

/** Whether everything was said, and by the validator itself; nothing where it was. */
export function lineChecks(run: Omit<ContainerRun, 'witnessed'>): readonly GpuCheck[] {
  const {transcript, words, exitCode, hasTimedOut, isUnpulled} = run
  if (isUnpulled === true) {
    const code = hasTimedOut ? 'TIMEOUT' : 'PULL_FAILED'
    return [hostCheck(PULL, 'fail', code, `The engine could not pull the image (exit status ${exitCode}).`, words)]
  }
  const {forged, isComplete, checks} = transcript
  const found: GpuCheck[] = []
  if (forged.length > 0) {
    found.push(hostCheck('run.marks', 'fail', 'REPORT_FORGED', `${forged.length} line(s) bear no valid mark.`, forged))
  }
  if (!isComplete) {
    const code = hasTimedOut ? 'TIMEOUT' : checks.length === 0 ? startCode(words) : 'REPORT_INCOMPLETE'
    const message = hasTimedOut
      ? 'The container did not end within its time and was killed.'
      : `The container ended with exit status ${exitCode} before the validator had said everything.`
    found.push(hostCheck('run.complete', 'fail', code, message, words))
  }
  return found
}

/** Why nothing was heard: that there is no Python is the engine's to tell, in runc's or crun's words. */
function startCode(words: readonly string[]): string {
  const isAbsent = words.some(line => /python3.*(?:executable file not found|no such file)/i.test(line))
  return isAbsent ? 'NO_PYTHON' : 'RUN_FAILED'
}

/** A check that the host made of the run. */
export function hostCheck(
  id: string,
  status: GpuStatus,
  code: string | undefined,
  message: string,
  evidence: readonly string[]
): GpuCheck {
  const tier = /^t\d/.test(id) ? id.slice(0, 2).toUpperCase() : 'RUN'
  return {
    id,
    tier,
    status,
    ...(code === undefined ? {} : {code}),
    message,
    evidence: evidence.slice(-40),
    measured: {},
    threshold: {},
    duration_ms: 0,
    budget_ms: 0
  }
}

function tierOf(id: string, title: string, checks: readonly GpuCheck[]): GpuTier {
  return {
    id,
    title,
    status: worstOf(checks.map(({status}) => status)),
    duration_ms: checks.reduce((sum, check) => sum + check.duration_ms, 0),
    budget_ms: checks.reduce((sum, check) => sum + check.budget_ms, 0),
    checks
  }
}

/** The check that a pull failed, whose words may be a registry's. */
export const PULL = 'run.pull'

/** What several checks come to: nothing that was skipped counts as passed. */
export function worstOf(statuses: readonly GpuStatus[]): GpuStatus {
  const order: readonly GpuStatus[] = ['fail', 'warn', 'pass', 'skip']
  return order.find(status => statuses.includes(status)) ?? 'skip'
}

/** Nothing that was skipped counts as passed: without one tier of the image itself that passed, it failed. */
function resultOf(tiers: readonly GpuTier[]): GpuReport['result'] {
  const worst = worstOf(tiers.map(({status}) => status))
  const isShown = tiers.some(({id, status}) => id === 'T3' && (status === 'pass' || status === 'warn'))
  if (worst === 'fail' || !isShown) return 'fail'
  return worst === 'warn' ? 'warn' : 'pass'
}

function matchIn(checks: readonly GpuCheck[], index: number) {
  const check = checks.find(({id, device}) => id === 't4.coverage' && device === index)
  const match = check?.measured.sm_match
  return match === 'sass' || match === 'ptx' || match === 'none' ? ({sm_match: match} as const) : {}
}

function numericsOf({measured, threshold, status, device}: GpuCheck): GpuReport['numerics'] {
  const {op, dtype, max_abs, rel} = measured
  if (typeof op !== 'string' || typeof dtype !== 'string' || typeof rel !== 'number') return []
  const row = {op, dtype, device: device ?? 0, max_abs: Number(max_abs), rel, tol: Number(threshold.rel)}
  return [{...row, ok: status === 'pass'}]
}

/** Figures by which one report is compared with the next; of several GPUs the slowest counts. */
function throughputOf(checks: readonly GpuCheck[]): Readonly<Record<string, number>> {
  const figures: Record<string, number> = {}
  for (const {measured, tier} of checks) {
    if (tier !== 'T8') continue
    for (const [name, value] of Object.entries(measured)) {
      if (typeof value !== 'number' || !/_(?:tflops|gbps|per_s)$/.test(name)) continue
      figures[name] = Math.min(value, figures[name] ?? value)
    }
  }
  return figures
}

/** A text that names a known cause says more than the code of the check that met it. */
function diagnosed(check: GpuCheck, isMig: boolean): GpuReport['diagnosis'][number] {
  const read = diagnose([...check.evidence, check.message], {isMig, isTransfer: check.id === PULL})
  const own = diagnosisOf(check.code ?? '', check.evidence)
  const {code, cause, fix, anchor, evidence} = read.code === UNKNOWN ? (own ?? read) : read
  const name = check.device === undefined ? check.id : `${check.id}@${check.device}`
  return {check: name, code, cause, fix, docs: anchor, evidence}
}
