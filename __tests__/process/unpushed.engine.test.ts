import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {errorCodes, logOf} from '../support/built-action.ts'
import {OPEN} from '../support/job-world.ts'
import {laidIn, openRuntimeStage, type RuntimeStage, type Wanted} from '../support/runtime-stage.ts'
import type {TestWheel} from '../support/small-wheels.ts'

// Runs that may push nothing lay wheels all the same: into a folder, which the builder is handed.

jest.setTimeout(180_000)

const ALPHA: TestWheel = {project: 'alpha', version: '1.0', files: {'alpha.py': 'answer = 42\n'}}
const BETA: TestWheel = {project: 'beta', version: '2.0', files: {'beta.py': 'answer = 43\n'}}

let stage: RuntimeStage

beforeAll(async () => {
  stage = await openRuntimeStage('unpushed')
  await stage.world.provideBuildkit()
}, 300_000)

afterAll(async () => {
  await stage?.stop()
})

/** Builds a checkout with a lock of PyTorch's set and these, counting what is fetched from now on. */
function build(wanted: Wanted): Promise<RunResult> {
  stage.index.fetched()
  return stage.build({more: [ALPHA], ...wanted})
}

function expectGreen(result: RunResult, pushed: 'true' | 'false'): void {
  const log = result.conclusion === 'success' ? '' : logOf(result).slice(-3000)
  expect({codes: errorCodes(result), log, pushed: result.outputs.pushed}).toEqual({codes: [], log: '', pushed})
}

/** All that a repository has by name. */
function everything(repository: string): readonly string[] {
  const {tags, manifest, registry} = stage.world
  return tags(repository)
    .map(tag => `${tag} ${manifest(`${registry.host}/${repository}:${tag}`)?.digest}`)
    .toSorted()
}

describe('given a repository that a fork cannot read', () => {
  test('every wheel becomes a layer in a folder, and nothing is pushed', async () => {
    const result = await build({repository: 'acme/private', event: 'fork-pull-request'})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([6, 10, 0])
    expect(stage.index.fetched()).toHaveLength(6)
    expect(everything('acme/private')).toEqual([])
  })

  test('layers that a push has left there are not seen by it, whatever login the workflow names', async () => {
    expectGreen(await build({repository: 'acme/closed'}), 'true')
    const before = everything('acme/closed')
    const result = await build({repository: 'acme/closed', event: 'fork-pull-request'})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([6, 10, 0])
    expect(everything('acme/closed')).toEqual(before)
  })
})

describe('given a repository that anybody can read, in which a push has left its layers', () => {
  let before: readonly string[]

  beforeAll(async () => {
    const result = await build({repository: OPEN})
    expectGreen(result, 'true')
    expect(laidIn(result)).toEqual([6, 10, 0])
    before = everything(OPEN)
  })

  test('the pull request of a fork with the same lock fetches no wheel and no layer, and leaves the repository as it is', async () => {
    const result = await build({repository: OPEN, event: 'fork-pull-request'})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([6, 10, 10])
    expect(stage.index.fetched()).toEqual([])
    expect(everything(OPEN)).toEqual(before)
  })

  test('a fork that asks for one more package fetches the wheels of its own layer alone', async () => {
    const result = await build({repository: OPEN, event: 'fork-pull-request', more: [ALPHA, BETA]})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([7, 10, 8])
    expect(stage.index.fetched().map(name => name.split('-')[0])).toEqual(['alpha', 'beta'])
    expect(everything(OPEN)).toEqual(before)
  })

  test('with `cache: none` a fork asks for nothing, and makes all of it', async () => {
    const result = await build({repository: OPEN, event: 'fork-pull-request', inputs: {cache: 'none'}})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([6, 10, 0])
  })

  test('a pull request from a branch reads them with its login, from a shared store as well, and writes nothing', async () => {
    const inputs = {'layer-store': `${stage.world.registry.host}/${OPEN} protected`}
    const result = await build({repository: 'acme/proposed', event: 'pull-request', inputs})
    expectGreen(result, 'false')
    expect(laidIn(result)).toEqual([6, 10, 10])
    expect(everything('acme/proposed')).toEqual([])
    expect(everything(OPEN)).toEqual(before)
  })

  test.each([
    {given: 'nothing that is remembered', repository: 'acme/empty', found: 0},
    {given: 'layers that lie in the registry', repository: OPEN, found: 10}
  ])(
    'given `push: never`, `load` and $given, then the engine has the image, whole and proven',
    async ({repository, found}) => {
      const result = await build({repository, inputs: {push: 'never', load: 'true'}})
      expectGreen(result, 'false')
      expect(laidIn(result)).toEqual([6, 10, found])
      expect(logOf(result)).toMatch(/\d+ of \d+ checks pass/)
      const name = `${stage.world.registry.host}/${repository}:main`
      const asked =
        'import os, torch, torchvision, alpha; print(torch.__version__, alpha.answer, os.getuid(), os.path.exists(torch.__cached__), os.path.getsize(os.path.dirname(torch.__file__) + "/lib/libtorch.so"))'
      const {docker} = stage.world
      try {
        expect(docker('run', '--rm', '--network', 'none', name, 'python3', '-c', asked)).toBe(
          `2.8.0+stand-in 42 10001 True ${50 * 1024 ** 2}`
        )
      } finally {
        docker('image', 'rm', '--force', name)
      }
    }
  )
})
