import type {IncomingHttpHeaders, IncomingMessage} from 'node:http'
import {Readable} from 'node:stream'
import {collect} from './flow.ts'
import {locationOf, originOf} from './registry-address.ts'
import {type Persistence, persistently} from './registry-retry.ts'
import {type Purpose, Refusal, type Tokens} from './registry-token.ts'
import {NoAnswer, type Outgoing, type Transport} from './registry-transport.ts'
import {wordsIn} from './registry-words.ts'

/** Requests to registries with the right login: tokens, one renewal, tries, and redirects where they are wanted. */
export interface Session {
  /**
   * Sends a request. A body of bytes is tried again, with a renewed login after a first 401 or 403; a stream never is.
   *
   * Throws `Refusal` when no token is given, and `NoAnswer`.
   */
  send(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage>
  /** The same, once: what comes of it is of no interest, so a refusal is taken as it is. */
  sendOnce(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage>
  /** The same for reading, following redirects; a login never leaves the registry's own address. */
  read(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage>
  /** A whole body of a read, tried again when it breaks off. Throws `Refusal` where it is too long. */
  readBytes(
    purpose: Purpose,
    outgoing: Outgoing & {readonly limitBytes: number},
    persistence: Persistence
  ): Promise<Bytes>
  readonly transport: Transport
}

/** A body that was read to its end. */
export interface Bytes {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

const ANSWER_MS = 60_000
const MOST_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const USER_AGENT = 'pytorch-cuda-image-action'

/** Opens the way to registries. */
export function openSession({
  transport,
  tokens,
  cancelled
}: {
  transport: Transport
  tokens: Tokens
  cancelled: AbortSignal
}): Session {
  async function send(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage> {
    const endMs = performance.now() + persistence.totalMs
    const rest = () => ({...persistence, totalMs: Math.max(0, endMs - performance.now())})
    const first = await tryWith(purpose, outgoing, rest())
    const isRefused = first.statusCode === 401 || first.statusCode === 403
    if (!isRefused || !belongsTo(purpose, outgoing.url)) return first
    // Tokens expire early when clocks differ, and registries refuse at random under load: one more try tells.
    tokens.renew(purpose, first.headers['www-authenticate'])
    if (outgoing.body instanceof Readable) return first
    first.resume()
    return tryWith(purpose, outgoing, rest())
  }

  async function tryWith(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage> {
    const isStream = outgoing.body instanceof Readable
    const act = async (remainingMs: number) => {
      const login = belongsTo(purpose, outgoing.url) ? await tokens.headerFor(purpose, persistence) : undefined
      return transport.send({
        ...outgoing,
        headers: {
          'user-agent': USER_AGENT,
          ...outgoing.headers,
          ...(login === undefined ? {} : {authorization: login})
        },
        ...(isStream ? {} : {answerMs: Math.max(1, Math.min(outgoing.answerMs ?? ANSWER_MS, remainingMs))})
      })
    }
    return isStream ? act(persistence.totalMs) : persistently(act, persistence, cancelled)
  }

  async function read(purpose: Purpose, outgoing: Outgoing, persistence: Persistence): Promise<IncomingMessage> {
    let answer = await send(purpose, outgoing, persistence)
    let {url} = outgoing
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      const target = targetOf(answer, url)
      if (target === undefined) break
      answer.resume()
      url = target
      answer = await send(purpose, {...outgoing, url}, persistence)
    }
    return answer
  }

  async function readBytes(
    purpose: Purpose,
    outgoing: Outgoing & {readonly limitBytes: number},
    persistence: Persistence
  ): Promise<Bytes> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await read(purpose, outgoing, persistence)
      const bytes = await collect(answer, {limitBytes: outgoing.limitBytes, stallMs: transport.stallMs}).catch(
        (thrown: unknown) => new NoAnswer(outgoing.url, thrown)
      )
      if (bytes === undefined || bytes instanceof NoAnswer) answer.destroy()
      if (bytes === undefined) throw new Refusal(answer.statusCode ?? 0, wordsIn('The answer is too long.'))
      if (!(bytes instanceof NoAnswer)) return {status: answer.statusCode ?? 0, headers: answer.headers, bytes}
      if (attempt >= persistence.tries || cancelled.aborted) throw bytes
    }
  }

  return {send, sendOnce: tryWith, read, readBytes, transport}
}

function targetOf({statusCode, headers}: IncomingMessage, url: URL): URL | undefined {
  return REDIRECTS.has(statusCode ?? 0) ? locationOf(headers.location, url) : undefined
}

/** Whether an address is the registry's own: only there does its login go. */
function belongsTo({image}: Purpose, url: URL): boolean {
  return url.origin === new URL(originOf(image.registry)).origin
}
