import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import {digestOf} from './digest.ts'
import type {Attachment, Referrer} from './host.ts'
import {addressOf} from './registry-address.ts'
import {MANIFEST_LIMIT_BYTES, readManifest, writeManifest} from './registry-manifest.ts'
import type {Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {Refusal} from './registry-token.ts'
import {wordsIn} from './registry-words.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** How often the list under the tag is written anew, where somebody else wrote it meanwhile. */
const LIST_TRIES = 3

interface Place {
  readonly image: ImageName
  readonly credential: RegistryCredential | null
}

/** The tag that lists what is attached to a digest, where a registry keeps no list (OCI distribution 1.1, referrers tag schema). */
export function referrersTag(subject: string): string {
  return subject.replace(':', '-').slice(0, 128)
}

/**
 * What of one kind is attached to a digest: by the tag, else by the registry's own list.
 *
 * The tag is asked first although the specification would have it last: GHCR keeps no list, so one question is enough
 * there; and what a registry with a list has under the tag is as old as the time before it kept one.
 */
export async function listReferrers(
  session: Session,
  {place, subject, artifactType}: {place: Place; subject: string; artifactType: string},
  persistence: Persistence
): Promise<readonly Referrer[]> {
  const ofKind = (found: readonly Referrer[]) => found.filter(entry => entry.artifactType === artifactType)
  const tagged = ofKind(await listedByTag(session, {place, subject}, persistence))
  if (tagged.length > 0) return tagged
  const query = `referrers/${subject}?artifactType=${encodeURIComponent(artifactType)}`
  const {status, bytes} = await session.readBytes(
    {...place, actions: 'pull'},
    {
      method: 'GET',
      url: addressOf(place.image, query),
      headers: {accept: INDEX},
      limitBytes: MANIFEST_LIMIT_BYTES
    },
    persistence
  )
  if (status === 404) return []
  if (status !== 200) throw new Refusal(status, wordsIn(bytes.toString('utf8')))
  return ofKind(entriesIn(bytes))
}

/** Puts the manifest of an attachment, and lists it under the tag where the registry says that it keeps no list. */
export async function attach(
  session: Session,
  {place, attachment}: {place: Place; attachment: Attachment},
  persistence: Persistence
): Promise<string> {
  const {subject, artifactType, annotations, layers, config} = attachment
  const bytes = Buffer.from(
    JSON.stringify({schemaVersion: 2, mediaType: MANIFEST, artifactType, config, layers, subject, annotations})
  )
  const digest = digestOf(bytes)
  const {isListed} = await writeManifest(
    session,
    {...place, reference: digest},
    {manifest: {mediaType: MANIFEST, bytes}, persistence}
  )
  if (isListed) return digest
  const entry: Referrer = {mediaType: MANIFEST, digest, size: bytes.length, artifactType, annotations}
  for (let attempt = 1; attempt <= LIST_TRIES; attempt += 1) {
    const listed = await listedByTag(session, {place, subject: subject.digest}, persistence)
    if (listed.some(other => other.digest === digest)) return digest
    const index = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: INDEX, manifests: [...listed, entry]}))
    await writeManifest(
      session,
      {...place, reference: referrersTag(subject.digest)},
      {manifest: {mediaType: INDEX, bytes: index}, persistence}
    )
  }
  return digest
}

/** What stands under the tag, as it stands there: entries of others are kept when the list is written anew. */
async function listedByTag(
  session: Session,
  {place, subject}: {place: Place; subject: string},
  persistence: Persistence
): Promise<readonly Referrer[]> {
  const found = await readManifest(session, {...place, reference: referrersTag(subject)}, persistence)
  return found === undefined ? [] : entriesIn(found.bytes)
}

function entriesIn(bytes: Uint8Array): readonly Referrer[] {
  try {
    const {manifests} = JSON.parse(Buffer.from(bytes).toString('utf8')) as {manifests?: unknown}
    return Array.isArray(manifests) ? manifests.filter(isReferrer) : []
  } catch {
    return []
  }
}

function isReferrer(entry: unknown): entry is Referrer {
  return typeof entry === 'object' && entry !== null && typeof (entry as Referrer).digest === 'string'
}
