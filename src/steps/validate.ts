import {parseReport} from '../gpu/acceptance.ts'
import {checkHost, type HostState, injectionOf} from '../gpu/host-checks.ts'
import {withoutHostNames} from '../gpu/host-names.ts'
import {checkPodImage, checkStart} from '../gpu/job-checks.ts'
import {type Evidence, hostCheck, makeGpuReport} from '../gpu/judgement.ts'
import {junitOf} from '../gpu/junit.ts'
import {newNonce, sha256Of} from '../gpu/seal.ts'
import type {Host} from '../host/host.ts'
import type {GpuCheck, GpuReport} from '../model/gpu-report.ts'
import {Problem} from '../model/problem.ts'
import type {ValidateWork} from '../model/work-release.ts'
import {runInEngine, runInPlace} from './gpu-container.ts'
import {readImage} from './gpu-image.ts'
import {askInJob, type ClusterOrder, clusterOf, endJob, runInJob, startJob} from './gpu-job.ts'
import {askMachine} from './gpu-machine.ts'
import type {StepContext, StepMade} from './step.ts'

const TOOL = {name: 'pytorch-cuda-image-action', version: '0.1.0'} as const
const DCGM_MS = 5 * 60_000

/** What came of the attempt to run the image. */
type Tried = Pick<Evidence, 'injection' | 'host' | 'hostChecks' | 'container' | 'dcgm'>

/**
 * Runs the image on this machine's GPU, by its digest, and writes a report; a failure leaves every tag where it is.
 *
 * What can be known beforehand (driver, toolkit, disk, kernels) is checked before a byte is pulled.
 */
export async function validateOnGpu(work: ValidateWork, context: StepContext): Promise<StepMade> {
  const {host, products, resources, warn} = context
  const digest = work.digest ?? products.digest
  if (work.image === null || digest === undefined) throw nothingToRun()
  const startedMs = host.clock.elapsedMs()
  const startedAt = host.clock.now().toISOString()
  const heldBytes = resources.held?.bytes ?? 0
  const image = {...(await readImage(work.image, {digest, platform: work.platform, host})), heldBytes}
  const order = {work, image, previous: await earlierFigures(work, host), nonce: newNonce()}
  const tried = await (work.place === 'cluster' ? tryInCluster(order, host) : tryHere(order, host))
  const found = makeGpuReport({
    tool: TOOL,
    run: work.run,
    startedAt,
    durationMs: host.clock.elapsedMs() - startedMs,
    level: work.level,
    ref: `${work.image.image.registry}/${work.image.image.repository}@${digest}`,
    image,
    place: work.place,
    runner: work.runner,
    ...tried
  })
  const report = withoutHostNames(found, await hostNames(host))
  const sha256 = await writeReport(report, {file: work.reportFile, host})
  const made = {made: sentenceOf(report), products: {gpu: {report, file: work.reportFile, sha256}}}
  for (const {check, code, cause, fix} of warningsOf(report)) warn(`GPU validation, ${check}: ${code}. ${cause} ${fix}`)
  return report.result === 'fail' ? {...made, problems: [failure(report)]} : made
}

/** On this machine, where it is fit for it: what can be known of it is known before anything is pulled. */
async function tryHere(order: ClusterOrder, host: Host): Promise<Tried> {
  const {work, image} = order
  const state = await askMachine(work, host)
  const injection = injectionOf(work.injection, state)
  const hostChecks = checkHost(state, image, {injection, place: work.place})
  const tried = {injection, host: state, hostChecks}
  if (hostChecks.some(({status}) => status === 'fail')) return tried
  const run = work.place === 'engine' ? runInEngine : runInPlace
  const container = await host.log.group('GPU validation', () => run({...order, state, injection}, host))
  const dcgm = work.level === 'full' ? await askDcgm(host) : undefined
  return {...tried, container, ...(dcgm === undefined ? {} : {dcgm})}
}

/** In a Job of the cluster, which is asked about its GPU when it is there. */
async function tryInCluster(order: ClusterOrder, host: Host): Promise<Tried> {
  const {work, image} = order
  const cluster = clusterOf(host)
  const injection = injectionOf(work.injection, NO_MACHINE)
  try {
    const job = await startJob(order, {cluster, host})
    if ('words' in job) return {injection, host: NO_MACHINE, hostChecks: [checkStart(job.words)]}
    const state = await askInJob(job, cluster)
    const checks = checkHost(state, image, {injection, place: work.place})
    const hostChecks = [checkPodImage(job.image, image.digest), ...checks]
    if (hostChecks.some(({status}) => status === 'fail')) return {injection, host: state, hostChecks}
    const container = await host.log.group('GPU validation', () =>
      runInJob({...order, state, injection}, {job, cluster, host})
    )
    return {injection, host: state, hostChecks, container}
  } finally {
    await endJob(order, cluster)
  }
}

