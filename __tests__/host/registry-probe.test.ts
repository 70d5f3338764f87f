import {afterEach, describe, expect, test} from '@jest/globals'
import {registryClient} from '../../src/host/registry.ts'
import {BEARER, errorBody, imageAt, openTestSession, QUICK, TOKEN, tokenLogin} from './registry-fixture.ts'
import {type Reply, type ScriptedServer, type Seen, scriptServer} from './scripted-server.ts'

const UPLOADS = '/v2/acme/app/blobs/uploads/'
const opened: {close(): unknown}[] = []

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function probe(
  reply: (nth: number) => Reply,
  {login = tokenLogin, stallMs = 500}: {login?: (seen: Seen, host: string) => Reply | undefined; stallMs?: number} = {}
) {
  const server = await scriptServer((seen, {nth, host}) => {
    const challenged = login(seen, host)
    if (challenged !== undefined) return challenged
    if (seen.path === '/v2/') return {status: 200, body: '{}'}
    return seen.method === 'POST' ? reply(nth) : {status: 405}
  })
  const fixture = openTestSession({stallMs, answerMs: stallMs})
  opened.push(server, fixture)
  const client = registryClient(fixture.session, {asking: QUICK, working: QUICK})
  const answer = await client.probePush(imageAt(server.host), fixture.credentialFor(server.host))
  return {answer, server, fixture}
}

const posts = (server: ScriptedServer) => server.lines().filter(line => line === `POST ${UPLOADS}`).length

