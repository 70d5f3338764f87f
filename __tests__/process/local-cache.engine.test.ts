import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {hasBuilt, logOf, told} from '../support/built-action.ts'
import {type CacheService, startCacheService, type Weakness} from '../support/cache-service.ts'
import {FROM_TINY_ARCHIVE, type Job, type JobWorld, makeJobWorld, REPOSITORY} from '../support/job-world.ts'

jest.setTimeout(60_000)

let world: JobWorld
let service: CacheService
/** The runner's folder; as on GitHub, it has the same path on each machine. */
let root: string
let runs = 0

beforeAll(async () => {
  // An engine of its own: its cache is pruned.
  world = await makeJobWorld('local-cache', {fresh: 'local-cache'})
  await world.provideBuildkit()
  root = mkdtempSync(join(tmpdir(), 'cache-runner-'))
  checkout({'made.txt': '1', 'app.txt': 'first'})
}, 900_000)

afterAll(async () => {
  rmSync(root, {recursive: true, force: true})
  await world?.stop()
})

function checkout(files: Readonly<Record<string, string>>): void {
  // A layer that does not compress, so that one too many shows.
  const layer = 'RUN head -c 2000000 /dev/urandom > /made'
  const dockerfile = `${FROM_TINY_ARCHIVE}\nCOPY made.txt /\n${layer}\nCOPY app.txt /\n`
  const workspace = world.checkout({Dockerfile: dockerfile, ...files}, {hasTiny: true})
  execFileSync('git', ['-C', workspace, 'remote', 'set-url', 'origin', `${serverUrl()}/${REPOSITORY}`])
}

/** The toolkit tells GitHub's own servers from others by their names. */
function serverUrl(): string {
  return world.git.url.replace('127.0.0.1', 'git.localhost')
}

/** A run on a machine that has nothing of the runs before. */
function play({inputs, options, ...job}: Job = {}): Promise<RunResult> {
  world.docker('buildx', 'prune', '--all', '--force')
  runs += 1
  return world.run({
    root,
    services: service.services,
    ...job,
    inputs: {image: world.image, 'registry-credentials': world.login, cache: 'local', ...inputs},
    options: {serverUrl: serverUrl(), runNumber: runs, runId: String(runs), ...options}
  })
}

function cachedSteps(result: RunResult): string | undefined {
  expect(told(result, 'error')).toEqual([])
  return /\((\d+ of \d+) steps from cache\)/.exec(logOf(result))?.[1]
}

describe('given `cache: local`', () => {
  beforeAll(async () => {
    service = await startCacheService()
  })
  afterAll(() => service.close())

  test('a first run builds, pushes, and saves what it built', async () => {
    const result = await play()
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'cache-hit': 'false'}})
    expect(service.keys()).toEqual([expect.stringMatching(/^layers-.*-main-1-1$/)])
  })

  test('on the next machine every step comes from there', async () => {
    const result = await play()
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'cache-hit': 'true'}})
    expect(logOf(result)).toContain(`Layer cache restored from ${service.keys()[0]}`)
    expect(service.keys()).toHaveLength(2)
  })

  test('a changed line builds that step alone', async () => {
    checkout({'app.txt': 'second'})
    expect(cachedSteps(await play())).toBe('3 of 4')
  })

  test('layers that no step needs any more are not saved again', async () => {
    const before = service.newestBytes()
    checkout({'made.txt': '2'})
    expect(cachedSteps(await play())).toBe('1 of 4')
    expect(service.newestBytes()).toBeGreaterThan(2_000_000)
    expect(service.newestBytes()).toBeLessThan(before * 1.2)
  })

  test('a pull request reads the cache of its base, and saves none', async () => {
    const saved = service.keys().length
    const result = await play({event: 'pull-request'})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'cache-hit': 'true'}})
    expect(service.keys()).toHaveLength(saved)
  })

  test('a fork does not even ask for it', async () => {
    const asked = service.calls().length
    const result = await play({event: 'fork-pull-request'})
    expect(result).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'false'}})
    expect(service.calls()).toHaveLength(asked)
  })

  test('a folder that the workflow names stays on the machine, and serves without the service', async () => {
    const folder = join(root, 'layers')
    const inputs = {cache: `local:${folder}`}
    await play({inputs, services: {}})
    expect(existsSync(join(folder, 'index.json'))).toBe(true)
    expect(await play({inputs, services: {}})).toMatchObject({outputs: {'cache-hit': 'true'}})
  })
})

describe('given `ACTIONS_CACHE_MODE`', () => {
  beforeAll(async () => {
    service = await startCacheService()
    await play()
  })
  afterAll(() => service.close())

  test.each([
    {mode: 'none', calls: [], hit: 'false'},
    {mode: 'read', calls: ['GetCacheEntryDownloadURL', 'GetCacheEntryDownloadURL'], hit: 'true'},
    {mode: 'write-only', calls: ['CreateCacheEntry', 'FinalizeCacheEntryUpload'], hit: 'false'}
  ])('$mode, the service gets $calls', async ({mode, calls, hit}) => {
    const before = service.calls().length
    const result = await play({services: {...service.services, ACTIONS_CACHE_MODE: mode}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'cache-hit': hit}})
    expect(service.calls().slice(before)).toEqual(calls)
  })
})

describe('given a cache service that is not well', () => {
  const WEAKNESSES: Readonly<Record<string, Weakness>> = {
    hangs: 'hang',
    'answers 500': {status: 500},
    'breaks off': 'reset'
  }
  const results: Record<string, RunResult> = {}

  async function playWith(name: string, weakness: Weakness): Promise<void> {
    const weak = await startCacheService()
    weak.be(weakness)
    results[name] = await play({services: weak.services, root: join(root, name.replace(' ', '-'))})
    await weak.close()
  }

  // All at once: waiting is all that they do.
  beforeAll(async () => {
    await Promise.all(Object.entries(WEAKNESSES).map(([name, weakness]) => playWith(name, weakness)))
  }, 160_000)

  test.each(Object.keys(WEAKNESSES))('one that %s: the image is pushed all the same, with a warning', name => {
    const result = results[name] as RunResult
    expect(result).toMatchObject({conclusion: 'success', exitCode: 0, outputs: {pushed: 'true'}})
    expect(hasBuilt(result)).toBe(true)
    expect(told(result, 'error')).toEqual([])
    expect(told(result, 'warning')).toHaveLength(1)
  })
})

describe('given `cache: gha`', () => {
  beforeAll(async () => {
    service = await startCacheService()
  })
  afterAll(() => service.close())

  // Version 2 of the service needs BuildKit 0.20 and buildx 0.21; Debian's engine has BuildKit 0.13 and buildx 0.13,
  // which leaves such a cache out. So what is asked is held here, and that nobody is told it was written.
  test('buildx is asked for it with the scope of the branch, and the token is in no command line', async () => {
    const result = await play({inputs: {cache: 'gha'}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    if (service.calls().length === 0) expect(told(result, 'warning')).toEqual([expect.stringContaining('buildx 0.21')])
    const asked = result.main.commandLines.filter(words => words.includes('build'))
    expect(asked.some(words => words.includes('type=gha,scope=buildcache-main'))).toBe(true)
    expect(asked.some(words => words.some(word => /^type=gha,scope=buildcache-main,mode=max/.test(word)))).toBe(true)
    expect(JSON.stringify(asked)).not.toContain(service.services.ACTIONS_RUNTIME_TOKEN)
  })
})
