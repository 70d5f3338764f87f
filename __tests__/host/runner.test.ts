import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeEach, describe, expect, test} from '@jest/globals'
import {startCacheService} from './cache-service.ts'
import {scriptServer} from './scripted-server.ts'

const script = fileURLToPath(new URL('runner-script.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'runner-host-'))
const FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const

beforeEach(() => {
  for (const file of FILES) writeFileSync(join(root, file), '')
})
afterAll(() => rmSync(root, {recursive: true, force: true}))

const content = (file: (typeof FILES)[number]) => readFileSync(join(root, file), 'utf8')

function start(
  deed: string,
  env: Readonly<Record<string, string>> = {}
): ChildProcess & {readonly output: () => string} {
  const files = Object.fromEntries(FILES.map(file => [file, join(root, file)]))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, deed], {
    env: {PATH: process.env.PATH ?? '', ...files, RUNNER_TEMP: root, ...env},
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  return Object.assign(child, {output: () => text})
}

/** Runs a deed to its end: what it printed, and what it saw. */
async function run(deed: string, env: Readonly<Record<string, string>> = {}) {
  const child = start(deed, env)
  const [code] = await once(child, 'close')
  const lines = child.output().trim().split('\n')
  return {code, text: child.output(), seen: JSON.parse(lines.at(-1) ?? 'null')}
}

async function pidOf(child: {output(): string}): Promise<number> {
  for (let look = 0; look < 200; look += 1) {
    const pid = /^pid (\d+)$/m.exec(child.output())?.[1]
    if (pid !== undefined) return Number(pid)
    await sleep(20)
  }
  throw new Error('no pid')
}

async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look += 1) {
    try {
      process.kill(pid, 0)
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return true
    } catch {
      return true
    }
    await sleep(20)
  }
  return false
}

describe('inputs', () => {
  test('are named as in action.yml, and gone from the environment of us and of children', async () => {
    const {seen} = await run('inputs', {
      'INPUT_GIT-CREDENTIALS': 'github.com/acme some-token',
      INPUT_TORCH: '2.8.0',
      INPUT_EMPTY: '',
      INPUT_BLANK: ' \n',
      ACTIONS_RUNTIME_TOKEN: 'runtime-value',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '2'
    })
    expect(seen.raw).toEqual({'git-credentials': 'github.com/acme some-token', torch: '2.8.0'})
    expect([...seen.left, ...seen.inEnv]).toEqual([])
    expect(seen.child).not.toMatch(/some-token|runtime-value|INPUT_/)
    expect(seen.place.runName).toMatch(/^42-2-[0-9a-f]{8}$/)
  })
})

describe('what is told', () => {
  test('no text becomes a command, no secret is shown but to be masked', async () => {
    const {text} = await run('tell')
    const lines = text.split('\n')
    const commands = lines.filter(line => /^\s*::/.test(line))
    expect(commands.filter(line => !/^::(add-mask|group|endgroup|warning |notice )/.test(line))).toEqual([])
    expect(text).not.toContain('##[')
    expect(lines.filter(line => line.includes('hunter2') && !line.startsWith('::add-mask::'))).toEqual([])
    expect(lines).toContain('::warning title=title%2Cfile=a%3A%3Ab::bad%0A::error::no ***')
    expect(lines).toContain('::notice title=advice,file=a%2Cb%3Ac/Dockerfile,line=7::low')
    expect(text.indexOf('::group::a group')).toBeLessThan(text.indexOf('inside'))
    expect(text).not.toContain('only when debugging')
  })

  test('debugging shows what is for us', async () => {
    const {text} = await run('tell', {RUNNER_DEBUG: '1'})
    expect(text).toContain('::debug::only when debugging')
  })

  test('outputs and summary hold no secret, and the summary stays within 1 MiB at the end of a line', async () => {
    await run('tell')
    expect(content('GITHUB_OUTPUT')).toContain('***')
    expect(content('GITHUB_OUTPUT')).not.toContain('hunter2')
    const summary = content('GITHUB_STEP_SUMMARY')
    expect(summary.startsWith('# Summary ***\n')).toBe(true)
    expect(summary).not.toContain('hunter2')
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1024 * 1024)
    expect(summary).toMatch(/y{1023}\n\n\*The rest is left out/)
  })
})

