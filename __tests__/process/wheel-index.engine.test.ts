import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {LABELS} from '../../src/model/labels.ts'
import {ACTION, errorCodes, summaryOf} from '../support/built-action.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {standInSet} from '../support/small-wheels.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'

// uv, the engine and the registry are real, and so is the way from an index through lock, layers and image to the proof.
// The wheels are stand-ins of some hundred bytes, which have the names and versions of the real ones.

jest.setTimeout(180_000)

const LOGIN = {user: 'ci', password: 'index-password-9d21ce'} as const

let world: JobWorld
let bases: Registry
let base: string
const indexes: WheelIndex[] = []

beforeAll(async () => {
  world = await makeJobWorld('wheel-index')
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  bases = await startRegistry({folder, name: `wheel-index-${process.pid}`, say: () => {}})
  base = (await baseImage({folder, engine: world.engine, registry: bases, say: () => {}})).reference
}, 300_000)

afterAll(async () => {
  for (const index of indexes) await index.close()
  await bases?.stop()
  await world?.stop()
})

async function open(...given: Parameters<typeof openWheelIndex>): Promise<WheelIndex> {
  const index = await openWheelIndex(...given)
  indexes.push(index)
  return index
}

/** What the registry was asked about proofs, as its access log has it: `"GET /v2/… HTTP/1.1"`. */
function requestsForProofs(): readonly string[] {
  const log = readFileSync(world.registry.log, 'utf8')
  return [...log.matchAll(/"((?:GET|HEAD|PUT) \/v2\/[^" ]*(?:\/manifests\/sha256-|\/referrers\/)[^" ]*) HTTP/g)].map(
    ([, line]) => line ?? ''
  )
}

/** The built-in image with torch 2.8.0 for CUDA 12.8 of an index. */
function run(index: WheelIndex, {inputs = {}, ...job}: Job = {}): Promise<RunResult> {
  return world.run({
    ...job,
    inputs: {
      image: world.image,
      'registry-credentials': world.login,
      'base-image': base,
      'index-url': index.url,
      torch: '2.8.0',
      cuda: 'cu128',
      'gpu-targets': 'H100',
      ...inputs
    }
  })
}

describe('given an index on this machine', () => {
  let index: WheelIndex
  let first: RunResult

  test('its wheels become layers, and the runtime of them is proven', async () => {
    index = await open({wheels: standInSet()})
    world.checkout({'app.py': 'print(1)\n'})
    first = await run(index)
    expect(errorCodes(first)).toEqual([])
    expect(summaryOf(first)).toContain('Proof without a GPU: ✅ the runtime')
    expect(summaryOf(first)).toContain('Kernels for H100 (9.0) are there.')
  })

  test('the image says in its labels what it holds, on which driver it runs, and by which lock', () => {
    expect(world.config(`${world.image}@${first.outputs.digest}`)).toMatchObject({
      config: {
        Labels: {
          [LABELS.torch]: '2.8.0',
          [LABELS.cuda]: 'cu128',
          [LABELS.minDriver]: '525.60.13',
          [LABELS.archList]: '7.0;7.5;8.0;8.6;9.0;10.0;12.0',
          [LABELS.lock]: expect.stringMatching(/^[0-9a-f]{64}$/),
          [LABELS.python]: expect.stringMatching(/^3\.\d+$/)
        }
      }
    })
  })

  test('an image above `max-size` is named with its largest layers, and no tag moves', async () => {
    const before = world.manifest(`${world.image}:main`)?.digest
    world.checkout({'app.py': 'print("too large")\n'})
    const stopped = await run(index, {inputs: {'max-size': '1MB'}, options: {runNumber: 7}})
    expect(errorCodes(stopped)).toEqual(['image-too-large'])
    expect(summaryOf(stopped)).toMatch(/max-size allows 1\.0 MB|`?max-size`? allows/)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(before)
  })

  test('other code upon the same runtime is pushed without a pull: the proof stands beside the runtime', async () => {
    world.checkout({'app.py': 'print(2)\n'})
    const before = requestsForProofs()
    const second = await run(index, {options: {runNumber: 8}})
    expect(errorCodes(second)).toEqual([])
    expect(second.outputs.digest).not.toBe(first.outputs.digest)
    expect(summaryOf(second)).toContain('Proven before, and not run again')
    expect(requestsForProofs().slice(before.length)).toEqual([expect.stringMatching(/^GET .*\/manifests\/sha256-/)])
  })

  test.each([
    {
      given: 'wheels whose torch is a CPU build, beside the libraries of CUDA',
      torch: {cuda: null},
      then: 'torch-is-cpu-build'
    },
    {
      given: 'wheels without the kernels of a named GPU',
      torch: {arch_flags: 'sm_70 sm_80'},
      then: 'gpu-without-kernels'
    }
  ])('$given: $then, and no tag moves', async ({torch, then}) => {
    const before = world.manifest(`${world.image}:main`)?.digest
    const stopped = await run(await open({wheels: standInSet(torch)}), {options: {runNumber: 20}})
    expect(errorCodes(stopped)).toEqual([then])
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(before)
  })
})

describe('given an index with a login, and a `uv.lock`', () => {
  const inputs = {mode: 'lock', lock: 'pylock.toml', requirements: 'uv.lock', push: 'never'}
  const withLogin = (index: WheelIndex, password: string) => `http://${LOGIN.user}:${password}@${index.host}/simple`
  let index: WheelIndex

  test('the lock takes the versions of `uv.lock`, with the hashes of the index', async () => {
    index = await open({
      wheels: [...standInSet(), {project: 'einops', version: '0.8.1', files: {'einops/__init__.py': ''}}],
      login: LOGIN
    })
    const {url, sha256, size} = index.wheelOf('einops')
    world.checkout({
      'pyproject.toml':
        '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["einops"]\n',
      'uv.lock': [
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n',
        '[[package]]\nname = "app"\nversion = "0"\nsource = { virtual = "." }\ndependencies = [{ name = "einops" }]\n',
        '[package.metadata]\nrequires-dist = [{ name = "einops" }]\n',
        `[[package]]\nname = "einops"\nversion = "0.8.1"\nsource = { registry = "${index.url}" }`,
        `wheels = [{ url = "${url}", hash = "sha256:${sha256}", size = ${size} }]\n`
      ].join('\n')
    })
    const locked = await run(index, {
      inputs: {...inputs, 'index-url': withLogin(index, '${{ secrets.INDEX }}')},
      secrets: {INDEX: LOGIN.password}
    })
    expect(errorCodes(locked)).toEqual([])
    const lock = readFileSync(join(world.place, 'workspace', 'pylock.toml'), 'utf8')
    expect(lock).toContain(sha256)
    expect(lock).not.toContain(LOGIN.password)
    expect(index.asked().some(({path, isLoggedIn}) => path === '/simple/torch/' && isLoggedIn)).toBe(true)
  })

  test('another password is refused as such', async () => {
    const refused = await run(index, {
      inputs: {...inputs, 'index-url': withLogin(index, '${{ secrets.INDEX }}')},
      secrets: {INDEX: 'not-the-password-4471'}
    })
    expect(errorCodes(refused)).toEqual(['index-unauthorized'])
  })
})
