import {createHash, randomBytes, timingSafeEqual} from 'node:crypto'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {DoorRoute} from '../model/work-build.ts'
import {answerThrown, refuse} from './door-answer.ts'
import {type Errand, errandOf} from './door-errand.ts'
import {serveManifest} from './door-manifest.ts'
import {readFor} from './door-read.ts'
import {openUploads, type Uploads} from './door-upload.ts'
import {DOOR_PERSISTENCE, type House, type Visit} from './door-visit.ts'
import type {Door, LogPort, SecretsPort} from './host.ts'
import type {Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'

const USER = 'builder'
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const KEEP_ALIVE_MS = 75_000

/**
 * Opens a registry on 127.0.0.1 that leads to the real ones.
 *
 * A builder logs in with a password of this run and finds exactly the names of `routes`; the real credential, the
 * registry's tokens and its upload addresses stay in this process.
 */
export async function openDoor(
  routes: readonly DoorRoute[],
  {
    session,
    secrets,
    log,
    persistence = DOOR_PERSISTENCE
  }: {session: Session; secrets: SecretsPort; log: LogPort; persistence?: Persistence}
): Promise<Door> {
  const password = secrets.redeem(secrets.keep('door password', randomBytes(32).toString('base64url')))
  const isLogin = loginCheck(`${USER}:${password.reveal()}`)
  const house: House = {
    session,
    routes: new Map(routes.map(route => [route.local, route])),
    traffic: {pushedBytes: 0, pulledBytes: 0, stalls: 0},
    persistence,
    candidates: new Map()
  }
  const uploads = openUploads()

  const server = createServer((request, response) => {
    const startedMs = performance.now()
    const path = (request.url ?? '').split('?')[0] ?? ''
    response.once('close', () => {
      // The query is left out: it is the builder's business, and uploads carry state in it.
      log.debug(
        `door: ${request.method} ${path} ${response.statusCode} in ${(performance.now() - startedMs).toFixed(0)} ms`
      )
    })
    void receive(request, response, path)
  })

  async function receive(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    try {
      if (!isLogin(request.headers.authorization)) {
        request.resume()
        return refuse(response, 'UNAUTHORIZED', 'The door opens to the builder of this run only.', {
          'www-authenticate': 'Basic realm="door"'
        })
      }
      await serve(errandOf(path), {house, uploads, request, response})
    } catch (thrown) {
      request.resume()
      if (thrown instanceof NoAnswer && thrown.hasStalled) house.traffic.stalls += 1
      const isForeign = thrown instanceof NoAnswer || thrown instanceof Refusal
      log.debug(`door: ${request.method} ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      if (!isForeign && !response.destroyed) log.warning(`The door failed: ${String(thrown)}`)
      answerThrown(response, thrown)
    }
  }

  // Layers may take longer than Node's limit for a whole request; whoever stalls is watched on the other side.
  server.requestTimeout = 0
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo

  return {
    address: `127.0.0.1:${port}`,
    user: USER,
    password,
    traffic: () => ({...house.traffic}),
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

async function serve(
  errand: Errand | undefined,
  {
    house,
    uploads,
    request,
    response
  }: {
    house: House
    uploads: Uploads
    request: IncomingMessage
    response: ServerResponse
  }
): Promise<void> {
  if (errand?.kind === 'ping') {
    response.writeHead(200, {'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0'})
    return void response.end('{}')
  }
  const route = errand === undefined ? undefined : house.routes.get(errand.name)
  if (errand === undefined || route === undefined) {
    request.resume()
    return refuse(response, 'NAME_UNKNOWN', 'The door does not lead there.')
  }
  if (route.actions === 'pull' && !READING.has(request.method ?? '')) {
    request.resume()
    return refuse(response, 'DENIED', 'This run may only read here.')
  }
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const visit: Visit = {house, route, request, response, query}
  switch (errand.kind) {
    case 'manifest':
      return serveManifest(visit, errand.reference)
    case 'blob':
      return readFor(visit, `blobs/${errand.digest}`)
    case 'referrers':
      return readFor(visit, `referrers/${errand.digest}`)
    case 'begin-upload':
      return uploads.begin(visit)
    case 'upload':
      return uploads.go(visit, errand.id)
  }
}

/** Compares digests of both sides, in a time that tells nothing about where they differ. */
function loginCheck(expected: string): (header: string | undefined) => boolean {
  const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest()
  const expectedHash = hashOf(expected)
  return header => {
    const [, encoded] = /^basic\s+(\S+)$/i.exec(header ?? '') ?? []
    return encoded !== undefined && timingSafeEqual(hashOf(Buffer.from(encoded, 'base64')), expectedHash)
  }
}