describe('the ledger', () => {
  test('is one value, whole at each entry, and refuses a secret', async () => {
    const {seen} = await run('ledger')
    expect(seen.refused).toContain('remove-path')
    const state = content('GITHUB_STATE')
    expect(state).not.toContain('hunter2')
    const values = state.split('\n').filter(line => line.startsWith('['))
    expect(values.map(value => JSON.parse(value).length)).toEqual([1, 2])
  })

  test('is read by post, without what it does not know', async () => {
    const entries = [{kind: 'remove-path', path: '/tmp/one'}, {kind: 'format-disk'}, {kind: 'stop-process', pid: 1}, 7]
    const {seen} = await run('read-ledger', {STATE_ledger: JSON.stringify(entries)})
    expect(seen).toEqual([{kind: 'remove-path', path: '/tmp/one'}])
  })

  test.each(['', '{', '{}', 'null'])('is empty where the state is %j', async state => {
    expect((await run('read-ledger', {STATE_ledger: state})).seen).toEqual([])
  })
})

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s to us ends the program, and we say why', async signal => {
    const child = start('cancel')
    const closed = once(child, 'close')
    const pid = await pidOf(child)
    child.kill(signal)
    const [code] = await closed
    expect(code).toBe(0)
    expect(child.output()).toContain(JSON.stringify({code: 'cancelled', reason: signal}))
    expect(await isGone(pid)).toBe(true)
  })

  test('a crash of ours leaves no program behind', async () => {
    const child = start('crash')
    const closed = once(child, 'close')
    const pid = await pidOf(child)
    const [code] = await closed
    expect(code).toBe(3)
    expect(await isGone(pid)).toBe(true)
  })

  test('time that is up is a cancel with that reason', async () => {
    expect((await run('timeout')).seen).toEqual({reason: 'timeout'})
  })
})

describe('GitHub', () => {
  test.each([
    {
      given: 'an answer',
      reply: {status: 200, headers: {'content-type': 'application/json'}, body: '{"status":"behind"}'},
      then: 'behind'
    },
    {
      given: 'a word nobody knows',
      reply: {status: 200, headers: {'content-type': 'application/json'}, body: '{"status":"lost"}'},
      then: 'unknown'
    },
    {given: 'a commit that is not there', reply: {status: 404, body: '{}'}, then: 'unknown'},
    {given: 'a broken server', reply: {status: 500, body: 'oops'}, then: 'unknown'}
  ])('$given: $then', async ({reply, then}) => {
    const server = await scriptServer(() => reply)
    const {seen} = await run('compare', {
      INPUT_TOKEN: 'ghs_token-of-the-job',
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_API_URL: `http://${server.host}`
    })
    await server.close()
    expect(seen).toBe(then)
    expect(server.seen[0]?.path).toMatch(/^\/repos\/acme\/app\/compare\/base\.\.\.head/)
    expect(server.seen[0]?.headers.authorization).toBe('token ghs_token-of-the-job')
  })

  test('without a token nobody is asked', async () => {
    expect((await run('compare', {GITHUB_REPOSITORY: 'acme/app'})).seen).toBe('unknown')
  })
})

describe('the cache service', () => {
  test.each([
    {given: 'there is none', env: {}},
    {given: 'it may not be used', env: {ACTIONS_CACHE_MODE: 'none', ACTIONS_CACHE_URL: 'http://127.0.0.1:9/'}},
    {given: 'a mode of the future', env: {ACTIONS_CACHE_MODE: 'sideways', ACTIONS_CACHE_URL: 'http://127.0.0.1:9/'}}
  ])('where $given, nothing is restored or saved, and nothing fails', async ({env}) => {
    const {code, seen} = await run('cache', env as Record<string, string>)
    expect(code).toBe(0)
    expect(seen).toEqual({saved: false, restored: null, text: null})
  })

  test.each([
    {
      given: 'a token that may write',
      mayWrite: true,
      mode: '',
      then: {saved: true, restored: 'layers-main-1', text: 'bytes'}
    },
    {given: 'a token that may only read', mayWrite: false, mode: '', then: {saved: false, restored: null, text: null}},
    {given: 'a mode that only reads', mayWrite: true, mode: 'read', then: {saved: false, restored: null, text: null}},
    {
      given: 'a mode that only writes',
      mayWrite: true,
      mode: 'write-only',
      then: {saved: true, restored: null, text: null}
    }
  ])('$given: saved $then.saved, restored $then.restored', async ({mayWrite, mode, then}) => {
    const service = await startCacheService({mayWrite})
    const directory = join(root, 'cached')
    mkdirSync(directory, {recursive: true})
    writeFileSync(join(directory, 'blob'), 'bytes')
    const {code, seen} = await run('cache', {
      CACHED: directory,
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: `http://${service.host}/`,
      ACTIONS_RUNTIME_TOKEN: 'runtime-token',
      ACTIONS_CACHE_MODE: mode,
      GITHUB_WORKSPACE: root
    })
    await service.close()
    rmSync(directory, {recursive: true, force: true})
    expect(code).toBe(0)
    expect(seen).toEqual(then)
  })
})
