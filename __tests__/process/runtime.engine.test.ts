import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {openFaultProxy} from '../host/fault-proxy.ts'
import {errorCodes, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {expectGreen, laidIn, openRuntimeStage, type RuntimeStage, torchSet} from '../support/runtime-stage.ts'
import type {TestWheel} from '../support/small-wheels.ts'

// The step `runtime` for real: an engine, a registry with login, and small wheels that bear the names of PyTorch's.

jest.setTimeout(180_000)

const ALPHA: TestWheel = {project: 'alpha', version: '1.0', files: {'alpha.py': 'answer = 42\n', 'alpha.bin': 9_000}}
const BETA: TestWheel = {project: 'beta', version: '2.0', files: {'beta/__init__.py': 'answer = 43\n'}}

let stage: RuntimeStage

beforeAll(async () => {
  stage = await openRuntimeStage('runtime')
}, 300_000)

afterAll(() => stage?.stop())

describe('given a lock and an empty repository', () => {
  let cold: RunResult

  beforeAll(async () => {
    stage.index.fetched()
    cold = await stage.build({repository: 'acme/app', more: [ALPHA]})
  })

  test('every wheel is fetched once and becomes part of a layer', () => {
    expectGreen(cold)
    expect(stage.index.fetched().map(name => name.split('-')[0])).toEqual([
      'alpha',
      'nvidia_cuda_runtime_cu12',
      'torch',
      'torchaudio',
      'torchvision',
      'typing_extensions'
    ])
    // CUDA's, torch, the rest of its family, what it needs, the requirements; and the bytecode of each.
    expect(laidIn(cold)).toEqual([6, 10, 0])
  })

  test('a container finds them, compiled, as a user who may not write there', () => {
    const asked =
      'import os, torch, torchvision, torchaudio, alpha; print(torch.__version__, alpha.answer, os.getuid(), os.path.exists(torch.__cached__), os.access(torch.__file__, os.W_OK))'
    expect(stage.runIn('acme/app', 'python3', '-c', asked)).toBe('2.8.0+stand-in 42 10001 True False')
  })

  test('the same lock again fetches nothing, from another checkout with other code', async () => {
    stage.index.fetched()
    const before = stage.imageOf('acme/app')
    const again = await stage.build({repository: 'acme/app', more: [ALPHA], code: 'print("two")\n'})
    expectGreen(again)
    expect(stage.index.fetched()).toEqual([])
    expect(laidIn(again)).toEqual([6, 10, 10])
    expect(stage.imageOf('acme/app').layers.slice(0, -1)).toEqual(before.layers.slice(0, -1))
  })

  test('one more requirement fetches the wheels of its own layer alone, and leaves the others as they are', async () => {
    stage.index.fetched()
    const before = stage.imageOf('acme/app').layers
    const more = await stage.build({repository: 'acme/app', more: [ALPHA, BETA], code: 'print("two")\n'})
    expectGreen(more)
    expect(stage.index.fetched().map(name => name.split('-')[0])).toEqual(['alpha', 'beta'])
    expect(laidIn(more)).toEqual([7, 10, 8])
    const fresh = stage.imageOf('acme/app').layers.filter(digest => !before.includes(digest))
    // The requirements, their bytecode, and the code, in which the lock lies.
    expect(fresh.length).toBe(3)
    expect(stage.runIn('acme/app', 'python3', '-c', 'import alpha, beta; print(alpha.answer + beta.answer)')).toBe('85')
  })
})

describe('given a base image with another Python', () => {
  test('wheels for any Python are not fetched: their sources come from their layers, and only bytecode is added', async () => {
    const repository = 'acme/pythons'
    expectGreen(await stage.build({repository, more: [ALPHA]}))
    const before = stage.imageOf(repository).layers
    const {reference, python} = await stage.otherBase()
    expect(python).not.toBe(stage.base.python)
    const lock = stage.index.lockOf([...torchSet(python), ALPHA], python)
    stage.index.fetched()
    const result = await stage.build({repository, lock, inputs: {'base-image': reference}})
    expectGreen(result)
    expect(stage.index.fetched().map(name => name.split('-')[0])).toEqual(['torch', 'torchaudio', 'torchvision'])
    // CUDA's, what torch needs and the requirements; their bytecode is made for this Python.
    expect(laidIn(result)).toEqual([6, 10, 3])
    expect(stage.imageOf(repository).layers.filter(digest => before.includes(digest))).toHaveLength(3)
    const asked =
      'import os, sys, alpha, typing_extensions; print(sys.version_info[:2] == tuple(map(int, sys.argv[1].split("."))), os.path.exists(alpha.__cached__), os.path.exists(typing_extensions.__cached__))'
    expect(stage.runIn(repository, 'python3', '-c', asked, python)).toBe('True True True')
  }, 600_000)
})

describe('given another engine, another registry and another checkout', () => {
  let other: JobWorld

  beforeAll(async () => {
    other = await makeJobWorld('runtime-other', {fresh: 'runtime-other'})
  }, 240_000)

  afterAll(() => other?.stop())

  test('the same lock gives the same wheel layers: equal diffIDs, and with one Node equal digests', async () => {
    const one = await stage.build({repository: 'acme/twice', more: [ALPHA]})
    expectGreen(one)
    const workspace = other.checkout({
      'pylock.toml': stage.index.lockOf([...torchSet(stage.base.python), ALPHA], stage.base.python),
      'app.py': 'print("one")\n'
    })
    const two = await other.run({
      workspace,
      inputs: {
        image: `${other.registry.host}/acme/twice`,
        'registry-credentials': other.login,
        'base-image': stage.base.reference,
        lock: 'pylock.toml',
        torch: '2.8.0'
      }
    })
    expectGreen(two)
    const [first, second] = [stage.imageOf('acme/twice'), stage.imageOf('acme/twice', other)]
    expect(second.diffIds.slice(-11, -1)).toEqual(first.diffIds.slice(-11, -1))
    expect(second.layers.slice(-11, -1)).toEqual(first.layers.slice(-11, -1))
  })
})

describe('what goes wrong on the way', () => {
  test('a download that breaks off is gone on with', async () => {
    stage.index.once('torch', bytes => ({
      status: 200,
      headers: {'content-length': String(bytes.length)},
      body: bytes,
      cutAfter: 20_000_000
    }))
    stage.index.fetched()
    const result = await stage.build({repository: 'acme/broken-download'})
    expectGreen(result)
    expect(stage.index.fetched().filter(name => name.startsWith('torch-'))).toHaveLength(2)
  })

  test('an upload that breaks off is made and sent again', async () => {
    const proxy = await openFaultProxy(stage.world.registry.host, [
      {method: 'PATCH', path: /\/acme\/broken-upload\/blobs\/uploads\//, times: 2, reply: 'reset'}
    ])
    try {
      const result = await stage.build({repository: 'acme/broken-upload', host: proxy.host})
      expectGreen(result)
      expect(proxy.left()).toBe(0)
      expect(laidIn(result)).toEqual([5, 8, 0])
      expect(stage.world.tags('acme/broken-upload')).toContain('main')
    } finally {
      await proxy.close()
    }
  })

  const garbage = Buffer.from('<html>not found</html>'.repeat(200))
  test.each<{given: string; wheel: TestWheel; code: string; names?: string}>([
    {given: 'a wheel with other bytes than were locked', wheel: {...ALPHA, sent: garbage}, code: 'wheel-mismatch'},
    {
      given: 'a locked file that is no wheel',
      wheel: {...ALPHA, sent: garbage, lockedAs: garbage},
      code: 'wheel-invalid'
    },
    {
      given: 'two wheels with different files for one path',
      wheel: {...ALPHA, project: 'gamma', files: {'torch/version.py': 'cuda = "0.0"\n'}},
      code: 'wheels-clash',
      names: '/torch/version.py'
    }
  ])('given $given, then it is named, and nothing refers to what was half done', async ({wheel, code, names}) => {
    const repository = `acme/${code}`
    const result = await stage.build({repository, more: [wheel]})
    expect(result.conclusion).toBe('failure')
    expect(errorCodes(result)).toEqual([code])
    expect(told(result, 'error').join('\n')).toContain(names ?? wheel.project)
    // Neither an image nor the index of layers.
    expect(stage.world.tags(repository)).toEqual([])
  })

  const asRoot = process.getuid?.() === 0 ? test : test.skip
  asRoot(
    'given a disk that is full in the middle, then it is named, and nothing refers to what was half done',
    async () => {
      const root = join(stage.world.place, 'small disk')
      mkdirSync(join(root, '_temp'), {recursive: true})
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', join(root, '_temp')])
      try {
        const result = await stage.build({repository: 'acme/full', root})
        expect(result.conclusion).toBe('failure')
        expect(errorCodes(result)).toEqual(['disk-full'])
        expect(stage.world.tags('acme/full')).toEqual([])
      } finally {
        execFileSync('umount', [join(root, '_temp')])
      }
      // With room for them, the same wheels make the image.
      expectGreen(await stage.build({repository: 'acme/full'}))
    }
  )
})
