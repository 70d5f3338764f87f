import {randomBytes} from 'node:crypto'
import {request as httpRequest} from 'node:http'
import {afterEach, describe, expect, test} from '@jest/globals'
import {digestOf} from '../../src/host/digest.ts'
import {openDoor} from '../../src/host/door.ts'
import type {Door, LogPort} from '../../src/host/host.ts'
import type {DoorRoute} from '../../src/model/work-build.ts'
import {BEARER, errorBody, imageAt, openTestSession, QUICK, TOKEN, tokenLogin} from './registry-fixture.ts'
import {type Reply, type ScriptedServer, type Seen, scriptServer} from './scripted-server.ts'

const MANIFEST = Buffer.from('{"schemaVersion":2}')
const DIGEST = digestOf(MANIFEST)
const BLOB = Buffer.from('layer bytes')
const BLOB_DIGEST = digestOf(BLOB)
const TYPE = 'application/vnd.oci.image.manifest.v1+json'

const opened: {close(): unknown}[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

interface Ask {
  readonly body?: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** A door to a scripted registry with token login, and everything that was written to the log. */
async function open(
  script: (seen: Seen, context: {nth: number; host: string}) => Reply,
  {
    routes = defaultRoutes,
    stallMs = 500,
    answerMs = 500
  }: {
    routes?: (host: string, credential: DoorRoute['credential']) => DoorRoute[]
    stallMs?: number
    answerMs?: number
  } = {}
) {
  const server = await scriptServer((seen, context) => {
    const challenged = tokenLogin(seen, context.host)
    if (challenged !== undefined) return challenged
    return seen.path === '/v2/' ? {status: 200} : script(seen, context)
  })
  const fixture = openTestSession({stallMs, answerMs})
  const logged: string[] = []
  const write = (text: string) => void logged.push(text)
  const log = {info: write, debug: write, notice: write, warning: write, error: write} as unknown as LogPort
  const door = await openDoor(routes(server.host, fixture.credentialFor(server.host)), {
    session: fixture.session,
    secrets: fixture.secrets,
    log,
    persistence: QUICK
  })
  opened.push(server, fixture, door)
  const ask = (line: string, options: Ask = {}) =>
    askDoor(door, line, {...options, headers: {...login(door), ...options.headers}})
  return {server, door, ask, logged, fixture}
}

const defaultRoutes = (host: string, credential: DoorRoute['credential']): DoorRoute[] => [
  {local: 'reg/acme/app', image: imageAt(host), credential, actions: 'pull,push', tags: ['buildcache-main']},
  {local: 'reg/acme/base', image: imageAt(host, 'acme/base'), credential, actions: 'pull'},
  {local: 'reg/acme', image: imageAt(host, 'acme'), credential: null, actions: 'pull'}
]

function login(door: Door): {authorization: string} {
  return {authorization: `Basic ${Buffer.from(`${door.user}:${door.password.reveal()}`).toString('base64')}`}
}

function askDoor(door: Door, line: string, {body, headers = {}}: Ask): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ')
  return new Promise((resolve, reject) => {
    const [host, port] = door.address.split(':')
    // Not as a URL: that would tidy up the path.
    const request = httpRequest({host, port, path, method, headers, agent: false}, async response => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer)
        resolve({status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks)})
      } catch (thrown) {
        reject(thrown)
      }
    })
    request.on('error', reject)
    request.end(body)
  })
}

const scopesAsked = (server: ScriptedServer) =>
  server.seen
    .filter(({path}) => path.startsWith('/token'))
    .map(({path}) => new URL(path, 'http://x').searchParams.getAll('scope').join(' '))

const upstream = (server: ScriptedServer) =>
  server.lines().filter(line => !line.includes('/token') && !line.endsWith(' /v2/'))