const NO_MACHINE: HostState = {gpus: [], devices: [], processes: [], unknown: [], words: []}

/** What this machine is called: by its kernel, and by whoever registered its runner. */
async function hostNames(host: Host): Promise<readonly string[]> {
  const kernel = await host.files.read('/proc/sys/kernel/hostname').catch(() => undefined)
  return [kernel, host.env.RUNNER_NAME].flatMap(name => (name === undefined ? [] : [name.trim()]))
}

/** Writes the report and its JUnit form where later steps of the job read them; post removes them. */
async function writeReport(report: GpuReport, {file, host}: {file: string; host: Host}): Promise<string> {
  const junit = file.replace(/\.json$/, '.xml')
  for (const path of [file, junit]) host.ledger.record({kind: 'remove-path', path})
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  await host.files.write(file, text)
  await host.files.write(junit, junitOf(report))
  return sha256Of(text)
}

/** Figures of earlier reports; one that cannot be read is no reason to stop. */
async function earlierFigures(work: ValidateWork, host: Host): Promise<Readonly<Record<string, number>>> {
  const texts = await Promise.all(work.compareWith.map(path => host.files.read(path).catch(() => undefined)))
  return Object.assign({}, ...texts.map(text => parseReport(text ?? '')?.throughput ?? {}))
}

/** NVIDIA's own diagnosis, level 1, where it is installed. */
async function askDcgm(host: Host): Promise<GpuCheck | undefined> {
  const ran = await host.commands.ask({file: 'dcgmi', args: ['diag', '-r', '1', '-j'], timeoutMs: DCGM_MS})
  if (ran.exitCode === 127) return undefined
  const lines = `${ran.stdout}\n${ran.stderr}`.split('\n')
  const failed = lines.filter(line => /"status"\s*:\s*"Fail"/i.test(line))
  if (ran.exitCode === 0 && failed.length === 0) {
    return hostCheck('t9.dcgm', 'pass', undefined, 'dcgmi diag -r 1 found nothing.', [])
  }
  return hostCheck('t9.dcgm', 'fail', 'DCGM', 'dcgmi diag -r 1 found a fault.', lines)
}

function warningsOf({diagnosis, tiers}: GpuReport): GpuReport['diagnosis'] {
  const warned = new Set(
    tiers.flatMap(({checks}) =>
      checks
        .filter(({status}) => status === 'warn')
        .map(({id, device}) => (device === undefined ? id : `${id}@${device}`))
    )
  )
  return diagnosis.filter(({check}) => warned.has(check))
}

function sentenceOf({result, devices, tiers}: GpuReport): string {
  const names = [...new Set(devices.map(({name}) => name))].join(' and ')
  const passed = tiers.filter(({status}) => status === 'pass' || status === 'warn').map(({id}) => id)
  return `${result} on ${names === '' ? 'no GPU' : names} (${passed.join(', ') || 'no tier passed'})`
}

function failure(report: GpuReport): Problem {
  const failed = report.tiers.flatMap(({checks}) => checks).filter(({status}) => status === 'fail')
  const ids = new Set(failed.map(({id, device}) => (device === undefined ? id : `${id}@${device}`)))
  const causes = report.diagnosis.filter(({check}) => ids.has(check))
  const [first] = causes
  return new Problem('gpu-failed', {
    what: `The image failed the GPU validation${first === undefined ? '' : `: ${first.code} in ${first.check}`}.`,
    why: `${first?.cause ?? 'No tier of the image itself passed.'} No tag was moved; the candidate stays under its digest.`,
    fix: first?.fix ?? 'Read the tiers in the report.',
    evidence: causes.flatMap(({check, code, evidence}) => [`${check}: ${code}`, ...evidence.slice(-8)]).slice(0, 40)
  })
}

function nothingToRun(): Problem {
  return new Problem('digest-mismatch', {
    what: 'There is no digest to validate.',
    why: 'Only the very image that was built may be run, and nothing says which it is.',
    fix: 'Hand over the output `digest` of the job that built it.'
  })
}
