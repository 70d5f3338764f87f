import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {COPIERS, type Reader, RUNNERS, type Runner} from '../support/readers.ts'
import {expectGreen, openRuntimeStage, type RuntimeStage} from '../support/runtime-stage.ts'
import type {TestWheel} from '../support/small-wheels.ts'

// What others make of an image whose layers no engine made: each pulls it from the registry and reads it.

jest.setTimeout(180_000)

const ALPHA: TestWheel = {project: 'alpha', version: '1.0', files: {'alpha.py': 'answer = 42\n', 'alpha.bin': 9_000}}
const REPOSITORY = 'acme/read-by-all'
const PACKAGES = '/opt/venv/lib/python/site-packages'

let stage: RuntimeStage
let reference: string

beforeAll(async () => {
  stage = await openRuntimeStage('readers')
  expectGreen(await stage.build({repository: REPOSITORY, more: [ALPHA], code: 'print("read")\n'}))
  reference = `${stage.world.registry.host}/${REPOSITORY}:main`
}, 400_000)

afterAll(() => stage?.stop())

const FILES = [
  {what: 'a file of a wheel', path: `${PACKAGES}/alpha.py`, then: 'answer = 42'},
  {what: 'what installed it', path: `${PACKAGES}/alpha-1.0.dist-info/INSTALLER`, then: 'pytorch-cuda-image-action'},
  {what: 'the code on top', path: '/app/app.py', then: 'print("read")'}
]

const isRoot = process.getuid?.() === 0

describe.each(RUNNERS.filter(({needsRoot}) => isRoot || needsRoot !== true))('$name', ({open}) => {
  let runner: Runner

  beforeAll(async () => {
    runner = await open(stage.world)
    runner.pull(reference)
  }, 180_000)

  afterAll(() => runner?.end())

  test.each(FILES)('reads $what', ({path, then}) => {
    expect(runner.read(reference, path)).toBe(then)
  })

  test('runs it as its user, with its own Python', () => {
    const asked =
      'import os, sys, torch, alpha; print(torch.__version__, alpha.answer, os.getuid(), os.getcwd(), sys.prefix)'
    expect(runner.run(reference, 'python3', '-c', asked)).toBe('2.8.0+stand-in 42 10001 /app /opt/venv')
  })
})

describe.each(COPIERS)('$name', ({open}) => {
  let reader: Reader

  beforeAll(async () => {
    reader = await open(stage.world)
    reader.pull(reference)
  }, 180_000)

  afterAll(() => reader?.end())

  test.each(FILES)('reads $what', ({path, then}) => {
    expect(reader.read(reference, path)).toBe(then)
  })
})
