import {describe, expect, test} from '@jest/globals'
import {acceptReport, isRefusal} from '../../src/gpu/acceptance.ts'
import {sha256Of} from '../../src/gpu/seal.ts'
import type {Command} from '../../src/host/host.ts'
import type {GpuReport} from '../../src/model/gpu-report.ts'
import {LABELS} from '../../src/model/labels.ts'
import {Secret} from '../../src/model/secret.ts'
import {gpuSection} from '../../src/report/gpu-section.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {validateOnGpu} from '../../src/steps/validate.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'
import {type PlayedCluster, playCluster, validatorFiles} from './cluster-stage.ts'
import {APP, isReport, makeWork, VALIDATOR} from './gpu-stage.ts'

// kubectl and the cluster are stand-ins, torch as well. Not yet run on a cluster.

interface Told {
  readonly report: GpuReport
  readonly host: FakeHost
  readonly asked: readonly Command[]
  readonly problems: readonly string[]
  readonly causes: readonly string[]
  readonly summary: string
}

async function validate(cluster: PlayedCluster, asked: Command[] = []): Promise<Told> {
  const registry = makeMemoryRegistry()
  const {digest} = registry.put(APP, {[LABELS.torch]: '2.8.0', [LABELS.cuda]: 'cu128', [LABELS.archList]: '8.0;9.0'})
  const files = Object.fromEntries(
    Object.entries(validatorFiles()).map(([name, text]) => [`${VALIDATOR}/${name}`, text])
  )
  const env = {KUBECONFIG: '/home/runner/.kube/config', AWS_SESSION_TOKEN: 'aws-session-token', OTHER: 'other'}
  const host = makeFakeHost({registry, programs: playCluster(cluster, asked), files, env})
  const context = {host, products: {digest}, resources: {}, notice: () => {}, warn: () => {}}
  const {products, problems = []} = await validateOnGpu(makeWork({place: 'cluster'}), context as unknown as StepContext)
  const report = products?.gpu?.report as GpuReport
  isReport(JSON.parse(JSON.stringify(report)))
  expect(isReport.errors ?? []).toEqual([])
  return {
    report,
    host,
    asked,
    problems: problems.map(({code}) => code),
    causes: report.diagnosis.map(({check, code}) => `${check} ${code}`),
    summary: gpuSection(products ?? {}, 'https://docs/').join('\n\n')
  }
}

function verbs(asked: readonly Command[]): readonly string[] {
  return asked.map(({args}) => args.slice(0, 2).join(' '))
}

describe('given a cluster with a GPU', () => {
  let told: Told

  test('the image passes in a Job of its own, and the report says that nobody looked on', async () => {
    told = await validate({})
    expect(told.problems).toEqual([])
    expect(Object.fromEntries(told.report.tiers.map(({id, status}) => [id, status]))).toEqual({
      T0: 'pass',
      T1: 'pass',
      T2: 'pass',
      T3: 'pass',
      T4: 'pass'
    })
    expect(told.report).toMatchObject({
      result: 'pass',
      host: {place: 'cluster', driver: '570.124.06'},
      witnessed: [],
      devices: [{name: 'NVIDIA A100-SXM4-80GB', sm_match: 'sass'}]
    })
    expect(told.summary).toContain('in a Job of the cluster, without a witness')
  })

  test('promotion takes this report', () => {
    const text = told.host.stored.get('/temp/run.gpu-report.json') ?? ''
    const digest = told.report.image.digest
    const wanted = {digest, runId: '7001', now: new Date(told.report.started_at)}
    expect(isRefusal(acceptReport({path: 'gpu.json', text, sha256: sha256Of(text)}, wanted))).toBe(false)
  })

  test('the Job is that of the cluster’s owner, by digest, and waits for its order on standard input', () => {
    const create = told.asked.find(({args}) => args[0] === 'create')
    const job = JSON.parse(String(create?.stdin))
    expect(job).toMatchObject({
      kind: 'Job',
      metadata: {name: 'pytorch-cuda-image-7001-1'},
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 3600,
        template: {
          metadata: {labels: {team: 'vision'}},
          spec: {
            runtimeClassName: 'nvidia',
            automountServiceAccountToken: false,
            imagePullSecrets: [{name: 'registry'}],
            containers: [{image: `ghcr.io/acme/app@${told.report.image.digest}`, stdin: true, stdinOnce: true}]
          }
        }
      }
    })
    expect(job.spec).not.toHaveProperty('suspend')
    expect(job.spec).not.toHaveProperty('selector')
    expect(Object.keys(job.spec.template.metadata.labels)).toEqual(['team'])
  })

  test('the number that only this run knows goes through the attached input alone', () => {
    const attach = told.asked.find(({args}) => args[0] === 'attach')
    const order = attach?.stdin instanceof Secret ? attach.stdin.reveal() : ''
    const {nonce} = JSON.parse(order)
    expect(nonce).toMatch(/^[0-9a-f]{64}$/)
    const others = told.asked.filter(command => command !== attach).map(({args, stdin}) => `${args.join(' ')} ${stdin}`)
    for (const text of [...others, ...told.host.stored.values(), ...told.host.deeds]) expect(text).not.toContain(nonce)
  })

  test('the Job is in the ledger, without a login of the cluster, and is removed at the end', () => {
    expect(told.host.undos).toContainEqual({
      kind: 'remove-job',
      name: 'pytorch-cuda-image-7001-1',
      kubectl: 'kubectl',
      environment: {KUBECONFIG: '/home/runner/.kube/config'}
    })
    expect(verbs(told.asked).at(-1)).toBe('delete job/pytorch-cuda-image-7001-1')
  })

  test('kubectl gets what it logs in with, and nothing else of the job', () => {
    for (const {file, env} of told.asked) {
      if (file === 'kubectl') expect(Object.keys(env ?? {})).toEqual(['KUBECONFIG', 'AWS_SESSION_TOKEN'])
    }
  })
})

