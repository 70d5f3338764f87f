import http, {type ClientRequest, type IncomingMessage} from 'node:http'
import https from 'node:https'
import {Readable} from 'node:stream'
import {pump, Stalled, within} from './flow.ts'
import {freeOnceParsed} from './memory.ts'
import {isLoopback} from './registry-address.ts'
import {trustSystemCertificates} from './trust.ts'

/** A request that never goes anywhere but where its address says: redirects are answers. */
export interface Outgoing {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Bytes can be sent again; a stream is sent once, as fast as the other side takes it. */
  readonly body?: Uint8Array | Readable
  /** How long the stream may keep us waiting; without it, as long as it likes. */
  readonly bodyStallMs?: number
  /** Counts the bytes of the body as they leave. */
  readonly onBytes?: (count: number) => void
  /** Gets each chunk of a stream once nobody needs its memory any more. */
  readonly onSent?: (chunk: Uint8Array) => void
  /** How long the answer's first line may take, counted from the end of the body. */
  readonly answerMs?: number
}

/** The connection broke, could not be made, or nothing came: whether the request was carried out is unknown. */
export class NoAnswer extends Error {
  readonly hasStalled: boolean

  constructor(url: URL, cause: unknown) {
    super(`${url.host}: ${cause instanceof Error ? cause.message : String(cause)}`, {cause})
    this.name = 'NoAnswer'
    this.hasStalled = cause instanceof Stalled
  }
}

const REFUSAL_MS = 250

/** Sends requests, and keeps connections for the next one. */
export interface Transport {
  /** Throws `NoAnswer`. The caller reads the body of what it gets, or calls `resume()` on it. */
  send(outgoing: Outgoing): Promise<IncomingMessage>
  readonly stallMs: number
  close(): void
}

/**
 * HTTP as registries need it. Node's `fetch` would follow redirects or hide them, sends streams without their length,
 * and cannot tell a slow sender from a hung receiver; hence the older interface.
 *
 * `stallMs` is how long a connection may stand still while the other side is to move, `answerMs` how long a registry
 * may take to answer once it has everything: committing a large layer is slow.
 */
export function openTransport({
  environment,
  cancelled,
  stallMs = 120_000,
  answerMs = 300_000
}: {
  environment: Readonly<Record<string, string | undefined>>
  /** Gives every request up. */
  cancelled: AbortSignal
  stallMs?: number
  answerMs?: number
}): Transport {
  const local = new http.Agent({keepAlive: true})
  const localOnce = new http.Agent({keepAlive: false})
  let remote: {readonly kept: https.Agent; readonly once: https.Agent} | undefined

  function remoteAgents() {
    trustSystemCertificates()
    const options = {proxyEnv: {...environment}}
    remote ??= {kept: new https.Agent({...options, keepAlive: true}), once: new https.Agent(options)}
    return remote
  }

  // A kept connection may be closed by the other side at the very moment of its next use. A stream cannot be sent
  // twice, so it gets a connection of its own.
  function begin({method, url, headers, body}: Outgoing): ClientRequest {
    const isStream = body instanceof Readable
    if (url.protocol === 'https:') {
      const {kept, once} = remoteAgents()
      return https.request(url, {method, headers, agent: isStream ? once : kept})
    }
    if (url.protocol !== 'http:' || !isLoopback(url.hostname)) throw new Error(`Refusing clear text to ${url.host}`)
    return http.request(url, {method, headers, agent: isStream ? localOnce : local})
  }

  async function send(outgoing: Outgoing): Promise<IncomingMessage> {
    const request = begin(outgoing)
    try {
      return await answerTo(request, outgoing, {cancelled, stallMs, answerMs: outgoing.answerMs ?? answerMs})
    } catch (thrown) {
      request.destroy()
      throw new NoAnswer(outgoing.url, thrown)
    }
  }

  return {
    send,
    stallMs,
    close: () => {
      local.destroy()
      localOnce.destroy()
      remote?.kept.destroy()
      remote?.once.destroy()
    }
  }
}

/** Sends a stream until it ends or an answer comes: a registry may refuse before it has read everything. */
async function sendStream(
  {bodyStallMs, onBytes, onSent}: Outgoing,
  {body, request, answer, stallMs}: {body: Readable; request: ClientRequest; answer: Promise<unknown>; stallMs: number}
): Promise<void> {
  const sent = pump(body, request, {
    writeMs: stallMs,
    ...(bodyStallMs === undefined ? {} : {readMs: bodyStallMs}),
    ...(onBytes === undefined ? {} : {onBytes}),
    ...(onSent === undefined ? {} : {onSent})
  })
  const ended = sent.then(() => void request.end())
  try {
    await Promise.race([ended, answer])
  } catch (thrown) {
    // Who refuses early and hangs up breaks our sending first; the refusal itself may be on its way.
    if (thrown instanceof Stalled) throw thrown
    await within(answer, REFUSAL_MS)
  } finally {
    // What nobody wants any more is read to its end, so that the connection it comes from stays usable.
    ended.catch(() => body.resume())
  }
}

async function answerTo(
  request: ClientRequest,
  outgoing: Outgoing,
  {cancelled, stallMs, answerMs}: {cancelled: AbortSignal; stallMs: number; answerMs: number}
): Promise<IncomingMessage> {
  const {body, onBytes} = outgoing
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('socket', freeOnceParsed)
    request.once('response', resolve)
    request.once('error', reject)
  })
  // Late errors of a finished request (a reset after the answer) concern nobody.
  request.on('error', () => {})
  answer.catch(() => {})
  const giveUp = () => request.destroy(new Error('the run was cancelled'))
  cancelled.addEventListener('abort', giveUp, {once: true})
  try {
    if (cancelled.aborted) giveUp()
    if (body instanceof Readable) await sendStream(outgoing, {body, request, answer, stallMs})
    else {
      if (body !== undefined) onBytes?.(body.length)
      request.end(body)
    }
    return await within(answer, answerMs)
  } finally {
    cancelled.removeEventListener('abort', giveUp)
  }
}
