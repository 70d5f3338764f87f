import {BadZip} from './bad-zip.ts'
import {decodeName} from './zip-name.ts'

/** One file of a zip, as its central directory describes it. */
export interface ZipEntry {
  /** As it is written, with `/` between folders and at the end of one. */
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly method: 'stored' | 'deflated'
  readonly crc32: number
  readonly packedBytes: number
  readonly unpackedBytes: number
  /** Type and permissions as Unix knows them; 0 where the zip does not say. */
  readonly unixMode: number
  /** Where its local header begins. */
  readonly offset: number
  /** Where whatever comes after it begins: its data must end before. */
  readonly before: number
}

/** Where the central directory lies. */
export interface ZipEnd {
  readonly offset: number
  readonly sizeBytes: number
  readonly count: number
}

/** How much of a zip's end must be there to find its directory: both ends of zip64 and the longest comment. */
export const TAIL_BYTES = 22 + 65_535 + 20 + 56

/** The part of a local header in front of name and extra fields. */
export const LOCAL_HEADER_BYTES = 30

const END = 0x06054b50
const END_64 = 0x06064b50
const END_64_LOCATOR = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const ZIP64_FIELD = 0x0001
const FULL_16 = 0xffff
const FULL_32 = 0xffffffff
const ENCRYPTED = 0x0001
const UTF8 = 0x0800

/** Finds the central directory. `tail` is the end of a zip of `sizeBytes`, at least `TAIL_BYTES` of it or all. */
export function findDirectory(tail: Uint8Array, sizeBytes: number): ZipEnd {
  const view = viewOf(tail)
  const at = lastSignature(view)
  const begin = sizeBytes - tail.length
  const end = {
    disks: view.getUint16(at + 4, true) + view.getUint16(at + 6, true),
    count: view.getUint16(at + 10, true),
    sizeBytes: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true)
  }
  const isLarge = end.count === FULL_16 || end.sizeBytes === FULL_32 || end.offset === FULL_32
  const found = isLarge ? readEnd64(view, at - 20, begin) : end
  if (end.disks !== 0 && !isLarge) throw new BadZip('it is a part of a zip of several files')
  if (found.offset + found.sizeBytes > begin + at) throw new BadZip('its directory does not lie inside it')
  return found
}

/** Reads the entries of a central directory in the order of their data, each checked against its neighbours. */
export function readDirectory(bytes: Uint8Array, end: ZipEnd): readonly ZipEntry[] {
  const view = viewOf(bytes)
  const entries: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < end.count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY) throw new BadZip('its directory is cut off')
    const next = at + 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (next > bytes.length) throw new BadZip('its directory is cut off')
    entries.push(readEntry(bytes.subarray(at, next), end.offset))
    at = next
  }
  if (at !== bytes.length) throw new BadZip('its directory is longer than its entries')
  const names = new Set(entries.map(({name}) => name))
  if (names.size !== entries.length) {
    const twice = entries.find(({name}, index) => entries.findIndex(other => other.name === name) !== index)
    throw new BadZip(`it holds ${JSON.stringify(twice?.name)} twice`)
  }
  const sorted = entries.toSorted((one, other) => one.offset - other.offset)
  return sorted.map((entry, index) => ({...entry, before: sorted[index + 1]?.offset ?? end.offset}))
}

/**
 * Where an entry's data begins, when its local header says what the directory says.
 *
 * Readers of one and of the other would otherwise see different files. `header` is the local header with its name.
 */
