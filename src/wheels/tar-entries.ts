const BLOCK = 512
/** The records before an entry that give it a long name. */
const RECORDS_LIMIT_BYTES = 1024 ** 2

/** What a header of a tar says. */
export interface TarHeader {
  /** Without `./` or `/` in front. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly sizeBytes: number
  /** Where a link leads; empty for everything else. */
  readonly target: string
}

/** Takes what a tar holds, in the order in which it lies there. */
export interface TarVisitor {
  begin(header: TarHeader): void
  /** Content of what was begun last. The bytes are lent: their memory may be used again. */
  bytes(piece: Uint8Array): void
  end(): void
}

/** Takes a tar as it comes, in pieces of any size. */
export interface TarWalk {
  /** Throws an `Error` for what is no tar, and what the visitor throws. */
  take(bytes: Uint8Array): void
}

/** What stands behind a header. */
interface Body {
  /** Present for records: they are held whole. */
  readonly records?: Uint8Array
  readonly sizeBytes: number
  /** How much of it came, what fills its last block included. */
  taken: number
}

const KINDS: Readonly<Record<string, TarHeader['kind']>> = {
  '0': 'file',
  '\u0000': 'file',
  '2': 'link',
  '5': 'folder'
}

/**
 * Walks what the action and BuildKit write: ustar, with PAX records where a name or a size does not fit.
 *
 * Nothing of the content is held, however large it is. Long names in GNU's form are passed over as `other`, so that what
 * bears one is seen with a part of its name.
 */
export function walkTar(visitor: TarVisitor): TarWalk {
  const head = new Uint8Array(BLOCK)
  let filled = 0
  let body: Body | undefined
  let records: Readonly<Record<string, string>> = {}
  let isEnded = false

  function begin(): Body {
    const type = String.fromCharCode(head[156] ?? 0)
    const sizeBytes = Number(records.size ?? Number.parseInt(textAt(head, 124, 12).trim() || '0', 8))
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new Error('An entry of a tar has no size.')
    if (type === 'x') {
      if (sizeBytes > RECORDS_LIMIT_BYTES) throw new Error(`Records of a tar have ${sizeBytes} bytes.`)
      return {records: new Uint8Array(sizeBytes), sizeBytes, taken: 0}
    }
    const path = (records.path ?? nameIn(head)).replace(/^\.?\//, '')
    const kind = KINDS[type] ?? 'other'
    const target = kind === 'link' ? (records.linkpath ?? textAt(head, 157, 100)) : ''
    visitor.begin({path, kind, sizeBytes, target})
    return {sizeBytes, taken: 0}
  }

  function pass(piece: Uint8Array, {records: held, sizeBytes, taken}: Body): void {
    const wanted = piece.subarray(0, Math.max(0, sizeBytes - taken))
    if (held !== undefined) held.set(wanted, Math.min(taken, sizeBytes))
    else if (wanted.length > 0) visitor.bytes(wanted)
  }

  function end({records: held}: Body): void {
    records = held === undefined ? {} : recordsIn(held)
    if (held === undefined) visitor.end()
  }

  return {
    take: bytes => {
      for (let at = 0; at < bytes.length && !isEnded; ) {
        if (body === undefined) {
          const piece = bytes.subarray(at, at + BLOCK - filled)
          head.set(piece, filled)
          filled += piece.length
          at += piece.length
          if (filled < BLOCK) break
          filled = 0
          isEnded = head.every(byte => byte === 0)
          if (isEnded) break
          body = begin()
        } else {
          const whole = Math.ceil(body.sizeBytes / BLOCK) * BLOCK
          const piece = bytes.subarray(at, at + whole - body.taken)
          pass(piece, body)
          body.taken += piece.length
          at += piece.length
        }
        if (body.taken >= body.sizeBytes && body.taken % BLOCK === 0) {
          end(body)
          body = undefined
        }
      }
    }
  }
}

function nameIn(head: Uint8Array): string {
  const name = textAt(head, 0, 100)
  const prefix = textAt(head, 257, 6) === 'ustar' ? textAt(head, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** PAX records: `<length> <key>=<value>\n`, where the length counts its own digits. */
function recordsIn(content: Uint8Array): Readonly<Record<string, string>> {
  const records: Record<string, string> = {}
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; ) {
    const length = Number(/^\d+ /.exec(bytes.toString('latin1', at, at + 12))?.[0] ?? 0)
    const text = bytes.toString('utf8', at, at + length)
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(text) ?? []
    if (length === 0 || key === undefined || value === undefined) throw new Error('Records of a tar cannot be read.')
    records[key] = value
    at += length
  }
  return records
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = Buffer.from(bytes.subarray(at, at + length)).toString('latin1')
  const end = field.indexOf('\u0000')
  return end === -1 ? field : field.slice(0, end)
}
