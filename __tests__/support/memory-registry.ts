import {createHash} from 'node:crypto'
import type {Manifest, Referrer, RegistryPort} from '../../src/host/host.ts'
import {layoutFolder} from '../../src/image/layout-folder.ts'
import type {ImageName} from '../../src/model/inputs.ts'

/** A registry in memory behind the port, with a record of what was written, in order. */
export interface MemoryRegistry extends RegistryPort {
  readonly writes: readonly string[]
  /** Those of them that gave something a name. */
  named(): readonly string[]
  /** Puts an image with these labels, and returns its manifest. */
  put(image: ImageName, labels: Readonly<Record<string, string>>, tag?: string): Manifest
  /** The digest that a tag stands on. */
  standing(image: ImageName, tag: string): string | undefined
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A registry that knows manifests and blobs by name; every credential is good. */
export function makeMemoryRegistry(): MemoryRegistry {
  const manifests = new Map<string, Manifest>()
  const blobs = new Map<string, Uint8Array>()
  const attached = new Map<string, readonly Referrer[]>()
  const writes: string[] = []
  const key = (image: ImageName, reference: string) => `${image.registry}/${image.repository} ${reference}`
  const store = (image: ImageName, reference: string, manifest: Manifest) => {
    manifests.set(key(image, reference), manifest)
    manifests.set(key(image, manifest.digest), manifest)
  }
  return {
    writes,
    named: () => writes.filter(write => /:(?!sha256:)/.test(write.replace(/:sha256:.*$/, ''))),
    put(image, labels, tag) {
      const config = Buffer.from(JSON.stringify({config: {Labels: labels}}))
      const layer = Buffer.from('layer')
      for (const blob of [config, layer]) blobs.set(key(image, digestOf(blob)), blob)
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MANIFEST,
          config: {digest: digestOf(config), size: config.length},
          layers: [{digest: digestOf(layer), size: layer.length}]
        })
      )
      const manifest = {digest: digestOf(bytes), mediaType: MANIFEST, bytes}
      store(image, tag ?? manifest.digest, manifest)
      return manifest
    },
    standing: (image, tag) => manifests.get(key(image, tag))?.digest,
    probePush: async image => ({image, result: 'allowed', status: 202, evidence: ''}),
    probeByUpload: async image => ({image, result: 'denied', status: 403, evidence: ''}),
    readManifest: async (image, reference) => manifests.get(key(image, reference)),
    async writeManifest(image, reference, manifest) {
      if (layoutFolder(image) === undefined) writes.push(`${image.repository}:${reference}`)
      store(image, reference, manifest)
      return manifest.digest
    },
    listReferrers: async (image, {subject, artifactType}) =>
      (attached.get(key(image, subject)) ?? []).filter(entry => entry.artifactType === artifactType),
    async attach(image, attachment) {
      const {subject, artifactType, annotations} = attachment
      const bytes = Buffer.from(JSON.stringify(attachment))
      const entry = {mediaType: MANIFEST, digest: digestOf(bytes), size: bytes.length, artifactType, annotations}
      writes.push(`${image.repository}:${subject.digest} < ${artifactType}`)
      attached.set(key(image, subject.digest), [...(attached.get(key(image, subject.digest)) ?? []), entry])
      return entry.digest
    },
    hasBlob: async (image, digest) => blobs.has(key(image, digest)),
    async writeBlob(image, bytes) {
      const digest = digestOf(bytes)
      blobs.set(key(image, digest), bytes)
      return digest
    },
    async readBlob(image, digest) {
      const blob = blobs.get(key(image, digest))
      if (blob === undefined) throw new Error(`no blob ${digest} in ${image.repository}`)
      return blob
    },
    async copyBlob(from, to, digest) {
      const blob = blobs.get(key(from, digest))
      if (blob === undefined) throw new Error(`no blob ${digest} in ${from.repository}`)
      writes.push(`${to.repository} blob`)
      blobs.set(key(to, digest), blob)
      return from.registry === to.registry ? 'mounted' : 'copied'
    }
  }
}
