import {afterEach, describe, expect, test} from '@jest/globals'
import {registryClient} from '../../src/host/registry.ts'
import {isTokenHost} from '../../src/image/registries.ts'
import {BEARER, errorBody, imageAt, openTestSession, QUICK, TOKEN} from './registry-fixture.ts'
import {type Reply, type Seen, scriptServer} from './scripted-server.ts'

const opened: {close(): unknown}[] = []

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** Probes a registry whose token service answers as a test says. */
async function probe(service: (seen: Seen) => Reply, {user = 'octo', byUpload = false} = {}) {
  const server = await scriptServer((seen, {host}) => {
    if (seen.path.startsWith('/token')) return service(seen)
    if (seen.headers.authorization === `Bearer ${BEARER}`) {
      if (seen.method === 'POST') return {status: 202, headers: {location: '/v2/acme/app/blobs/uploads/1?_state=x'}}
      return {status: seen.method === 'PUT' ? 201 : 204}
    }
    const challenge = `Bearer realm="http://${host}/token?account=here",service="test.registry"`
    return {status: 401, headers: {'www-authenticate': challenge}, body: errorBody('UNAUTHORIZED', 'no')}
  })
  const fixture = openTestSession()
  opened.push(server, fixture)
  const client = registryClient(fixture.session, {asking: QUICK, working: QUICK})
  const credential = {...fixture.credentialFor(server.host), user}
  const answer = byUpload
    ? await client.probeByUpload(imageAt(server.host), credential)
    : await client.probePush(imageAt(server.host), credential)
  const asked = server.seen.filter(({path}) => path.startsWith('/token'))
  return {answer, asked, server}
}

const granted: Reply = {status: 200, body: JSON.stringify({token: BEARER})}

describe('a token service', () => {
  test('that knows only GET is asked with GET, once', async () => {
    const {answer, asked} = await probe(({method}) => (method === 'GET' ? granted : {status: 405}))
    expect(answer.result).toBe('allowed')
    expect(asked.map(({method}) => method)).toEqual(['GET'])
  })

  test('that knows only POST gets the login as a form, and none of it in the address', async () => {
    const {answer, asked} = await probe(({method}) =>
      method === 'POST' ? {status: 200, body: JSON.stringify({access_token: BEARER})} : {status: 405}
    )
    expect(answer.result).toBe('allowed')
    expect(asked.map(({method, path}) => `${method} ${path.split('?')[0]}`)).toEqual(['GET /token', 'POST /token'])
    const form = new URLSearchParams(asked[1]?.body.toString())
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'password',
      username: 'octo',
      password: TOKEN,
      client_id: 'pytorch-cuda-image-action',
      service: 'test.registry',
      scope: 'repository:acme/app:pull,push'
    })
    expect(asked.map(({path}) => path).join(' ')).not.toContain(TOKEN)
  })

  test('gets a refresh token as such, where the login is one', async () => {
    const {answer, asked} = await probe(() => granted, {user: '<token>'})
    expect(answer.result).toBe('allowed')
    const form = new URLSearchParams(asked[0]?.body.toString())
    expect([form.get('grant_type'), form.get('refresh_token')]).toEqual(['refresh_token', TOKEN])
    expect(asked[0]?.headers.authorization).toBeUndefined()
  })

  test('that takes no refresh token is believed: it is shown nowhere else', async () => {
    const {answer, asked} = await probe(() => ({status: 405, body: errorBody('UNSUPPORTED', 'GET only')}), {
      user: '<token>'
    })
    expect(answer.result).not.toBe('allowed')
    expect(new Set(asked.map(({method}) => method))).toEqual(new Set(['POST']))
  })

  test.each([
    {given: 'no lifetime', body: {token: BEARER}},
    {given: 'a lifetime that is no number', body: {token: BEARER, expires_in: 'soon'}},
    {given: 'the newer name', body: {access_token: BEARER, expires_in: 300}},
    {given: 'both names', body: {token: BEARER, access_token: 'another-one', expires_in: 60}}
  ])('may answer with $given', async ({body}) => {
    expect((await probe(() => ({status: 200, body: JSON.stringify(body)}))).answer.result).toBe('allowed')
  })

  test.each([
    {given: 'no token', reply: {status: 200, body: '{}'}, then: {result: 'unknown', status: 200}},
    {given: 'HTML', reply: {status: 200, body: '<html>hello</html>'}, then: {result: 'unknown', status: 200}},
    {
      given: '403 for a token that has expired',
      reply: {status: 403, body: errorBody('DENIED', 'denied')},
      then: {result: 'denied', status: 403}
    }
  ])('that answers $given decides nothing more than that', async ({reply, then}) => {
    expect((await probe(() => reply)).answer).toMatchObject(then)
  })
})

describe('the second try by one byte', () => {
  test('uploads one byte where a layer would go', async () => {
    const {answer, server} = await probe(() => granted, {byUpload: true})
    expect(answer).toMatchObject({result: 'allowed', status: 201})
    const put = server.seen.find(({method}) => method === 'PUT')
    expect(put?.body).toEqual(Buffer.from([0]))
    expect(put?.path).toMatch(/^\/v2\/acme\/app\/blobs\/uploads\/1\?_state=x&digest=sha256%3A6e340b9cffb37a98/)
  })
})

describe('isTokenHost', () => {
  test.each([
    {registry: 'ghcr.io', host: 'ghcr.io', may: true},
    {registry: 'ghcr.io', host: 'ghcr.io.evil.test', may: false},
    {registry: 'ghcr.io', host: 'auth.docker.io', may: false},
    {registry: 'docker.io', host: 'auth.docker.io', may: true},
    {registry: 'docker.io', host: 'registry-1.docker.io', may: true},
    {registry: 'docker.io', host: 'auth.evil.test', may: false},
    {registry: 'registry.gitlab.com', host: 'gitlab.com', may: true},
    {registry: 'registry.gitlab.acme.dev', host: 'gitlab.acme.dev', may: true},
    {registry: 'containers.git.acme.dev', host: 'git.acme.dev', may: true},
    {registry: 'acme.azurecr.io', host: 'acme.azurecr.io', may: true},
    {registry: 'acme.azurecr.io', host: 'other.azurecr.io', may: false},
    {registry: 'registry.acme.dev', host: 'sso.acme.dev', may: true}
  ])('a login for $registry may go to $host: $may', ({registry, host, may}) => {
    expect(isTokenHost(registry, host)).toBe(may)
  })
})
