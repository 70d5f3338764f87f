import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import {algorithmOf, digestOf, isDigest, verifyDigest} from './digest.ts'
import type {Manifest} from './host.ts'
import {addressOf} from './registry-address.ts'
import type {Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {Refusal} from './registry-token.ts'
import {wordsIn, wordsOf} from './registry-words.ts'

/** What we understand; without them registries translate manifests into older forms, with other digests. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json'
] as const

/** The distribution specification asks registries for at least 4 MiB; nobody needs more than twice that. */
export const MANIFEST_LIMIT_BYTES = 8 * 1024 * 1024

/** Which manifest, and with which login. */
export interface ManifestAddress {
  readonly image: ImageName
  readonly reference: string
  readonly credential: RegistryCredential | null
}

/** Reads a manifest byte for byte; undefined where the registry has none. Throws `Refusal`, `NoAnswer`, `digest-mismatch`. */
export async function readManifest(
  session: Session,
  {image, reference, credential}: ManifestAddress,
  persistence: Persistence
): Promise<Manifest | undefined> {
  const {status, headers, bytes} = await session.readBytes(
    {image, credential, actions: 'pull'},
    {
      method: 'GET',
      url: addressOf(image, `manifests/${reference}`),
      headers: {accept: MANIFEST_TYPES.join(', ')},
      limitBytes: MANIFEST_LIMIT_BYTES
    },
    persistence
  )
  if (status === 404) return undefined
  if (status !== 200) throw new Refusal(status, wordsIn(bytes.toString('utf8')))
  const told = headers['docker-content-digest']
  const place = `${image.registry}/${image.repository}`
  if (isDigest(reference)) verifyDigest(bytes, reference, place)
  else if (typeof told === 'string' && isDigest(told)) verifyDigest(bytes, told, place)
  const digest = isDigest(reference) ? reference : digestOf(bytes)
  return {digest, mediaType: mediaTypeOf(headers['content-type'], bytes), bytes}
}

/** What a registry says of a manifest that it took. */
export interface Written {
  /** Under which it has the manifest. */
  readonly digest: string
  /** It has put the manifest into its own list of what is attached to the manifest's subject. */
  readonly isListed: boolean
}

/** Puts the very bytes of a manifest. */
export async function writeManifest(
  session: Session,
  {image, reference, credential}: ManifestAddress,
  {manifest, persistence}: {manifest: Pick<Manifest, 'mediaType' | 'bytes'>; persistence: Persistence}
): Promise<Written> {
  const place = `${image.registry}/${image.repository}`
  if (isDigest(reference)) verifyDigest(manifest.bytes, reference, place)
  const answer = await session.send(
    {image, credential, actions: 'pull,push'},
    {
      method: 'PUT',
      url: addressOf(image, `manifests/${reference}`),
      headers: {'content-type': manifest.mediaType, 'content-length': String(manifest.bytes.length)},
      body: manifest.bytes
    },
    persistence
  )
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) throw new Refusal(status, await wordsOf(answer))
  answer.resume()
  const told = answer.headers['docker-content-digest']
  const isListed = answer.headers['oci-subject'] !== undefined
  if (typeof told !== 'string' || !isDigest(told)) return {digest: digestOf(manifest.bytes), isListed}
  if (told === digestOf(manifest.bytes, algorithmOf(told))) return {digest: told, isListed}
  throw new Problem('digest-mismatch', {
    what: `${place} stored the manifest for ${reference} under another digest than its bytes have.`,
    why: 'A registry that changes manifests breaks every reference to them.',
    fix: 'Report it to the registry; use another one until then.',
    evidence: [`sent: ${digestOf(manifest.bytes)}`, `stored: ${told}`]
  })
}

function mediaTypeOf(header: string | undefined, bytes: Uint8Array): string {
  const type = header?.split(';')[0]?.trim()
  if (type !== undefined && type !== '' && type !== 'application/octet-stream') return type
  try {
    const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as {mediaType?: unknown} | null
    if (typeof json?.mediaType === 'string') return json.mediaType
  } catch {
    // Not JSON: whoever reads it will say so.
  }
  return 'application/vnd.oci.image.manifest.v1+json'
}
