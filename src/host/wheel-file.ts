import {readSync} from 'node:fs'
import {open} from 'node:fs/promises'
import type {Writable} from 'node:stream'
import {crc32, createInflateRaw, inflateRawSync} from 'node:zlib'
import {BadZip} from '../wheels/bad-zip.ts'
import {invalidWheel} from '../wheels/refusal.ts'
import {
  dataOffsetOf,
  findDirectory,
  LOCAL_HEADER_BYTES,
  readDirectory,
  TAIL_BYTES,
  type ZipEntry
} from '../wheels/zip.ts'
import {freeIfAlone, freeIfLast} from './memory.ts'

/** A wheel on this machine, opened and its directory read. */
export interface WheelFile {
  readonly entries: readonly ZipEntry[]
  /** The whole content of an entry that is not large. */
  read(entry: ZipEntry): Uint8Array
  /**
   * The content in pieces, checked: not a byte more than the directory says, and the sum at the end.
   *
   * A piece is good until the next one is asked for.
   */
  pieces(entry: ZipEntry): AsyncGenerator<Uint8Array>
  close(): Promise<void>
}

const PIECE_BYTES = 1024 ** 2
/** Entries of this size are inflated in one go, which is faster than a stream for each of ten thousand. */
const WHOLE_BYTES = 8 * 1024 ** 2

/** Opens a wheel. Throws `wheel-invalid` for what is no proper zip, also later, when its entries are read. */
export async function openWheelFile(name: string, path: string): Promise<WheelFile> {
  const file = await open(path)
  try {
    const {size} = await file.stat()
    const entries = asWheel(name, () => directoryOf(file.fd, size))
    return {
      entries,
      read: entry => asWheel(name, () => wholeOf(file.fd, entry)),
      pieces: entry => piecesOf(name, {fd: file.fd, entry}),
      close: () => file.close()
    }
  } catch (thrown) {
    await file.close()
    throw thrown
  }
}

function directoryOf(fd: number, size: number): readonly ZipEntry[] {
  const tailBytes = Math.min(size, TAIL_BYTES)
  const end = findDirectory(readAt(fd, size - tailBytes, tailBytes), size)
  return readDirectory(readAt(fd, end.offset, end.sizeBytes), end)
}

async function* piecesOf(name: string, {fd, entry}: {fd: number; entry: ZipEntry}): AsyncGenerator<Uint8Array> {
  if (entry.unpackedBytes <= WHOLE_BYTES) {
    const whole = asWheel(name, () => wholeOf(fd, entry))
    yield whole
    freeIfAlone(whole)
    return
  }
  const start = asWheel(name, () => dataAt(fd, entry))
  const span = {fd, start, end: start + entry.packedBytes}
  let [sum, count] = [0, 0]
  try {
    for await (const piece of entry.method === 'stored' ? readSpan(span) : inflate(span)) {
      count += piece.length
      if (count > entry.unpackedBytes) break
      sum = crc32(piece, sum)
      yield piece
    }
  } catch (thrown) {
    if (thrown instanceof BadZip) throw invalidWheel(name, thrown.message)
    if (isZlibFault(thrown)) throw invalidWheel(name, `${JSON.stringify(entry.name)} cannot be unpacked`)
    throw thrown
  }
  asWheel(name, () => check(entry, {sum, count}))
}

/** A part of a file. */
interface Span {
  readonly fd: number
  readonly start: number
  readonly end: number
}

/** Two pieces of memory go round, whatever the length: what is allocated anew for each piece keeps the collector busy. */
function* readSpan({fd, start, end}: Span): Generator<Buffer> {
  let [piece, other] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)]
  for (let at = start; at < end; at += PIECE_BYTES) {
    const part = piece.subarray(0, Math.min(PIECE_BYTES, end - at))
    readInto(part, fd, at)
    yield part
    ;[piece, other] = [other, piece]
  }
}

/** What reads comes one piece before what inflates, so that neither waits for the other. */
async function* inflate(span: Span): AsyncGenerator<Buffer> {
  const stream = createInflateRaw({chunkSize: PIECE_BYTES})
  const feed = async () => {
    let taken = Promise.resolve()
    for (const piece of readSpan(span)) {
      await taken
      taken = written(stream, piece)
      taken.catch(() => {})
    }
    await taken
    stream.end()
  }
  feed().catch((thrown: unknown) => stream.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))))
  for await (const piece of stream as AsyncIterable<Buffer>) {
    yield piece
    freeIfLast(piece)
  }
}

/** Resolves when the stream is done with the bytes. */
function written(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, thrown => (thrown ? reject(thrown) : resolve()))
  })
}

function wholeOf(fd: number, entry: ZipEntry): Uint8Array {
  const packed = readAt(fd, dataAt(fd, entry), entry.packedBytes)
  const bytes = entry.method === 'stored' ? packed : inflated(packed, entry)
  if (bytes !== packed) freeIfAlone(packed)
  check(entry, {sum: crc32(bytes), count: bytes.length})
  return bytes
}

function inflated(packed: Uint8Array, {name, unpackedBytes}: ZipEntry): Uint8Array {
  try {
    return inflateRawSync(packed, {maxOutputLength: Math.max(1, unpackedBytes)})
  } catch {
    throw new BadZip(`${JSON.stringify(name)} cannot be unpacked, or becomes larger than the directory says`)
  }
}

function check({name, unpackedBytes, crc32: expected}: ZipEntry, {sum, count}: {sum: number; count: number}): void {
  if (count !== unpackedBytes) throw new BadZip(`${JSON.stringify(name)} has not the size that the directory says`)
  if (sum !== expected) throw new BadZip(`${JSON.stringify(name)} has not the checksum that the directory says`)
}

function dataAt(fd: number, entry: ZipEntry): number {
  const length = Math.min(LOCAL_HEADER_BYTES + entry.nameBytes.length, entry.before - entry.offset)
  return dataOffsetOf(entry, readAt(fd, entry.offset, length))
}

function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length)
  readInto(bytes, fd, position)
  return bytes
}

function readInto(bytes: Uint8Array, fd: number, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(fd, bytes, done, bytes.length - done, position + done)
    if (count === 0) throw new BadZip('it ends before its directory says')
    done += count
  }
}

function asWheel<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof BadZip) throw invalidWheel(name, thrown.message)
    throw thrown
  }
}

function isZlibFault(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_')
}
