/** The suspended Job that the owner of a cluster keeps for validations; each run makes one of its own from it. */
export const TEMPLATE_JOB = 'gpu-validation'

/** The container of that Job that is the image; its validator lies in the volume of the same name. */
const VALIDATOR = 'validator'

/** Where `deploy/kubernetes/validate` mounts the validator. */
const INSIDE = '/opt/validator/validate.py'

/** For how long the cluster keeps what a run that was lost has left. */
const LEFT_S = 3600

/** What a pod needs before it can be asked to validate: these do not pass by waiting. */
const HOPELESS = [
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff'
]

type Json = Readonly<Record<string, unknown>>

interface ContainerJson extends Json {
  readonly name: string
  readonly image: string
}

interface PodSpecJson extends Json {
  readonly containers: readonly ContainerJson[]
  readonly volumes?: readonly (Json & {readonly name: string; readonly configMap?: {readonly name: string}})[]
}

interface JobJson {
  readonly spec: Json & {readonly template: {readonly metadata?: Metadata; readonly spec: PodSpecJson}}
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** What the owner of the cluster laid there for validations. */
export interface JobTemplate {
  readonly job: JobJson
  /** The ConfigMap with the validator's files. */
  readonly validator: string
}

/** How far the pod of a Job is, as the cluster says. */
export interface PodState {
  readonly phase: 'waiting' | 'hopeless' | 'running' | 'ended'
  readonly pod?: string
  /** As the pod asks for it: an admission controller may have put another one there. */
  readonly image?: string
  readonly exitCode?: number
  /** The cluster's own words for why it waits or ended. */
  readonly words: readonly string[]
}

/** Reads the Job that runs are made from; undefined where it is none that `deploy/kubernetes/validate` describes. */
export function readTemplate(text: string): JobTemplate | undefined {
  const job = parsed(text) as Partial<JobJson> | undefined
  const spec = job?.spec?.template?.spec
  const volume = spec?.volumes?.find(({name}) => name === VALIDATOR)?.configMap?.name
  const has = spec?.containers?.some(({name}) => name === VALIDATOR)
  return has === true && volume !== undefined ? {job: job as JobJson, validator: volume} : undefined
}

/**
 * The Job of one run, as `kubectl create` takes it.
 *
 * The container waits for its order on standard input, so that the number that only this run knows lies in no file of the
 * pod and in no object of the cluster. A Job that nobody comes back for ends by itself and is removed.
 */
export function jobOf(
  {job}: JobTemplate,
  {name, image, python, limitS}: {name: string; image: string; python: readonly string[]; limitS: number}
): Json {
  const {template} = job.spec
  const containers = template.spec.containers.map(container =>
    container.name === VALIDATOR
      ? {...container, image, command: ['python3', ...python, INSIDE], args: [], stdin: true, stdinOnce: true}
      : container
  )
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {name, labels: {'app.kubernetes.io/managed-by': 'pytorch-cuda-image-action'}},
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: limitS,
      ttlSecondsAfterFinished: LEFT_S,
      template: {
        metadata: {labels: ownLabels(template.metadata?.labels), annotations: template.metadata?.annotations ?? {}},
        spec: {...template.spec, restartPolicy: 'Never', containers}
      }
    }
  }
}

/** Reads the list of a Job's pods. One that is not there yet is waited for. */
export function readPods(text: string): PodState {
  const [pod] = (parsed(text) as {items?: readonly PodJson[]} | undefined)?.items ?? []
  if (pod === undefined) return {phase: 'waiting', words: []}
  const status = pod.status?.containerStatuses?.find(({name}) => name === VALIDATOR)
  const image = pod.spec.containers.find(({name}) => name === VALIDATOR)?.image
  const known = {pod: pod.metadata.name, ...(image === undefined ? {} : {image})}
  const {waiting, running, terminated} = status?.state ?? {}
  if (running !== undefined) return {...known, phase: 'running', words: []}
  if (terminated !== undefined) {
    const {exitCode, reason = '', message = ''} = terminated
    return {
      ...known,
      phase: 'ended',
      exitCode,
      words: wordsOf(`The container ended with ${exitCode}: ${reason}`, message)
    }
  }
  if (pod.status?.phase === 'Failed') {
    return {...known, phase: 'ended', words: wordsOf(pod.status.reason ?? 'The pod failed.', pod.status.message ?? '')}
  }
  const unmet = (pod.status?.conditions ?? []).filter(({status: is}) => is === 'False').map(({message = ''}) => message)
  const words = wordsOf(
    ...(waiting === undefined ? [] : [`${waiting.reason ?? ''}: ${waiting.message ?? ''}`]),
    ...unmet
  )
  return {...known, phase: HOPELESS.includes(waiting?.reason ?? '') ? 'hopeless' : 'waiting', words}
}

/** Warnings of the cluster about a Job and its pod. */
export function readEvents(text: string, job: string): readonly string[] {
  const {items = []} = (parsed(text) ?? {}) as {items?: readonly EventJson[]}
  return items
    .filter(({type, involvedObject}) => type === 'Warning' && involvedObject?.name?.startsWith(job) === true)
    .map(({reason = '', message = ''}) => `${reason}: ${message}`)
}

/** Files of a ConfigMap. */
export function readConfigMap(text: string): Readonly<Record<string, string>> {
  return (parsed(text) as {data?: Readonly<Record<string, string>>} | undefined)?.data ?? {}
}

interface PodJson {
  readonly metadata: {readonly name: string}
  readonly spec: PodSpecJson
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly {readonly status: string; readonly message?: string}[]
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly state?: {
        readonly waiting?: {readonly reason?: string; readonly message?: string}
        readonly running?: object
        readonly terminated?: {readonly exitCode: number; readonly reason?: string; readonly message?: string}
      }
    }[]
  }
}

interface EventJson {
  readonly involvedObject?: {readonly name?: string}
  readonly type?: string
  readonly reason?: string
  readonly message?: string
}

/** Labels by which the suspended Job would find its own pods stay there. */
function ownLabels(labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const isJobs = (name: string) => /^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/.test(name)
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !isJobs(name)))
}

function wordsOf(...texts: readonly string[]): readonly string[] {
  return texts.flatMap(text => text.split('\n')).filter(line => line.trim() !== '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
