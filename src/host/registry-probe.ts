import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import type {PushAnswer} from '../model/plan.ts'
import {digestOf} from './digest.ts'
import {addressOf, locationOf, withDigest} from './registry-address.ts'
import {BRIEF, type Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {type Purpose, Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'
import {type Words, wordsOf} from './registry-words.ts'

/** Error codes of the distribution specification that say no, whatever the status beside them. */
const DENYING: ReadonlySet<string> = new Set(['DENIED', 'UNAUTHORIZED', 'NAME_UNKNOWN', 'NAME_INVALID', 'UNSUPPORTED'])

const TIDY_UP: Persistence = {tries: 1, firstMs: 0, longestMs: 0, totalMs: 5_000}

/**
 * Asks a registry whether a push will be allowed, by beginning a blob upload and giving it up again.
 *
 * A token proves nothing: token services give one for anything, and registries refuse later. Only the answer to the
 * upload tells. An upload that never gets a byte leaves nothing behind; registries that cannot delete it let it expire.
 */
export async function probePush(
  session: Session,
  {image, credential}: {image: ImageName; credential: RegistryCredential | null},
  persistence: Persistence = BRIEF
): Promise<PushAnswer> {
  const purpose: Purpose = {image, credential, actions: 'pull,push'}
  try {
    const url = addressOf(image, 'blobs/uploads/')
    const answer = await session.send(
      purpose,
      {method: 'POST', url, headers: {'content-length': '0'}, body: new Uint8Array()},
      persistence
    )
    const status = answer.statusCode ?? 0
    if (status !== 202)
      return verdictOf(image, status, withChallenge(await wordsOf(answer), answer.headers['www-authenticate']))
    answer.resume()
    await giveUpUpload(session, purpose, {location: answer.headers.location, url})
    return {image, result: 'allowed', status, evidence: 'The registry accepted the beginning of an upload.'}
  } catch (thrown) {
    if (thrown instanceof Refusal) return verdictOf(image, thrown.status, thrown.words)
    if (thrown instanceof NoAnswer) return {image, result: 'unknown', status: 0, evidence: thrown.message}
    throw thrown
  }
}

/** A blob that nothing refers to: the registry's own housekeeping removes it. */
const ONE_BYTE = new Uint8Array([0])

/**
 * Asks once more, by uploading one byte for real, as a layer would be.
 *
 * For those who insist: a refusal at the beginning of an upload has been wrong in rare cases.
 */
export async function probeByUpload(
  session: Session,
  {image, credential}: {image: ImageName; credential: RegistryCredential | null},
  persistence: Persistence = BRIEF
): Promise<PushAnswer> {
  const purpose: Purpose = {image, credential, actions: 'pull,push'}
  const url = addressOf(image, 'blobs/uploads/')
  try {
    const begun = await session.send(
      purpose,
      {method: 'POST', url, headers: {'content-length': '0'}, body: new Uint8Array()},
      persistence
    )
    const target = begun.statusCode === 202 ? locationOf(begun.headers.location, url) : undefined
    if (target === undefined) return verdictOf(image, begun.statusCode ?? 0, await wordsOf(begun))
    begun.resume()
    const sent = await session.send(
      purpose,
      {
        method: 'PUT',
        url: withDigest(target, digestOf(ONE_BYTE)),
        headers: {'content-type': 'application/octet-stream', 'content-length': '1'},
        body: ONE_BYTE
      },
      persistence
    )
    const status = sent.statusCode ?? 0
    if (status !== 201) return verdictOf(image, status, await wordsOf(sent))
    sent.resume()
    return {image, result: 'allowed', status, evidence: 'The registry took a blob of one byte.'}
  } catch (thrown) {
    if (thrown instanceof Refusal) return verdictOf(image, thrown.status, thrown.words)
    if (thrown instanceof NoAnswer) return {image, result: 'unknown', status: 0, evidence: thrown.message}
    throw thrown
  }
}

function verdictOf(image: ImageName, status: number, words: Words): PushAnswer {
  const isDenied = status === 401 || status === 403 || words.codes.some(code => DENYING.has(code))
  return {
    image,
    result: isDenied ? 'denied' : 'unknown',
    status,
    evidence: words.text === '' ? `HTTP ${status} without a word` : words.text
  }
}

/** A login that is good and lacks the right is told apart in the challenge only: bodies say "authentication required". */
function withChallenge(words: Words, challenge: string | undefined): Words {
  const isNarrow = /\berror\s*=\s*"?insufficient_scope/i.test(challenge ?? '')
  return isNarrow ? {...words, text: [words.text, 'insufficient_scope'].filter(text => text !== '').join('; ')} : words
}

/** The address of an upload may carry a token in its query, so it is never shown. Failing to delete it harms nobody. */
async function giveUpUpload(
  session: Session,
  purpose: Purpose,
  {location, url}: {location: string | undefined; url: URL}
): Promise<void> {
  const target = locationOf(location, url)
  if (target === undefined) return
  try {
    const answer = await session.sendOnce(purpose, {method: 'DELETE', url: target, headers: {}}, TIDY_UP)
    answer.resume()
  } catch (thrown) {
    if (!(thrown instanceof NoAnswer || thrown instanceof Refusal)) throw thrown
  }
}
