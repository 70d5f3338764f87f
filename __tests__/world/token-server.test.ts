import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {digestOf} from '../../scripts/world/basic-auth.ts'
import {writeJson} from '../../scripts/world/json-file.ts'
import {stopProcess} from '../../scripts/world/processes.ts'
import {readRequests} from '../../scripts/world/request-log.ts'
import {startService} from '../../scripts/world/service.ts'
import {makeSigningKey} from '../../scripts/world/token.ts'
import {grantedAccess, type TokenLogRow} from '../../scripts/world/token-server.ts'

const pullPush = {type: 'repository', name: 'acme/app', actions: ['pull', 'push']}

describe('grantedAccess', () => {
  test.each([
    {given: 'a writer of the repository', allow: {'acme/app': ['pull', 'push']}, then: [pullPush]},
    {given: 'a writer of everything below acme/', allow: {'acme/*': ['pull', 'push']}, then: [pullPush]},
    {given: 'a reader', allow: {'acme/*': ['pull']}, then: [{...pullPush, actions: ['pull']}]},
    {given: 'someone with rights to a longer name', allow: {'acme/app2': ['pull', 'push']}, then: []},
    {given: 'someone with rights elsewhere', allow: {'other/*': ['pull', 'push']}, then: []}
  ] as const)('given $given, then no more is granted than is allowed', ({allow, then}) => {
    expect(grantedAccess([pullPush], allow, [])).toEqual(then)
  })

  test('given a public repository and nobody in particular, then pull is granted and push is not', () => {
    expect(grantedAccess([pullPush], {}, ['acme/*'])).toEqual([{...pullPush, actions: ['pull']}])
  })

  test('given a scope of the registry itself, then nothing is granted', () => {
    const catalog = {type: 'registry', name: 'catalog', actions: ['*']}
    expect(grantedAccess([catalog], {'*': ['pull', 'push', 'delete']}, ['*'])).toEqual([])
  })
})

describe('the token server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'token-server-'))
  let url: string

  beforeAll(async () => {
    await makeSigningKey(folder, folder, () => {})
    const ada = {name: 'ada', passwordDigest: digestOf('lovelace'), allow: {'acme/app': ['pull']}}
    writeJson(join(folder, 'accounts.json'), {users: [ada], public: ['acme/open'], tokenLifetimeSeconds: 60})
    url = `http://${await startService(folder, 'token-server')}/token`
  })

  afterAll(async () => {
    await stopProcess(folder, 'token-server')
    rmSync(folder, {recursive: true})
  })

  test.each([
    {given: 'the right password', method: 'GET', sent: 'ada:lovelace', status: 200},
    {given: 'a wrong password', method: 'GET', sent: 'ada:byron', status: 401},
    {given: 'an unknown user', method: 'GET', sent: 'charles:lovelace', status: 401},
    {given: 'nobody', method: 'GET', sent: undefined, status: 200},
    {given: 'the OAuth2 way', method: 'POST', sent: 'ada:lovelace', status: 405}
  ])('given $given, then the answer is $status', async ({method, sent, status}) => {
    expect((await ask(method, sent)).status).toBe(status)
  })

  test('given a request, then the log tells who asked for what and what was granted, without the password', async () => {
    await ask('GET', 'ada:lovelace')
    const row = readRequests<TokenLogRow>(folder).at(-1)
    expect(row).toMatchObject({
      user: 'ada',
      outcome: 'granted',
      asked: ['repository:acme/app:pull,push'],
      granted: ['repository:acme/app:pull']
    })
    expect(JSON.stringify(readRequests(folder))).not.toContain('lovelace')
  })

  test('given a token, then its claims hold what was granted and for how long', async () => {
    const {token} = (await (await ask('GET', 'ada:lovelace')).json()) as {token: string}
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.access).toEqual([{type: 'repository', name: 'acme/app', actions: ['pull']}])
    expect(claims.exp - claims.iat).toBe(60)
  })

  function ask(method: string, sent: string | undefined): Promise<Response> {
    const headers = sent === undefined ? {} : {authorization: `Basic ${Buffer.from(sent).toString('base64')}`}
    return fetch(`${url}?service=world-registry&scope=repository:acme/app:pull,push`, {method, headers})
  }
})
