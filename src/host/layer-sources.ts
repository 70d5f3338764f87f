import {rm} from 'node:fs/promises'
import {PassThrough, type Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip, createZstdDecompress} from 'node:zlib'
import {layoutFolder} from '../image/layout-folder.ts'
import type {Layer} from '../model/layers.ts'
import {isSource} from '../wheels/bytecode.ts'
import {openTarReader} from '../wheels/tar-read.ts'
import {checkDigest, hashFor} from './digest.ts'
import {chunksOf} from './flow.ts'
import type {SourcesRead} from './host.ts'
import {openBlobIn} from './layout-folder.ts'
import {addressOf} from './registry-address.ts'
import {type BlobPlace, openBlob} from './registry-blob.ts'
import {PERSISTENT} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {NoAnswer} from './registry-transport.ts'
import {openSourceArchive} from './source-archive.ts'

/** How often a layer is read anew when its stream broke. */
const READ_TRIES = 4
/** A source is held whole; no program text is as large as this. */
const SOURCE_LIMIT_BYTES = 64 * 1024 ** 2
/** Of one layer: far more than any package has, and less than fills a disk. */
const SOURCES_LIMIT_BYTES = 2 * 1024 ** 3
const PIECE_BYTES = 1024 ** 2

interface Reading {
  readonly session: Session
  readonly from: BlobPlace
  readonly archive: string
  readonly cancelled: AbortSignal
}

/**
 * Puts the Python sources of a layer into an archive, from where the layer lies; memory stays flat however large it is.
 *
 * They count when the bytes are what the digest says, unpack to what the diffID says, and hold as many sources as were
 * remembered. Else, and where the registry does not give them, the archive is removed.
 */
export async function readSources(layer: Layer, reading: Reading): Promise<SourcesRead> {
  const {archive, cancelled} = reading
  for (let attempt = 1; ; attempt += 1) {
    try {
      await readOnce(layer, reading)
      return {isRead: true}
    } catch (thrown) {
      await rm(archive, {force: true})
      if (cancelled.aborted) throw thrown
      if (thrown instanceof NoAnswer && attempt < READ_TRIES) continue
      return {isRead: false, because: thrown instanceof Error ? thrown.message : String(thrown)}
    }
  }
}

async function readOnce(layer: Layer, {session, from, archive}: Reading): Promise<void> {
  const [packed, unpacked] = [hashFor(layer.digest), hashFor(layer.diffId)]
  const tar = openTarReader(isPlainSource, {limitBytes: SOURCE_LIMIT_BYTES})
  const sources = await openSourceArchive(archive)
  let [bytes, count] = [0, 0]
  try {
    await pipeline(
      async function* () {
        for await (const chunk of blobOf(layer, session, from)) {
          packed.update(chunk)
          yield chunk
        }
      },
      unpackerOf(layer),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          unpacked.update(chunk)
          for (const {path, content} of tar.take(chunk)) {
            bytes += content.length
            if (bytes > SOURCES_LIMIT_BYTES) throw new Error(`Its sources have more than ${SOURCES_LIMIT_BYTES} bytes.`)
            await sources.put(path, content)
          }
        }
      }
    )
    count = await sources.end()
  } finally {
    await sources.close()
  }
  const place = `${from.image.registry}/${from.image.repository}`
  checkDigest(packed, layer.digest, place)
  checkDigest(unpacked, layer.diffId, `${place}@${layer.digest}`)
  if (count !== layer.sources) throw new Error(`It holds ${count} sources, and ${layer.sources} were remembered.`)
}

/** A source whose path leads nowhere but below the folder that it is laid into. */
function isPlainSource(path: string): boolean {
  return isSource(path) && !path.includes('\u0000') && path.split('/').every(part => !['', '.', '..'].includes(part))
}

/** Throws `NoAnswer` where the stream breaks, and `Refusal`. */
async function* blobOf({digest}: Layer, session: Session, from: BlobPlace): AsyncGenerator<Buffer> {
  const folder = layoutFolder(from.image)
  const body =
    folder === undefined ? await openBlob(session, {place: from, digest}, PERSISTENT) : openBlobIn(folder, digest)
  try {
    yield* chunksOf(body, session.transport.stallMs)
  } catch (thrown) {
    throw folder === undefined ? new NoAnswer(addressOf(from.image, `blobs/${digest}`), thrown) : thrown
  } finally {
    body.destroy()
  }
}

/** What turns the bytes of a layer into its tar. */
export function unpackerOf({mediaType}: Pick<Layer, 'mediaType'>): Transform {
  if (mediaType.endsWith('zstd')) return createZstdDecompress({chunkSize: PIECE_BYTES})
  return mediaType.endsWith('gzip') ? createGunzip({chunkSize: PIECE_BYTES}) : new PassThrough()
}
