import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {LABELS} from '../../src/model/labels.ts'
import {ACTION, errorCodes, summaryOf} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {expectGreen} from '../support/runtime-stage.ts'
import {standInSet, type TestWheel} from '../support/small-wheels.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'

// uv, the engine and the registry are real. The index stands on loopback; its wheels are stand-ins of some hundred bytes, with
// the names and versions of the real ones.

jest.setTimeout(180_000)

const OURS = ['torch', 'torchvision', 'torchaudio']

/** PyTorch's set for one variant; behind the versions stands `label`. */
function setOf(variant: 'cpu' | 'cu128', label: string): readonly TestWheel[] {
  const isOfVariant = ({project}: TestWheel) => variant === 'cu128' || !project.startsWith('nvidia-')
  return standInSet(variant === 'cpu' ? {cuda: null, arch_flags: ''} : {})
    .filter(isOfVariant)
    .map(({requires = [], ...wheel}) => ({
      ...wheel,
      version: OURS.includes(wheel.project) ? `${wheel.version}${label}` : wheel.version,
      requires: requires
        .filter(name => variant === 'cu128' || !name.startsWith('nvidia-'))
        .map(name => (name.startsWith('torch==') ? `${name}${label}` : name))
    }))
}

let world: JobWorld
let bases: Registry
let base: string
const indexes: WheelIndex[] = []

beforeAll(async () => {
  world = await makeJobWorld('fork-cpu')
  await world.provideBuildkit()
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  bases = await startRegistry({folder, name: `fork-cpu-${process.pid}`, say: () => {}})
  base = (await baseImage({folder, engine: world.engine, registry: bases, say: () => {}})).reference
  world.checkout({'app.py': 'print(1)\n'})
}, 300_000)

afterAll(async () => {
  for (const index of indexes) await index.close()
  await bases?.stop()
  await world?.stop()
})

async function open(...wheels: readonly TestWheel[]): Promise<WheelIndex> {
  const index = await openWheelIndex({wheels})
  indexes.push(index)
  return index
}

/** One workflow for every event. */
function run(event: EventName, index: WheelIndex, more: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return world.run({
    event,
    inputs: {
      image: world.image,
      'registry-credentials': world.login,
      'base-image': base,
      'index-url': index.url,
      torch: '2.8.0',
      cuda: 'cu128',
      'gpu-targets': 'H100',
      'fork-cuda': 'cpu',
      ...more
    }
  })
}

/** Names of the wheels that were fetched, without what is the same for every variant. */
function fetchedFrom(index: WheelIndex): readonly string[] {
  const wheels = index.fetched().filter(name => /^(?:torch|nvidia)[^/]*\.whl$/.test(name))
  return [...new Set(wheels.map(name => decodeURIComponent(name).split('-').slice(0, 2).join('==')))]
}

describe('given `fork-cuda: cpu` and an index with builds for CPU beside those for CUDA', () => {
  const CPU = ['torch==2.8.0+cpu', 'torchaudio==2.8.0+cpu', 'torchvision==0.23.0+cpu']
  const CUDA = ['nvidia_cuda_runtime_cu12==12.8.90', ...CPU.map(name => name.replace('+cpu', '+cu128'))]
  let index: WheelIndex

  beforeAll(async () => {
    index = await open(...setOf('cpu', '+cpu'), ...setOf('cu128', '+cu128'))
  })

  test('the pull request of a fork gets the CPU build, and none of CUDA’s wheels is fetched', async () => {
    const forked = await run('fork-pull-request', index, {load: 'true'})
    expectGreen(forked)
    expect(forked.outputs).toMatchObject({torch: '2.8.0', cuda: 'cpu', 'min-driver': '', pushed: 'false', tags: ''})
    expect(fetchedFrom(index)).toEqual(CPU)
    const {loaded = ''} = forked.outputs
    try {
      const asked = 'import torch; from importlib.metadata import version; print(version("torch"), torch.version.cuda)'
      const said = world.docker('run', '--rm', '--network', 'none', loaded, 'python3', '-c', asked)
      expect(said).toBe('2.8.0+cpu None')
      expect(summaryOf(forked)).toContain('Proof without a GPU')
    } finally {
      world.docker('image', 'rm', '--force', loaded)
    }
  })

  test('nothing of it is in the registry', () => {
    expect(world.tags()).toEqual([])
  })

  test('a push of the same files gets the build for CUDA, with the kernels of the GPU', async () => {
    const pushed = await run('push', index)
    expectGreen(pushed)
    expect(pushed.outputs).toMatchObject({torch: '2.8.0', cuda: 'cu128', pushed: 'true'})
    expect(fetchedFrom(index)).toEqual(CUDA)
    expect(summaryOf(pushed)).toContain('Kernels for H100 (9.0) are there.')
    expect(world.config(`${world.image}:main`).config?.Labels).toMatchObject({[LABELS.cuda]: 'cu128'})
  })
})

describe('given `fork-cuda: cpu` and an index that cannot serve both', () => {
  test.each<{given: string; wheels: readonly TestWheel[]; event: EventName}>([
    {given: 'a mirror of PyPI, asked by a fork', wheels: setOf('cu128', ''), event: 'fork-pull-request'},
    {
      given: 'one whose builds for CUDA bear no label, asked by a push',
      wheels: [...setOf('cpu', '+cpu'), ...setOf('cu128', '')],
      event: 'push'
    }
  ])('$given: no package is taken for another', async ({wheels, event}) => {
    expect(errorCodes(await run(event, await open(...wheels)))).toEqual(['lock-unfit'])
  })
})
