import type {Layer} from '../model/layers.ts'
import {type ImageTexts, OCI, ociLayerType} from './runtime-image.ts'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface ManifestJson {
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly (Descriptor & {readonly platform?: Platform})[]
}

interface Platform {
  readonly os?: string
  readonly architecture?: string
}

interface ConfigJson extends Platform {
  readonly config?: Readonly<Record<string, unknown>>
  readonly rootfs?: {readonly diff_ids?: readonly string[]}
  readonly history?: readonly unknown[]
}

/** What of a configuration the image specification knows; engines of old left more in it. */
const KEPT = ['architecture', 'os', 'os.version', 'os.features', 'variant', 'author', 'created'] as const

/**
 * The one layer that a foundation has above its base image: the environment, the user, the folders.
 *
 * Undefined for what is no image.
 */
export function foundationLayer(
  {key, platform}: {readonly key: string; readonly platform: string},
  {manifest, config}: ImageTexts
): Layer | undefined {
  const last = (JSON.parse(manifest) as ManifestJson).layers?.at(-1)
  const diffId = (JSON.parse(config) as ConfigJson).rootfs?.diff_ids?.at(-1)
  if (last === undefined || diffId === undefined) return undefined
  const {digest, size} = last
  const mediaType = ociLayerType(last.mediaType)
  if (mediaType === undefined) return undefined
  return {key, title: `foundation for ${platform}`, digest, sizeBytes: size, mediaType, diffId, sources: 0, wheels: []}
}

/** Which manifest of a base image is for a platform: its digest, `itself` where there is only one, undefined where none is. */
export function manifestFor(manifest: string, platform: string): string | undefined {
  const {manifests, layers} = JSON.parse(manifest) as ManifestJson
  if (layers !== undefined) return 'itself'
  return manifests?.find(entry => entry.platform !== undefined && isFor(platform, entry.platform))?.digest
}

/**
 * A base image with the layer of a foundation on it, as BuildKit would have put it together.
 *
 * Undefined where the base is for another platform, or no image whose layers can be named as they are.
 */
export function foundationUpon(
  base: ImageTexts,
  {layer, platform}: {readonly layer: Layer; readonly platform: string}
): {readonly config: string; readonly layers: readonly Descriptor[]} | undefined {
  const manifest = JSON.parse(base.manifest) as ManifestJson
  const config = JSON.parse(base.config) as ConfigJson
  const below = manifest.layers ?? []
  const diffIds = config.rootfs?.diff_ids ?? []
  const layers = below.flatMap(({mediaType, digest, size}) => {
    const type = ociLayerType(mediaType)
    return type === undefined ? [] : [{mediaType: type, digest, size}]
  })
  const isWhole = layers.length === below.length && diffIds.length === below.length
  if (!isWhole || !isFor(platform, config)) return undefined
  const own = {mediaType: layer.mediaType, digest: layer.digest, size: layer.sizeBytes}
  const kept = KEPT.flatMap(name => (name in config ? [[name, config[name as keyof ConfigJson]] as const] : []))
  return {
    layers: [...layers, own],
    config: JSON.stringify({
      ...Object.fromEntries(kept),
      config: {...config.config, User: '0:0'},
      rootfs: {type: 'layers', diff_ids: [...diffIds, layer.diffId]},
      history: [
        ...(config.history ?? []),
        {created_by: 'the foundation of a runtime', comment: `layer ${layer.key.slice(0, 12)}`}
      ]
    })
  }
}

/** The manifest of that image. */
export function foundationManifest(layers: readonly Descriptor[], config: Omit<Descriptor, 'mediaType'>): string {
  return JSON.stringify({schemaVersion: 2, mediaType: OCI.manifest, config: {mediaType: OCI.config, ...config}, layers})
}

function isFor(asked: string, {os, architecture}: Platform): boolean {
  const [wantedOs, wantedArchitecture] = asked.split('/')
  return os === wantedOs && architecture === wantedArchitecture
}
