import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {told} from '../support/built-action.ts'
import {FROM_TINY_ARCHIVE, type JobWorld, makeJobWorld} from '../support/job-world.ts'

jest.setTimeout(60_000)

let world: JobWorld
let inputs: Readonly<Record<string, string>>
/** Images of the engine before the run, with their names. */
let before: readonly string[]

beforeAll(async () => {
  // An engine of its own, so that all that is in it is known.
  world = await makeJobWorld('load', {fresh: 'load'})
  await world.provideBuildkit()
  world.checkout(
    {
      Dockerfile: `${FROM_TINY_ARCHIVE}\n${world.fresh}\nCOPY . /app\nCMD ["cat", "/app/hello.txt"]\n`,
      'hello.txt': 'hello from the image\n',
      '.dockerignore': '.git\n'
    },
    {hasTiny: true}
  )
  inputs = {image: world.image, 'registry-credentials': world.login, cache: 'none'}
}, 900_000)

beforeEach(() => {
  before = imagesOf()
})

afterAll(() => world?.stop())

function imagesOf(): readonly string[] {
  return world.docker('images', '--all', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}').split('\n').toSorted()
}

function newNames(): readonly string[] {
  return imagesOf()
    .filter(image => !before.includes(image))
    .map(image => image.split(' ')[0] ?? '')
}

/** Runs the image that a later step of the job would test, and takes it away. */
function runAndRemove(name: string): string {
  const said = world.docker('run', '--rm', '--network', 'none', name)
  world.docker('image', 'rm', name)
  return said
}

describe('`load: true`', () => {
  test.each([
    {given: 'a pull request of its own', event: 'pull-request', tag: 'pr-42'},
    {given: "a fork's pull request", event: 'fork-pull-request', tag: 'pr-42'},
    {given: 'a push that does not push', event: 'push', tag: 'main', push: 'never'}
  ] as const)('given $given, the image is in the engine under $tag, and nothing else is', async row => {
    const result = await world.run({
      event: row.event,
      inputs: {...inputs, load: 'true', ...('push' in row ? {push: row.push} : {})}
    })
    expectGreen(result, 'false')
    const name = `${world.image}:${row.tag}`
    expect(newNames()).toEqual([name])
    expect(runAndRemove(name)).toBe('hello from the image')
    expect(imagesOf()).toEqual(before)
    expect(world.tags()).toEqual([])
  })

  test('given a push, it is pushed, and in the engine as well', async () => {
    const result = await world.run({inputs: {...inputs, load: 'true'}})
    expectGreen(result, 'true')
    expect(newNames()).toEqual([`${world.image}:main`])
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(result.outputs.digest)
    expect(runAndRemove(`${world.image}:main`)).toBe('hello from the image')
  })
})

describe('without `load`', () => {
  test.each([{event: 'push'}, {event: 'pull-request'}, {event: 'fork-pull-request'}] as const)(
    'given $event, the engine keeps no image of it',
    async ({event}) => {
      const result = await world.run({event, inputs, options: {runNumber: 20}})
      expectGreen(result, String(event === 'push'))
      expect(imagesOf()).toEqual(before)
    }
  )

  test('given a step that fails, the engine keeps nothing either', async () => {
    const workspace = world.checkout({Dockerfile: `FROM ${world.tiny}\nRUN exit 7\n`}, {directory: 'failing'})
    const result = await world.run({workspace, inputs})
    expect(result).toMatchObject({conclusion: 'failure', outputs: {'push-reason': 'build-failed'}})
    expect(imagesOf()).toEqual(before)
  })
})

function expectGreen(result: RunResult, pushed: string): void {
  expect(told(result, 'error')).toEqual([])
  expect(told(result, 'warning')).toEqual([])
  expect(result).toMatchObject({conclusion: 'success', outputs: {pushed}})
}