describe('who may come in', () => {
  test.each([
    {given: 'nobody in particular', authorization: undefined},
    {given: 'a wrong password', authorization: `Basic ${Buffer.from('builder:wrong').toString('base64')}`},
    {
      given: 'the registry token itself',
      authorization: `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
    },
    {given: 'a bearer token', authorization: `Bearer ${BEARER}`},
    {given: 'rubbish', authorization: 'Basic'}
  ])('not $given', async ({authorization}) => {
    const {door, server} = await open(() => ({status: 200}))
    const answer = await askDoor(door, 'GET /v2/reg/acme/app/manifests/latest', {
      headers: authorization === undefined ? {} : {authorization}
    })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Basic realm="door"')
    expect(server.seen).toEqual([])
  })

  test('the builder of this run', async () => {
    const {ask} = await open(() => ({status: 200}))
    expect(await ask('GET /v2/')).toMatchObject({status: 200})
  })

  test('the password is long, masked, and another one for each door', async () => {
    const {door, fixture} = await open(() => ({status: 200}))
    const other = await open(() => ({status: 200}))
    expect(door.password.reveal().length).toBeGreaterThanOrEqual(43)
    expect(fixture.masks).toContain(door.password.reveal())
    expect(other.door.password.reveal()).not.toBe(door.password.reveal())
  })

  test('it listens on this machine only', async () => {
    const {door} = await open(() => ({status: 200}))
    expect(door.address).toMatch(/^127\.0\.0\.1:\d+$/)
  })
})

describe('where it leads', () => {
  test.each([
    'GET /v2/other/app/manifests/latest',
    'GET /v2/reg/acme/app2/manifests/latest',
    'GET /v2/reg/acme/app/sub/manifests/latest',
    'GET /v2/_catalog',
    'GET /v2/reg/acme/app/tags/list',
    'GET /v2/reg/acme/app/manifests/..%2f..%2fother',
    'GET /v2/reg/acme/base/manifests/../../app/manifests/x',
    'GET /v2/reg/acme/app/blobs/uploads/../../../x',
    'GET /metrics'
  ])('nowhere for %s', async line => {
    const {ask, server} = await open(() => ({status: 200, body: 'inside'}))
    const answer = await ask(line)
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.body.toString()).errors[0].code).toBe('NAME_UNKNOWN')
    expect(upstream(server)).toEqual([])
  })

  test('a name is known by its whole', async () => {
    const {ask, server} = await open(() => ({status: 200, body: MANIFEST}))
    await ask('GET /v2/reg/acme/app/manifests/latest')
    await ask('GET /v2/reg/acme/manifests/latest')
    expect(upstream(server)).toEqual(['GET /v2/acme/app/manifests/latest', 'GET /v2/acme/manifests/latest'])
  })

  test('the registry sees our token, never the builder’s login, and its scope is the route’s', async () => {
    const {ask, server} = await open(() => ({status: 200, body: MANIFEST}))
    await ask('GET /v2/reg/acme/app/manifests/latest')
    await ask('GET /v2/reg/acme/base/manifests/latest')
    expect(scopesAsked(server)).toEqual(['repository:acme/app:pull,push', 'repository:acme/base:pull'])
    expect(server.seen.filter(({path}) => path.includes('manifests')).at(-1)?.headers.authorization).toBe(
      `Bearer ${BEARER}`
    )
    expect(server.seen.every(({headers}) => !String(headers.authorization).includes('builder'))).toBe(true)
  })

  test.each([
    'PUT /v2/reg/acme/base/manifests/latest',
    'POST /v2/reg/acme/base/blobs/uploads/',
    'DELETE /v2/reg/acme/base/manifests/latest',
    `PATCH /v2/reg/acme/base/blobs/uploads/${'0'.repeat(32)}`
  ])('%s is refused at the door itself', async line => {
    const {ask, server} = await open(() => ({status: 201}))
    expect((await ask(line, {body: MANIFEST})).status).toBe(403)
    expect(server.seen).toEqual([])
  })

  test('nothing can be deleted, also where one may push', async () => {
    const {ask, server} = await open(() => ({status: 202}))
    expect((await ask('DELETE /v2/reg/acme/app/manifests/latest')).status).toBe(405)
    expect((await ask(`DELETE /v2/reg/acme/app/blobs/${BLOB_DIGEST}`)).status).toBe(405)
    expect(upstream(server)).toEqual([])
  })
})

describe('the candidate', () => {
  const put = {body: MANIFEST, headers: {'content-type': TYPE}}

  test.each(['candidate', 'latest', 'v1.2.3'])('a manifest put to %s is put by its digest', async tag => {
    const {ask, server} = await open(() => ({status: 201}))
    const answer = await ask(`PUT /v2/reg/acme/app/manifests/${tag}`, put)
    expect(answer).toMatchObject({status: 201, headers: {'docker-content-digest': DIGEST}})
    expect(upstream(server)).toEqual([`PUT /v2/acme/app/manifests/${DIGEST}`])
    expect(server.seen.at(-1)?.body).toEqual(MANIFEST)
    expect(server.seen.at(-1)?.headers['content-type']).toBe(TYPE)
  })

  test('a tag that the plan lets it write keeps its name', async () => {
    const {ask, server} = await open(() => ({status: 201}))
    await ask('PUT /v2/reg/acme/app/manifests/buildcache-main', put)
    expect(upstream(server)).toEqual(['PUT /v2/acme/app/manifests/buildcache-main'])
  })

  test('a manifest put by digest passes, if it has that digest', async () => {
    const {ask, server} = await open(() => ({status: 201}))
    expect((await ask(`PUT /v2/reg/acme/app/manifests/${DIGEST}`, put)).status).toBe(201)
    expect((await ask(`PUT /v2/reg/acme/app/manifests/${BLOB_DIGEST}`, put)).status).toBe(400)
    expect(upstream(server)).toEqual([`PUT /v2/acme/app/manifests/${DIGEST}`])
  })

  test.each(['GET', 'HEAD'])('%s does not find one of an earlier run', async method => {
    const {ask, server} = await open(() => ({status: 200, body: MANIFEST}))
    expect((await ask(`${method} /v2/reg/acme/app/manifests/candidate`)).status).toBe(404)
    expect(upstream(server)).toEqual([])
  })

  test('who has put one finds that very one, by its digest', async () => {
    const {ask, server} = await open(({method}) => ({status: method === 'PUT' ? 201 : 200, body: MANIFEST}))
    await ask('PUT /v2/reg/acme/app/manifests/candidate', put)
    expect(await ask('GET /v2/reg/acme/app/manifests/candidate')).toMatchObject({status: 200, body: MANIFEST})
    expect(upstream(server).at(-1)).toBe(`GET /v2/acme/app/manifests/${DIGEST}`)
  })

  test('where one only reads, a tag of that name is like any other', async () => {
    const {ask} = await open(() => ({status: 200, body: MANIFEST}))
    expect((await ask('GET /v2/reg/acme/base/manifests/candidate')).status).toBe(200)
  })

  test('8 MiB are enough for a manifest', async () => {
    const {ask, server} = await open(() => ({status: 201}))
    const answer = await ask('PUT /v2/reg/acme/app/manifests/candidate', {body: Buffer.alloc(9 * 1024 * 1024)})
    expect(answer.status).toBe(413)
    expect(upstream(server)).toEqual([])
  })

  test.each([
    {given: '429 with a time to wait', first: {status: 429, headers: {'retry-after': '0'}}},
    {given: '500', first: {status: 500}},
    {given: '401', first: {status: 401}},
    {given: 'a cut connection', first: 'reset'}
  ] satisfies {given: string; first: Reply}[])('$given is tried again', async ({first}) => {
    const {ask} = await open((_, {nth}) => (nth === 1 ? first : {status: 201}))
    expect((await ask('PUT /v2/reg/acme/app/manifests/candidate', put)).status).toBe(201)
  })

  test('a refusal is passed on with the registry’s words, and asks for no login', async () => {
    const {ask} = await open(() => ({status: 401, body: errorBody('DENIED', 'write_package')}))
    const answer = await ask('PUT /v2/reg/acme/app/manifests/candidate', put)
    expect(answer.status).toBe(403)
    expect(answer.body.toString()).toContain('write_package')
    expect(answer.headers['www-authenticate']).toBeUndefined()
  })
})

describe('uploads', () => {
  /** A registry that takes an upload in parts; every answer names another address with a secret in its query. */
  const uploading = ({method}: Seen, {host}: {host: string}): Reply => {
    if (method === 'POST')
      return {status: 202, headers: {location: `http://${host}/upload/1?_state=first%2B`, range: '0-0'}}
    if (method === 'PATCH') return {status: 202, headers: {location: '/upload/2?_state=second', range: '0-10'}}
    return {status: 201, headers: {'docker-content-digest': BLOB_DIGEST}}
  }

  /** A body of unknown length: it passes as a stream and cannot be sent again from the door. */
  const STREAM = {body: BLOB, headers: {'transfer-encoding': 'chunked'}}

  async function begin(ask: (line: string, options?: Ask) => Promise<Answer>): Promise<string> {
    const {status, headers} = await ask('POST /v2/reg/acme/app/blobs/uploads/')
    expect(status).toBe(202)
    return String(headers.location)
  }

  test('the builder gets an address at the door, never the registry’s own', async () => {
    const {ask, logged} = await open(uploading)
    const location = await begin(ask)
    expect(location).toMatch(/^\/v2\/reg\/acme\/app\/blobs\/uploads\/[0-9a-f]{32}$/)
    expect(logged.join('\n')).not.toContain('_state')
  })

  test('in one go: the bytes, their length, the digest, and the registry’s query as it was', async () => {
    const {ask, server, door} = await open(uploading)
    const answer = await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})
    expect(answer).toMatchObject({
      status: 201,
      headers: {'docker-content-digest': BLOB_DIGEST, location: `/v2/reg/acme/app/blobs/${BLOB_DIGEST}`}
    })
    const put = server.seen.at(-1)
    expect(put?.path).toBe(`/upload/1?_state=first%2B&digest=${encodeURIComponent(BLOB_DIGEST)}`)
    expect(put).toMatchObject({
      body: BLOB,
      headers: {'content-length': String(BLOB.length), authorization: `Bearer ${BEARER}`}
    })
    expect(door.traffic().pushedBytes).toBe(BLOB.length)
  })

  test('in parts, of unknown length, each to the address that the one before named', async () => {
    const {ask, server} = await open(uploading)
    const location = await begin(ask)
    const part = await ask(`PATCH ${location}`, {body: BLOB, headers: {'transfer-encoding': 'chunked'}})
    expect(part).toMatchObject({status: 202, headers: {location, range: '0-10'}})
    const end = await ask(`PUT ${location}?digest=${BLOB_DIGEST}`, {headers: {'content-length': '0'}})
    expect(end.status).toBe(201)
    expect(upstream(server).slice(1)).toEqual([
      'PATCH /upload/1?_state=first%2B',
      `PUT /upload/2?_state=second&digest=${encodeURIComponent(BLOB_DIGEST)}`
    ])
  })

  test('a place elsewhere gets the bytes without our login', async () => {
    const storage = await scriptServer(() => ({status: 201}))
    opened.push(storage)
    const {ask} = await open(() => ({status: 202, headers: {location: `http://${storage.host}/put?sig=1`}}))
    await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})
    expect(storage.seen[0]?.body).toEqual(BLOB)
    expect(storage.seen[0]?.headers.authorization).toBeUndefined()
  })

  test('an address of nobody’s upload leads nowhere', async () => {
    const {ask, server} = await open(uploading)
    const answer = await ask(`PUT /v2/reg/acme/app/blobs/uploads/${'a'.repeat(32)}?digest=${BLOB_DIGEST}`, {body: BLOB})
    expect(answer.status).toBe(404)
    expect(upstream(server)).toEqual([])
  })

  test.each([
    {given: '401', reply: {status: 401}},
    {given: '403 (a flap)', reply: {status: 403}},
    {given: '404 (a lost upload)', reply: {status: 404}},
    {given: '429', reply: {status: 429, headers: {'retry-after': '0'}}},
    {given: '500', reply: {status: 500}},
    {given: 'a cut connection', reply: 'reset'}
  ] satisfies {given: string; reply: Reply}[])(
    '$given in the middle becomes 503, so that the builder begins anew',
    async ({reply}) => {
      let isFirst = true
      const {ask} = await open((seen, context) => {
        if (seen.method !== 'PUT' || !isFirst) return uploading(seen, context)
        isFirst = false
        return reply
      })
      expect((await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, STREAM)).status).toBe(503)
      expect((await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})).status).toBe(201)
    }
  )

  test.each([
    {given: '500', reply: {status: 500}},
    {given: '429', reply: {status: 429, headers: {'retry-after': '0'}}},
    {given: 'a cut connection', reply: 'reset'}
  ] satisfies {given: string; reply: Reply}[])(
    'after $given a small blob is sent again, into a new upload',
    async ({reply}) => {
      let count = 0
      const {ask, server} = await open((seen, context) => {
        if (seen.method === 'POST') return {status: 202, headers: {location: `/upload/${context.nth}`}}
        count += 1
        return count < 3 ? reply : uploading(seen, context)
      })
      expect((await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})).status).toBe(201)
      const puts = upstream(server).filter(line => line.startsWith('PUT'))
      expect(puts.map(line => line.slice(0, line.indexOf('?')))).toEqual([
        'PUT /upload/1',
        'PUT /upload/2',
        'PUT /upload/3'
      ])
    }
  )

  test('a second refusal is final, with the registry’s words', async () => {
    const {ask} = await open((seen, context) =>
      seen.method === 'PUT' ? {status: 403, body: errorBody('DENIED', 'quota')} : uploading(seen, context)
    )
    await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})
    const answer = await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, {body: BLOB})
    expect(answer.status).toBe(403)
    expect(answer.body.toString()).toContain('quota')
  })

  test('a registry that asks for a pause gets it before the builder begins anew', async () => {
    const {ask} = await open((seen, context) =>
      seen.method === 'PUT' ? {status: 429, headers: {'retry-after': '1'}} : uploading(seen, context)
    )
    const location = await begin(ask)
    const startedMs = performance.now()
    expect((await ask(`PUT ${location}?digest=${BLOB_DIGEST}`, STREAM)).status).toBe(503)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990)
  })

  test('the beginning of an upload is tried again', async () => {
    const {ask} = await open((seen, context) => (context.nth === 1 ? {status: 503} : uploading(seen, context)))
    await begin(ask)
  })

  test('an upload that hangs ends with 504, in time, and is counted', async () => {
    const {ask, door} = await open((seen, context) => (seen.method === 'PUT' ? 'hang' : uploading(seen, context)), {
      answerMs: 200
    })
    const answer = await ask(`PUT ${await begin(ask)}?digest=${BLOB_DIGEST}`, STREAM)
    expect(answer.status).toBe(504)
    expect(door.traffic()).toMatchObject({stalls: 1})
  })

  test('a mount names the other repository as the registry knows it, with a token for both', async () => {
    const {ask, server} = await open(() => ({status: 201, headers: {'docker-content-digest': BLOB_DIGEST}}))
    const answer = await ask(`POST /v2/reg/acme/app/blobs/uploads/?mount=${BLOB_DIGEST}&from=reg/acme/base`)
    expect(answer).toMatchObject({status: 201, headers: {location: `/v2/reg/acme/app/blobs/${BLOB_DIGEST}`}})
    expect(upstream(server)).toEqual([
      `POST /v2/acme/app/blobs/uploads/?mount=${encodeURIComponent(BLOB_DIGEST)}&from=acme%2Fbase`
    ])
    expect(scopesAsked(server)).toEqual(['repository:acme/app:pull,push repository:acme/base:pull'])
  })

  test.each(['library/debian', 'reg/acme'])('a mount from %s is an upload like any other', async from => {
    const {ask, server} = await open(uploading)
    await ask(`POST /v2/reg/acme/app/blobs/uploads/?mount=${BLOB_DIGEST}&from=${from}`)
    expect(upstream(server)).toEqual(['POST /v2/acme/app/blobs/uploads/'])
    expect(scopesAsked(server)).toEqual(['repository:acme/app:pull,push'])
  })

  test('large layers pass whole, while the receiver is slow', async () => {
    const large = randomBytes(24 * 1024 * 1024)
    const {ask, server, door} = await open(uploading, {stallMs: 5_000, answerMs: 5_000})
    expect((await ask(`PUT ${await begin(ask)}?digest=${digestOf(large)}`, {body: large})).status).toBe(201)
    expect(digestOf(server.seen.at(-1)?.body ?? Buffer.alloc(0))).toBe(digestOf(large))
    expect(door.traffic().pushedBytes).toBe(large.length)
  })
})

