import {crc32, deflateRawSync} from 'node:zlib'

/** A file to put into a zip. */
export interface Zipped {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Type and permissions; an ordinary file of mode 0644 without it. */
  readonly unixMode?: number
  readonly isStored?: boolean
  /** What its local header says instead. */
  readonly local?: Partial<Record<'name' | 'crc32' | 'unpackedBytes' | 'offset', string | number>>
  /** What its entry in the directory says instead. */
  readonly central?: Partial<Record<'crc32' | 'unpackedBytes' | 'packedBytes' | 'flags' | 'method' | 'offset', number>>
}

/** Writes a zip; written here, because the wheels that must be refused are those that no library writes. */
export function zipOf(files: readonly Zipped[], comment = ''): Uint8Array {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const content = Buffer.from(file.content ?? '')
    const packed = file.isStored === true ? content : deflateRawSync(content)
    const said = {
      crc32: crc32(content),
      packedBytes: packed.length,
      unpackedBytes: content.length,
      flags: 0x0800,
      method: file.isStored === true ? 0 : 8,
      offset
    }
    const local = Buffer.concat([localHeader({...said, name: file.name, ...file.local}), packed])
    centrals.push(centralHeader({...said, name: file.name, unixMode: file.unixMode ?? 0o100644, ...file.central}))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)])
}

/** The least that a wheel must hold, with files of one's own; RECORD names them. */
export function wheelFiles(project: string, files: readonly Zipped[]): readonly Zipped[] {
  const info = `${project}-1.0.dist-info`
  const own: readonly Zipped[] = [
    {name: `${info}/METADATA`, content: `Metadata-Version: 2.1\nName: ${project}\nVersion: 1.0\n`},
    {name: `${info}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'}
  ]
  const names = [...files, ...own].filter(({name}) => !name.endsWith('/')).map(({name}) => `${name},,\n`)
  const record = {name: `${info}/RECORD`, content: `${names.join('')}${info}/RECORD,,\n`}
  return [...files, ...own, ...(files.some(({name}) => name.endsWith('/RECORD')) ? [] : [record])]
}

interface Header {
  readonly name: string | number
  readonly crc32: string | number
  readonly packedBytes: string | number
  readonly unpackedBytes: string | number
  readonly flags: string | number
  readonly method: string | number
}

function localHeader(made: Header): Buffer {
  const name = Buffer.from(String(made.name))
  const bytes = Buffer.alloc(30)
  bytes.writeUInt32LE(0x04034b50, 0)
  bytes.writeUInt16LE(20, 4)
  bytes.writeUInt16LE(Number(made.flags), 6)
  bytes.writeUInt16LE(Number(made.method), 8)
  bytes.writeUInt32LE(Number(made.crc32), 14)
  bytes.writeUInt32LE(Number(made.packedBytes), 18)
  bytes.writeUInt32LE(Number(made.unpackedBytes), 22)
  bytes.writeUInt16LE(name.length, 26)
  return Buffer.concat([bytes, name])
}

function centralHeader(made: Header & {readonly unixMode: number; readonly offset: number}): Buffer {
  const name = Buffer.from(String(made.name))
  const bytes = Buffer.alloc(46)
  bytes.writeUInt32LE(0x02014b50, 0)
  bytes.writeUInt16LE(0x0314, 4)
  bytes.writeUInt16LE(20, 6)
  bytes.writeUInt16LE(Number(made.flags), 8)
  bytes.writeUInt16LE(Number(made.method), 10)
  bytes.writeUInt32LE(Number(made.crc32), 16)
  bytes.writeUInt32LE(Number(made.packedBytes), 20)
  bytes.writeUInt32LE(Number(made.unpackedBytes), 24)
  bytes.writeUInt16LE(name.length, 28)
  bytes.writeUInt32LE((made.unixMode << 16) >>> 0, 38)
  bytes.writeUInt32LE(made.offset, 42)
  return Buffer.concat([bytes, name])
}
