import {LAYOUT} from './layout.ts'

/** One thing in a layer. Everything belongs to root, and everything has the same time. */
export type TarEntry =
  | {readonly kind: 'file'; readonly path: string; readonly mode: number; readonly sizeBytes: number}
  | {readonly kind: 'folder'; readonly path: string; readonly mode: number}
  | {readonly kind: 'link'; readonly path: string; readonly target: string}

const BLOCK = 512
const LONGEST_NAME = 100
const LONGEST_PREFIX = 155
/** Eleven octal digits. */
const LARGEST_SIZE = 0o77777777777

/** What ends a layer. It stands there once: whatever came after a first one would be dropped without a word. */
export const END_OF_TAR = new Uint8Array(2 * BLOCK)

const TYPES = {file: '0', folder: '5', link: '2'} as const

/**
 * The header of an entry: ustar, with a PAX header in front where a name or a size does not fit.
 *
 * Written here because every byte of it goes into the layer's identity: the same entry gives the same bytes for ever.
 */
export function tarHeader(entry: TarEntry): Uint8Array {
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path
  const target = entry.kind === 'link' ? entry.target : ''
  const size = entry.kind === 'file' ? entry.sizeBytes : 0
  const split = splitPath(path)
  const records = [
    ...(split === undefined ? [['path', path] as const] : []),
    ...(fits(target, LONGEST_NAME) ? [] : [['linkpath', target] as const]),
    ...(size > LARGEST_SIZE ? [['size', String(size)] as const] : [])
  ]
  const plain = block({
    ...(split ?? {name: shortened(path), prefix: ''}),
    target: fits(target, LONGEST_NAME) ? target : shortened(target),
    mode: entry.kind === 'link' ? 0o777 : entry.mode,
    size: size > LARGEST_SIZE ? 0 : size,
    type: TYPES[entry.kind]
  })
  return records.length === 0 ? plain : Buffer.concat([paxHeader(path, records), plain])
}

/** The zeros that fill a file's last block. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return END_OF_TAR.subarray(0, (BLOCK - (sizeBytes % BLOCK)) % BLOCK)
}

function paxHeader(path: string, records: readonly (readonly [string, string])[]): Uint8Array {
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)))
  const name = `PaxHeaders/${shortened(path.replace(/\/$/, '').split('/').at(-1) ?? '')}`
  const head = block({
    name: shortened(name),
    prefix: '',
    target: '',
    mode: 0o644,
    size: body.length,
    type: 'x'
  })
  return Buffer.concat([head, body, tarPadding(body.length)])
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function block(made: {
  readonly name: string
  readonly prefix: string
  readonly target: string
  readonly mode: number
  readonly size: number
  readonly type: string
}): Uint8Array {
  const bytes = Buffer.alloc(BLOCK)
  bytes.write(made.name, 0, LONGEST_NAME, 'latin1')
  bytes.write(octal(made.mode, 7), 100)
  bytes.write(octal(0, 7), 108)
  bytes.write(octal(0, 7), 116)
  bytes.write(octal(made.size, 11), 124)
  bytes.write(octal(LAYOUT.mtimeS, 11), 136)
  bytes.write(' '.repeat(8), 148)
  bytes.write(made.type, 156)
  bytes.write(made.target, 157, LONGEST_NAME, 'latin1')
  bytes.write('ustar\u000000', 257, 'latin1')
  bytes.write(octal(0, 7), 329)
  bytes.write(octal(0, 7), 337)
  bytes.write(made.prefix, 345, LONGEST_PREFIX, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1')
  return bytes
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

/** A path in the two fields that ustar has for it; undefined where it does not fit or is not ASCII. */
function splitPath(path: string): {readonly name: string; readonly prefix: string} | undefined {
  if (fits(path, LONGEST_NAME)) return {name: path, prefix: ''}
  if (!isAscii(path)) return undefined
  const slash = path.indexOf('/', Math.max(0, path.length - LONGEST_NAME - 1))
  if (slash <= 0 || slash > LONGEST_PREFIX || slash === path.length - 1) return undefined
  return {prefix: path.slice(0, slash), name: path.slice(slash + 1)}
}

function fits(text: string, longest: number): boolean {
  return isAscii(text) && text.length <= longest
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

/** For readers without PAX: the beginning, without what they could not read. */
function shortened(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, LONGEST_NAME)
}