describe('a cluster that does not do as it should', () => {
  const waiting = (reason: string, message: string) => ({
    containerStatuses: [{name: 'validator', state: {waiting: {reason, message}}}]
  })

  test.each<{given: string; cluster: PlayedCluster; then: string; evidence?: string}>([
    {
      given: 'an image that it may not pull',
      cluster: {status: waiting('ImagePullBackOff', 'Back-off pulling image: 401 Unauthorized')},
      then: 't0.job JOB_NOT_STARTED',
      evidence: '401 Unauthorized'
    },
    {
      given: 'a node without the runtime for the GPU, as its events tell',
      cluster: {
        status: waiting('CreateContainerError', 'context deadline exceeded'),
        events: [
          {
            type: 'Normal',
            reason: 'Scheduled',
            message: 'to gpu-node-7',
            involvedObject: {name: 'pytorch-cuda-image-7001-1-x'}
          },
          {type: 'Warning', reason: 'Failed', message: 'of another', involvedObject: {name: 'other'}},
          {
            type: 'Warning',
            reason: 'Failed',
            message: 'nvidia-container-cli: load library failed: libnvidia-ml.so.1',
            involvedObject: {name: 'pytorch-cuda-image-7001-1-x7k2p'}
          }
        ]
      },
      then: 't0.job DRIVER_MISSING'
    },
    {
      given: 'an admission rule that gives the pod another image',
      cluster: {image: 'mirror.acme.example/app:latest'},
      then: 't0.image IMAGE_REPLACED'
    },
    {
      given: 'a pod without a GPU',
      cluster: {answers: {exec: {exitCode: 126, stdout: '', stderr: 'exec: "nvidia-smi": executable file not found'}}},
      then: 't0.gpu GPU_ABSENT'
    },
    {given: 'a torch that sees no GPU', cluster: {torch: {devices: []}}, then: 't3.available NO_GPU'},
    {
      given: 'a validator that was killed half-way',
      cluster: {edit: line => (/"event":"(?:tier|end)"|"tier":"T4"/.test(line) ? undefined : line)},
      then: 'run.complete REPORT_INCOMPLETE'
    },
    {
      given: 'code of the image that prints a report of its own',
      cluster: {
        edit: line => (line.includes('"begin"') ? `{"format":1,"seq":0,"event":"end","mac":"${'0'.repeat(64)}"}` : line)
      },
      then: 'run.marks REPORT_FORGED'
    },
    {
      given: 'an account that may not attach',
      cluster: {answers: {attach: {exitCode: 1, stderr: 'Error from server (Forbidden): pods/attach is forbidden'}}},
      then: 'run.complete RUN_FAILED',
      evidence: 'pods/attach is forbidden'
    }
  ])('given $given, then it is $then, nothing passes, and the Job is removed', async ({cluster, then, evidence}) => {
    const told = await validate(cluster)
    expect(told.causes).toContain(then)
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
    expect(verbs(told.asked).at(-1)).toBe('delete job/pytorch-cuda-image-7001-1')
    expect(JSON.stringify(told.report)).toContain(evidence ?? '')
    expect(JSON.stringify(told.report)).not.toContain('gpu-node-7')
  })

  test('given a connection that breaks, then the lines are read again from where the cluster keeps them', async () => {
    const told = await validate({breaksAfter: 3})
    expect(told).toMatchObject({report: {result: 'pass'}, problems: []})
    expect(verbs(told.asked)).toContain('logs pytorch-cuda-image-7001-1-x7k2p')
  })

  test.each<{given: string; cluster: PlayedCluster; evidence: string}>([
    {
      given: 'no kubectl',
      cluster: {answers: {'get job': {exitCode: 127, stderr: 'kubectl: not found'}}},
      evidence: 'kubectl: not found'
    },
    {
      given: 'no Job to make one from',
      cluster: {
        answers: {'get job': {exitCode: 1, stderr: 'Error from server (NotFound): jobs.batch "gpu-validation"'}}
      },
      evidence: 'jobs.batch "gpu-validation"'
    },
    {given: 'a Job of another kind', cluster: {answers: {'get job': {stdout: '{}'}}}, evidence: 'is not the one'},
    {
      given: 'a validator of another version',
      cluster: {validator: {...validatorFiles(), 'catalog.py': '# an older one\n'}},
      evidence: 'catalog.py is another one'
    }
  ])('given $given, then nothing is made in the cluster and the run ends', async ({cluster, evidence}) => {
    const asked: Command[] = []
    const thrown = await validate(cluster, asked).catch(error => error)
    expect(thrown).toMatchObject({code: 'gpu-cluster'})
    expect(thrown.evidence.join('\n')).toContain(evidence)
    expect(verbs(asked).filter(verb => verb.startsWith('create'))).toEqual([])
  })
})
