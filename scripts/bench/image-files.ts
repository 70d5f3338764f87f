import {createHash} from 'node:crypto'
import {pipeline} from 'node:stream/promises'
import {chunksOf} from '../../src/host/flow.ts'
import type {Manifest} from '../../src/host/host.ts'
import {unpackerOf} from '../../src/host/layer-sources.ts'
import {type BlobPlace, openBlob} from '../../src/host/registry-blob.ts'
import {PERSISTENT} from '../../src/host/registry-retry.ts'
import {type TarVisitor, walkTar} from '../../src/wheels/tar-entries.ts'
import type {Conversation} from '../registry-client.ts'

/** A regular file as the layers of an image have it, the last one that names it. */
export interface ImageFile {
  readonly sizeBytes: number
  /** As RECORD writes it: base64 for addresses, without padding. */
  readonly sha256: string
  /** Its first bytes: what an ELF header says of machine and kind. */
  readonly head: Uint8Array
  /** Present for the files that say what a package is. */
  readonly content?: Uint8Array
}

/** An image as it can be seen without running it. */
export interface ImageFiles {
  readonly os: string
  readonly architecture: string
  /** By path, without a slash in front. */
  readonly files: ReadonlyMap<string, ImageFile>
  /** Where symbolic links lead. */
  readonly links: ReadonlyMap<string, string>
  /** Layers that hold something else than the configuration says, or that it does not have. */
  readonly strayLayers: readonly string[]
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
}

interface IndexJson {
  readonly manifests?: readonly (Descriptor & {
    readonly platform?: {readonly os: string; readonly architecture: string}
  })[]
}

const HEAD_BYTES = 20
const ABOUT = /\.dist-info\/(?:METADATA|WHEEL|RECORD|INSTALLER)$/

/** Reads what the image of a platform holds below a tag, layer after layer; no file is held but those about packages. */
export async function readImageFiles(
  {registry, session}: Conversation,
  {place, tag, architecture}: {readonly place: BlobPlace; readonly tag: string; readonly architecture: string}
): Promise<ImageFiles> {
  const {image, credential} = place
  const index = jsonOf<IndexJson>(await registry.readManifest(image, tag, credential))
  const entry = index.manifests?.find(
    ({platform}) => platform?.os === 'linux' && platform.architecture === architecture
  )
  if (entry === undefined) throw new Error(`${image.repository}:${tag} has no image for linux/${architecture}.`)
  const manifest = jsonOf<{config: Descriptor; layers: readonly Descriptor[]}>(
    await registry.readManifest(image, entry.digest, credential)
  )
  const config = JSON.parse(
    Buffer.from(await registry.readBlob(image, manifest.config.digest, credential)).toString('utf8')
  ) as {os: string; architecture: string; rootfs: {diff_ids: readonly string[]}}
  const found = {files: new Map<string, ImageFile>(), links: new Map<string, string>()}
  const strayLayers: string[] = []
  for (const [at, layer] of manifest.layers.entries()) {
    const body = await openBlob(session, {place, digest: layer.digest}, PERSISTENT)
    const hash = createHash('sha256')
    const walk = walkTar(collector(found))
    await pipeline(
      chunksOf(body, session.transport.stallMs),
      unpackerOf(layer),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          hash.update(chunk)
          walk.take(chunk)
        }
      }
    )
    if (config.rootfs.diff_ids[at] !== `sha256:${hash.digest('hex')}`) strayLayers.push(layer.digest)
  }
  if (config.rootfs.diff_ids.length !== manifest.layers.length) strayLayers.push(manifest.config.digest)
  return {os: config.os, architecture: config.architecture, ...found, strayLayers}
}

function jsonOf<T>(manifest: Manifest | undefined): T {
  if (manifest === undefined) throw new Error('The registry does not have the image.')
  return JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as T
}

/** Takes what a layer has over what the layers below had. */
function collector({files, links}: {files: Map<string, ImageFile>; links: Map<string, string>}): TarVisitor {
  let begun = {path: '', sizeBytes: 0, isFile: false}
  let hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let kept: Buffer[] = []
  return {
    begin({path, kind, sizeBytes, target}) {
      begun = {path, sizeBytes, isFile: kind === 'file'}
      files.delete(path)
      links.delete(path)
      if (kind === 'link') links.set(path, target)
      hash = createHash('sha256')
      head = Buffer.alloc(0)
      kept = []
    },
    bytes(piece) {
      hash.update(piece)
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES - head.length)])
      if (ABOUT.test(begun.path)) kept.push(Buffer.from(piece))
    },
    end() {
      const {path, sizeBytes, isFile} = begun
      if (!isFile) return
      const content = ABOUT.test(path) ? {content: Buffer.concat(kept)} : {}
      files.set(path, {sizeBytes, sha256: hash.digest('base64url'), head, ...content})
    }
  }
}
