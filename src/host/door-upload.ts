import {randomBytes} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import type {DoorRoute} from '../model/work-build.ts'
import {refuse, relay} from './door-answer.ts'
import {purposeOf, sentOn, type Visit} from './door-visit.ts'
import {collect} from './flow.ts'
import {addressOf, locationOf, withDigest} from './registry-address.ts'
import {isTransient, type Persistence, persistently, retryAfterMs} from './registry-retry.ts'
import type {Purpose} from './registry-token.ts'

/** An upload that a builder has begun: where the registry wants the bytes, which is nobody's business but ours. */
interface Upload {
  readonly route: DoorRoute
  url: URL
  hasParts: boolean
}

/** The uploads of a door. */
export interface Uploads {
  begin(visit: Visit): Promise<void>
  go(visit: Visit, id: string): Promise<void>
}

/**
 * How often an upload that the registry refuses is let to begin anew, by status and route.
 *
 * Registries refuse uploads at random under load (403), and lose them when a node of theirs goes (404). Builders take
 * both for final; told 503, they try again.
 */
const SECOND_CHANCES: Readonly<Record<number, number>> = {401: 1, 403: 1, 404: 2}

/** The longest pause that a registry may ask for while a builder waits. */
const LONGEST_PAUSE_MS = 60_000

/** Bodies up to this size are held in memory: configurations of images, and layers of code. */
const HELD_BYTES = 4 * 1024 * 1024

/** A part that was sent may have arrived whatever the answer: it is never sent twice into the same upload. */
const ONCE: Persistence = {tries: 1, firstMs: 0, longestMs: 0, totalMs: 300_000}

const SENT_ON = ['content-type', 'content-length', 'content-range']

/** Keeps uploads: builders get an address at the door, the registry's own (it may carry a token) stays here. */
export function openUploads(): Uploads {
  const uploads = new Map<string, Upload>()
  const refusals = new Map<string, number>()

  async function begin(visit: Visit): Promise<void> {
    const {house, route, request, response} = visit
    if (request.method !== 'POST') return refuse(response, 'UNSUPPORTED', 'An upload begins with POST.')
    // A body in one go with POST is optional in the specification: who gets 202 sends it with PUT.
    request.resume()
    const mount = mountOf(visit)
    const mounted = mount === undefined ? undefined : await post(visit, mount.purpose, mount.query)
    const isTaken = mounted?.statusCode === 201 || mounted?.statusCode === 202
    if (!isTaken) mounted?.resume()
    const answer = mounted !== undefined && isTaken ? mounted : await post(visit, purposeOf(route), '')
    if (answer.statusCode === 201 && mount !== undefined) {
      answer.resume()
      response.writeHead(201, blobHeaders(route, mount.digest))
      return void response.end()
    }
    const url = locationOf(answer.headers.location, addressOf(route.image, ''))
    if (answer.statusCode !== 202 || url === undefined) {
      return relay(answer, response, {stallMs: house.session.transport.stallMs, onBytes: () => {}})
    }
    answer.resume()
    const id = randomBytes(16).toString('hex')
    uploads.set(id, {route, url, hasParts: false})
    response.writeHead(202, uploadHeaders(route, id, answer))
    response.end()
  }

  function post({house, route}: Visit, purpose: Purpose, query: string): Promise<IncomingMessage> {
    const url = addressOf(route.image, 'blobs/uploads/')
    url.search = query
    const outgoing = {method: 'POST', url, headers: {'content-length': '0'}, body: new Uint8Array()}
    return house.session.send(purpose, outgoing, house.persistence)
  }

  async function go(visit: Visit, id: string): Promise<void> {
    const {house, route, request, response, query} = visit
    const upload = uploads.get(id)
    const method = request.method ?? ''
    if (upload === undefined || upload.route !== route) {
      request.resume()
      return refuse(response, 'BLOB_UPLOAD_UNKNOWN', 'No such upload was begun here.')
    }
    if (!['PATCH', 'PUT', 'GET', 'DELETE'].includes(method)) {
      request.resume()
      return refuse(response, 'UNSUPPORTED', `An upload knows no ${method}.`)
    }
    const digest = method === 'PUT' ? (query.get('digest') ?? undefined) : undefined
    const body = upload.hasParts || digest === undefined ? streamOf(request) : await heldOf(request)
    const onBytes = (count: number) => {
      house.traffic.pushedBytes += count
    }
    const send = () => {
      const url = digest === undefined ? upload.url : withDigest(upload.url, digest)
      return house.session.send(purposeOf(route), {method, url, headers: sentOn(request, SENT_ON), body, onBytes}, ONCE)
    }
    const isHeld = body instanceof Uint8Array && body.length > 0
    const answer = isHeld ? await sendAnew(visit, upload, send) : await send()
    // What the registry did not want to read is read to its end, so that the connection stays usable.
    request.resume()
    const status = answer.statusCode ?? 0
    if (status < 200 || status > 299) return refused(visit, {id, answer})
    answer.resume()
    upload.url = locationOf(answer.headers.location, upload.url) ?? upload.url
    upload.hasParts ||= method === 'PATCH'
    if (method === 'PUT' || method === 'DELETE') uploads.delete(id)
    response.writeHead(status, digest === undefined ? uploadHeaders(route, id, answer) : blobHeaders(route, digest))
    response.end()
  }

  /**
   * Sends a held body until the registry takes it. Each time but the first into a new upload: nobody knows how much of
   * it the old one has.
   */
  function sendAnew(visit: Visit, upload: Upload, send: () => Promise<IncomingMessage>): Promise<IncomingMessage> {
    let isFirst = true
    return persistently(async () => {
      if (!isFirst) {
        const begun = await post(visit, purposeOf(visit.route), '')
        begun.resume()
        upload.url = locationOf(begun.headers.location, addressOf(visit.route.image, '')) ?? upload.url
      }
      isFirst = false
      return send()
    }, visit.house.persistence)
  }

  /** A stream cannot be sent again from here, but the builder can: told 503 it begins anew. */
  async function refused({house, route, response}: Visit, {id, answer}: {id: string; answer: IncomingMessage}) {
    const status = answer.statusCode ?? 0
    uploads.delete(id)
    const key = `${status} ${route.local}`
    const count = (refusals.get(key) ?? 0) + 1
    refusals.set(key, count)
    if (!isTransient(status) && count > (SECOND_CHANCES[status] ?? 0)) {
      return relay(answer, response, {stallMs: house.session.transport.stallMs, onBytes: () => {}})
    }
    answer.resume()
    // Builders do not know Retry-After: they wait as long as we keep them waiting.
    const pauseMs = retryAfterMs(answer.headers['retry-after'], Date.now()) ?? 0
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS))
    refuse(response, 'UNAVAILABLE', `The registry answered ${status} to an upload; begin it anew.`)
  }

  return {begin, go}
}

