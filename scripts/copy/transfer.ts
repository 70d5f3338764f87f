import {createHash} from 'node:crypto'
import type {Manifest, RegistryPort} from '../../src/host/host.ts'
import type {Session} from '../../src/host/registry-session.ts'
import {Problem} from '../../src/model/problem.ts'
import {type Descriptor, listReferrers, type Place} from './listing.ts'

/** Both ends of a copy, and how to speak with them. */
export interface Route {
  readonly from: Place
  readonly to: Place
  readonly session: Session
  readonly registry: RegistryPort
  /** Told of each blob that is there now. */
  readonly onBlob: (blob: Descriptor) => void
}

/** Copies manifests with all that they refer to, and all that refers to them. */
export interface Transfer {
  /** Makes a manifest of the one side whole on the other, under its digest. */
  carry(manifest: Manifest): Promise<void>
  /** Digests that were made sure of, in order. */
  readonly carried: ReadonlySet<string>
}

interface ManifestJson {
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
}

const INDEX = 'application/vnd.oci.image.index.v1+json'
const SIDE_BY_SIDE = 4

/** The tag by which registries without a list of referrers keep one (distribution specification, "Referrers Tag Schema"). */
export function referrersTag(digest: string): string {
  return digest.replace(':', '-').slice(0, 128)
}

/** Begins a transfer. Nothing is remembered on disk: what the other side has is asked, so it can be begun again at any time. */
export function openTransfer(route: Route): Transfer {
  const {from, to, registry, session} = route
  const carried = new Set<string>()
  const blobs = new Set<string>()

  async function carry(manifest: Manifest): Promise<void> {
    if (carried.has(manifest.digest)) return
    carried.add(manifest.digest)
    const json = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as ManifestJson
    const isThere = await hasManifest(to, manifest.digest)
    for (const child of json.manifests ?? []) await carryDigest(child.digest)
    if (!isThere) {
      await carryBlobs([...(json.config === undefined ? [] : [json.config]), ...(json.layers ?? [])])
      await registry.writeManifest(to.image, manifest.digest, manifest, to.credential)
    }
    await carryReferrers(manifest.digest)
  }

  async function carryDigest(digest: string): Promise<void> {
    if (carried.has(digest)) return
    const child = await registry.readManifest(from.image, digest, from.credential)
    if (child === undefined) throw vanished(from, digest)
    await carry(child)
  }

  async function carryBlobs(wanted: readonly Descriptor[]): Promise<void> {
    const waiting = wanted.filter(({digest}, at) => {
      const isFirst = wanted.findIndex(other => other.digest === digest) === at
      return isFirst && !blobs.has(digest)
    })
    const worker = async () => {
      for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
        await carryBlob(blob)
        blobs.add(blob.digest)
        route.onBlob(blob)
      }
    }
    await Promise.all(Array.from({length: SIDE_BY_SIDE}, worker))
  }

  async function carryBlob(blob: Descriptor): Promise<void> {
    try {
      await registry.copyBlob(from.image, to.image, blob.digest, {from: from.credential, to: to.credential})
    } catch (thrown) {
      // Layers that licences keep elsewhere (`urls`) need not be in the registry at all.
      if (blob.urls !== undefined && thrown instanceof Problem && thrown.code === 'registry-refused') return
      throw thrown
    }
  }

  /** A registry may keep the list itself, or under a tag; each side as it can. */
  async function carryReferrers(digest: string): Promise<void> {
    const listed = (await listReferrers(session, from, digest)) ?? (await taggedReferrers(from, digest))
    if (listed.length === 0) return
    for (const {digest: referrer} of listed) await carryDigest(referrer)
    if ((await listReferrers(session, to, digest)) !== undefined) return
    await writeReferrers(digest, listed)
  }

  async function taggedReferrers(place: Place, digest: string): Promise<readonly Descriptor[]> {
    const index = await readOrNothing(place, referrersTag(digest))
    if (index === undefined) return []
    return (JSON.parse(Buffer.from(index.bytes).toString('utf8')) as ManifestJson).manifests ?? []
  }

  async function writeReferrers(digest: string, listed: readonly Descriptor[]): Promise<void> {
    const there = await taggedReferrers(to, digest)
    const missing = listed.filter(({digest: referrer}) => !there.some(other => other.digest === referrer))
    if (missing.length === 0) return
    const source = there.length === 0 ? await readOrNothing(from, referrersTag(digest)) : undefined
    const index = source ?? indexOf([...there, ...missing])
    await registry.writeManifest(to.image, referrersTag(digest), index, to.credential)
  }

  async function hasManifest(place: Place, digest: string): Promise<boolean> {
    return (await readOrNothing(place, digest)) !== undefined
  }

  /** A repository that does not exist yet may be hidden rather than absent; writing to it will tell. */
  async function readOrNothing(place: Place, reference: string): Promise<Manifest | undefined> {
    try {
      return await registry.readManifest(place.image, reference, place.credential)
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'registry-refused') return undefined
      throw thrown
    }
  }

  return {carry, carried}
}

function indexOf(manifests: readonly Descriptor[]): Manifest {
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: INDEX, manifests}))
  return {digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, mediaType: INDEX, bytes}
}

function vanished({image}: Place, digest: string): Problem {
  return new Problem('digest-mismatch', {
    what: `${image.registry}/${image.repository} refers to ${digest}, and does not have it.`,
    why: 'Without it the image cannot be copied whole.',
    fix: 'Leave the tag out with --tags, or mend it at its source.'
  })
}
