import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {ACTION, errorCodes, markOf, summaryOf} from '../support/built-action.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'

// The engine, the registry, the container and the validator in it are real. Its torch is a stand-in, named so, which says
// of itself what a test wants to hear; __tests__/validator/test_real_torch.py has the same checks over the real one.

jest.setTimeout(180_000)

const STAND_IN = ['torch', 'torchvision'].map(name => `${name}/__init__.py`)
const REAL_FLAGS = 'sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120'

let world: JobWorld
let base: string
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('proof')
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  base = (await baseImage({folder, engine: world.engine, say: () => {}})).reference
  inputs = {
    image: world.image,
    'registry-credentials': world.login,
    torch: '2.8.0',
    cuda: 'cu128',
    'gpu-targets': 'A100, H100'
  }
}, 300_000)

afterAll(() => world?.stop())

/** A Dockerfile of the user's own, whose torch says of itself what is given. */
function layImage(torch: Readonly<Record<string, unknown>>, more = ''): void {
  const files = STAND_IN.map(name => {
    const text = readFileSync(join(ACTION, '__tests__/validator/stand_in', name), 'utf8')
    return [`stand-in/${name}`, text] as const
  })
  world.checkout({
    Dockerfile: [
      `FROM ${base}`,
      world.fresh,
      'COPY stand-in /opt/stand-in',
      `ENV PYTHONPATH=/opt/stand-in STAND_IN_TORCH='${JSON.stringify({arch_flags: REAL_FLAGS, ...torch})}'`,
      more,
      'USER 10001',
      ''
    ].join('\n'),
    ...Object.fromEntries(files)
  })
}

function run(job: Job = {}): Promise<RunResult> {
  return world.run({inputs, ...job})
}

describe('given an image that holds what was asked for', () => {
  let first: RunResult

  test('it is run without a GPU before its tags are written', async () => {
    layImage({})
    first = await run()
    expect(errorCodes(first)).toEqual([])
    expect(first).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(first.outputs.digest)
    expect(summaryOf(first)).toContain('Kernels for A100 (8.0), H100 (9.0) are there.')
  })

  test('the proof hangs beside the image, under the digest of the manifest that was run', () => {
    const index = world.manifest(`${world.image}@${first.outputs.digest}`)?.json as {manifests?: {digest: string}[]}
    const subject = index.manifests?.[0]?.digest ?? String(first.outputs.digest)
    expect(world.manifest(`${world.image}:${subject.replace(':', '-')}`)?.json).toMatchObject({
      manifests: [{artifactType: 'application/vnd.pytorch-cuda-image.proof.v1+json'}]
    })
  })

  test('the same image is not pulled again', async () => {
    const again = await run({options: {runNumber: 8}})
    expect(errorCodes(again)).toEqual([])
    expect(summaryOf(again)).toContain('Proven before, and not run again')
  })

  test('another GPU is another proof', async () => {
    const other = await run({inputs: {...inputs, 'gpu-targets': 'B200'}, options: {runNumber: 9}})
    expect(errorCodes(other)).toEqual([])
    expect(summaryOf(other)).toContain('Kernels for B200 (10.0) are there.')
  })

  test('the engine keeps neither the image nor a container', () => {
    expect(world.docker('image', 'ls', '--digests', '--no-trunc')).not.toContain(first.outputs.digest)
    expect(world.docker('ps', '--all', '--format', '{{.Names}}')).not.toContain(markOf(first))
  })
})

describe('given an image that does not', () => {
  test.each<{given: string; torch: Readonly<Record<string, unknown>>; more?: string; then: string; says: string}>([
    {given: 'a torch built for the CPU', torch: {cuda: null}, then: 'torch-is-cpu-build', says: 'cu128 was asked for'},
    {given: 'another CUDA', torch: {cuda: '12.6'}, then: 'torch-not-as-asked', says: 'cu126'},
    {
      given: 'wheels without the kernels of a named GPU',
      torch: {arch_flags: 'sm_70 sm_80'},
      then: 'gpu-without-kernels',
      says: 'H100 (9.0)'
    },
    {
      given: 'a torch that cannot be imported',
      torch: {misbehave: {import: 'raise: libcudart.so.12: cannot open shared object file'}},
      then: 'proof-failed',
      says: 'libcudart.so.12'
    },
    {
      given: 'torchvision of another torch',
      torch: {misbehave: {nms: 'raise: operator torchvision::nms does not exist'}},
      then: 'torchvision-mismatched',
      says: 'operator torchvision::nms does not exist'
    },
    {
      given: 'a second NCCL',
      torch: {},
      more: 'RUN mkdir -p /opt/nccl && touch /opt/nccl/libnccl.so.2 /usr/lib/libnccl.so.2\nENV LD_LIBRARY_PATH=/opt/nccl',
      then: 'cuda-library-double',
      says: '/opt/nccl'
    }
  ])('$given: $then, no tag moves, and the candidate stays', async ({torch, more, then, says}) => {
    const before = world.manifest(`${world.image}:main`)?.digest
    layImage(torch, more)
    const stopped = await run({options: {runNumber: 20}})
    expect(errorCodes(stopped)).toEqual([then])
    expect(stopped).toMatchObject({conclusion: 'failure', outputs: {pushed: 'false'}})
    expect(summaryOf(stopped)).toContain(says)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(before)
    expect(stopped.outputs.digest).not.toBe(before)
    expect(world.manifest(`${world.image}@${stopped.outputs.digest}`)).toBeDefined()
  })
})

describe('given nothing to pull', () => {
  test('a pull request that is loaded is proven in the engine', async () => {
    layImage({cuda: null})
    const stopped = await run({event: 'pull-request', inputs: {...inputs, load: 'true'}})
    expect(errorCodes(stopped)).toEqual(['torch-is-cpu-build'])
    world.docker('image', 'rm', `${world.image}:pr-42`)
  })

  test('a fork is told that `load` would have it proven', async () => {
    // Its builder has none of the engine's images.
    const workspace = world.checkout({Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n'}, {directory: 'of a fork'})
    const forked = await run({event: 'fork-pull-request', workspace})
    expect(errorCodes(forked)).toEqual([])
    expect(summaryOf(forked)).toContain('it is proven')
  })

  test('an image that nobody said anything about is not run', async () => {
    const {torch: _, cuda: __, 'gpu-targets': ___, ...silent} = inputs
    const plain = await run({inputs: silent, options: {runNumber: 30}})
    expect(errorCodes(plain)).toEqual([])
    expect(summaryOf(plain)).not.toContain('Proof without a GPU')
  })
})
