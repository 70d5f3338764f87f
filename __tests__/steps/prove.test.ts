import {describe, expect, test} from '@jest/globals'
import type {Command} from '../../src/host/host.ts'
import type {Products} from '../../src/model/report.ts'
import type {ProveWork} from '../../src/model/work-proof.ts'
import {proveImage} from '../../src/steps/prove.ts'
import type {Resources} from '../../src/steps/step.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'
import {APP, playMachine, VALIDATOR} from './gpu-stage.ts'

// The engine is a script; what it "runs" is the shipped validator, over the stand-in for torch.

const WORK: ProveWork = {
  image: {image: APP, credential: null},
  subject: 'runtime',
  isPulledAgain: false,
  expected: {torch: '2.8.0', cuda: 'cu128', gpus: [{name: 'A100', capability: '8.0'}], archList: ['sm_80', 'sm_90']},
  docker: 'docker',
  directory: '/run/proof',
  validator: VALIDATOR,
  container: 'pytorch-cuda-image-proof-7001-1',
  platform: 'amd64',
  disk: '/var/lib/docker',
  memory: {mayRead: true, mayWrite: true},
  run: 'https://github.com/acme/app/actions/runs/7001'
}

interface Said {
  readonly work?: Partial<ProveWork>
  readonly torch?: Readonly<Record<string, unknown>>
  readonly freeBytes?: number
  readonly pull?: {readonly exitCode: number; readonly stderr: string}
  readonly run?: {readonly exitCode: number; readonly stderr: string}
  readonly losesLayer?: 'pull' | 'run'
}

/** A registry with a runtime and an image upon it, in which several runs prove. */
const RUNTIME_IMAGE = {platform: 'linux/amd64', python: '3.12.4', isForeign: false, libraries: 0}

function openStage() {
  const registry = makeMemoryRegistry()
  const runtime = registry.put(APP, {kind: 'runtime'}).digest
  const prove = async ({work = {}, freeBytes = 100e9, ...machine}: Said = {}, changed = 'first') => {
    const digest = registry.put(APP, {code: changed}).digest
    const asked: Command[] = []
    const warnings: string[] = []
    const fake = makeFakeHost({programs: playMachine(machine, asked)})
    const files = {...fake.files, freeBytes: async () => freeBytes}
    const products: Products = {
      digest,
      candidate: `ghcr.io/acme/app@${digest}`,
      runtime: {
        digest: `sha256:${'1d'.repeat(32)}`,
        images: [
          {...RUNTIME_IMAGE, platform: 'linux/arm64', digest: `sha256:${'a6'.repeat(32)}`, isForeign: true},
          {...RUNTIME_IMAGE, digest: runtime}
        ],
        layers: [],
        fetchedBytes: 0
      }
    }
    const resources: Resources = {docker: {file: 'docker', environment: {}}}
    const made = await proveImage(
      {...WORK, ...work},
      {
        host: {...fake, files, registry},
        products,
        resources,
        notice: () => {},
        warn: text => void warnings.push(text)
      }
    )
    const pulled = asked.filter(({args}) => args[0] === 'pull').map(({args}) => args.at(-1)?.split('@')[1])
    const runs = asked.filter(({args}) => args[0] === 'run')
    const ran = runs[0]?.args ?? []
    const removed = () => asked.some(({args}) => args.slice(0, 2).join(' ') === 'image rm')
    return {
      ...made,
      codes: (made.problems ?? []).map(({code}) => code),
      pulled,
      ran,
      runs: runs.length,
      removed,
      resources,
      warnings,
      digest
    }
  }
  return {registry, runtime, prove}
}

