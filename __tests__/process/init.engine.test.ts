import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {summaryOf, told} from '../support/built-action.ts'
import {fetchInitWheel} from '../support/init-wheel.ts'
import {OPEN} from '../support/job-world.ts'
import {expectGreen, openRuntimeStage, type RuntimeStage} from '../support/runtime-stage.ts'
import {standInSet, type TestWheel} from '../support/small-wheels.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'

// The first process of the built-in image, whose init is a wheel among the others: the real one of PyPI, beside stand-ins.

jest.setTimeout(240_000)

/** Leaves a grandchild behind that ends at once, then waits for hours and handles no signal. */
const PROGRAM = `
import os, time
child = os.fork()
if child == 0:
    if os.fork() == 0:
        time.sleep(0.3)
    os._exit(0)
os.waitpid(child, 0)
print("up", flush=True)
time.sleep(9000)
`
const STATES =
  'import glob; print(sorted(open(path).read().rsplit(") ", 1)[1][0] for path in glob.glob("/proc/[0-9]*/stat")))'

let stage: RuntimeStage
const indexes: WheelIndex[] = []
const containers: string[] = []

beforeAll(async () => {
  stage = await openRuntimeStage('init')
}, 300_000)

afterAll(async () => {
  for (const container of containers) stage.world.docker('rm', '--force', container)
  for (const index of indexes) await index.close()
  await stage?.stop()
})

const docker = (...args: readonly string[]) => stage.world.docker(...args)

/** Builds the image of what an index serves: nothing is locked before. */
async function build(wheels: readonly TestWheel[]): Promise<RunResult> {
  const index = await openWheelIndex({wheels: [...standInSet(), ...wheels]})
  indexes.push(index)
  const {world, base} = stage
  const workspace = world.checkout({'app.py': `print(${indexes.length})\n`}, {directory: `checkout-${indexes.length}`})
  const result = await world.run({
    workspace,
    inputs: {
      image: `${world.registry.host}/${OPEN}`,
      'registry-credentials': world.login,
      'base-image': base.reference,
      'index-url': index.url,
      torch: '2.8.0',
      cuda: 'cu128'
    }
  })
  expectGreen(result)
  return result
}

/** Starts the program in a container of what was pushed, and waits until it runs. */
async function start({outputs}: RunResult): Promise<string> {
  const image = `${stage.world.registry.host}/${OPEN}@${outputs.digest}`
  docker('pull', '--quiet', image)
  const strict = ['--read-only', '--network', 'none', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
  const container = docker('run', '--detach', ...strict, image, 'python3', '-c', PROGRAM)
  containers.push(container)
  const deadline = Date.now() + 60_000
  while (!docker('logs', container).includes('up') && Date.now() < deadline) await sleep(100)
  return container
}

describe('an image whose lock brings the init', () => {
  let result: RunResult
  let container: string

  beforeAll(async () => {
    result = await build([await fetchInitWheel()])
    container = await start(result)
  })

  test('says so in its configuration, and nothing is told', () => {
    expect(stage.world.config(`${stage.world.registry.host}/${OPEN}@${result.outputs.digest}`)).toMatchObject({
      config: {Entrypoint: ['/opt/venv/bin/dumb-init', '--'], Cmd: ['python3']}
    })
    expect(told(result, 'notice').filter(text => text.includes('dumb-init'))).toEqual([])
  })

  test('is proven to start a command by it', () => {
    expect(summaryOf(result)).toMatch(/✅&nbsp;`t1\.init` \| \/opt\/venv\/bin\/dumb-init starts a command\./)
  })

  test('has the program as the child of the init, which takes dead children away', async () => {
    expect(docker('exec', container, 'cat', '/proc/1/comm')).toBe('dumb-init')
    await sleep(1000)
    // The init and the program sleep, and what asks runs; the grandchild is gone.
    expect(docker('exec', container, 'python3', '-c', STATES)).toBe("['R', 'S', 'S']")
  })

  test('ends by SIGTERM at once, although the program does not handle it', () => {
    const before = Date.now()
    docker('stop', '--time', '60', container)
    expect(Date.now() - before).toBeLessThan(20_000)
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('143')
  })
})

describe('an image of an index that has no init', () => {
  let result: RunResult
  let container: string

  beforeAll(async () => {
    result = await build([])
    container = await start(result)
  })

  test('is built all the same, and the reader is told what is missing', () => {
    expect(told(result, 'notice').filter(text => text.includes('dumb-init==1.2.5.post1'))).toHaveLength(1)
  })

  test('has the program as its first process, which no SIGTERM ends', () => {
    expect(docker('exec', container, 'cat', '/proc/1/comm')).toMatch(/^python3/)
    docker('stop', '--time', '3', container)
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('137')
  })
})
