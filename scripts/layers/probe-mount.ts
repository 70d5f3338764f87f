import {parseArgs} from 'node:util'
import type {Manifest} from '../../src/host/host.ts'
import {addressOf, locationOf, originOf} from '../../src/host/registry-address.ts'
import {type BlobPlace, hasBlob} from '../../src/host/registry-blob.ts'
import {BRIEF} from '../../src/host/registry-retry.ts'
import type {Session} from '../../src/host/registry-session.ts'
import {Refusal} from '../../src/host/registry-token.ts'
import {NoAnswer} from '../../src/host/registry-transport.ts'
import {imageText} from '../../src/image/reference.ts'
import {Problem} from '../../src/model/problem.ts'
import {type Conversation, openConversation} from '../registry-client.ts'
import {type Side, sideOf} from '../registry-login.ts'
import {UsageError} from '../runner/options.ts'

/** What the command does, in half a sentence. */
export const PROBE_SAYS = 'ask a registry whether it mounts blobs of one repository in another'

const HELP = `Asks a registry to mount one small blob of FROM (the configuration of an image) in TO, and says what it answered.
The blob stays in TO, where nothing names it, until the registry tidies up.

usage: npm --prefix <action> run local -- probe-mount FROM TO [options]

  --tag <tag>             the image of FROM whose configuration is taken (latest)
  --to-user <name>        user name for TO (what goes with the token)
  --to-token-env <NAME>   the variable that holds a token that may pull FROM and push TO
  --to-token-file <file>  or the file that holds it
  --help                  print this

The exit code is 0 where the blob was mounted, and 1 otherwise.
`

/** What a registry answered when it was asked to mount. */
export interface MountAnswer {
  /** 0 where no token was given that would have allowed to ask. */
  readonly status: number
  readonly words: string
  /** Whether TO has the blob now. */
  readonly isThere: boolean
}

const MEANINGS: Readonly<Record<number, string>> = {
  201: 'it mounts: a layer of FROM costs TO one request',
  202: 'it does not mount, and began an ordinary upload in its place, which was cancelled: layers are streamed'
}
const REFUSED = 'it refuses mounts, or this login: layers are streamed, as far as the login may'

/** `npm run local -- probe-mount FROM TO`. Gives the exit code. */
export async function probeCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): Promise<number> {
  const request = parseProbe(words, environment)
  if (request === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const conversation = openConversation(environment)
  try {
    return await probe(request, conversation)
  } catch (thrown) {
    if (!(thrown instanceof Problem || thrown instanceof NoAnswer)) throw thrown
    conversation.say(thrown.message)
    return 1
  } finally {
    conversation.close()
  }
}

interface ProbeRequest {
  readonly from: Side
  readonly to: Side
  readonly tag: string
}

/** Reads the words behind `probe-mount`; undefined where help was asked for. Throws `UsageError`. */
export function parseProbe(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): ProbeRequest | undefined {
  const text = {type: 'string'} as const
  const options = {tag: text, 'to-user': text, 'to-token-env': text, 'to-token-file': text, help: {type: 'boolean'}}
  const {values, positionals} = parsed(() =>
    parseArgs({args: [...words], options: options as never, allowPositionals: true})
  )
  const given = {values: values as Readonly<Record<string, string | boolean | undefined>>, environment}
  if (given.values.help === true) return undefined
  const [from, to, ...rest] = positionals
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new UsageError('probe-mount takes two names, FROM and TO. See --help.')
  }
  const request = {from: sideOf('from-', from, given), to: sideOf('to-', to, given)}
  if (originOf(request.from.image.registry) !== originOf(request.to.image.registry)) {
    throw new UsageError('FROM and TO lie in two registries; only one registry can mount.')
  }
  return {...request, tag: typeof given.values.tag === 'string' ? given.values.tag : 'latest'}
}

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function probe({from, to, tag}: ProbeRequest, {registry, session, say, placeOf}: Conversation): Promise<number> {
  const target = placeOf(to)
  // One login for both: a token for a mount must open the two of them.
  const source = {image: from.image, credential: target.credential}
  const manifest = await registry.readManifest(source.image, tag, source.credential)
  const digest = manifest === undefined ? undefined : configOf(manifest)
  if (digest === undefined) {
    say(`${imageText(from.image)}:${tag} is no image of one platform; name one with --tag.`)
    return 1
  }
  if (await hasBlob(session, {place: target, digest}, BRIEF)) {
    say(`${imageText(to.image)} has ${digest} already, so nothing can be asked with it; name another --tag.`)
    return 1
  }
  const {status, words, isThere} = await askToMount(session, {from: source.image, to: target, digest})
  say(`POST ${imageText(to.image)}/blobs/uploads/?mount=…&from=${from.image.repository}: ${status} ${words}`.trim())
  say(`${to.image.registry}: ${MEANINGS[status] ?? REFUSED}.`)
  if (status === 201 && !isThere) say('It does not show the blob yet: some registries do once a manifest names it.')
  return status === 201 ? 0 : 1
}

/** Asks to mount a blob; what it began in its place is cancelled. */
export async function askToMount(
  session: Session,
  {from, to, digest}: {from: BlobPlace['image']; to: BlobPlace; digest: string}
): Promise<MountAnswer> {
  const url = addressOf(to.image, 'blobs/uploads/')
  url.searchParams.set('mount', digest)
  url.searchParams.set('from', from.repository)
  const purpose = {...to, actions: 'pull,push', mountFrom: from.repository} as const
  const empty = {headers: {'content-length': '0'}, body: new Uint8Array()}
  try {
    const answer = await session.send(purpose, {method: 'POST', url, ...empty}, BRIEF)
    answer.resume()
    const status = answer.statusCode ?? 0
    const upload = status === 202 ? locationOf(answer.headers.location, url) : undefined
    if (upload !== undefined) {
      const cancel = await session.send(purpose, {method: 'DELETE', url: upload, ...empty}, BRIEF)
      cancel.resume()
    }
    return {status, words: answer.statusMessage ?? '', isThere: await hasBlob(session, {place: to, digest}, BRIEF)}
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return {status: thrown.status, words: thrown.words.text, isThere: false}
  }
}

function configOf({bytes}: Manifest): string | undefined {
  const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as {config?: {digest?: string}}
  return json.config?.digest
}