/** The mount that a builder asks for, in the registry's own names; undefined where it is none that this login can do. */
function mountOf({house, route, query}: Visit) {
  const digest = query.get('mount')
  const source = house.routes.get(query.get('from') ?? '')
  if (digest === null || source === undefined || source.image.registry !== route.image.registry) return undefined
  if (source.credential?.token.secret !== route.credential?.token.secret) return undefined
  const from = source.image.repository
  return {
    digest,
    purpose: {...purposeOf(route), mountFrom: from},
    query: new URLSearchParams({mount: digest, from}).toString()
  }
}

/** A body as a stream; none where the builder says so. */
function streamOf(request: IncomingMessage): Uint8Array | IncomingMessage {
  const hasNone = request.method === 'GET' || request.method === 'DELETE' || request.headers['content-length'] === '0'
  return hasNone ? new Uint8Array() : request
}

/** A small body as bytes, which can be sent again; layers stay streams. */
async function heldOf(request: IncomingMessage): Promise<Uint8Array | IncomingMessage> {
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  return length <= HELD_BYTES ? ((await collect(request, {limitBytes: HELD_BYTES})) ?? request) : request
}

function uploadHeaders({local}: DoorRoute, id: string, {headers}: IncomingMessage): Record<string, string> {
  const {range} = headers
  const chunk = headers['oci-chunk-min-length']
  return {
    location: `/v2/${local}/blobs/uploads/${id}`,
    'docker-upload-uuid': id,
    'content-length': '0',
    ...(range === undefined ? {} : {range}),
    ...(typeof chunk === 'string' ? {'oci-chunk-min-length': chunk} : {})
  }
}

function blobHeaders({local}: DoorRoute, digest: string): Record<string, string> {
  return {location: `/v2/${local}/blobs/${digest}`, 'docker-content-digest': digest, 'content-length': '0'}
}
