import type {Host, Manifest} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'

interface Descriptors {
  readonly config?: {readonly digest: string}
  readonly layers?: readonly {readonly digest: string}[]
  readonly manifests?: readonly {readonly digest: string}[]
}

/** Copies an image with all that it refers to into another name, so that its digest is the same there. */
export async function copyImage(
  manifest: Manifest,
  {from, to, host}: {from: ImageAccess; to: ImageAccess; host: Host}
): Promise<void> {
  const json = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as Descriptors
  for (const {digest} of json.manifests ?? []) {
    const child = await host.registry.readManifest(from.image, digest, from.credential)
    if (child === undefined) throw vanished(digest)
    await copyImage(child, {from, to, host})
  }
  const blobs = [...(json.config === undefined ? [] : [json.config]), ...(json.layers ?? [])]
  for (const {digest} of blobs) {
    await host.registry.copyBlob(from.image, to.image, digest, {from: from.credential, to: to.credential})
  }
  await host.registry.writeManifest(to.image, manifest.digest, manifest, to.credential)
}

function vanished(digest: string): Problem {
  return new Problem('digest-mismatch', {
    what: `The manifest ${digest} of the candidate is no longer in the registry.`,
    why: 'Without it the image cannot be copied whole.',
    fix: 'Run the job again, and look whether something deletes untagged images while jobs run.'
  })
}
