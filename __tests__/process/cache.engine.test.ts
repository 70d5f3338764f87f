import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {logOf, told} from '../support/built-action.ts'
import {FROM_TINY_ARCHIVE, type JobWorld, makeJobWorld, OPEN, READER} from '../support/job-world.ts'

jest.setTimeout(60_000)

let world: JobWorld
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  // An engine of its own: to forget what was built here must not disturb anyone else.
  world = await makeJobWorld('cache', {fresh: 'cache'})
  await world.provideBuildkit()
  world.checkout({Dockerfile: dockerfile('once'), 'code.txt': 'one\n', '.dockerignore': '.git\n'})
  inputs = {image: world.image, 'registry-credentials': world.login}
}, 900_000)

afterAll(() => world?.stop())

function dockerfile(word: string): string {
  return `FROM ${world.tiny}\n${world.fresh}\nRUN echo "slow step ${word}" > /slow\nCOPY code.txt /code.txt\n`
}

/** As on a machine that has never built this. */
function forget(): void {
  world.docker('buildx', 'prune', '--all', '--force')
}

/** How many of the steps of the Dockerfile came from a cache. */
function cachedSteps(result: RunResult): number {
  return Number(/^build: .*\((\d) of [23] steps from cache\)/m.exec(logOf(result))?.[1])
}

describe('a fork and the layer cache in the registry', () => {
  let workspace: string

  beforeAll(() => {
    const steps = `${FROM_TINY_ARCHIVE}\n${world.fresh}\nRUN echo "slow step of the base" > /slow\nCOPY code.txt /code.txt\n`
    const files = {Dockerfile: steps, 'code.txt': 'one\n', '.dockerignore': '.git\n'}
    workspace = world.checkout(files, {directory: 'for forks', hasTiny: true})
  })

  /** A push that leaves a cache beside the image, and a fork's pull request after it on another machine. */
  async function pushAndFork(image: string) {
    const pushed = await world.run({workspace, inputs: {...inputs, image}})
    expect(told(pushed, 'warning')).toEqual([])
    expect(world.tags(image.replace(`${world.registry.host}/`, ''))).toContain('buildcache-main')
    forget()
    const before = world.registry.tokenLog().length
    const fork = await world.run({event: 'fork-pull-request', workspace, inputs: {...inputs, image}})
    expect(told(fork, 'error')).toEqual([])
    return {fork, asked: world.registry.tokenLog().slice(before)}
  }

  test('given a package that only a login opens, nothing is read', async () => {
    const {fork, asked} = await pushAndFork(`${world.registry.host}/acme/closed`)
    expect(fork).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'false', pushed: 'false'}})
    expect(cachedSteps(fork)).toBe(0)
    for (const row of asked) expect(row).toMatchObject({user: '', granted: []})
  })

  test('given a package that anyone may read, its steps come from there, without a login', async () => {
    const {fork, asked} = await pushAndFork(`${world.registry.host}/${OPEN}`)
    expect(fork).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'true', pushed: 'false'}})
    expect(cachedSteps(fork)).toBe(3)
    for (const row of asked) expect(row).toMatchObject({user: '', granted: [`repository:${OPEN}:pull`]})
    expect(asked.length).toBeGreaterThan(0)
  })
})

