import {createHash} from 'node:crypto'
import type {Layer} from '../model/layers.ts'
import {LAYOUT} from './layout.ts'

/** What a container of the runtime starts with. */
export interface RuntimeSettings {
  readonly user: string
  readonly workingDirectory: string
  /** Set over the base's. */
  readonly environment: Readonly<Record<string, string>>
  /** What stands in front of the base's `PATH`, and what behind it. */
  readonly path: {readonly before: string; readonly after: string}
  /** In place of the base's entrypoint and command; null where those count. */
  readonly start: {readonly init: readonly string[]; readonly command: readonly string[]} | null
  /** Whether the layers bring the init; without it the command starts by itself. */
  readonly hasInit: boolean
}

/** An image as two JSON texts. */
export interface ImageTexts {
  readonly manifest: string
  readonly config: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface ConfigJson {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly config?: {readonly Env?: readonly string[]} & Readonly<Record<string, unknown>>
  readonly rootfs?: {readonly type?: string; readonly diff_ids?: readonly string[]}
  readonly history?: readonly Readonly<Record<string, unknown>>[]
}

/** Docker's own names for layers, and OCI's: one image has one kind. */
const OCI_LAYERS: Readonly<Record<string, string>> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar'
}

/** OCI's name for the kind of a layer; undefined for kinds that no image of ours has. */
export function ociLayerType(mediaType: string): string | undefined {
  return OCI_LAYERS[mediaType] ?? Object.values(OCI_LAYERS).find(known => known === mediaType)
}

/** The media types of an OCI image. */
export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json'
} as const

/** The name of bytes in a registry. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Layers upon an image: its configuration with theirs behind, as text, because its digest goes into the manifest. */
export function runtimeConfig(foundation: string, layers: readonly Layer[], settings: RuntimeSettings): string {
  const base = JSON.parse(foundation) as ConfigJson
  const created = new Date(LAYOUT.mtimeS * 1000).toISOString().replace('.000Z', 'Z')
  const history = layers.map(({title, key}) => ({
    created,
    created_by: `wheels ${title}`,
    comment: `layer ${key.slice(0, 12)}`
  }))
  return JSON.stringify({
    ...base,
    config: {
      ...base.config,
      Env: environmentOf(base.config?.Env ?? [], settings),
      User: settings.user,
      WorkingDir: settings.workingDirectory,
      ...startOf(settings)
    },
    rootfs: {type: 'layers', diff_ids: [...(base.rootfs?.diff_ids ?? []), ...layers.map(({diffId}) => diffId)]},
    history: [...(base.history ?? []), ...history]
  })
}

function startOf({start, hasInit}: RuntimeSettings): Readonly<Record<string, readonly string[] | null>> {
  return start === null ? {} : {Entrypoint: hasInit ? start.init : null, Cmd: start.command}
}

/** The manifest of the same image. */
export function runtimeManifest(foundation: string, layers: readonly Layer[], config: Descriptor): string {
  const base = JSON.parse(foundation) as {readonly layers: readonly Descriptor[]}
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    config,
    layers: [
      ...base.layers.map(({mediaType, digest, size}) => ({
        mediaType: OCI_LAYERS[mediaType] ?? mediaType,
        digest,
        size
      })),
      ...layers.map(({mediaType, digest, sizeBytes}) => ({mediaType, digest, size: sizeBytes}))
    ]
  })
}

/** The index of images for several platforms, each of which its own configuration tells. */
export function runtimeIndex(
  images: readonly {readonly manifest: Omit<Descriptor, 'mediaType'>; readonly config: string}[]
): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: images.map(({manifest: {digest, size}, config}) => ({
      mediaType: OCI.manifest,
      digest,
      size,
      platform: platformIn(config)
    }))
  })
}

function platformIn(config: string): Readonly<Record<string, string>> {
  const {os = 'linux', architecture = '', variant} = JSON.parse(config) as ConfigJson
  return {architecture, os, ...(variant === undefined ? {} : {variant})}
}

function environmentOf(base: readonly string[], {environment, path}: RuntimeSettings): readonly string[] {
  const nameOf = (line: string) => line.slice(0, line.indexOf('='))
  const found = base.find(line => nameOf(line) === 'PATH')?.slice('PATH='.length) ?? DEFAULT_PATH
  const own = Object.entries({...environment, PATH: `${path.before}:${found}:${path.after}`})
  const names = own.map(([name]) => name)
  return [...base.filter(line => !names.includes(nameOf(line))), ...own.map(([name, value]) => `${name}=${value}`)]
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
