import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {imageText} from '../../src/image/reference.ts'
import {Problem} from '../../src/model/problem.ts'
import {parseStore, STORE_TAG} from '../../src/wheels/layer-store.ts'
import {openConversation} from '../registry-client.ts'
import {type Side, sideOf} from '../registry-login.ts'
import {UsageError} from '../runner/options.ts'
import {openShelf} from './shelf.ts'
import {type Verified, verifyLayer} from './verify.ts'

/** What the command does, in half a sentence. */
export const VERIFY_SAYS = 'make remembered layers once more from their wheels and compare'

const PYPI = 'https://pypi.org/simple'

const HELP = `Reads the index of layers of an image's repository (tag ${STORE_TAG}), or of the one that \`layer-store\`
names. For each layer in it the wheels are fetched and made into a layer once more, and the layer is read from the
registry; diffIDs and contents are compared. Nothing is written. One layer at a time, so the disk holds the wheels of one.

usage: npm --prefix <action> run local -- verify-layers [IMAGE] [options]

  IMAGE                   ghcr.io/acme/app; in a workflow ghcr.io/<its repository> where nothing is said
  --index <url>           where wheels are looked for (${PYPI}); may be said several times
  --user <name>           user name for IMAGE (what goes with the token)
  --token-env <NAME>      the variable that holds the token for IMAGE
  --token-file <file>     or the file that holds it
  --help                  print this

The exit code is 1 where a layer differs, or where there was nothing that could be compared.
`

interface VerifyRequest {
  readonly side: Side
  readonly indexes: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the words behind `verify-layers`; undefined where help was asked for. Throws `UsageError`. */
export function parseVerify(words: readonly string[], environment: Environment): VerifyRequest | undefined {
  const text = {type: 'string'} as const
  const options = {
    index: {type: 'string', multiple: true},
    ...{user: text, 'token-env': text, 'token-file': text},
    help: {type: 'boolean'}
  } as const
  const {values, positionals} = parsed(() => parseArgs({args: [...words], options, allowPositionals: true}))
  if (values.help === true) return undefined
  const repository = environment.GITHUB_REPOSITORY
  const [name = repository === undefined ? undefined : `ghcr.io/${repository}`, ...rest] = positionals
  if (name === undefined || rest.length > 0) throw new UsageError('verify-layers takes one name. See --help.')
  const {index, ...others} = values
  return {side: sideOf('', name, {values: others, environment}), indexes: index ?? [PYPI]}
}

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** `npm run local -- verify-layers [IMAGE]`. Gives the exit code. */
export async function verifyCommand(words: readonly string[], environment: Environment): Promise<number> {
  const request = parseVerify(words, environment)
  if (request === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  const conversation = openConversation(environment)
  const {registry, session, say} = conversation
  const place = conversation.placeOf(request.side)
  const folder = mkdtempSync(join(tmpdir(), 'verify-layers-'))
  try {
    const manifest = await registry.readManifest(place.image, STORE_TAG, place.credential)
    const {layers} = parseStore(manifest === undefined ? '' : Buffer.from(manifest.bytes).toString('utf8'))
    say(`${imageText(place.image)} remembers ${layers.length} layers.`)
    const shelf = openShelf(request.indexes)
    const verified: Verified[] = []
    for (const layer of layers) {
      const one = await verifyLayer(layer, {place, session, shelf, folder})
      verified.push(one)
      say(`${one.verdict.padEnd(9)}  ${layer.title}: ${one.because}`)
    }
    return tell(verified, say)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    say(`${thrown.what} ${thrown.why}`)
    return 1
  } finally {
    conversation.close()
    rmSync(folder, {recursive: true, force: true})
  }
}

function tell(verified: readonly Verified[], say: (line: string) => void): number {
  const count = (verdict: Verified['verdict']) => verified.filter(one => one.verdict === verdict).length
  say(
    `${count('same')} are what their wheels give, ${count('whole')} are what their entry says, ` +
      `${count('differs')} differ, ${count('unchecked')} could not be checked.`
  )
  return count('differs') > 0 || count('same') === 0 ? 1 : 0
}