describe('the push probe', () => {
  test('202 is a yes; the upload is given up, and its refusal (ghcr.io) does not matter', async () => {
    const {answer, server} = await probe(() => ({
      status: 202,
      headers: {location: '/v2/acme/app/blobs/uploads/1?_state=secret'}
    }))
    expect(answer).toMatchObject({result: 'allowed', status: 202})
    expect(server.lines().at(-1)).toBe('DELETE /v2/acme/app/blobs/uploads/1?_state=secret')
    expect(JSON.stringify(answer)).not.toContain('_state')
  })

  test('a registry that lets nobody give up an upload (401) is not asked twice: four questions in all', async () => {
    const location = '/v2/acme/app/blobs/uploads/1?_state=secret'
    const {answer, server} = await probe(() => ({status: 202, headers: {location}}), {
      login: (seen, host) => (seen.method === 'DELETE' ? {status: 401} : tokenLogin(seen, host))
    })
    expect(answer.result).toBe('allowed')
    expect(server.lines().map(line => line.replace(/\?.*/, ''))).toEqual([
      'GET /v2/',
      'GET /token',
      `POST ${UPLOADS}`,
      'DELETE /v2/acme/app/blobs/uploads/1'
    ])
  })

  test('the scope is of our making, never the one in the challenge', async () => {
    const {server} = await probe(() => ({status: 202}))
    const token = server.seen.find(({path}) => path.startsWith('/token'))
    const query = new URL(token?.path ?? '', 'http://x').searchParams
    expect(query.getAll('scope')).toEqual(['repository:acme/app:pull,push'])
    expect(query.get('service')).toBe('test.registry')
    expect(token?.headers.authorization).toBe(`Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`)
  })

  test('the token that came back is masked', async () => {
    const {fixture} = await probe(() => ({status: 202}))
    expect(fixture.masks).toContain(BEARER)
  })

  test.each([
    {
      given: '403 with the words of ghcr.io',
      reply: {status: 403, body: errorBody('DENIED', 'installation not allowed to Write organization package')},
      evidence: 'DENIED: installation not allowed to Write organization package'
    },
    {given: '401 with text', reply: {status: 401, body: 'no entry'}, evidence: 'no entry'},
    {
      given: '404 for a hidden name',
      reply: {status: 404, body: errorBody('NAME_UNKNOWN', 'no')},
      evidence: 'NAME_UNKNOWN: no'
    },
    {
      given: '405 of a read-only registry',
      reply: {status: 405, body: errorBody('UNSUPPORTED', 'ro')},
      evidence: 'UNSUPPORTED: ro'
    },
    {
      given: '403 in HTML',
      reply: {
        status: 403,
        body: '<html><head><style>p{}</style><title>Blocked</title></head><p>by the proxy</p></html>'
      },
      evidence: 'Blocked by the proxy'
    },
    {
      given: '401 to a login that is good and lacks the right',
      reply: {
        status: 401,
        headers: {'www-authenticate': 'Bearer error="insufficient_scope"'},
        body: errorBody('UNAUTHORIZED', 'authentication required')
      },
      evidence: 'UNAUTHORIZED: authentication required; insufficient_scope'
    },
    {given: '403 without a word', reply: {status: 403}, evidence: 'HTTP 403 without a word'}
  ])('$given is a no, with the evidence', async ({reply, evidence}) => {
    const {answer} = await probe(() => reply)
    expect(answer).toMatchObject({result: 'denied', status: reply.status, evidence})
  })

  test('a refusal is believed only after a fresh token has been refused too', async () => {
    const {answer, server} = await probe(nth => (nth === 1 ? {status: 403} : {status: 202}))
    expect(answer.result).toBe('allowed')
    expect(server.lines().filter(line => line.startsWith('GET /token'))).toHaveLength(2)
    const denied = await probe(() => ({status: 403}))
    expect(posts(denied.server)).toBe(2)
  })

  test.each([
    {given: '404 that is a web page', reply: {status: 404, body: '<html>Not Found</html>'}, status: 404},
    {given: '200 of a login page', reply: {status: 200, body: '<html><h1>Sign in</h1></html>'}, status: 200},
    {given: '429 again and again', reply: {status: 429, body: errorBody('TOOMANYREQUESTS', 'slow')}, status: 429},
    {given: '500 again and again', reply: {status: 500, body: 'oops'}, status: 500}
  ])('$given leaves the question open', async ({reply, status}) => {
    const {answer} = await probe(() => reply)
    expect(answer).toMatchObject({result: 'unknown', status})
  })

  test.each([
    {given: '503 twice', replies: [{status: 503}, {status: 503}, {status: 202}]},
    {given: 'a cut connection', replies: ['reset', {status: 202}]},
    {given: '429 with a time to wait', replies: [{status: 429, headers: {'retry-after': '0'}}, {status: 202}]}
  ] satisfies {given: string; replies: Reply[]}[])('$given is tried again', async ({replies}) => {
    const {answer, server} = await probe(nth => replies[nth - 1] ?? 'hang')
    expect(answer.result).toBe('allowed')
    expect(posts(server)).toBe(replies.length)
  })

  test('a registry that asks for more time than there is, is not waited for', async () => {
    const {answer, server} = await probe(() => ({status: 429, headers: {'retry-after': '3600'}, body: 'later'}))
    expect(answer).toMatchObject({result: 'unknown', status: 429, evidence: 'later'})
    expect(posts(server)).toBe(1)
  })

  test('silence leaves the question open, within the time that there is', async () => {
    const {answer} = await probe(() => 'hang', {stallMs: 150})
    expect(answer).toMatchObject({result: 'unknown', status: 0})
  })

  test('nobody there leaves the question open', async () => {
    const fixture = openTestSession()
    opened.push(fixture)
    const gone = await scriptServer(() => 'hang')
    await gone.close()
    const client = registryClient(fixture.session, {asking: QUICK})
    expect(await client.probePush(imageAt(gone.host), null)).toMatchObject({result: 'unknown', status: 0})
  })

  test.each([
    {given: 'expired', reply: {status: 403, body: '{"details":"token expired"}'}, evidence: 'token expired'},
    {
      given: 'wrong',
      reply: {status: 401, body: errorBody('UNAUTHORIZED', 'bad credentials')},
      evidence: 'UNAUTHORIZED: bad credentials'
    }
  ])('a token that is $given is a no at the token service, before any upload', async ({reply, evidence}) => {
    const {answer, server} = await probe(() => ({status: 202}), {
      login: (seen, host) => (seen.path.startsWith('/token') ? reply : tokenLogin(seen, host))
    })
    expect(answer).toMatchObject({result: 'denied', status: reply.status, evidence})
    expect(posts(server)).toBe(0)
  })

  test('a token service that is ill leaves the question open', async () => {
    const {answer} = await probe(() => ({status: 202}), {
      login: (seen, host) => (seen.path.startsWith('/token') ? {status: 502} : tokenLogin(seen, host))
    })
    expect(answer).toMatchObject({result: 'unknown', status: 502})
  })

  test('credentials go to no token service in clear text that is not of this machine', async () => {
    const {answer, server} = await probe(() => ({status: 202}), {
      login: () => ({
        status: 401,
        headers: {'www-authenticate': 'Bearer realm="http://tokens.example.com/token",service="s"'}
      })
    })
    expect(answer.result).toBe('denied')
    expect(server.seen.some(({headers}) => headers.authorization !== undefined)).toBe(false)
  })

  test('a registry that wants a login at each request gets it', async () => {
    const basic = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
    const {answer} = await probe(() => ({status: 202}), {
      login: ({headers}) =>
        headers.authorization === basic
          ? undefined
          : {status: 401, headers: {'www-authenticate': 'Basic realm="Registry"'}, body: ''}
    })
    expect(answer.result).toBe('allowed')
  })
})
