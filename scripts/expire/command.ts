import {parseArgs} from 'node:util'
import {registryClient} from '../../src/host/registry.ts'
import {openSession} from '../../src/host/registry-session.ts'
import {openTokens} from '../../src/host/registry-token.ts'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import {parseReference} from '../../src/image/reference.ts'
import type {ImageName} from '../../src/model/inputs.ts'
import {LABELS} from '../../src/model/labels.ts'
import {UsageError} from '../runner/options.ts'
import {expiredOf, type Node} from './reach.ts'
import {openPackage} from './versions.ts'

/** What the command does, in half a sentence. */
export const EXPIRE_SAYS = 'delete candidates on GitHub that no tag, index or signature needs'

const DAY_MS = 24 * 60 * 60 * 1000
/** A run takes reports of a day; what is younger than two may still be promoted. */
const FEWEST_DAYS = 2
const HELP = `Lists candidates of this action in a package on GitHub to which no tag points: what was built and never promoted. Nothing
that a tagged or younger image lists, and no signature of one, is among them. --delete deletes them.

usage: npm --prefix <action> run local -- expire ghcr.io/owner/name --token-env NAME [--days 14] [--delete]

The token needs Admin on the package: a classic one delete:packages and read:packages, a job's own packages: write.
`

interface ManifestJson {
  readonly annotations?: Readonly<Record<string, string>>
  readonly manifests?: readonly {readonly digest: string}[]
  readonly subject?: {readonly digest: string}
}

interface Request {
  readonly image: ImageName
  readonly token: string
  readonly days: number
  readonly deletes: boolean
}

/** `npm run local -- expire IMAGE`. Gives the exit code. */
export async function expireCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): Promise<number> {
  const request = parseExpire(words, environment)
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  if (request === undefined) {
    say(HELP.trimEnd())
    return 0
  }
  const {image, token, days, deletes} = request
  const api = environment.GITHUB_API_URL ?? 'https://api.github.com'
  const owned = await openPackage(image, {api, token})
  const versions = await owned.list()
  const nodes = await readNodes(
    versions.map(({digest}) => digest),
    {request, environment}
  )
  const expired = expiredOf(versions, nodes, {before: new Date(Date.now() - days * DAY_MS)})
  for (const version of expired) {
    const isGone = deletes ? await owned.remove(version) : undefined
    say(
      `${version.digest} ${isGone === undefined ? 'may go' : isGone ? 'deleted' : 'has a tag now and stays; so do the rest'}`
    )
    // What else was to go may belong to it.
    if (isGone === false) return 1
  }
  say(`${expired.length} of ${versions.length} versions${deletes ? '' : '; --delete deletes them'}.`)
  return 0
}

/** Reads each manifest by its digest; one that cannot be read is left out, and so stays. */
async function readNodes(
  digests: readonly string[],
  {request, environment}: {request: Request; environment: Readonly<Record<string, string | undefined>>}
): Promise<ReadonlyMap<string, Node>> {
  const {image} = request
  const cancelled = new AbortController().signal
  const secrets = openSecrets({mask: () => {}, say: () => {}})
  const transport = openTransport({environment, cancelled})
  const mask = (value: string) => void secrets.keep('registry token', value)
  const session = openSession({transport, tokens: openTokens({transport, secrets, mask, cancelled}), cancelled})
  const registry = registryClient(session)
  const token = secrets.keep('token', request.token)
  const credential = {host: image.registry, path: image.repository, user: 'token', token}
  const nodes = new Map<string, Node>()
  try {
    for (const digest of digests) {
      const found = await registry.readManifest(image, digest, credential).catch(() => undefined)
      if (found !== undefined) nodes.set(digest, nodeOf(found.bytes))
    }
  } finally {
    transport.close()
  }
  return nodes
}

function nodeOf(bytes: Uint8Array): Node {
  const {annotations, manifests = [], subject} = JSON.parse(Buffer.from(bytes).toString('utf8')) as ManifestJson
  return {
    lists: manifests.map(({digest}) => digest),
    ...(subject === undefined ? {} : {subject: subject.digest}),
    isOurs: annotations?.[LABELS.workflow] !== undefined && annotations[LABELS.runNumber] !== undefined
  }
}

function parseExpire(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): Request | undefined {
  const {values, positionals} = parsed(words)
  if (values.help === true) return undefined
  const [name = '', ...rest] = positionals
  const reference = parseReference(name)
  if (reference === undefined || rest.length > 0 || reference.tag !== undefined || reference.digest !== undefined) {
    throw new UsageError('expire takes one name, such as ghcr.io/acme/app. See expire --help.')
  }
  const variable = values['token-env'] ?? ''
  const token = environment[variable]?.trim() ?? ''
  if (token === '') throw new UsageError('expire needs --token-env and a token in that variable.')
  const days = Number(values.days ?? 14)
  if (!(days >= FEWEST_DAYS)) throw new UsageError(`--days ${values.days}: ${FEWEST_DAYS} are the fewest.`)
  return {image: reference.image, token, days, deletes: values.delete === true}
}

function parsed(words: readonly string[]) {
  const options = {
    'token-env': {type: 'string'},
    days: {type: 'string'},
    delete: {type: 'boolean'},
    help: {type: 'boolean'}
  } as const
  try {
    return parseArgs({args: [...words], options, allowPositionals: true})
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
