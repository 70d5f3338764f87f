import type {IncomingMessage, ServerResponse} from 'node:http'
import {pump} from './flow.ts'
import {freeIfAlone} from './memory.ts'
import {isTransient} from './registry-retry.ts'
import {Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'

/** Headers of a registry's answer that a builder gets to see. Its addresses, logins and cookies are not among them. */
const PASSED_ON = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'docker-content-digest',
  'etag',
  'last-modified',
  'oci-subject',
  'oci-filters-applied'
] as const

/** Error codes of the distribution specification that the door uses itself, with their status. */
const REFUSALS = {
  UNAUTHORIZED: 401,
  DENIED: 403,
  NAME_UNKNOWN: 404,
  MANIFEST_UNKNOWN: 404,
  BLOB_UPLOAD_UNKNOWN: 404,
  UNSUPPORTED: 405,
  DIGEST_INVALID: 400,
  SIZE_INVALID: 413,
  UNKNOWN: 500,
  UNAVAILABLE: 503,
  STALLED: 504
} as const

/** Answers with an error of the distribution specification. */
export function refuse(
  response: ServerResponse,
  code: keyof typeof REFUSALS,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): void {
  const body = JSON.stringify({errors: [{code, message}]})
  response.writeHead(REFUSALS[code], {...headers, 'content-type': 'application/json'})
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** Passes a registry's answer on, as fast as the builder takes it. */
export async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  {stallMs, onBytes}: {stallMs: number; onBytes: (count: number) => void}
): Promise<void> {
  const status = answer.statusCode ?? 0
  if (status >= 300 && status < 400) {
    answer.resume()
    return refuse(response, 'UNAVAILABLE', 'The registry leads to a place that may not be followed.')
  }
  // A builder that sees 401 asks for a login of the door again, which it has.
  response.writeHead(status === 401 ? 403 : status, passedOn(answer))
  try {
    await pump(answer, response, {readMs: stallMs, onBytes, onSent: freeIfAlone})
    response.end()
  } catch (thrown) {
    answer.destroy()
    throw new NoAnswer(new URL('http://registry'), thrown)
  }
}

function passedOn({headers}: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap(name => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
  )
}

/** Tells a builder of what was thrown on the way to the registry; statuses from 500 on make it try again. */
export function answerThrown(response: ServerResponse, thrown: unknown): void {
  // What has begun cannot be taken back: a cut connection tells that it is incomplete.
  if (response.headersSent) response.destroy()
  else if (thrown instanceof Refusal) {
    refuse(response, isTransient(thrown.status) ? 'UNAVAILABLE' : 'DENIED', thrown.words.text)
  } else if (thrown instanceof NoAnswer) {
    refuse(response, thrown.hasStalled ? 'STALLED' : 'UNAVAILABLE', thrown.message)
  } else refuse(response, 'UNKNOWN', 'The door has a defect.')
}