describe('the step prove', () => {
  test('the runtime is run, with nothing that it does not need', async () => {
    const {prove, runtime} = openStage()
    const {codes, pulled, ran, products} = await prove()
    expect(codes).toEqual([])
    expect(pulled).toEqual([runtime])
    expect(products?.proof).toMatchObject({subject: runtime, kind: 'runtime', origin: 'made'})
    expect(ran).toEqual(expect.arrayContaining(['--network=none', '--read-only', '--cap-drop=ALL']))
    expect(ran).toEqual(expect.arrayContaining(['--security-opt=no-new-privileges', '--user=65532:65532']))
    expect(ran.filter(argument => /^--(?:gpus|device|runtime|env=NVIDIA)/.test(argument))).toEqual([
      '--env=NVIDIA_VISIBLE_DEVICES=void'
    ])
    expect(ran.filter(argument => argument.startsWith('--volume'))).toHaveLength(1)
  })

  test('other code on the same runtime is believed, and nothing is pulled', async () => {
    const {prove} = openStage()
    await prove()
    const {made, pulled, products} = await prove({}, 'second')
    expect(made).toBe('proven before (https://github.com/acme/app/actions/runs/7001)')
    expect(pulled).toEqual([])
    expect(products?.proof).toMatchObject({origin: 'found', result: 'pass'})
  })

  test.each<{given: string; work: Partial<ProveWork>}>([
    {given: 'another GPU', work: {expected: {...WORK.expected, gpus: [{name: 'H100', capability: '9.0'}]}}},
    {given: 'a run that may not read what is remembered', work: {memory: {mayRead: false, mayWrite: false}}}
  ])('given $given, it is proven again', async ({work}) => {
    const {prove, runtime} = openStage()
    await prove()
    expect((await prove({work})).pulled).toEqual([runtime])
  })

  test('a run that may not write leaves nothing, and so does a failed one', async () => {
    const {prove, registry} = openStage()
    await prove({work: {memory: {mayRead: true, mayWrite: false}}})
    await prove({torch: {cuda: null}})
    expect(registry.writes).toEqual([])
  })

  test.each<{given: string; said: Said; then: readonly string[]}>([
    {given: 'a build for the CPU', said: {torch: {cuda: null}}, then: ['torch-is-cpu-build']},
    {given: 'no kernel for a named GPU', said: {torch: {arch_flags: 'sm_90'}}, then: ['gpu-without-kernels']},
    {
      given: 'two causes at once',
      said: {torch: {arch_flags: 'sm_90', misbehave: {nms: 'raise: operator torchvision::nms does not exist'}}},
      then: ['gpu-without-kernels', 'torchvision-mismatched']
    },
    {
      given: 'a torch that takes the process down',
      said: {torch: {misbehave: {import: 'kill'}}},
      then: ['proof-failed']
    },
    {
      given: 'an image that cannot be pulled',
      said: {pull: {exitCode: 1, stderr: 'manifest unknown'}},
      then: ['proof-failed']
    }
  ])('given $given: $then', async ({said, then}) => {
    const {prove} = openStage()
    const {codes, problems, digest} = await prove(said)
    expect(codes).toEqual(then)
    expect(problems?.[0]?.why).toContain(`ghcr.io/acme/app@${digest}`)
  })

  test('an image without Python is told where it must be found', async () => {
    const stderr = 'exec: "python3": executable file not found in $PATH: unknown'
    const {codes, problems} = await openStage().prove({run: {exitCode: 127, stderr}})
    expect(codes).toEqual(['proof-failed'])
    expect(problems?.[0]?.fix).toContain('ENV PATH=')
  })

  test('the image is taken away again at once', async () => {
    const {removed, resources} = await openStage().prove()
    expect([removed(), resources.held]).toEqual([true, undefined])
  })

  test('where a GPU comes next, it stays until the run ends, so that no layer is pulled twice', async () => {
    const {removed, resources} = await openStage().prove({work: {isPulledAgain: true}})
    expect(removed()).toBe(false)
    await resources.held?.remove()
    expect(removed()).toBe(true)
  })

  test.each<{given: string; said: Said; counts: readonly [number, number]}>([
    {given: 'while it is pulled', said: {losesLayer: 'pull'}, counts: [2, 1]},
    {
      given: 'when a loaded one is first run',
      said: {losesLayer: 'run', work: {loadedAs: 'ghcr.io/acme/app:pr-42'}},
      counts: [0, 2]
    }
  ])('an image that loses a layer $given gets it again the next time', async ({said, counts}) => {
    const {codes, products, pulled, runs} = await openStage().prove(said)
    expect([codes, products?.proof?.result]).toEqual([[], 'pass'])
    expect([pulled.length, runs]).toEqual(counts)
  })

  test('without room for it, it is not pulled, and a warning has both numbers', async () => {
    const {prove} = openStage()
    const {codes, pulled, warnings} = await prove({freeBytes: 1e9})
    expect([codes, pulled]).toEqual([[], []])
    expect(warnings).toEqual([expect.stringMatching(/1\.0 GB are free .* 2\.0 GB/)])
  })
})