export function dataOffsetOf(entry: ZipEntry, header: Uint8Array): number {
  const view = viewOf(header)
  const shown = JSON.stringify(entry.name)
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL) {
    throw new BadZip(`${shown} has no local header where the directory says`)
  }
  const flags = view.getUint16(6, true)
  const [packed, unpacked] = [view.getUint32(18, true), view.getUint32(22, true)]
  const nameLength = view.getUint16(26, true)
  const name = header.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + nameLength)
  const isSameName = Buffer.compare(name, entry.nameBytes) === 0
  const isSameMethod = methodOf(view.getUint16(8, true)) === entry.method
  // With bit 3 set the sizes follow the data; in zip64 they stand in the extra field.
  const isOpen = (flags & 0x0008) !== 0
  const isSameSize =
    (isOpen || packed === FULL_32 || packed === entry.packedBytes) &&
    (isOpen || unpacked === FULL_32 || unpacked === entry.unpackedBytes)
  const isSameCheck = isOpen || view.getUint32(14, true) === entry.crc32
  if (!isSameName || !isSameMethod || !isSameSize || !isSameCheck || (flags & ENCRYPTED) !== 0) {
    throw new BadZip(`${shown} is described in one way by its local header and in another by the directory`)
  }
  const data = entry.offset + LOCAL_HEADER_BYTES + nameLength + view.getUint16(28, true)
  if (data + entry.packedBytes > entry.before) throw new BadZip(`the data of ${shown} runs into the next entry`)
  return data
}

function readEntry(bytes: Uint8Array, limit: number): ZipEntry {
  const view = viewOf(bytes)
  const flags = view.getUint16(8, true)
  const nameBytes = bytes.slice(46, 46 + view.getUint16(28, true))
  const name = decodeName(nameBytes, (flags & UTF8) !== 0)
  const shown = JSON.stringify(name)
  if ((flags & ENCRYPTED) !== 0) throw new BadZip(`${shown} is encrypted`)
  const extra = bytes.subarray(46 + nameBytes.length, 46 + nameBytes.length + view.getUint16(30, true))
  const sizes = sizesOf(view, extra)
  const method = methodOf(view.getUint16(10, true))
  if (method === undefined) throw new BadZip(`${shown} is packed in a way that wheels do not use`)
  if (method === 'stored' && sizes.packedBytes !== sizes.unpackedBytes) {
    throw new BadZip(`${shown} is stored with two sizes`)
  }
  if (sizes.offset + LOCAL_HEADER_BYTES + sizes.packedBytes > limit) throw new BadZip(`${shown} lies outside the zip`)
  return {
    name,
    nameBytes,
    method,
    crc32: view.getUint32(16, true),
    unixMode: view.getUint32(38, true) >>> 16,
    ...sizes,
    before: limit
  }
}

type Sizes = Pick<ZipEntry, 'packedBytes' | 'unpackedBytes' | 'offset'>

/** Sizes and place; those that are too large for their field stand in the extra field, in this order. */
function sizesOf(view: DataView, extra: Uint8Array): Sizes {
  const large = extraField(extra, ZIP64_FIELD)
  let at = 0
  const read = (plain: number): number => {
    if (plain !== FULL_32) return plain
    if (large === undefined || at + 8 > large.length) throw new BadZip('a large entry lacks its sizes')
    at += 8
    return safeNumber(viewOf(large).getBigUint64(at - 8, true))
  }
  const unpackedBytes = read(view.getUint32(24, true))
  const packedBytes = read(view.getUint32(20, true))
  return {packedBytes, unpackedBytes, offset: read(view.getUint32(42, true))}
}

function extraField(extra: Uint8Array, wanted: number): Uint8Array | undefined {
  const view = viewOf(extra)
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === wanted) return extra.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return undefined
}

function readEnd64(view: DataView, locator: number, begin: number): ZipEnd {
  if (locator < 0 || view.getUint32(locator, true) !== END_64_LOCATOR) throw new BadZip('its end of zip64 is missing')
  const at = safeNumber(view.getBigUint64(locator + 8, true)) - begin
  if (at < 0 || at + 56 > locator || view.getUint32(at, true) !== END_64)
    throw new BadZip('its end of zip64 is missing')
  return {
    count: safeNumber(view.getBigUint64(at + 32, true)),
    sizeBytes: safeNumber(view.getBigUint64(at + 40, true)),
    offset: safeNumber(view.getBigUint64(at + 48, true))
  }
}

/** The last end mark whose comment reaches exactly to the end of the file. */
function lastSignature(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at
  }
  throw new BadZip('it is no zip, or its end is missing')
}

function methodOf(number: number): ZipEntry['method'] | undefined {
  return number === 0 ? 'stored' : number === 8 ? 'deflated' : undefined
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadZip('a size in it is beyond all bounds')
  return Number(value)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
