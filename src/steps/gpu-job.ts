import {PYTHON_ARGUMENTS} from '../gpu/container.ts'
import type {HostState} from '../gpu/host-checks.ts'
import {jobOf, type PodState, readConfigMap, readEvents, readPods, readTemplate, TEMPLATE_JOB} from '../gpu/job.ts'
import type {ContainerRun} from '../gpu/judgement.ts'
import type {Command, Host, Ran} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import {limitOf, listen, type Order, secretOrder} from './gpu-listen.ts'
import {askGpus} from './gpu-machine.ts'

const SHORT_MS = 60_000
const PAUSE_MS = 2_000

/** For a node to be found and the image to be pulled onto it. */
const START_MS = 45 * 60_000

/** Variables by which kubectl finds its cluster, and the programs that log it in there find theirs. */
const PLACE_VARIABLES = /^(?:KUBECONFIG|KUBERNETES_SERVICE_(?:HOST|PORT))$/
const LOGIN_VARIABLES = /^(?:AWS|AZURE|CLOUDSDK|GOOGLE)_[A-Z_]+$/

/** What a run in the cluster is about; its GPU is known only once it is there. */
export type ClusterOrder = Omit<Order, 'state' | 'injection'>

/** A Job of ours in the cluster, whose container waits for its order. */
export interface StartedJob {
  readonly pod: string
  readonly image: string
}

/** Asks the cluster; the container of a Job is asked through it as well. */
export interface Cluster {
  ask(args: readonly string[], stdin?: string): Promise<Ran>
  command(args: readonly string[]): Command
}

/** The cluster that kubectl speaks to, in its current namespace. */
export function clusterOf(host: Host): Cluster {
  const env = {...variables(host, PLACE_VARIABLES), ...variables(host, LOGIN_VARIABLES)}
  const command = (args: readonly string[]): Command => ({file: 'kubectl', args, env})
  return {
    command,
    ask: (args, stdin) =>
      host.commands.ask({...command(args), timeoutMs: SHORT_MS, ...(stdin === undefined ? {} : {stdin})})
  }
}

/**
 * Makes a Job for this run from the suspended one that the cluster's owner keeps, and waits until its container is there.
 *
 * Gives the cluster's words where it does not come to that. Throws `gpu-cluster` where the cluster is not set up for it.
 */
export async function startJob(
  {work, image}: ClusterOrder,
  {cluster, host}: {cluster: Cluster; host: Host}
): Promise<StartedJob | {readonly words: readonly string[]}> {
  if (work.image === null) throw new Error('There is no image to validate')
  const template = readTemplate(await told(cluster, ['get', 'job', TEMPLATE_JOB, '--output=json']))
  if (template === undefined) throw notSetUp('', [`job/${TEMPLATE_JOB} is not the one of this action.`])
  const files = readConfigMap(await told(cluster, ['get', 'configmap', template.validator, '--output=json']))
  await checkValidator(files, {directory: work.validator, host})
  const {registry, repository} = work.image.image
  const reference = `${registry}/${repository}@${image.digest}`
  const limitS = Math.ceil((START_MS + limitOf({work, state: NO_STATE})) / 1000)
  const job = jobOf(template, {name: work.container, image: reference, python: PYTHON_ARGUMENTS, limitS})
  host.ledger.record({
    kind: 'remove-job',
    name: work.container,
    kubectl: 'kubectl',
    environment: variables(host, PLACE_VARIABLES)
  })
  await told(cluster, ['create', '--filename=-'], JSON.stringify(job))
  host.log.info(`Waiting for a GPU of the cluster: job/${work.container}`)
  const state = await podOf(work.container, {cluster, host})
  if (state.phase === 'running' && state.pod !== undefined && state.image !== undefined) {
    return {pod: state.pod, image: state.image}
  }
  const events = await cluster.ask(['get', 'events', '--output=json'])
  const about = readEvents(events.stdout, work.container)
  return {words: [...about, ...state.words]}
}

/** What the container of the Job says of its GPUs: its own nvidia-smi, which the cluster put there. */
export function askInJob({pod}: StartedJob, cluster: Cluster): Promise<HostState> {
  return askGpus(args => cluster.ask(['exec', pod, '--container=validator', '--', 'nvidia-smi', ...args]))
}

