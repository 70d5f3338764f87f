import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {errorCodes, logOf, summaryOf} from '../support/built-action.ts'
import {OPEN} from '../support/job-world.ts'
import {expectGreen, laidIn, openRuntimeStage, type RuntimeStage, type Wanted} from '../support/runtime-stage.ts'
import type {TestWheel} from '../support/small-wheels.ts'

// Dockerfiles of the repository's own that begin with the runtime: `FROM runtime`.

jest.setTimeout(180_000)

const ALPHA: TestWheel = {project: 'alpha', version: '1.0', files: {'alpha.py': 'answer = 42\n'}}
const SECRET = 'key-of-a-model-store-51c9'

const COPIES = `FROM runtime
COPY --link --chown=10001:10001 app.py /app/
CMD ["python3", "app.py"]
`

/** Uses what is in the runtime while it builds, with a secret that only this step sees. */
const RUNS = `FROM runtime
USER 0:0
RUN --mount=type=secret,id=key,required=true python3 -c "import alpha, hashlib, torch; key = open('/run/secrets/key', 'rb').read(); open('/app/made', 'w').write(f'{alpha.answer} {len(key)} {torch.__version__}')"
USER 10001:10001
COPY --link --chown=10001:10001 app.py /app/
`

let stage: RuntimeStage

beforeAll(async () => {
  stage = await openRuntimeStage('from-runtime')
  await stage.world.provideBuildkit()
}, 300_000)

afterAll(() => stage?.stop())

function build(dockerfile: string, wanted: Omit<Wanted, 'files'>): Promise<RunResult> {
  stage.index.fetched()
  return stage.build({more: [ALPHA], ...wanted, files: {Dockerfile: dockerfile}})
}

const WITH_SECRET = {secrets: {KEY: SECRET}, inputs: {secrets: 'key=${{ secrets.KEY }}'}}

describe('given a Dockerfile that copies upon the runtime', () => {
  test('a push lays the wheels and copies on them, without a look at what is below', async () => {
    const result = await build(COPIES, {repository: OPEN, code: 'import alpha; print(alpha.answer)\n'})
    expectGreen(result)
    expect(laidIn(result)).toEqual([6, 10, 0])
    expect(summaryOf(result)).toContain('the builder fetches none of them')
    expect(stage.runIn(OPEN)).toBe('42')
  })

  test('other code moves the code alone', async () => {
    const before = stage.imageOf(OPEN).layers
    const result = await build(COPIES, {repository: OPEN, code: 'import alpha; print(alpha.answer + 1)\n'})
    expectGreen(result)
    expect(laidIn(result)).toEqual([6, 10, 10])
    expect(stage.index.fetched()).toEqual([])
    expect(stage.imageOf(OPEN).layers.slice(0, -1)).toEqual(before.slice(0, -1))
    expect(stage.runIn(OPEN)).toBe('43')
  })

  test('the pull request of a fork builds it as well, of layers that it only names', async () => {
    const result = await build(COPIES, {repository: OPEN, event: 'fork-pull-request'})
    expectGreen(result)
    expect(result.outputs.pushed).toBe('false')
    expect(laidIn(result)).toEqual([6, 10, 10])
  })
})

describe('given a Dockerfile that runs something upon the runtime', () => {
  test('a push finds all of it there, its secret too, and is proven as it was built', async () => {
    const result = await build(RUNS, {repository: 'acme/runs', ...WITH_SECRET})
    expectGreen(result)
    expect(summaryOf(result)).toContain('From line 3 on Dockerfile needs its files')
    expect(stage.runIn('acme/runs', 'cat', '/app/made')).toBe(`42 ${SECRET.length} 2.8.0+stand-in`)
  })

  test('the same again is answered from its cache', async () => {
    const result = await build(RUNS, {repository: 'acme/runs', ...WITH_SECRET})
    expectGreen(result)
    expect(laidIn(result)).toEqual([6, 10, 10])
    expect(logOf(result)).toMatch(/\((\d+) of \1 steps from cache\)/)
  })

  test('what breaks a package upon the runtime stops the run before a tag moves', async () => {
    const breaks =
      'FROM runtime\nUSER 0:0\nRUN rm -r /opt/venv/lib/python/site-packages/typing_extensions*\nUSER 10001:10001\n'
    const result = await build(breaks, {repository: 'acme/breaks'})
    expect(errorCodes(result)).toEqual(['requirement-broken'])
    expect(stage.world.tags('acme/breaks')).not.toContain('main')
  })

  test.each([
    {given: 'layers that the fork may read', repository: OPEN, found: 10},
    {given: 'none that it may read', repository: 'acme/runs', found: 0}
  ])('the pull request of a fork runs it upon $given', async ({repository, found}) => {
    const runs = 'FROM runtime\nUSER 0:0\nRUN python3 -c "import alpha, torch; assert alpha.answer == 42"\n'
    const result = await build(runs, {repository, event: 'fork-pull-request'})
    expectGreen(result)
    expect(result.outputs.pushed).toBe('false')
    expect(laidIn(result)).toEqual([6, 10, found])
  })

  test('with `load` beside the push the engine has it as well', async () => {
    const result = await build(RUNS, {
      repository: 'acme/loaded',
      secrets: WITH_SECRET.secrets,
      inputs: {...WITH_SECRET.inputs, load: 'true'}
    })
    expectGreen(result)
    expect(result.outputs.pushed).toBe('true')
    const name = `${stage.world.registry.host}/acme/loaded:main`
    expect(stage.world.docker('run', '--rm', name, 'cat', '/app/made')).toBe(`42 ${SECRET.length} 2.8.0+stand-in`)
    stage.world.docker('image', 'rm', '--force', name)
  })
})

describe('what else can be meant by the name', () => {
  test('a stage of that name is used as it is, and no wheel is fetched', async () => {
    const own = `FROM ${stage.base.reference} AS runtime\nFROM runtime\nCOPY --link app.py /app/\n`
    const result = await build(own, {repository: 'acme/own-stage', inputs: {torch: '', lock: ''}})
    expectGreen(result)
    expect(stage.index.fetched()).toEqual([])
    expect(laidIn(result)).toEqual([])
  })

  test('what only the built-in Dockerfile can add stops the run before it begins', async () => {
    const result = await build(COPIES, {repository: 'acme/flavour', inputs: {flavor: 'notebook'}})
    expect(errorCodes(result)).toEqual(['runtime-unavailable'])
    expect(stage.index.fetched()).toEqual([])
  })
})
