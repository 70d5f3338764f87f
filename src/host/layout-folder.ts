import {randomBytes} from 'node:crypto'
import {createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {mkdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {checkDigest, digestOf, hashFor, isDigest, verifyDigest} from './digest.ts'
import type {Descriptor, Manifest} from './host.ts'

/** What the OCI image layout (image specification, `image-layout.md`) asks for beside the blobs. */
const VERSION = {imageLayoutVersion: '1.0.0'}
const DEFAULT_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const BLOB_LIMIT_BYTES = 8 * 1024 * 1024

interface IndexJson {
  readonly manifests?: readonly Descriptor[]
}

/** A manifest that lies in the folder, by its digest; undefined where it does not, and for every tag. */
export async function manifestIn(folder: string, reference: string): Promise<Manifest | undefined> {
  if (!isDigest(reference) || !existsSync(blobPath(folder, reference))) return undefined
  const bytes = await blobIn(folder, reference)
  const {mediaType} = JSON.parse(bytes.toString('utf8')) as {mediaType?: string}
  return {digest: reference, mediaType: mediaType ?? DEFAULT_TYPE, bytes}
}

/** Puts a manifest into the folder and names it in its index; returns its digest. */
export async function putManifest(folder: string, {mediaType, bytes}: Omit<Manifest, 'digest'>): Promise<string> {
  const digest = await putBytes(folder, bytes)
  await writeFile(join(folder, 'oci-layout'), JSON.stringify(VERSION), {mode: 0o600})
  nameInIndex(folder, {mediaType, digest, size: bytes.length})
  return digest
}

/** Without a pause between reading and writing: whoever puts another manifest meanwhile would be forgotten. */
function nameInIndex(folder: string, named: Descriptor): void {
  const path = join(folder, 'index.json')
  const index: IndexJson = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as IndexJson) : {}
  const others = (index.manifests ?? []).filter(entry => entry.digest !== named.digest)
  writeFileSync(path, JSON.stringify({schemaVersion: 2, manifests: [...others, named]}), {mode: 0o600})
}

/** A small blob of the folder, checked against its digest. */
export async function blobIn(folder: string, digest: string): Promise<Buffer> {
  const path = blobPath(folder, digest)
  const {size} = await stat(path)
  if (size > BLOB_LIMIT_BYTES) throw new Error(`${path} has ${size} bytes, and ${BLOB_LIMIT_BYTES} are read at most.`)
  const bytes = await readFile(path)
  verifyDigest(bytes, digest, folder)
  return bytes
}

/** A blob of the folder as a stream, unchecked. */
export function openBlobIn(folder: string, digest: string): Readable {
  return createReadStream(blobPath(folder, digest))
}

/** Whether the folder has a blob. */
export function hasBlobIn(folder: string, digest: string): boolean {
  return existsSync(blobPath(folder, digest))
}

/** Puts a small blob into the folder; returns its digest. */
export async function putBytes(folder: string, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes)
  await mkdir(blobFolder(folder), {recursive: true, mode: 0o700})
  await writeFile(blobPath(folder, digest), bytes, {mode: 0o600})
  return digest
}

/**
 * Writes a stream into the folder as the blob whose digest is told once it has ended.
 *
 * Until then nothing in the folder bears that name.
 */
export async function putStream(folder: string, body: Readable, digestOnceEnded: () => Promise<string>): Promise<void> {
  // Without a pause before the body is read: whoever listens to it has set it going.
  mkdirSync(blobFolder(folder), {recursive: true, mode: 0o700})
  const unfinished = join(folder, `unfinished-${randomBytes(6).toString('hex')}`)
  try {
    await pipeline(body, createWriteStream(unfinished, {mode: 0o600}))
    await rename(unfinished, blobPath(folder, await digestOnceEnded()))
  } catch (thrown) {
    await rm(unfinished, {force: true})
    throw thrown
  }
}

/** Writes a stream into the folder as the blob that it is said to be. Throws `digest-mismatch`. */
export async function putChecked(folder: string, body: Readable, digest: string): Promise<void> {
  const hash = hashFor(digest)
  body.on('data', (piece: Buffer) => hash.update(piece))
  await putStream(folder, body, async () => {
    checkDigest(hash, digest, folder)
    return digest
  })
}

function blobFolder(folder: string): string {
  return join(folder, 'blobs', 'sha256')
}

function blobPath(folder: string, digest: string): string {
  if (!isDigest(digest)) throw new Error(`${digest} is no digest.`)
  return join(folder, 'blobs', digest.replace(':', '/'))
}
