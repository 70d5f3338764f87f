import {parseEntryPoints, scriptOf, withInterpreter} from './entry-points.ts'
import {LAYOUT} from './layout.ts'
import {foldersOf, placeOf, type WheelFolders} from './placement.ts'
import {parseRecord, type RecordRow, recordPath, recordText, rowOf} from './record.ts'
import {invalidWheel} from './refusal.ts'
import type {ZipEntry} from './zip.ts'

/** A file as it will stand in the image: an entry of the zip as it is, or bytes that the installer writes. */
export interface LaidFile {
  /** Below the root of the image, without a slash in front. */
  readonly path: string
  readonly mode: 0o644 | 0o755
  readonly content: ZipEntry | Uint8Array
}

/** The file type in a Unix mode, and the one of a symbolic link. */
const TYPE_MASK = 0o170000
const LINK_TYPE = 0o120000
const FILE_TYPE = 0o100000

/** The largest wheel whose size tells nothing about what is in it, and how much larger than itself another may grow. */
const UNSUSPICIOUS_BYTES = 1024 ** 3
const LARGEST_RATIO = 100
/** Metadata and scripts are read whole. */
const MOST_READ_BYTES = 64 * 1024 ** 2

/**
 * What installing a wheel comes to: every file with its place, in the order of the zip, then what installers write.
 *
 * `read` gives the content of an entry; it is asked for metadata and scripts only. Throws `wheel-invalid`.
 */
export function installWheel(
  wheel: string,
  entries: readonly ZipEntry[],
  read: (entry: ZipEntry) => Uint8Array
): readonly LaidFile[] {
  const files = entries.filter(({name}) => !name.endsWith('/'))
  checkSize(wheel, files)
  const folders = foldersOf(
    wheel,
    files.map(({name}) => name)
  )
  const textOf = (name: string) => textIn({wheel, entry: files.find(file => file.name === name), read})
  checkVersion(wheel, textOf(`${folders.info}/WHEEL`))
  const record = parseRecord(textOf(`${folders.info}/RECORD`) ?? '')
  if (record === undefined || record.length === 0) throw invalidWheel(wheel, 'its RECORD is missing or no CSV')
  const written: ReadonlySet<string> = new Set([`${folders.info}/RECORD`, `${folders.info}/INSTALLER`])
  const placed = files.filter(({name}) => !written.has(name)).map(entry => lay({wheel, entry, folders, read}))
  const points = parseEntryPoints(textOf(`${folders.info}/entry_points.txt`) ?? '')
  if (points === undefined) throw invalidWheel(wheel, 'its entry points cannot be read')
  const scripts = points.map(
    (point): LaidFile => ({
      path: `${LAYOUT.scripts}/${point.name}`,
      mode: 0o755,
      content: Buffer.from(scriptOf(point))
    })
  )
  const installer: LaidFile = {
    path: `${LAYOUT.site}/${folders.info}/INSTALLER`,
    mode: 0o644,
    content: Buffer.from(`${LAYOUT.installer}\n`)
  }
  // A script of an entry point takes the place of one with the same name, as it does with pip.
  const generated = new Set(scripts.map(({path}) => path))
  const laid = [...placed.filter(({path}) => !generated.has(path)), ...scripts, installer]
  const rows = rowsOf({wheel, record, laid, folders})
  const own = `${LAYOUT.site}/${folders.info}/RECORD`
  const all = [...laid, {path: own, mode: 0o644, content: Buffer.from(recordText(rows))} as const]
  checkTwice(wheel, all)
  return all
}

/** The size of a file as it will be. */
export function laidBytes({content}: LaidFile): number {
  return content instanceof Uint8Array ? content.length : content.unpackedBytes
}

function lay({
  wheel,
  entry,
  folders,
  read
}: {
  wheel: string
  entry: ZipEntry
  folders: WheelFolders
  read: (entry: ZipEntry) => Uint8Array
}): LaidFile {
  const type = entry.unixMode & TYPE_MASK
  if (type === LINK_TYPE) throw invalidWheel(wheel, `it holds ${JSON.stringify(entry.name)}, a symbolic link`)
  const {path, isScript} = placeOf(wheel, entry.name, folders)
  if (isScript) {
    const script = contentOf({wheel, entry, read})
    return {path, mode: 0o755, content: withInterpreter(script)}
  }
  const isProgram = (type === FILE_TYPE || type === 0) && (entry.unixMode & 0o111) !== 0
  return {path, mode: isProgram ? 0o755 : 0o644, content: entry}
}

/** RECORD as it must be for what was laid: places for names, and the rows of what the installer wrote. */
function rowsOf({
  wheel,
  record,
  laid,
  folders
}: {
  wheel: string
  record: readonly RecordRow[]
  laid: readonly LaidFile[]
  folders: WheelFolders
}): readonly RecordRow[] {
  const own = recordPath(`${LAYOUT.site}/${folders.info}/RECORD`)
  const rows = new Map<string, RecordRow>()
  for (const row of record) {
    const path = row.path === '' ? '' : recordPath(placeOf(wheel, row.path, folders).path)
    if (path !== '') rows.set(path, {...row, path})
  }
  for (const {path, content} of laid) {
    const key = recordPath(path)
    if (content instanceof Uint8Array) rows.set(key, rowOf(path, content))
    else if (!rows.has(key)) rows.set(key, {path: key, hash: '', size: ''})
  }
  rows.set(own, {path: own, hash: '', size: ''})
  return [...rows.values()]
}

function checkSize(wheel: string, files: readonly ZipEntry[]): void {
  const packed = files.reduce((sum, {packedBytes}) => sum + packedBytes, 0)
  const unpacked = files.reduce((sum, {unpackedBytes}) => sum + unpackedBytes, 0)
  if (unpacked <= Math.max(UNSUSPICIOUS_BYTES, packed * LARGEST_RATIO)) return
  throw invalidWheel(wheel, `its ${packed} bytes would become ${unpacked}`)
}

function checkVersion(wheel: string, text: string | undefined): void {
  const version = /^Wheel-Version:\s*(\S+)\s*$/im.exec(text ?? '')?.[1]
  if (version === undefined) throw invalidWheel(wheel, 'its WHEEL file is missing or names no version')
  if (!version.startsWith('1.')) throw invalidWheel(wheel, `it is a wheel of version ${version}, and 1 is understood`)
}

function checkTwice(wheel: string, laid: readonly LaidFile[]): void {
  const seen = new Set<string>()
  for (const {path} of laid) {
    if (seen.has(path)) throw invalidWheel(wheel, `two of its files would both be /${path}`)
    seen.add(path)
  }
  for (const {path} of laid) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash)
      if (seen.has(folder)) throw invalidWheel(wheel, `/${folder} would be a file and a folder`)
    }
  }
}

function textIn(found: {
  wheel: string
  entry: ZipEntry | undefined
  read: (entry: ZipEntry) => Uint8Array
}): string | undefined {
  const {entry} = found
  return entry === undefined ? undefined : Buffer.from(contentOf({...found, entry})).toString('utf8')
}

function contentOf({
  wheel,
  entry,
  read
}: {
  wheel: string
  entry: ZipEntry
  read: (entry: ZipEntry) => Uint8Array
}): Uint8Array {
  if (entry.unpackedBytes > MOST_READ_BYTES)
    throw invalidWheel(wheel, `${JSON.stringify(entry.name)} is too large for what it is`)
  return read(entry)
}
