import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {errorCodes, hasBuilt, logOf, summaryOf} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'

jest.setTimeout(120_000)

const BASE_READER = {name: 'basereader', password: 'base-reader-password-31fz'} as const
const PUSHER = {name: 'pusher', password: 'pusher-password-88vv'} as const

let world: JobWorld
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('base-images')
  const {registry} = world
  registry.addUser({...BASE_READER, allow: {'private/*': ['pull']}})
  registry.addUser({...PUSHER, allow: {'acme/*': ['pull', 'push']}})
  // The private base image: pushed once by someone who may.
  world.checkout({Dockerfile: `FROM ${world.tiny}\nRUN echo from-the-base > /base\n`}, {directory: 'base'})
  const pushed = await world.run({
    workspace: `${world.place}/base`,
    inputs: {image: `${registry.host}/private/base`, tags: '1.0', 'registry-credentials': world.login, cache: 'none'}
  })
  expect(pushed.conclusion).toBe('success')
  inputs = {image: world.image, cache: 'none'}
}, 300_000)

afterAll(() => world?.stop())

const SECRETS = {BASE_PASSWORD: BASE_READER.password, PUSH_PASSWORD: PUSHER.password}

function logins(): string {
  const {host} = world.registry
  return `${host}/private ${BASE_READER.name} \${{ secrets.BASE_PASSWORD }}\n${host}/acme ${PUSHER.name} \${{ secrets.PUSH_PASSWORD }}`
}

function tokensFor(user: string, from: number): readonly string[] {
  return world.registry
    .tokenLog()
    .slice(from)
    .filter(row => row.user === user)
    .flatMap(row => row.asked)
}

function digestOf(base: string): string {
  return world.manifest(`${base}:1.0`)?.digest ?? 'no manifest'
}

describe('private images as a base', () => {
  test.each([
    {given: 'FROM', dockerfile: (base: string) => `FROM ${base}:1.0\nRUN grep from-the-base /base\n`, extra: {}},
    {
      given: 'FROM with a tag and a digest',
      dockerfile: (base: string) => `FROM ${base}:1.0@${digestOf(base)}\nRUN grep from-the-base /base\n`,
      extra: {}
    },
    {
      given: 'FROM by its digest alone',
      dockerfile: (base: string) => `FROM ${base}@${digestOf(base)}\nRUN grep from-the-base /base\n`,
      extra: {}
    },
    {
      given: 'COPY --from',
      dockerfile: (base: string) =>
        `FROM ${world.tiny}\nCOPY --from=${base}:1.0 /base /copied\nRUN grep from-the-base /copied\n`,
      extra: {}
    },
    {
      given: 'a variable, given as a build argument',
      dockerfile: () => 'ARG BASE=scratch\nFROM ${BASE}\nRUN grep from-the-base /base\n',
      extra: (base: string) => ({'build-args': `BASE=${base}:1.0`})
    },
    {
      given: 'a named context',
      dockerfile: () => 'FROM base\nRUN grep from-the-base /base\n',
      extra: (base: string) => ({'build-contexts': `base=docker-image://${base}:1.0`})
    }
  ])('$given: each login opens its own path alone', async ({dockerfile, extra}) => {
    const base = `${world.registry.host}/private/base`
    const before = world.registry.tokenLog().length
    const workspace = world.checkout({Dockerfile: `${dockerfile(base)}${world.fresh}`}, {directory: 'derived'})
    const more = typeof extra === 'function' ? extra(base) : extra
    const result = await world.run({
      workspace,
      inputs: {...inputs, ...more, 'registry-credentials': logins()},
      secrets: SECRETS
    })
    expect({codes: errorCodes(result), log: logOf(result).slice(-2000)}).toMatchObject({codes: []})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    const read = tokensFor(BASE_READER.name, before)
    expect(read).toContain('repository:private/base:pull')
    expect(read.filter(scope => scope.includes('push') || !scope.includes('private/base'))).toEqual([])
    expect(tokensFor(PUSHER.name, before).filter(scope => scope.includes('private'))).toEqual([])
    expect(summaryOf(result)).toContain(`pulls ${base}`)
  })

  test('given no login for it, the build fails, and says at which image', async () => {
    const base = `${world.registry.host}/private/base`
    const workspace = world.checkout({Dockerfile: `FROM ${base}:1.0\n${world.fresh}`}, {directory: 'derived'})
    const login = `${world.registry.host}/acme ${PUSHER.name} \${{ secrets.PUSH_PASSWORD }}`
    const result = await world.run({workspace, inputs: {...inputs, 'registry-credentials': login}, secrets: SECRETS})
    expect(result.conclusion).toBe('failure')
    expect(hasBuilt(result)).toBe(true)
    expect(logOf(result)).toContain('private/base')
  })

  test('a fork gets no login, and so no private base', async () => {
    const base = `${world.registry.host}/private/base`
    const before = world.registry.tokenLog().length
    const workspace = world.checkout({Dockerfile: `FROM ${base}:1.0\n${world.fresh}`}, {directory: 'derived'})
    const result = await world.run({
      event: 'fork-pull-request',
      workspace,
      inputs: {...inputs, 'registry-credentials': logins()},
      secrets: SECRETS
    })
    expect(result.conclusion).toBe('failure')
    expect(
      world.registry
        .tokenLog()
        .slice(before)
        .filter(({user}) => user !== '')
    ).toEqual([])
  })

  test('the same build once more is answered from the cache: the way through the door leaves no trace in its keys', async () => {
    const base = `${world.registry.host}/private/base`
    const workspace = world.checkout(
      {Dockerfile: `FROM ${base}:1.0\nRUN echo derived > /derived\n`},
      {directory: 'again'}
    )
    const job = {workspace, inputs: {...inputs, 'registry-credentials': logins()}, secrets: SECRETS}
    await world.run({...job, options: {runNumber: 7}})
    const again = await world.run({...job, options: {runNumber: 8}})
    expect(again).toMatchObject({conclusion: 'success', outputs: {'cache-hit': 'true'}})
  })
})

describe('several images with a login each', () => {
  test('every login opens its own image, and both stand on one digest', async () => {
    const {registry} = world
    registry.addUser({name: 'second', password: 'second-password-55', allow: {'second/*': ['pull', 'push']}})
    const before = registry.tokenLog().length
    const workspace = world.checkout({Dockerfile: `FROM ${world.tiny}\n${world.fresh}`}, {directory: 'two'})
    const second = `${registry.host}/second/app`
    const lines = `${logins()}\n${registry.host}/second second \${{ secrets.SECOND }}`
    const result = await world.run({
      workspace,
      inputs: {...inputs, image: `${world.image}\n${second}`, tags: 'both', 'registry-credentials': lines},
      secrets: {...SECRETS, SECOND: 'second-password-55'}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(world.manifest(`${second}:both`)?.digest).toBe(result.outputs.digest)
    const scopes = (user: string) => tokensFor(user, before).filter(scope => scope.endsWith('push'))
    expect(new Set(scopes('second'))).toEqual(new Set(['repository:second/app:pull,push']))
    expect(new Set(scopes(PUSHER.name))).toEqual(new Set(['repository:acme/app:pull,push']))
  })
})
