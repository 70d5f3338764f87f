import {afterEach, describe, expect, test} from '@jest/globals'
import {openGitHub} from '../../src/host/github.ts'
import {dateOf} from '../../src/host/github-answer.ts'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {type Reply, type ScriptedServer, scriptServer} from './scripted-server.ts'

const TOKEN = 'ghp_the-very-token-0123456789'
const servers: ScriptedServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function ask(reply: Reply, {isAnonymous = false, apiUrl}: {isAnonymous?: boolean; apiUrl?: string} = {}) {
  const server = await scriptServer(() => reply)
  servers.push(server)
  const secrets = openSecrets({mask: () => {}, say: () => {}})
  const token = secrets.keep('registry-credentials ghcr.io', TOKEN)
  const transport = openTransport({environment: {}, cancelled: new AbortController().signal})
  const github = openGitHub({
    token: undefined,
    repository: 'acme/app',
    apiUrl: apiUrl ?? `http://${server.host}/api/v3/`,
    log: makeFakeHost().log,
    secrets,
    transport
  })
  const answer = await github.ask('/rate_limit', isAnonymous ? null : token)
  transport.close()
  return {answer, server}
}

describe('a question to GitHub', () => {
  test('what the headers tell of the token is read, and the request in the address for sign-on is not kept', async () => {
    const {answer, server} = await ask({
      status: 403,
      headers: {
        'x-oauth-scopes': 'repo, write:packages',
        'x-accepted-github-permissions': 'packages=read',
        'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?authorization_request=AZSCKtL4U8yX1',
        'github-authentication-token-expiration': '2026-12-31 09:00:00 +0900'
      },
      body: '{"message":"Resource protected by organization SAML enforcement.","documentation_url":"x"}'
    })
    expect(server.lines()).toEqual(['GET /api/v3/rate_limit'])
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(answer).toMatchObject({
      status: 403,
      message: 'Resource protected by organization SAML enforcement.',
      scopes: ['repo', 'write:packages'],
      accepted: 'packages=read',
      sso: 'required; url=https://github.com/orgs/acme/sso',
      expiresAt: '2026-12-31T00:00:00.000Z'
    })
  })

  test('a token without scopes has an empty list of them, one without such a header has none', async () => {
    const {answer} = await ask({status: 200, headers: {'x-oauth-scopes': ''}, body: '{}'})
    expect(answer.scopes).toEqual([])
    expect((await ask({status: 200, body: '{}'})).answer).not.toHaveProperty('scopes')
  })

  test('without a token nothing is shown', async () => {
    const {server} = await ask({status: 200, body: '{}'}, {isAnonymous: true})
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
  })

  test.each<{given: string; reply: Reply}>([
    {given: 'a cut connection', reply: 'reset'},
    {given: 'half a body', reply: {status: 200, body: '{"a": 1}', cutAfter: 3}}
  ])('$given is an answer with the status 0', async ({reply}) => {
    expect((await ask(reply)).answer.status).toBe(0)
  })

  test('an answer that is no JSON is one', async () => {
    expect((await ask({status: 200, body: '<html>'})).answer).toEqual({status: 200, message: '', json: undefined})
  })

  test('a token is never sent in clear text to another machine', async () => {
    const {answer} = await ask({status: 200}, {apiUrl: 'http://api.evil.test'})
    expect(answer).toMatchObject({status: 0, message: expect.stringContaining('clear text')})
  })
})

describe('dateOf', () => {
  test.each([
    {header: '2026-12-31 09:00:00 UTC', then: '2026-12-31T09:00:00.000Z'},
    {header: '2026-12-31 09:00:00 +0900', then: '2026-12-31T00:00:00.000Z'},
    {header: '2026-12-31 09:00:00 -0330', then: '2026-12-31T12:30:00.000Z'},
    {header: 'never', then: undefined},
    {header: undefined, then: undefined}
  ])('$header is $then', ({header, then}) => {
    expect(dateOf(header)).toBe(then)
  })
})