describe('the layer cache in the registry', () => {
  test('given a push, it is written beside the image, under the name of the branch', async () => {
    const result = await world.run({inputs})
    expect(told(result, 'warning')).toEqual([])
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'cache-hit': 'false'}})
    expect(cachedSteps(result)).toBe(0)
    expect(world.tags()).toContain('buildcache-main')
  })

  test('given a machine that has forgotten everything, the next push takes its steps from there', async () => {
    forget()
    const result = await world.run({inputs, options: {runNumber: 8}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'true'}})
    expect(cachedSteps(result)).toBe(2)
    // Written again, it could lose what this build did not have to fetch.
    expect(logOf(result)).toContain('cache: left as it is (registry): every step came from it')
  })

  test('given one changed file, only what comes after it is built', async () => {
    forget()
    world.checkout({'code.txt': 'two\n'})
    const result = await world.run({inputs, options: {runNumber: 9}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'false'}})
    expect(cachedSteps(result)).toBe(1)
  })

  test('given a pull request, it is read and not written', async () => {
    forget()
    const before = world.manifest(`${world.image}:buildcache-main`)?.digest
    const tokens = world.registry.tokenLog().length
    const result = await world.run({event: 'pull-request', inputs})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'cache-hit': 'true'}})
    expect(cachedSteps(result)).toBe(2)
    expect(world.tags().filter(tag => tag.startsWith('buildcache'))).toEqual(['buildcache-main'])
    expect(world.manifest(`${world.image}:buildcache-main`)?.digest).toBe(before)
    const scopes = world.registry
      .tokenLog()
      .slice(tokens)
      .flatMap(({granted}) => granted)
    expect(scopes.length).toBeGreaterThan(0)
    expect(scopes.filter(scope => scope.includes('push'))).toEqual([])
  })

  test('given a branch, it reads the cache of the default branch and writes its own', async () => {
    forget()
    world.program('git', '-C', join(world.place, 'workspace'), 'switch', '--create', 'faster')
    const result = await world.run({inputs, options: {runNumber: 11}})
    world.program('git', '-C', join(world.place, 'workspace'), 'switch', 'main')
    expect(result).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'true'}})
    expect(world.tags()).toEqual(expect.arrayContaining(['buildcache-faster', 'branch-faster']))
  })

  test('given a reference of its own, the cache lies there', async () => {
    const place = `${world.registry.host}/acme/cache:layers`
    const result = await world.run({inputs: {...inputs, cache: `registry:${place}`}, options: {runNumber: 12}})
    expect(told(result, 'warning')).toEqual([])
    expect(world.tags('acme/cache')).toEqual(['layers'])
    forget()
    const again = await world.run({inputs: {...inputs, cache: `registry:${place}`}, options: {runNumber: 13}})
    expect(cachedSteps(again)).toBe(2)
  })

  test('given that it cannot be written, the image is pushed all the same, with a warning', async () => {
    const login = `${world.registry.host}/acme/locked ${READER.name} \${{ secrets.READER_PASSWORD }}`
    const result = await world.run({
      inputs: {
        ...inputs,
        'registry-credentials': `${world.login}\n${login}`,
        cache: `registry:${world.registry.host}/acme/locked:layers`
      },
      secrets: {READER_PASSWORD: READER.password},
      options: {runNumber: 14}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(told(result, 'error')).toEqual([])
    expect(told(result, 'warning').join('\n')).toMatch(/layer cache/)
    expect(world.tags('acme/locked')).toEqual([])
  })
})

describe('no layer cache', () => {
  test('given `cache: none`, nothing is read and nothing written', async () => {
    forget()
    const tokens = world.registry.tokenLog().length
    const result = await world.run({
      inputs: {...inputs, image: `${world.registry.host}/acme/plain`, cache: 'none'},
      options: {runNumber: 15}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'cache-hit': 'false'}})
    expect(cachedSteps(result)).toBe(0)
    expect(world.tags('acme/plain').filter(tag => tag.startsWith('buildcache'))).toEqual([])
    expect(
      world.registry
        .tokenLog()
        .slice(tokens)
        .flatMap(({asked}) => asked)
        .join()
    ).not.toContain('acme/app')
  })
})

describe('the layer cache in a folder', () => {
  test('given a folder, it is written there and read from there', async () => {
    const folder = join(world.place, 'layer cache')
    const first = await world.run({inputs: {...inputs, cache: `local:${folder}`}, options: {runNumber: 16}})
    expect(told(first, 'warning')).toEqual([])
    expect(first).toMatchObject({conclusion: 'success'})
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['blobs', 'index.json']))
    forget()
    const second = await world.run({inputs: {...inputs, cache: `local:${folder}`}, options: {runNumber: 17}})
    expect(second).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'true'}})
    expect(cachedSteps(second)).toBe(2)
  })

  test('given a fork, the folder is not touched', async () => {
    const folder = join(world.place, 'cache of a fork')
    const workspace = world.checkout({Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n'}, {directory: 'of a fork'})
    const job = {event: 'fork-pull-request', workspace} as const
    const result = await world.run({...job, inputs: {...inputs, cache: `local:${folder}`}})
    expect(result).toMatchObject({conclusion: 'success'})
    expect(existsSync(folder)).toBe(false)
  })
})
