import type {Facts} from '../model/facts.ts'
import type {ImageName, Inputs} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ValidateWork} from '../model/work-release.ts'
import {gpuAccess} from './access.ts'
import {allow, permit, refuse} from './permit.ts'

/** OCI's names for what runners call `x64` and `arm64`. */
const PLATFORMS: Readonly<Record<string, string>> = {x64: 'amd64', arm64: 'arm64'}

/** Whether the run is about an image that exists already, so that nothing is built. */
export function isAboutDigest({mode}: Inputs): boolean {
  return mode === 'validate' || mode === 'promote'
}

/** Whether the image is run on this machine's GPU before its tags move. */
export function validateVerdict(facts: Facts, push: Verdict): Verdict {
  const {inputs, machine} = facts
  if (inputs.mode === 'build') return refuse('not-asked', 'The input `mode` says build, which ends with a candidate.')
  if (inputs.mode === 'promote') return refuse('not-asked', 'The input `mode` says promote, which reads reports.')
  if (inputs.gpu === 'never') return refuse('not-asked', 'The input `gpu` says never.')
  const gpu = permit(facts, 'gpu')
  if (!gpu.allowed) return gpu
  // A machine that was chosen for its GPU and shows none fails with a report that says why.
  if (inputs.mode === 'validate') return allow(gpu.because)
  if (machine.gpu === undefined && !isInCluster(facts))
    return refuse('no-gpu', 'This machine has no GPU that nvidia-smi knows.')
  if (!push.allowed) {
    return refuse('nothing-to-do', `What runs on the GPU is pulled by its digest, and none is pushed. ${push.because}`)
  }
  const where = isInCluster(facts)
    ? 'The cluster has a GPU'
    : `This machine has a GPU (${machine.gpu?.names.join(', ')})`
  return allow(`${where}, so the image runs on it before a tag moves.`)
}

/** Whether the GPU is one of a cluster, so that this machine needs none. */
function isInCluster({inputs}: Facts): boolean {
  return inputs.gpuInjection === 'kubernetes'
}

function placeOf(facts: Facts): ValidateWork['place'] {
  if (isInCluster(facts)) return 'cluster'
  return facts.machine.engine === undefined && facts.machine.isContainer ? 'container' : 'engine'
}

/** How the image is run: which, how much of it, and in what. */
export function validateWork(facts: Facts, image: ImageName | null): ValidateWork {
  const {inputs, machine, paths, event} = facts
  return {
    image: image === null ? null : gpuAccess(facts, image),
    ...(inputs.digest === undefined ? {} : {digest: inputs.digest}),
    level: inputs.gpuTiers,
    devices: isInCluster(facts) ? [] : inputs.gpuDevices,
    injection: inputs.gpuInjection === 'kubernetes' ? 'auto' : inputs.gpuInjection,
    floors: inputs.gpuFloors,
    compareWith: inputs.mode === 'validate' ? inputs.gpuReports.map(({path}) => path) : [],
    place: placeOf(facts),
    docker: machine.docker?.path ?? 'docker',
    ...(machine.engine === undefined ? {} : {endpoint: machine.engine.endpoint}),
    directory: `${paths.run}/gpu`,
    validator: `${paths.action}/validator`,
    container: `pytorch-cuda-image-${event.runId}-${event.runAttempt}-${paths.run.slice(-8)}`,
    platform: PLATFORMS[machine.arch] ?? machine.arch,
    disk: machine.disk?.place ?? paths.workspace,
    reportFile: `${paths.run}.gpu-report.json`,
    run: {id: event.runId, attempt: event.runAttempt, workflow: event.workflow, revision: event.sha},
    runner: {ephemeral: machine.isEphemeral, kind: machine.runner}
  }
}

/** What was asked of a GPU and cannot be, told before anything is built. */
export function checkGpu(facts: Facts): readonly Problem[] {
  const {inputs, machine} = facts
  if (inputs.gpu !== 'required') return []
  if (inputs.mode === 'promote') return inputs.gpuReports.length > 0 ? [] : [missingReport()]
  const isNeeded = inputs.mode === 'auto' && permit(facts, 'gpu').allowed && permit(facts, 'push').allowed
  return isNeeded && machine.gpu === undefined && !isInCluster(facts) ? [missingGpu()] : []
}

/** What the reader of the run's page must know about tags that no GPU stands behind. */
export function gpuNotices({inputs}: Facts): readonly string[] {
  if (inputs.mode !== 'promote' || inputs.gpu !== 'auto' || inputs.gpuReports.length > 0) return []
  return ['The image is promoted without a GPU report: none was handed over. `gpu: required` makes that an error.']
}

function missingGpu(): Problem {
  return new Problem('gpu-missing', {
    what: 'The input `gpu` says required, and nvidia-smi finds no GPU on this machine.',
    why: 'No tag may move before the image has run on a GPU, so the build would be for nothing.',
    fix: 'Run the job on a machine with a GPU (`runs-on: [self-hosted, gpu]`), or split it: `mode: build` here, `mode: validate` there, `mode: promote` last.'
  })
}

function missingReport(): Problem {
  return new Problem('gpu-report-missing', {
    what: 'The input `gpu` says required, and `gpu-report` names no report.',
    why: 'No tag may move before the image has run on a GPU.',
    fix: 'Hand over the reports of the jobs that ran `mode: validate`, one path on each line.'
  })
}
