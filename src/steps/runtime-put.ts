import type {Layer} from '../model/layers.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {
  digestOf,
  OCI,
  type RuntimeSettings,
  runtimeConfig,
  runtimeIndex,
  runtimeManifest
} from '../wheels/runtime-image.ts'
import type {FoundImage} from './runtime-foundation.ts'
import type {StepContext} from './step.ts'

/** An image that was put: its manifest, and its configuration as text. */
export interface PutImage {
  readonly digest: string
  readonly size: number
  readonly config: string
}

/** Puts configuration and manifest of layers upon a foundation; all that they name is there already. */
export async function putImage(
  foundation: FoundImage,
  layers: readonly Layer[],
  {into, settings, context}: {into: ImageAccess; settings: RuntimeSettings; context: StepContext}
): Promise<PutImage> {
  const {registry} = context.host
  const {image, credential} = into
  const config = runtimeConfig(foundation.config, layers, settings)
  const bytes = Buffer.from(config)
  const descriptor = {
    mediaType: OCI.config,
    digest: await registry.writeBlob(image, bytes, credential),
    size: bytes.length
  }
  const manifest = Buffer.from(runtimeManifest(foundation.manifest, layers, descriptor))
  const digest = await putDocument(manifest, OCI.manifest, {into, context})
  return {digest, size: manifest.length, config}
}

/** Puts the index of images for several platforms; returns its digest. */
export async function putIndex(
  images: readonly {readonly put: PutImage}[],
  place: {into: ImageAccess; context: StepContext}
): Promise<string> {
  const index = runtimeIndex(images.map(({put: {digest, size, config}}) => ({manifest: {digest, size}, config})))
  return putDocument(Buffer.from(index), OCI.index, place)
}

function putDocument(
  bytes: Uint8Array,
  mediaType: string,
  {into: {image, credential}, context}: {into: ImageAccess; context: StepContext}
): Promise<string> {
  const manifest = {digest: digestOf(bytes), mediaType, bytes}
  return context.host.registry.writeManifest(image, manifest.digest, manifest, credential)
}
