import {afterEach, describe, expect, test} from '@jest/globals'
import {digestOf} from '../../src/host/digest.ts'
import {registryClient} from '../../src/host/registry.ts'
import {isLoopback, mayLeadTo, originOf, withDigest} from '../../src/host/registry-address.ts'
import {parseChallenge} from '../../src/host/registry-challenge.ts'
import {retryAfterMs} from '../../src/host/registry-retry.ts'
import {BEARER, errorBody, imageAt, openTestSession, QUICK, tokenLogin} from './registry-fixture.ts'
import {type Reply, type Seen, scriptServer} from './scripted-server.ts'

const MANIFEST = Buffer.from(
  JSON.stringify({schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json'})
)
const DIGEST = digestOf(MANIFEST)
const BLOB = Buffer.from('a small blob')
const BLOB_DIGEST = digestOf(BLOB)
const OTHER = digestOf(Buffer.from('something else'))
const TYPE = 'application/vnd.oci.image.manifest.v1+json'

const opened: {close(): unknown}[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function serve(script: (seen: Seen, context: {nth: number; host: string}) => Reply) {
  const server = await scriptServer(script)
  opened.push(server)
  return server
}

function openClient(options: Parameters<typeof openTestSession>[0] = {}) {
  const fixture = openTestSession(options)
  opened.push(fixture)
  return {client: registryClient(fixture.session, {asking: QUICK, working: QUICK}), ...fixture}
}

/** A registry behind a token login; `script` sees only requests that have the token. */
const registry = (script: (seen: Seen, context: {nth: number; host: string}) => Reply) =>
  serve((seen, context) => {
    const challenged = tokenLogin(seen, context.host)
    if (challenged !== undefined) return challenged
    return seen.path === '/v2/' ? {status: 200} : script(seen, context)
  })

describe('reading a manifest', () => {
  const found: Reply = {status: 200, headers: {'content-type': `${TYPE}; charset=utf-8`}, body: MANIFEST}

  test.each(['latest', DIGEST])('by %s: the very bytes, their digest and type', async reference => {
    const server = await registry(() => found)
    const {client, credentialFor} = openClient()
    const manifest = await client.readManifest(imageAt(server.host), reference, credentialFor(server.host))
    expect(manifest).toEqual({digest: DIGEST, mediaType: TYPE, bytes: MANIFEST})
    expect(server.seen.at(-1)?.headers.accept).toContain('application/vnd.oci.image.index.v1+json')
  })

  test('asks for pull and nothing more', async () => {
    const server = await registry(() => found)
    const {client} = openClient()
    await client.readManifest(imageAt(server.host), 'latest', null)
    const token = server.seen.find(({path}) => path.startsWith('/token'))
    expect(new URL(token?.path ?? '', 'http://x').searchParams.get('scope')).toBe('repository:acme/app:pull')
    expect(token?.headers.authorization).toBeUndefined()
  })

  test('one token serves many requests', async () => {
    const server = await registry(() => found)
    const {client} = openClient()
    await Promise.all(['a', 'b', 'c'].map(tag => client.readManifest(imageAt(server.host), tag, null)))
    expect(server.lines().filter(line => line.startsWith('GET /token'))).toHaveLength(1)
  })

  test('a token that is over is fetched anew', async () => {
    const server = await serve((seen, {host}) => {
      if (seen.path.startsWith('/token')) return {status: 200, body: JSON.stringify({token: BEARER, expires_in: 0.05})}
      return tokenLogin(seen, host) ?? found
    })
    const {client} = openClient()
    await client.readManifest(imageAt(server.host), 'a', null)
    await new Promise(resolve => setTimeout(resolve, 60))
    await client.readManifest(imageAt(server.host), 'b', null)
    expect(server.lines().filter(line => line.startsWith('GET /token'))).toHaveLength(2)
  })

  test('absence is an answer', async () => {
    const server = await registry(() => ({status: 404, body: errorBody('MANIFEST_UNKNOWN', 'unknown')}))
    const {client} = openClient()
    expect(await client.readManifest(imageAt(server.host), 'latest', null)).toBeUndefined()
  })

  test.each([
    {given: 'other bytes than the digest asked for', reference: OTHER, headers: {}},
    {given: 'other bytes than the digest told', reference: 'latest', headers: {'docker-content-digest': OTHER}}
  ])('$given are refused', async ({reference, headers}) => {
    const server = await registry(() => ({status: 200, headers, body: MANIFEST}))
    const {client} = openClient()
    await expect(client.readManifest(imageAt(server.host), reference, null)).rejects.toMatchObject({
      code: 'digest-mismatch'
    })
  })

  test('a body that breaks off is read again', async () => {
    const server = await registry((_, {nth}) => (nth === 1 ? {...(found as object), status: 200, cutAfter: 5} : found))
    const {client} = openClient()
    expect((await client.readManifest(imageAt(server.host), 'latest', null))?.digest).toBe(DIGEST)
  })

  test.each([
    {
      given: '403',
      reply: {status: 403, body: errorBody('DENIED', 'no')},
      code: 'registry-refused',
      evidence: '403 DENIED: no'
    },
    {given: '500 for ever', reply: {status: 500, body: 'broken'}, code: 'registry-unreachable', evidence: '500 broken'}
  ])('$given is the problem $code, with the evidence', async ({reply, code, evidence}) => {
    const server = await registry(() => reply)
    const {client} = openClient()
    await expect(client.readManifest(imageAt(server.host), 'latest', null)).rejects.toMatchObject({
      code,
      evidence: [evidence]
    })
  })

  test('a registry that hangs is unreachable, in time', async () => {
    const server = await registry(() => 'hang')
    const {client} = openClient({answerMs: 100, stallMs: 100})
    await expect(client.readManifest(imageAt(server.host), 'latest', null)).rejects.toMatchObject({
      code: 'registry-unreachable'
    })
  })

  test('a cancel ends the wait', async () => {
    const server = await registry(() => 'hang')
    const cancelling = new AbortController()
    const {client} = openClient({cancelled: cancelling.signal, answerMs: 60_000})
    setTimeout(() => cancelling.abort('SIGINT'), 100)
    await expect(client.readManifest(imageAt(server.host), 'latest', null)).rejects.toMatchObject({
      code: 'registry-unreachable'
    })
  })
})

describe('writing a manifest', () => {
  const manifest = {digest: DIGEST, mediaType: TYPE, bytes: MANIFEST}

  test('puts the very bytes with their type, and tells the digest', async () => {
    const server = await registry(() => ({status: 201, headers: {'docker-content-digest': DIGEST}}))
    const {client, credentialFor} = openClient()
    const image = imageAt(server.host)
    expect(await client.writeManifest(image, 'v1', manifest, credentialFor(server.host))).toBe(DIGEST)
    const put = server.seen.at(-1)
    expect(put).toMatchObject({method: 'PUT', path: '/v2/acme/app/manifests/v1', body: MANIFEST})
    expect(put?.headers['content-type']).toBe(TYPE)
    expect(server.lines().some(line => line.includes(encodeURIComponent('repository:acme/app:pull,push')))).toBe(true)
  })

  test('under a digest that is not its own it is not even sent', async () => {
    const server = await registry(() => ({status: 201}))
    const {client} = openClient()
    await expect(client.writeManifest(imageAt(server.host), OTHER, manifest, null)).rejects.toMatchObject({
      code: 'digest-mismatch'
    })
    expect(server.seen).toEqual([])
  })

  test('a registry that stores something else is refused', async () => {
    const server = await registry(() => ({status: 201, headers: {'docker-content-digest': OTHER}}))
    const {client} = openClient()
    await expect(client.writeManifest(imageAt(server.host), 'v1', manifest, null)).rejects.toMatchObject({
      code: 'digest-mismatch'
    })
  })

  test.each([
    {given: '429 with a time to wait', first: {status: 429, headers: {'retry-after': '0'}}},
    {given: '503', first: {status: 503}},
    {given: 'a flap of 403', first: {status: 403}},
    {given: 'a token that was withdrawn', first: {status: 401}},
    {given: 'a cut connection', first: 'reset'}
  ] satisfies {given: string; first: Reply}[])('$given is tried again', async ({first}) => {
    const server = await registry((_, {nth}) => (nth === 1 ? first : {status: 201}))
    const {client} = openClient()
    expect(await client.writeManifest(imageAt(server.host), 'v1', manifest, null)).toBe(DIGEST)
  })
})

describe('reading a blob', () => {
  test('follows the registry elsewhere, and takes no login along', async () => {
    const storage = await serve(() => ({status: 200, body: BLOB}))
    const server = await registry(() => ({status: 307, headers: {location: `http://${storage.host}/blob?sig=x`}}))
    const {client, credentialFor} = openClient()
    const bytes = await client.readBlob(imageAt(server.host), BLOB_DIGEST, credentialFor(server.host))
    expect(Buffer.from(bytes)).toEqual(BLOB)
    expect(storage.lines()).toEqual(['GET /blob?sig=x'])
    expect(storage.seen[0]?.headers.authorization).toBeUndefined()
  })

  test('within the registry the login goes along', async () => {
    const server = await registry(({path}) =>
      path.startsWith('/v2/') ? {status: 302, headers: {location: '/store/blob'}} : {status: 200, body: BLOB}
    )
    const {client} = openClient()
    await client.readBlob(imageAt(server.host), BLOB_DIGEST, null)
    expect(server.seen.at(-1)).toMatchObject({path: '/store/blob', headers: {authorization: `Bearer ${BEARER}`}})
  })

  test.each([
    {given: 'to clear text elsewhere', location: 'http://example.com/blob'},
    {given: 'to no web address at all', location: 'file:///etc/passwd'},
    {given: 'round in circles', location: `/v2/acme/app/blobs/${BLOB_DIGEST}`}
  ])('a way that leads $given is not followed for ever', async ({location}) => {
    const server = await registry(() => ({status: 307, headers: {location}}))
    const {client} = openClient()
    await expect(client.readBlob(imageAt(server.host), BLOB_DIGEST, null)).rejects.toMatchObject({
      code: 'registry-refused'
    })
    expect(server.lines().filter(line => line.includes('/blobs/')).length).toBeLessThan(8)
  })

  test('other bytes than the digest are refused', async () => {
    const server = await registry(() => ({status: 200, body: 'tampered'}))
    const {client} = openClient()
    await expect(client.readBlob(imageAt(server.host), BLOB_DIGEST, null)).rejects.toMatchObject({
      code: 'digest-mismatch'
    })
  })

  test('8 MiB are enough', async () => {
    const server = await registry(() => ({status: 200, body: Buffer.alloc(8 * 1024 * 1024 + 1)}))
    const {client} = openClient()
    await expect(client.readBlob(imageAt(server.host), BLOB_DIGEST, null)).rejects.toMatchObject({
      code: 'registry-refused'
    })
  })
})

describe('copying a blob', () => {
  const from = (host: string) => imageAt(host, 'acme/app')
  const to = (host: string) => imageAt(host, 'acme/copy')

  test('what is there already is not sent', async () => {
    const server = await registry(() => ({status: 200}))
    const {client} = openClient()
    await client.copyBlob(from(server.host), to(server.host), BLOB_DIGEST, {from: null, to: null})
    expect(server.lines().at(-1)).toBe(`HEAD /v2/acme/copy/blobs/${BLOB_DIGEST}`)
  })

  test('within a registry it is mounted, with a token for both names', async () => {
    const server = await registry(({method}) => (method === 'HEAD' ? {status: 404} : {status: 201}))
    const {client} = openClient()
    await client.copyBlob(from(server.host), to(server.host), BLOB_DIGEST, {from: null, to: null})
    expect(server.lines().at(-1)).toBe(
      `POST /v2/acme/copy/blobs/uploads/?mount=${encodeURIComponent(BLOB_DIGEST)}&from=acme%2Fapp`
    )
    const tokens = server.seen.filter(({path}) => path.startsWith('/token'))
    expect(new URL(tokens.at(-1)?.path ?? '', 'http://x').searchParams.getAll('scope')).toEqual([
      'repository:acme/copy:pull,push',
      'repository:acme/app:pull'
    ])
  })

  test.each([
    {given: 'a registry that does not mount', isNeighbour: true},
    {given: 'another registry', isNeighbour: false}
  ])('for $given it is streamed', async ({isNeighbour}) => {
    const script = ({method}: Seen): Reply => {
      if (method === 'HEAD') return {status: 404}
      if (method === 'GET') return {status: 200, body: BLOB}
      if (method === 'POST') return {status: 202, headers: {location: '/v2/acme/copy/blobs/uploads/1?_state=a%2Bb%3D'}}
      return {status: 201}
    }
    const target = await registry(script)
    const source = isNeighbour ? target : await registry(script)
    const {client} = openClient()
    await client.copyBlob(from(source.host), to(target.host), BLOB_DIGEST, {from: null, to: null})
    const put = target.seen.at(-1)
    // The registry's own query stays byte for byte as it was.
    expect(put?.path).toBe(`/v2/acme/copy/blobs/uploads/1?_state=a%2Bb%3D&digest=${encodeURIComponent(BLOB_DIGEST)}`)
    expect(put?.body).toEqual(BLOB)
    expect(put?.headers['content-length']).toBe(String(BLOB.length))
  })

  test('a stream that breaks is begun anew', async () => {
    const server = await registry(({method}, {nth}) => {
      if (method === 'HEAD') return {status: 404}
      if (method === 'GET') return {status: 200, body: BLOB, ...(nth === 1 ? {cutAfter: 3} : {})}
      if (method === 'POST') return {status: 202, headers: {location: '/v2/acme/copy/blobs/uploads/1'}}
      return nth < 2 ? {status: 502} : {status: 201}
    })
    const {client} = openClient()
    await client.copyBlob(from(server.host), to(server.host), BLOB_DIGEST, {from: null, to: null})
    expect(server.seen.at(-1)?.body).toEqual(BLOB)
  })

  test('a refusal is final', async () => {
    const server = await registry(({method}) => (method === 'HEAD' ? {status: 404} : {status: 403}))
    const {client} = openClient()
    await expect(
      client.copyBlob(from(server.host), to(server.host), BLOB_DIGEST, {from: null, to: null})
    ).rejects.toMatchObject({code: 'registry-refused'})
  })
})

describe('addresses', () => {
  test.each([
    {registry: 'ghcr.io', origin: 'https://ghcr.io'},
    {registry: 'docker.io', origin: 'https://registry-1.docker.io'},
    {registry: 'registry.acme.example:5000', origin: 'https://registry.acme.example:5000'},
    {registry: 'localhost:5000', origin: 'http://localhost:5000'},
    {registry: '127.0.0.1:5000', origin: 'http://127.0.0.1:5000'},
    {registry: '127.9.8.7', origin: 'http://127.9.8.7'},
    {registry: '[::1]:5000', origin: 'http://[::1]:5000'},
    {registry: '127.0.0.1.evil.example', origin: 'https://127.0.0.1.evil.example'},
    {registry: 'localhost.evil.example', origin: 'https://localhost.evil.example'},
    {registry: '192.168.1.1:5000', origin: 'https://192.168.1.1:5000'}
  ])('$registry answers at $origin', ({registry: name, origin}) => {
    expect(originOf(name)).toBe(origin)
  })

  test.each([
    {from: 'https://ghcr.io', to: 'https://storage.example', may: true},
    {from: 'https://ghcr.io', to: 'http://storage.example', may: false},
    {from: 'https://ghcr.io', to: 'http://127.0.0.1:2375/', may: false},
    {from: 'http://127.0.0.1:5000', to: 'http://127.0.0.1:6000', may: true},
    {from: 'http://127.0.0.1:5000', to: 'http://169.254.169.254/', may: false},
    {from: 'http://127.0.0.1:5000', to: 'file:///etc/passwd', may: false}
  ])('from $from to $to: $may', ({from, to, may}) => {
    expect(mayLeadTo(new URL(from), new URL(to))).toBe(may)
  })

  test('names that only look like this machine are not it', () => {
    expect(['127.0.0.1', 'LOCALHOST', '[::1]'].map(isLoopback)).toEqual([true, true, true])
    expect(['127.0.0.1.nip.io', '1127.0.0.1', '0.0.0.0'].map(isLoopback)).toEqual([false, false, false])
  })

  test('a digest is added to a query that stays as it is', () => {
    const url = withDigest(new URL('https://r/v2/u/1?_state=A-B_c%3D%3D+x'), 'sha256:00')
    expect(url.href).toBe('https://r/v2/u/1?_state=A-B_c%3D%3D+x&digest=sha256%3A00')
  })
})

describe('what registries say about logins and pauses', () => {
  test.each([
    {
      header: 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',
      challenge: {scheme: 'bearer', realm: 'https://ghcr.io/token', service: 'ghcr.io'}
    },
    {header: 'bearer realm="https://t/x?a=1,b=2"', challenge: {scheme: 'bearer', realm: 'https://t/x?a=1,b=2'}},
    {header: 'Basic realm="Bearer of news"', challenge: {scheme: 'basic'}},
    {
      header: 'Basic realm="r", Bearer realm="https://t/token",service=s',
      challenge: {scheme: 'bearer', realm: 'https://t/token', service: 's'}
    },
    {header: 'Bearer service="no realm"', challenge: {scheme: 'none'}},
    {header: 'Negotiate', challenge: {scheme: 'none'}},
    {header: undefined, challenge: {scheme: 'none'}}
  ])('$header', ({header, challenge}) => {
    expect(parseChallenge(header)).toEqual(challenge)
  })

  test.each([
    {header: '7', ms: 7_000},
    {header: 'Sat, 21 Nov 2026 10:00:05 GMT', ms: 5_000},
    {header: 'Sat, 21 Nov 2026 09:00:00 GMT', ms: 0},
    {header: 'soon', ms: undefined},
    {header: undefined, ms: undefined}
  ])('Retry-After: $header', ({header, ms}) => {
    expect(retryAfterMs(header, Date.parse('2026-11-21T10:00:00Z'))).toBe(ms)
  })
})
