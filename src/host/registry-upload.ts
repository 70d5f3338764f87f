import type {Readable} from 'node:stream'
import {addressOf, locationOf, withDigest} from './registry-address.ts'
import type {BlobPlace} from './registry-blob.ts'
import type {Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {type Purpose, Refusal} from './registry-token.ts'
import {wordsIn, wordsOf} from './registry-words.ts'

/**
 * Sends a blob whose digest is known only at its end: one streamed part, then the digest.
 *
 * One part whatever its size, because some registries refuse further ones. Until the digest is given the registry has
 * nothing that anyone could refer to. Throws `Refusal` and `NoAnswer`; a stream is never sent twice.
 */
export async function uploadStream(
  session: Session,
  {
    place,
    body,
    digest,
    onSent
  }: {place: BlobPlace; body: Readable; digest: Promise<string>; onSent: (chunk: Uint8Array) => void},
  persistence: Persistence
): Promise<void> {
  const purpose: Purpose = {...place, actions: 'pull,push'}
  const begin = addressOf(place.image, 'blobs/uploads/')
  const upload = await step(session, {purpose, method: 'POST', url: begin, expected: 202}, persistence)
  const answer = await session.send(
    purpose,
    {method: 'PATCH', url: upload, headers: {'content-type': 'application/octet-stream'}, body, onSent},
    persistence
  )
  if (answer.statusCode !== 202) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
  answer.resume()
  const next = locationOf(answer.headers.location, upload) ?? upload
  const url = withDigest(next, await digest)
  const done = await session.send(purpose, {method: 'PUT', url, ...EMPTY}, persistence)
  if (done.statusCode !== 201) throw new Refusal(done.statusCode ?? 0, await wordsOf(done))
  done.resume()
}

/** Sends a small blob whose bytes are at hand. */
export async function uploadBytes(
  session: Session,
  {place, bytes, digest}: {place: BlobPlace; bytes: Uint8Array; digest: string},
  persistence: Persistence
): Promise<void> {
  const purpose: Purpose = {...place, actions: 'pull,push'}
  const begin = addressOf(place.image, 'blobs/uploads/')
  const upload = await step(session, {purpose, method: 'POST', url: begin, expected: 202}, persistence)
  const headers = {'content-type': 'application/octet-stream', 'content-length': String(bytes.length)}
  const done = await session.send(
    purpose,
    {method: 'PUT', url: withDigest(upload, digest), headers, body: bytes},
    persistence
  )
  if (done.statusCode !== 201) throw new Refusal(done.statusCode ?? 0, await wordsOf(done))
  done.resume()
}

const EMPTY = {headers: {'content-length': '0'}, body: new Uint8Array()} as const

async function step(
  session: Session,
  {purpose, method, url, expected}: {purpose: Purpose; method: string; url: URL; expected: number},
  persistence: Persistence
): Promise<URL> {
  const answer = await session.send(purpose, {method, url, ...EMPTY}, persistence)
  if (answer.statusCode !== expected) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
  answer.resume()
  const target = locationOf(answer.headers.location, url)
  if (target === undefined)
    throw new Refusal(expected, wordsIn('The registry began an upload and named no place for it.'))
  return target
}