/**
 * Gives the validator its order by its standard input, and reads what it says.
 *
 * A connection that breaks meanwhile loses no line: the cluster keeps them, and all are read again from there.
 */
export async function runInJob(
  order: Order,
  {job, cluster, host}: {job: StartedJob; cluster: Cluster; host: Host}
): Promise<ContainerRun> {
  const where = [job.pod, '--container=validator']
  const hear = (command: Command) => listen(order, {command, host, witness: async () => []})
  const attached = await hear({
    ...cluster.command(['attach', ...where, '--stdin', '--quiet']),
    stdin: secretOrder(order)
  })
  const {isComplete, kernel} = attached.transcript
  const isCut = !isComplete && kernel !== undefined && !attached.hasTimedOut
  const heard = isCut ? await hear(cluster.command(['logs', ...where, '--follow'])) : attached
  const {exitCode = heard.exitCode, words} = await lookAt(order.work.container, cluster)
  return {...heard, exitCode, words: [...heard.words, ...(heard.transcript.isComplete ? [] : words)]}
}

/** Takes the Job away, with its pod. */
export async function endJob({work}: ClusterOrder, cluster: Cluster): Promise<void> {
  await cluster.ask(['delete', `job/${work.container}`, '--ignore-not-found', '--wait=false'])
}

const NO_STATE: HostState = {gpus: [], devices: [], processes: [], unknown: [], words: []}

/** Waits for the pod as long as waiting can help. */
async function podOf(name: string, {cluster, host}: {cluster: Cluster; host: Host}): Promise<PodState> {
  const until = host.clock.elapsedMs() + START_MS
  for (;;) {
    const state = await lookAt(name, cluster)
    if (state.phase !== 'waiting' || host.clock.elapsedMs() >= until) return state
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    if (host.cancelled.aborted) return state
  }
}

async function lookAt(name: string, cluster: Cluster): Promise<PodState> {
  const {stdout} = await cluster.ask(['get', 'pods', `--selector=job-name=${name}`, '--output=json'])
  return readPods(stdout)
}

/** The validator in the cluster must be this version's: what it says is read by this version. */
async function checkValidator(
  files: Readonly<Record<string, string>>,
  {directory, host}: {directory: string; host: Host}
): Promise<void> {
  const names = (await host.files.list(directory, {depth: 1})).filter(name => name.endsWith('.py'))
  const texts = await Promise.all(names.map(name => host.files.read(`${directory}/${name}`)))
  const ours = Object.fromEntries(names.map((name, at) => [name, texts[at]]))
  const all = [...new Set([...names, ...Object.keys(files)])]
  const others = all.filter(name => files[name] !== ours[name]).map(name => `${name} is another one`)
  if (others.length > 0) throw notSetUp('The validator in the cluster is not that of this version. ', others)
}

async function told(cluster: Cluster, args: readonly string[], stdin?: string): Promise<string> {
  const {exitCode, stdout, stderr} = await cluster.ask(args, stdin)
  if (exitCode === 0) return stdout
  throw notSetUp(exitCode === 127 ? 'There is no kubectl on this machine. ' : '', [
    `kubectl ${args.slice(0, 3).join(' ')}`,
    ...stderr.split('\n').filter(line => line.trim() !== '')
  ])
}

function notSetUp(what: string, evidence: readonly string[]): Problem {
  return new Problem('gpu-cluster', {
    what: `${what}The image cannot be run in the cluster.`,
    why: `A run makes its Job from the suspended one that the cluster’s owner keeps as job/${TEMPLATE_JOB}.`,
    fix: 'Lay `deploy/kubernetes/validate` of this very version into the namespace (`kubectl apply -k`), and give the job’s account its Role.',
    evidence: evidence.slice(0, 20)
  })
}

function variables({env}: Host, pattern: RegExp): Readonly<Record<string, string>> {
  const found = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && pattern.test(name) ? [[name, value] as const] : []
  )
  return Object.fromEntries(found)
}
