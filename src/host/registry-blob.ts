import type {IncomingMessage} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import {verifyDigest} from './digest.ts'
import {addressOf, locationOf, originOf, withDigest} from './registry-address.ts'
import {isTransient, type Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {type Purpose, Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'
import {wordsIn, wordsOf} from './registry-words.ts'

const BLOB_LIMIT_BYTES = 8 * 1024 * 1024

/** How often a stream of a blob is begun anew after a broken one. */
const COPY_TRIES = 4

/** A repository and the login for it. */
export interface BlobPlace {
  readonly image: ImageName
  readonly credential: RegistryCredential | null
}

/** Reads a small blob, and checks it against its digest. Throws `Refusal`, `NoAnswer`, `digest-mismatch`. */
export async function readBlob(
  session: Session,
  {place, digest}: {place: BlobPlace; digest: string},
  persistence: Persistence
): Promise<Uint8Array> {
  const {status, bytes} = await session.readBytes(
    {...place, actions: 'pull'},
    {...blobRequest(place, digest), limitBytes: BLOB_LIMIT_BYTES},
    persistence
  )
  if (status !== 200) throw new Refusal(status, wordsIn(bytes.toString('utf8')))
  verifyDigest(bytes, digest, `${place.image.registry}/${place.image.repository}`)
  return bytes
}

/** How a blob came to be in a place. */
export type Brought = 'there' | 'mounted' | 'copied'

/**
 * Makes a blob of one place readable in another: already there, else mounted, else streamed through us.
 *
 * The receiving registry checks the digest; a stream that broke is begun anew.
 */
export async function copyBlob(
  session: Session,
  {from, to, digest}: {from: BlobPlace; to: BlobPlace; digest: string},
  persistence: Persistence
): Promise<Brought> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptCopy(session, {from, to, digest}, persistence)
    if (typeof outcome === 'string') return outcome
    const status = outcome instanceof Refusal ? outcome.status : 0
    if (attempt === COPY_TRIES || (status !== 0 && !isTransient(status))) throw outcome
    await sleep(Math.min(persistence.longestMs, persistence.firstMs * 2 ** attempt))
  }
}

async function attemptCopy(
  session: Session,
  {from, to, digest}: {from: BlobPlace; to: BlobPlace; digest: string},
  persistence: Persistence
): Promise<Refusal | NoAnswer | Brought> {
  try {
    if (await hasBlob(session, {place: to, digest}, persistence)) return 'there'
    const upload = await beginUpload(session, {from, to, digest}, persistence)
    if (upload === undefined) return 'mounted'
    await streamBlob(session, {from, to, digest, upload}, persistence)
    return 'copied'
  } catch (thrown) {
    if (thrown instanceof Refusal || thrown instanceof NoAnswer) return thrown
    throw thrown
  }
}

/** Whether a place has a blob. Throws `NoAnswer`. */
export async function hasBlob(
  session: Session,
  {place, digest}: {place: BlobPlace; digest: string},
  persistence: Persistence
): Promise<boolean> {
  const answer = await session.read(
    {...place, actions: 'pull,push'},
    {method: 'HEAD', url: addressOf(place.image, `blobs/${digest}`), headers: {}},
    persistence
  )
  answer.resume()
  return answer.statusCode === 200
}

/** Begins an upload; undefined where the registry mounted the blob at once. */
async function beginUpload(
  session: Session,
  {from, to, digest}: {from: BlobPlace; to: BlobPlace; digest: string},
  persistence: Persistence
): Promise<URL | undefined> {
  const url = addressOf(to.image, 'blobs/uploads/')
  const isNeighbour = originOf(from.image.registry) === originOf(to.image.registry)
  const mounted = isNeighbour ? await tryMount(session, {from, to, digest}, persistence) : undefined
  if (mounted?.statusCode === 201) {
    mounted.resume()
    return undefined
  }
  const answer = mounted ?? (await post(session, {purpose: {...to, actions: 'pull,push'}, url}, persistence))
  if (answer.statusCode !== 202) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
  answer.resume()
  const target = locationOf(answer.headers.location, url)
  if (target !== undefined) return target
  throw new Refusal(202, wordsIn('The registry began an upload and named no place for it.'))
}

/**
 * Asks to mount the blob from its neighbour; undefined where the registry will have none of that.
 *
 * The login of the one place need not open the other: then the blob is sent, as between two registries.
 */
async function tryMount(
  session: Session,
  {from, to, digest}: {from: BlobPlace; to: BlobPlace; digest: string},
  persistence: Persistence
): Promise<IncomingMessage | undefined> {
  const url = addressOf(to.image, 'blobs/uploads/')
  url.searchParams.set('mount', digest)
  url.searchParams.set('from', from.image.repository)
  const purpose: Purpose = {...to, actions: 'pull,push', mountFrom: from.image.repository}
  try {
    const answer = await post(session, {purpose, url}, persistence)
    if (answer.statusCode === 201 || answer.statusCode === 202) return answer
    answer.resume()
    return undefined
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

function post(
  session: Session,
  {purpose, url}: {purpose: Purpose; url: URL},
  persistence: Persistence
): Promise<IncomingMessage> {
  const outgoing = {method: 'POST', url, headers: {'content-length': '0'}, body: new Uint8Array()}
  return session.send(purpose, outgoing, persistence)
}

async function streamBlob(
  session: Session,
  {from, to, digest, upload}: {from: BlobPlace; to: BlobPlace; digest: string; upload: URL},
  persistence: Persistence
): Promise<void> {
  const source = await openBlob(session, {place: from, digest}, persistence)
  const size = source.headers['content-length']
  try {
    const answer = await session.send(
      {...to, actions: 'pull,push'},
      {
        method: 'PUT',
        url: withDigest(upload, digest),
        headers: {'content-type': 'application/octet-stream', ...(size === undefined ? {} : {'content-length': size})},
        body: source,
        bodyStallMs: session.transport.stallMs
      },
      persistence
    )
    if (answer.statusCode !== 201) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
    answer.resume()
  } finally {
    source.destroy()
  }
}

function blobRequest({image}: BlobPlace, digest: string) {
  return {method: 'GET', url: addressOf(image, `blobs/${digest}`), headers: {}}
}

/** A blob as a stream, unchecked. Throws `Refusal`, `NoAnswer`. */
export async function openBlob(
  session: Session,
  {place, digest}: {place: BlobPlace; digest: string},
  persistence: Persistence
): Promise<IncomingMessage> {
  const answer = await session.read({...place, actions: 'pull'}, blobRequest(place, digest), persistence)
  if (answer.statusCode !== 200) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
  return answer
}