describe('reading through the door', () => {
  test('blobs come from where the registry leads, without our login there', async () => {
    const storage = await scriptServer(() => ({
      status: 200,
      body: BLOB,
      headers: {'content-type': 'application/octet-stream'}
    }))
    opened.push(storage)
    const {ask, door} = await open(() => ({status: 307, headers: {location: `http://${storage.host}/blob?sig=1`}}))
    const answer = await ask(`GET /v2/reg/acme/base/blobs/${BLOB_DIGEST}`)
    expect(answer).toMatchObject({status: 200, body: BLOB})
    expect(answer.headers.location).toBeUndefined()
    expect(storage.seen[0]?.headers.authorization).toBeUndefined()
    expect(door.traffic().pulledBytes).toBe(BLOB.length)
  })

  test('a part of a blob is asked for and answered as such', async () => {
    const {ask, server} = await open(() => ({status: 206, body: 'bytes', headers: {'content-range': 'bytes 6-10/11'}}))
    const answer = await ask(`GET /v2/reg/acme/base/blobs/${BLOB_DIGEST}`, {headers: {range: 'bytes=6-10'}})
    expect(answer).toMatchObject({status: 206, headers: {'content-range': 'bytes 6-10/11'}})
    expect(server.seen.at(-1)?.headers.range).toBe('bytes=6-10')
  })

  test('HEAD tells the size', async () => {
    const {ask} = await open(() => ({status: 200, body: BLOB}))
    const answer = await ask(`HEAD /v2/reg/acme/base/blobs/${BLOB_DIGEST}`)
    expect(answer).toMatchObject({status: 200, headers: {'content-length': String(BLOB.length)}})
    expect(answer.body).toHaveLength(0)
  })

  test('a blob that breaks off is cut off for the builder too, never made to look whole', async () => {
    const {ask} = await open(() => ({status: 200, body: BLOB, cutAfter: 4}))
    await expect(ask(`GET /v2/reg/acme/base/blobs/${BLOB_DIGEST}`)).rejects.toThrow()
  })

  test.each([429, 500, 503])('%i is tried again', async status => {
    const {ask} = await open((_, {nth}) => (nth === 1 ? {status} : {status: 200, body: BLOB}))
    expect((await ask(`GET /v2/reg/acme/base/blobs/${BLOB_DIGEST}`)).status).toBe(200)
  })

  test('cookies and challenges of the registry stay outside', async () => {
    const {ask} = await open(() => ({status: 200, body: BLOB, headers: {'set-cookie': 'session=1', 'x-trace': 'id'}}))
    const {headers} = await ask(`GET /v2/reg/acme/base/blobs/${BLOB_DIGEST}`)
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['x-trace']).toBeUndefined()
  })
})

describe('what is told', () => {
  test('neither the credential, nor a token, nor the password is ever logged', async () => {
    const {ask, door, logged} = await open((_, {nth}) => (nth < 3 ? {status: 500} : {status: 403, body: TOKEN}))
    await ask('PUT /v2/reg/acme/app/manifests/candidate', {body: MANIFEST})
    await ask('GET /v2/reg/acme/app/manifests/x?token=abc')
    const text = logged.join('\n')
    expect(text).toContain('PUT /v2/reg/acme/app/manifests/candidate')
    for (const secret of [TOKEN, BEARER, door.password.reveal(), 'token=abc']) expect(text).not.toContain(secret)
  })

  test('after the end nobody answers, and open connections are cut', async () => {
    const {ask, door} = await open(() => 'hang', {answerMs: 30_000})
    const waiting = ask('GET /v2/reg/acme/base/manifests/latest')
    const failed = expect(waiting).rejects.toThrow()
    await new Promise(resolve => setTimeout(resolve, 100))
    await door.close()
    await failed
    await expect(ask('GET /v2/')).rejects.toThrow()
    await door.close()
  })
})
