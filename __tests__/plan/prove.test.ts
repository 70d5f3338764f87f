import {describe, expect, test} from '@jest/globals'
import {stepOf} from '../../src/model/plan.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const OWN = {dockerfile: makeDockerfile({source: 'user', path: '/work/app/Dockerfile', shown: 'Dockerfile'})}
const ENGINE = {
  version: '28.5.2',
  endpoint: 'tcp://10.0.0.7:2376',
  hasContainerdStore: true,
  storage: 'overlayfs',
  rootDir: '/var/lib/docker'
}
const A100 = {name: 'A100', capability: '8.0'}

function proofOf(said: FactsSaid) {
  return stepOf(makePlan(makeFacts(said)), 'prove')
}

describe('whether what was built is run without a GPU', () => {
  test.each<{given: string; said: FactsSaid; then: string}>([
    {given: 'a push', said: {}, then: 'allowed'},
    {given: 'the same without a cache to remember it in', said: {inputs: {cache: {backend: 'none'}}}, then: 'allowed'},
    {given: 'mode: build', said: {inputs: {mode: 'build'}}, then: 'allowed'},
    {given: 'a fork, of whose build nothing is kept', said: {origin: 'fork-pull-request'}, then: 'nothing-to-do'},
    {
      given: 'a fork whose image is loaded',
      said: {origin: 'fork-pull-request', inputs: {load: true}},
      then: 'allowed'
    },
    {given: 'a Dockerfile of which nothing was said', said: {source: OWN}, then: 'nothing-to-do'},
    {given: 'a Dockerfile that shall hold a torch', said: {source: OWN, inputs: {torch: '2.8.0'}}, then: 'allowed'},
    {
      given: 'a Dockerfile that shall run on a GPU',
      said: {source: OWN, inputs: {gpuTargets: [A100]}},
      then: 'allowed'
    },
    {
      given: 'packages of the user’s own choice',
      said: {inputs: {buildArgs: [{name: 'TORCH_PACKAGES', value: 'six'}]}},
      then: 'not-asked'
    },
    {given: 'another platform', said: {inputs: {platforms: ['linux/arm64']}}, then: 'nothing-to-do'},
    {given: 'this platform among others', said: {inputs: {platforms: ['linux/amd64', 'linux/arm64']}}, then: 'allowed'},
    {given: 'mode: promote', said: {inputs: {mode: 'promote', digest: `sha256:${'ab'.repeat(32)}`}}, then: 'not-asked'},
    {given: 'mode: lock', said: {inputs: {mode: 'lock', lock: 'pylock.toml'}}, then: 'not-asked'},
    {given: 'an engine elsewhere', said: {machine: {engine: {...ENGINE, sharesLoopback: false}}}, then: 'no-engine'}
  ])('given $given: $then', ({said, then}) => {
    expect(proofOf(said).verdict.code).toBe(then)
  })
})

describe('what is expected', () => {
  test('of the built-in image: its release, its CUDA, the named GPUs, and what the label says', () => {
    const {expected} = proofOf({inputs: {torch: '2.8', cuda: 'cu128', gpuTargets: [A100]}}).work
    expect(expected).toMatchObject({torch: '2.8.0', cuda: 'cu128', gpus: [A100]})
    expect(expected.archList).toContain('sm_80')
  })

  test('of a Dockerfile of the user’s own: what the inputs say, and nothing else', () => {
    expect(proofOf({source: OWN, inputs: {cuda: 'cu126'}}).work.expected).toEqual({
      cuda: 'cu126',
      gpus: [],
      archList: []
    })
  })

  test('of a fork that is built for the CPU: the CPU', () => {
    const said = {origin: 'fork-pull-request', inputs: {load: true, forkCuda: 'cpu'}} as const
    expect(proofOf(said).work.expected.cuda).toBe('cpu')
  })
})

describe('an image that a GPU of this machine is given next', () => {
  const machine = {gpu: {names: ['NVIDIA A100-SXM4-80GB'], driver: '570.124.06'}}
  test.each<{given: string; said: FactsSaid; then: boolean}>([
    {given: 'a machine with a GPU', said: {machine}, then: true},
    {given: 'one without', said: {}, then: false},
    {given: '`gpu: never`', said: {machine, inputs: {gpu: 'never'}}, then: false},
    {given: 'a cluster that has the GPU', said: {inputs: {gpuInjection: 'kubernetes'}}, then: false}
  ])('given $given, whether it stays in the engine: $then', ({said, then}) => {
    expect(proofOf(said).work.isPulledAgain).toBe(then)
  })
})

describe('what is remembered', () => {
  test.each<{given: string; said: FactsSaid; then: {mayRead: boolean; mayWrite: boolean}}>([
    {given: 'a push', said: {}, then: {mayRead: true, mayWrite: true}},
    {given: 'an own pull request', said: {origin: 'own-pull-request'}, then: {mayRead: true, mayWrite: false}},
    {given: 'a fork', said: {origin: 'fork-pull-request'}, then: {mayRead: false, mayWrite: false}}
  ])('given $given', ({said, then}) => {
    expect(proofOf(said).work.memory).toEqual(then)
  })
})

describe('given a registry that refuses the push', () => {
  const denied = (said: FactsSaid) => {
    const plan = makePlan(makeFacts(said))
    const [image] = stepOf(plan, 'preflight').work.images
    if (image === undefined) throw new Error('The plan pushes nothing')
    const push = [{image: image.image, result: 'denied', status: 403, evidence: ''}] as const
    return stepOf(settlePlan(plan, {push}), 'prove')
  }

  test('there is nothing to pull', () => {
    expect(denied({})).toMatchObject({verdict: {code: 'push-denied'}, work: {image: null}})
  })

  test('what is loaded is proven all the same', () => {
    expect(denied({inputs: {load: true}})).toMatchObject({verdict: {code: 'allowed'}, work: {image: null}})
  })
})
