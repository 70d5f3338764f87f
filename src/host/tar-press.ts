import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {constants, createGzip, createZstdCompress} from 'node:zlib'
import type {Packing} from '../model/layers.ts'
import {ancestorsOf, FOUNDATION_FOLDERS} from '../wheels/layout.ts'
import {END_OF_TAR, type TarEntry, tarHeader, tarPadding} from '../wheels/tar.ts'
import {freeIfLast} from './memory.ts'

/** What takes the packed bytes, in pieces of its own; back-pressure is its promise. */
export type Sink = (piece: Uint8Array) => Promise<void>

/** What is known of a layer when all of it has been packed. */
export interface Pressed {
  readonly digest: string
  readonly sizeBytes: number
  readonly diffId: string
}

/** A layer in the making. */
export interface TarPress {
  /** Begins an entry; folders above it that the foundation lacks are made first. */
  begin(entry: TarEntry): Promise<void>
  /** Bytes of the entry that was begun. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends the layer. Throws what the sink threw. */
  end(): Promise<Pressed>
  /** Gives it up. */
  abandon(): void
}

/**
 * All bytes go to the compressor in pieces of this size, whatever they came in.
 *
 * A compressor may cut its blocks by what it is handed, and the same tar must give the same layer.
 */
const PIECE_BYTES = 1024 ** 2

/** Packs a tar into a layer, hashing both on the way; memory stays flat however large it is. */
export function openTarPress(packing: Packing, sink: Sink): TarPress {
  const packer = packerOf(packing)
  const diff = createHash('sha256')
  const folders = new Set<string>(FOUNDATION_FOLDERS)
  let piece = Buffer.allocUnsafe(PIECE_BYTES)
  let filled = 0
  let padding: Uint8Array = new Uint8Array()
  const spare: Buffer<ArrayBuffer>[] = []
  const packed = drain(packer, sink)
  // Whoever writes sees the failure at the next piece; nobody may be waiting for it before.
  packed.catch(() => {})

  async function send(bytes: Buffer<ArrayBuffer>): Promise<void> {
    diff.update(bytes)
    const giveBack = () => void spare.push(bytes)
    if (packer.write(bytes, giveBack)) return
    await Promise.race([once(packer, 'drain'), packed.then(() => {})])
  }

  async function put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(PIECE_BYTES - filled, bytes.length - at)
      piece.set(bytes.subarray(at, at + count), filled)
      filled += count
      at += count
      if (filled < PIECE_BYTES) continue
      await send(piece)
      piece = spare.pop() ?? Buffer.allocUnsafe(PIECE_BYTES)
      filled = 0
    }
  }

  async function begin(entry: TarEntry): Promise<void> {
    await put(padding)
    padding = new Uint8Array()
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')))
    for (const folder of parent === '' ? [] : ancestorsOf(parent)) {
      if (folders.has(folder)) continue
      folders.add(folder)
      await put(tarHeader({kind: 'folder', path: folder, mode: 0o755}))
    }
    await put(tarHeader(entry))
    if (entry.kind === 'file') padding = tarPadding(entry.sizeBytes)
  }

  return {
    begin,
    write: put,
    end: async () => {
      await put(padding)
      await put(END_OF_TAR)
      if (filled > 0) await send(piece.subarray(0, filled))
      packer.end()
      const {digest, sizeBytes} = await packed
      return {digest, sizeBytes, diffId: `sha256:${diff.digest('hex')}`}
    },
    abandon: () => packer.destroy()
  }
}

function packerOf({format, level}: Packing) {
  if (format === 'gzip') return createGzip({level, chunkSize: PIECE_BYTES})
  const params = {[constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1}
  return createZstdCompress({params, chunkSize: PIECE_BYTES})
}

async function drain(packer: ReturnType<typeof packerOf>, sink: Sink): Promise<{digest: string; sizeBytes: number}> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const chunk of packer as AsyncIterable<Buffer>) {
      hash.update(chunk)
      sizeBytes += chunk.length
      // A copy: the packer goes on writing into the memory behind what it hands out.
      const copy = new Uint8Array(chunk)
      freeIfLast(chunk)
      await sink(copy)
    }
  } catch (thrown) {
    packer.destroy()
    throw thrown
  }
  return {digest: `sha256:${hash.digest('hex')}`, sizeBytes}
}
