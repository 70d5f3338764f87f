import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import {commandLineOf, listProcesses} from '../../scripts/runner/processes.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {runAction} from '../../scripts/runner/run.ts'
import {ACTION, errorCodes, hasBuilt, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'

jest.setTimeout(90_000)

/** What the step prints once it runs; its own line begins with the instruction. */
const SLEEPING = /^#\d+ +now sleeping$/

let world: JobWorld
let inputs: Readonly<Record<string, string>>
let builders: string
let folders: readonly string[]
/** How long the step would sleep: for each test a number that no other process has among its arguments. */
let seconds = 61_730

beforeAll(async () => {
  world = await makeJobWorld('cancel')
  world.checkout({
    Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nARG SECONDS\nRUN echo "now sleeping"; sleep $SECONDS\n`,
    'quick/Dockerfile': `FROM ${world.tiny}\n${world.fresh}\nRUN echo quick\n`,
    'bare/app.py': 'print("the built-in Dockerfile is used")\n'
  })
  inputs = {image: world.image, 'registry-credentials': world.login, cache: 'none'}
}, 240_000)

beforeEach(() => {
  seconds += 1
  builders = buildersOf()
  folders = leftFolders()
})

afterAll(() => world?.stop())

/** The `with:` block of a build that would not end today. */
function sleeping(): Readonly<Record<string, string>> {
  return {...inputs, 'build-args': `SECONDS=${seconds}`}
}

function buildersOf(): string {
  const listed = world.docker('buildx', 'ls')
  return listed
    .split('\n')
    .filter(line => /^\S/.test(line))
    .join('\n')
}

/** Folders of ours in places where temporary files lie. */
function leftFolders(): readonly string[] {
  return ['/tmp', '/run', '/dev/shm'].flatMap(place =>
    readdirSync(place)
      .filter(name => name.startsWith('pytorch-cuda-image'))
      .map(name => join(place, name))
  )
}

/** Processes of the RUN step, which belong to the engine and not to us. */
function sleepers(): readonly string[] {
  return listProcesses()
    .map(({pid}) => commandLineOf(pid).join(' '))
    .filter(line => line === `sleep ${seconds}`)
}

async function untilGone(): Promise<readonly string[]> {
  for (let look = 0; look < 50 && sleepers().length > 0; look += 1)
    await new Promise(resolve => setTimeout(resolve, 100))
  return sleepers()
}

function expectNothingLeft(): void {
  expect(buildersOf()).toBe(builders)
  expect(leftFolders()).toEqual(folders)
  expect(world.docker('images', '--format', '{{.Repository}}')).not.toContain(world.registry.host.replace(':', '-'))
}

describe('a job that is cancelled', () => {
  test('during a step of the build, it ends in time and takes the step with it', async () => {
    const result = await world.run({inputs: sleeping(), cancelAfter: SLEEPING})
    expect(result).toMatchObject({conclusion: 'cancelled', main: {exitCode: 1, signal: null}})
    // The runner would have sent a second one after its time of grace.
    expect(result.main.signals).toHaveLength(1)
    expect(errorCodes(result)).toEqual(['cancelled'])
    expect(result.outputs).toMatchObject({pushed: 'false', 'push-reason': 'cancelled', tags: ''})
    expect(await untilGone()).toEqual([])
    expect(world.tags()).toEqual([])
    expectNothingLeft()
  })

  test.each([
    {given: 'before anything', at: /^Plan: /},
    {given: 'while the registry is asked', at: /^preflight: begins/},
    {given: 'while the builder is made', at: /^builder: begins/}
  ])('$given, it ends in time and has pushed nothing', async ({at}) => {
    const result = await world.run({inputs: {...inputs, file: 'quick/Dockerfile', tags: 'never'}, cancelAfter: at})
    expect(result.conclusion).toBe('cancelled')
    expect(result.main.signals).toHaveLength(1)
    expect(world.tags()).toEqual([])
    expectNothingLeft()
  })
})

test('a cancel that meets several steps at once is told once', async () => {
  // The registry is asked while uv is fetched.
  const result = await world.run({inputs: {...inputs, context: 'bare', tags: 'never'}, cancelAfter: /^lock: begins/})
  expect(result.conclusion).toBe('cancelled')
  expect(errorCodes(result)).toEqual(['cancelled'])
  expect(world.tags()).toEqual([])
  expectNothingLeft()
})

describe('a run that takes too long', () => {
  test('given `timeout`, it ends by itself with that reason', async () => {
    const result = await world.run({inputs: {...sleeping(), timeout: '6s'}})
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {'push-reason': 'timeout'}})
    expect(errorCodes(result)).toEqual(['timeout'])
    expect(result.main.durationMs).toBeGreaterThan(5900)
    expect(await untilGone()).toEqual([])
    expectNothingLeft()
  })
})

describe('a node that is killed alone', () => {
  test('post ends what it started and removes what it wrote', async () => {
    const result = await world.run({inputs: sleeping(), killAfter: SLEEPING})
    expect(result).toMatchObject({conclusion: 'failure', main: {signal: 'SIGKILL'}})
    expect(await untilGone()).toEqual([])
    expect(told(result, 'warning').filter(text => text.startsWith('Could not'))).toEqual([])
    expectNothingLeft()
  })
})

describe('a machine that lost power', () => {
  test('the next run on it works, and sweeps what was left', async () => {
    const root = join(world.place, 'runner')
    const crashed = await runAction({
      ...world.request({inputs: sleeping(), crashAfter: SLEEPING, machine: 'self-hosted', root}),
      action: ACTION
    })
    expect(crashed.leftInTemp.length).toBeGreaterThan(0)
    expect(secretFiles(crashed)).toEqual([])
    const next = await world.run({inputs: {...inputs, file: 'quick/Dockerfile'}, machine: 'self-hosted', root})
    expect(next).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(hasBuilt(next)).toBe(true)
    expect(await untilGone()).toEqual([])
    expectNothingLeft()
  })

  /** What a crash leaves may hold the door's password, and nothing that opens more. */
  function secretFiles(result: RunResult): readonly string[] {
    return result.leftInTemp.filter(({content}) => content.includes('robot-password')).map(({path}) => path)
  }
})

describe('two runs at the same time', () => {
  test('do not meet in their one home: one is cancelled, the other is green', async () => {
    const home = join(world.place, 'one home')
    mkdirSync(home)
    writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n')
    const environment = {HOME: home}
    const quick = world.checkout(
      {Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nRUN echo at the same time; sleep 2\n`},
      {directory: 'second'}
    )
    const [cancelled, green] = await Promise.all([
      world.run({environment, inputs: sleeping(), cancelAfter: SLEEPING}),
      world.run({environment, workspace: quick, inputs: {...inputs, tags: 'both'}, options: {runNumber: 9}})
    ])
    expect(cancelled.conclusion).toBe('cancelled')
    expect(green).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(readdirSync(home)).toEqual(['.gitconfig'])
    expect(readFileSync(join(home, '.gitconfig'), 'utf8')).toBe('[user]\n\tname = Ada\n')
    expect(await untilGone()).toEqual([])
    expectNothingLeft()
  })
})
