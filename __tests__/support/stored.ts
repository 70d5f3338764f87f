import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import type {Registry} from '../../scripts/world/registry.ts'

/** Something that a registry keeps: a layer, a configuration, a manifest, an attestation, a cache. */
export interface StoredBlob {
  readonly digest: string
  /** Unpacked where it was compressed. */
  readonly bytes: Buffer
}

const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** Everything that a registry keeps, whatever refers to it, unpacked. */
export function blobsOf(registry: Registry): readonly StoredBlob[] {
  const data = join(registry.folder, 'data')
  return filesBelow(data)
    .filter(path => path.endsWith('/data') && path.includes('/blobs/sha256/'))
    .map(path => ({digest: path.split('/').at(-2) ?? '', bytes: unpacked(readFileSync(join(data, path)))}))
}

/** Digests of what holds a text in a registry, in any layer, configuration, attestation or cache. */
export function blobsWith(registry: Registry, text: string): readonly string[] {
  return blobsOf(registry)
    .filter(({bytes}) => bytes.includes(text))
    .map(({digest}) => digest)
}

/** Paths of all files below a folder, relative to it; links are not followed. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

function unpacked(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 2).equals(GZIP)) return gunzipSync(bytes)
  return bytes.subarray(0, 4).equals(ZSTD) ? zstdDecompressSync(bytes) : bytes
}
