const BLOCK = 512
/** The records before an entry that give it a long name. */
const RECORDS_LIMIT_BYTES = 1024 ** 2

/** A file that a tar holds. */
export interface TarFile {
  readonly path: string
  readonly content: Uint8Array
}

/** Reads a tar as it comes, in pieces of any size; keeps no more of it than one wanted file. */
export interface TarReader {
  /** The wanted files that are complete with these bytes. Throws an `Error` for what is no tar. */
  take(bytes: Uint8Array): readonly TarFile[]
}

/** What stands behind a header: records, a wanted file, or what is passed over. */
interface Body {
  readonly kind: 'records' | 'file' | 'other'
  readonly path: string
  readonly content: Uint8Array
  readonly sizeBytes: number
  /** How much of it came, what fills its last block included. */
  taken: number
}

/**
 * Reads what the action and BuildKit write: ustar, with PAX records where a name or a size does not fit.
 *
 * Of regular files alone; a wanted one that is larger than the limit is no tar that one of them has written.
 */
export function openTarReader(wants: (path: string) => boolean, {limitBytes}: {limitBytes: number}): TarReader {
  const head = new Uint8Array(BLOCK)
  let filled = 0
  let body: Body | undefined
  let records: Readonly<Record<string, string>> = {}
  let isEnded = false

  function begin(): Body {
    const type = String.fromCharCode(head[156] ?? 0)
    const sizeBytes = Number(records.size ?? Number.parseInt(textAt(head, 124, 12).trim() || '0', 8))
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new Error('An entry of a tar has no size.')
    const path = (records.path ?? nameIn(head)).replace(/^\.?\//, '')
    const kind = type === 'x' ? 'records' : (type === '0' || type === '\u0000') && wants(path) ? 'file' : 'other'
    const limit = kind === 'records' ? RECORDS_LIMIT_BYTES : limitBytes
    if (kind !== 'other' && sizeBytes > limit) throw new Error(`${path} has ${sizeBytes} bytes, more than ${limit}.`)
    return {kind, path, content: new Uint8Array(kind === 'other' ? 0 : sizeBytes), sizeBytes, taken: 0}
  }

  function end({kind, path, content}: Body): readonly TarFile[] {
    records = kind === 'records' ? recordsIn(content) : {}
    return kind === 'file' ? [{path, content}] : []
  }

  return {
    take: bytes => {
      const files: TarFile[] = []
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
          const wanted = Math.max(0, body.content.length - body.taken)
          body.content.set(piece.subarray(0, wanted), Math.min(body.taken, body.content.length))
          body.taken += piece.length
          at += piece.length
        }
        if (body.taken >= body.sizeBytes && body.taken % BLOCK === 0) {
          files.push(...end(body))
          body = undefined
        }
      }
      return files
    }
  }
}

/** The content of a file in a small tar; undefined where there is none of that name. */
export function fileInTar(tar: Uint8Array, wanted: string): Uint8Array | undefined {
  try {
    return openTarReader(path => path === wanted, {limitBytes: tar.length}).take(tar)[0]?.content
  } catch {
    return undefined
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
