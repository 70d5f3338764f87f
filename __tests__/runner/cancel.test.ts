import {afterAll, describe, expect, test} from '@jest/globals'
import {isAlive, readProcess} from '../../scripts/runner/processes.ts'
import {makeFolder, play, removeFolders, textOf} from './tiny-action.ts'

afterAll(removeFolders)

const QUICK = {sigintMs: 400, sigtermMs: 300, streamsMs: 500}
const READY = /^ready/
const WAIT = "console.log('ready'); await sleep(20_000)"
const POST = "console.log('tidied')"
// `sleep` of coreutils with a number that no other process has, in a session of its own or not.
const child = (options: string) => `
  const child = spawn('sleep', ['61.5'], ${options})
  child.unref()
  console.log('ready', child.pid)
`

describe('a cancelled job', () => {
  test('given a main without handlers, SIGINT ends it and post runs', async () => {
    const result = await play({main: WAIT, post: POST}, {cancelAfter: READY})
    expect(result).toMatchObject({conclusion: 'cancelled', exitCode: 130, main: {exitCode: null, signal: 'SIGINT'}})
    expect(result.main.signals.map(sent => sent.signal)).toEqual(['SIGINT'])
    expect(textOf(result, 'post')).toEqual(['tidied'])
  })

  test('given a main that needs a moment, it gets it', async () => {
    const main = `process.on('SIGINT', async () => { await sleep(100); put('STATE', 'k=saved\\n'); process.exit(1) })\n${WAIT}`
    const result = await play({main, post: 'console.log(env.STATE_k)'}, {cancelAfter: READY, timings: QUICK})
    expect(result.main).toMatchObject({exitCode: 1, signal: null})
    expect(textOf(result, 'post')).toEqual(['saved'])
  })

  test('given a main deaf to SIGINT, SIGTERM follows in time', async () => {
    const result = await play({main: `process.on('SIGINT', () => {})\n${WAIT}`}, {cancelAfter: READY, timings: QUICK})
    const [first, second] = result.main.signals
    expect(result.main.signal).toBe('SIGTERM')
    expect((second?.afterMs ?? 0) - (first?.afterMs ?? 0)).toBeGreaterThanOrEqual(QUICK.sigintMs - 20)
  })

  test('given a main deaf to everything, its whole tree is killed and post runs', async () => {
    const main = `for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => {})\n${child('{}')}\nawait sleep(20_000)`
    const result = await play({main, post: POST}, {cancelAfter: READY, timings: QUICK})
    expect(result.main.signals.map(sent => sent.signal)).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL'])
    expect(result.main.leftRunning).toEqual([])
    expect(result.orphans).toEqual([])
    expect(result.post?.exitCode).toBe(0)
  })

  test('given a child of main, the signal reaches main alone', async () => {
    const main = `process.on('SIGINT', async () => { await sleep(100); console.log(readFileSync('/proc/' + child.pid + '/stat', 'utf8').split(' ')[2]); child.kill(); process.exit(1) })\n${child('{}')}\nawait sleep(20_000)`
    const result = await play({main}, {cancelAfter: READY})
    expect(textOf(result).at(-1)).toBe('S')
  })

  test('given an abort from outside, it counts as a cancel', async () => {
    const controller = new AbortController()
    const onLine = () => controller.abort()
    const result = await play({main: WAIT, post: POST}, {signal: controller.signal, onLine})
    expect(result.conclusion).toBe('cancelled')
  })

  test('given a time, main is cancelled then', async () => {
    const result = await play({main: WAIT}, {cancelAfter: 300})
    expect(result.main.signals[0]?.afterMs).toBeGreaterThanOrEqual(280)
  })

  test('given a main that was over before, nothing is cancelled', async () => {
    expect(await play({main: ''}, {cancelAfter: 10_000})).toMatchObject({conclusion: 'success', main: {signals: []}})
  })
})

describe('a process that outlives main', () => {
  test.each([
    {given: 'it is an ordinary child', options: "{stdio: 'ignore'}"},
    {given: 'it has a session of its own', options: "{stdio: 'ignore', detached: true}"},
    {
      given: 'it has a session and an environment of its own',
      options: "{stdio: 'ignore', detached: true, env: {PATH: env.PATH}}"
    }
  ])('given $given, it is named and ended', async ({options}) => {
    const result = await play({main: `${child(options)}\nawait sleep(400)\nprocess.exit(0)`, post: ''})
    expect(result.main.leftRunning.map(left => left.commandLine)).toEqual([['sleep', '61.5']])
    expect(result.orphans.map(left => left.commandLine)).toEqual([['sleep', '61.5']])
    expect(result.orphans.some(isAlive)).toBe(false)
  })

  test('given that post ends it, it is no orphan', async () => {
    const main = `${child("{stdio: 'ignore', detached: true}")}\nput('STATE', 'pid=' + child.pid + '\\n'); process.exit(0)`
    const result = await play({main, post: 'process.kill(Number(env.STATE_pid))'})
    expect(result.main.leftRunning).toHaveLength(1)
    expect(result.orphans).toEqual([])
  })

  test('given that it holds the output open, it is waited for and no longer than allowed', async () => {
    const result = await play({main: `${child("{stdio: 'inherit'}")}\nprocess.exit(0)`}, {timings: QUICK})
    expect(result.main.durationMs).toBeGreaterThanOrEqual(QUICK.streamsMs)
    expect(result.main.leftRunning).toHaveLength(1)
  })

  test('given a node that is cancelled without handlers, its child is found', async () => {
    const result = await play(
      {main: `${child("{stdio: 'ignore'}")}\nawait sleep(20_000)`, post: POST},
      {cancelAfter: READY}
    )
    expect(result.main.leftRunning.map(left => left.commandLine)).toEqual([['sleep', '61.5']])
    expect(result.orphans.some(isAlive)).toBe(false)
  })

  test('given children of any kind, their command lines are kept', async () => {
    const result = await play({main: `${child("{stdio: 'ignore'}")}\nawait sleep(400); child.kill()`})
    expect(result.main.commandLines).toContainEqual(['sleep', '61.5'])
  })
})

describe('a machine in trouble', () => {
  test('given node is killed alone, post runs with the state so far', async () => {
    const main = `put('STATE', 'k=v\\n')\n${WAIT}`
    const result = await play({main, post: 'console.log(env.STATE_k)'}, {killAfter: READY})
    expect(result).toMatchObject({conclusion: 'failure', main: {signal: 'SIGKILL'}})
    expect(textOf(result, 'post')).toEqual(['v'])
  })

  test('given the power fails, no post runs and the files stay', async () => {
    const root = makeFolder()
    const main = `writeFileSync(env.RUNNER_TEMP + '/left', 'x')\n${child("{stdio: 'ignore'}")}\nawait sleep(20_000)`
    const result = await play({main, post: POST}, {crashAfter: READY, root})
    const pid = Number(textOf(result)[0]?.split(' ')[1])
    expect(result.post).toBeUndefined()
    expect(result.leftInTemp.map(file => file.path)).toEqual(['left'])
    expect(readProcess(pid)).toBeUndefined()
  })

  test('given force, whatever runs is killed and post is left out', async () => {
    const controller = new AbortController()
    const result = await play(
      {main: WAIT, post: POST},
      {force: controller.signal, onLine: line => line.by === 'main' && controller.abort()}
    )
    expect(result.main.signal).toBe('SIGKILL')
    expect(result.post).toBeUndefined()
  })
})
