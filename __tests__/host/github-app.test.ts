import {createVerify, generateKeyPairSync} from 'node:crypto'
import {afterEach, describe, expect, test} from '@jest/globals'
import {openApps} from '../../src/host/github-app.ts'
import type {AppTokenRequest} from '../../src/host/host.ts'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import {Problem} from '../../src/model/problem.ts'
import {type Reply, type ScriptedServer, type Seen, scriptServer} from './scripted-server.ts'

const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
const PEM = privateKey.export({type: 'pkcs1', format: 'pem'}) as string
const TOKEN = 'ghs_123456_eyJhbGciOi.JIUzI1NiIsInR5.cCI6IkpXVCJ9'

let server: ScriptedServer | undefined
afterEach(() => server?.close())

const json = (status: number, body: object, headers: Record<string, string> = {}): Reply => ({
  status,
  body: JSON.stringify(body),
  headers: {'content-type': 'application/json', ...headers}
})

/** GitHub, as far as minting needs it: the App 77 is installed at acme for kernels and data. */
function github(seen: Seen): Reply {
  const [, repository] = /^\/repos\/acme\/(\w+)\/installation$/.exec(seen.path) ?? []
  if (repository === 'kernels' || repository === 'data') return json(200, {id: 4711})
  if (seen.path === '/app/installations/4711/access_tokens')
    return json(201, {token: TOKEN, expires_at: '2026-11-25T03:00:00Z'})
  if (seen.method === 'DELETE') return {status: 204}
  return json(404, {message: 'Not Found'})
}

async function open(script: (seen: Seen, nth: number) => Reply, now?: () => number) {
  server = await scriptServer((seen, {nth}) => script(seen, nth))
  const secrets = openSecrets({mask: () => {}, say: () => {}})
  const cancelled = new AbortController().signal
  const transport = openTransport({environment: {}, cancelled})
  const log = {debug: () => {}} as never
  const apps = openApps({transport, secrets, log, cancelled, ...(now === undefined ? {} : {now})})
  const request = (names: readonly string[], listed = true): AppTokenRequest => ({
    apiUrl: `http://${server?.host}`,
    id: '77',
    key: secrets.keep('github-app', PEM),
    secret: 'github-app acme',
    owner: 'acme',
    repositories: names.map(name => ({name, isListed: listed})),
    permissions: {contents: 'read'}
  })
  return {apps, secrets, request}
}

/** The claims of a login, once its signature was proven. */
function claimsOf({headers}: Seen): {iat: number; exp: number; iss: string} {
  const [head = '', body = '', signature = ''] = (headers.authorization ?? '').replace('Bearer ', '').split('.')
  expect(createVerify('RSA-SHA256').update(`${head}.${body}`).verify(publicKey, signature, 'base64url')).toBe(true)
  return JSON.parse(Buffer.from(body, 'base64url').toString())
}

async function codeAndTexts(doing: Promise<unknown>): Promise<string> {
  const thrown = await doing.then(
    () => undefined,
    (reason: unknown) => reason
  )
  expect(thrown).toBeInstanceOf(Problem)
  const {code, why, evidence} = thrown as Problem
  return `${code}: ${why} ${evidence.join()}`
}

describe('minting', () => {
  test('asks for exactly the repositories and permissions, with a login of the App', async () => {
    const {apps, secrets, request} = await open(github)
    const minted = await apps.mint(request(['kernels', 'data']))
    expect(minted).toEqual({
      token: {secret: 'github-app acme'},
      repositories: ['kernels', 'data'],
      expiresAt: '2026-11-25T03:00:00Z'
    })
    expect(secrets.redeem({secret: 'github-app acme'}).reveal()).toBe(TOKEN)
    const post = server?.seen.find(({method}) => method === 'POST')
    expect(JSON.parse(post?.body.toString() ?? '')).toEqual({
      repositories: ['kernels', 'data'],
      permissions: {contents: 'read'}
    })
    for (const seen of server?.seen ?? []) {
      const {iat, exp, iss} = claimsOf(seen)
      expect(iss).toBe('77')
      expect(exp - iat).toBeLessThanOrEqual(600)
      expect(iat).toBeLessThan(Date.now() / 1000)
    }
  })

  test('leaves out what only a submodule needs and the App does not reach', async () => {
    const {apps, request} = await open(github)
    expect((await apps.mint(request(['kernels', 'cutlass'], false)))?.repositories).toEqual(['kernels'])
    expect(await apps.mint(request(['cutlass'], false))).toBeUndefined()
  })

  test('signs by the clock of GitHub where ours is wrong, and says by how much', async () => {
    // Ten minutes ahead: what we sign seems to come from the future.
    const now = () => Date.now() + 600_000
    const isEarly = (seen: Seen) => claimsOf(seen).iat > Date.now() / 1000
    const {apps, request} = await open(
      seen => (isEarly(seen) ? json(401, {message: "'Issued at' claim ('iat') must be an Integer"}) : github(seen)),
      now
    )
    expect((await apps.mint(request(['kernels'])))?.skewSeconds).toBeCloseTo(-600, -1)
  })

  test('tries again where the server errs', async () => {
    const {apps, request} = await open((seen, nth) => (nth === 1 ? {status: 502} : github(seen)))
    expect((await apps.mint(request(['kernels'])))?.repositories).toEqual(['kernels'])
  })
})

describe('a refusal is told by its cause', () => {
  test.each([
    {
      given: 'a wrong key',
      reply: json(401, {message: 'A JSON web token could not be decoded'}),
      says: /do not belong together/
    },
    {given: 'no installation', reply: json(404, {message: 'Not Found'}), says: /not installed there/},
    {given: 'a suspension', reply: json(403, {message: 'This installation has been suspended'}), says: /suspended/},
    {given: 'a limit', reply: json(403, {message: 'API rate limit exceeded'}), says: /for the time being/}
  ])('given $given', async ({reply, says}) => {
    const {apps, request} = await open(() => reply)
    expect(await codeAndTexts(apps.mint(request(['kernels'])))).toMatch(says)
  })

  test('given a permission that the App does not have', async () => {
    const message = 'The permissions requested are not granted to this installation.'
    const {apps, request} = await open(seen => (seen.method === 'POST' ? json(422, {message}) : github(seen)))
    expect(await codeAndTexts(apps.mint(request(['kernels'])))).toMatch(/never given a permission/)
  })

  test('given a connection that breaks each time', async () => {
    const {apps, request} = await open(() => 'reset')
    expect(await codeAndTexts(apps.mint(request(['kernels'])))).toMatch(/^github-app-refused: Without it/)
  })
})

describe('revoking', () => {
  test.each([
    {given: 'a living token', reply: {status: 204}},
    {given: 'one that has ended already', reply: json(401, {message: 'Bad credentials'})}
  ])('given $given, it is ended with itself as the login', async ({reply}) => {
    const {apps, secrets} = await open(() => reply)
    const token = secrets.redeem(secrets.keep('x', TOKEN))
    await apps.revoke({apiUrl: `http://${server?.host}`, token})
    expect(server?.lines()).toEqual(['DELETE /installation/token'])
    expect(server?.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  test('given a server that refuses, it is no secret', async () => {
    const {apps, secrets} = await open(() => json(403, {message: 'no'}))
    const token = secrets.redeem(secrets.keep('x', TOKEN))
    await expect(apps.revoke({apiUrl: `http://${server?.host}`, token})).rejects.toThrow('403')
  })
})
