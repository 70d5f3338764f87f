import {createHash} from 'node:crypto'
import {posix} from 'node:path'
import {parse} from 'csv-parse/sync'
import {LAYOUT} from './layout.ts'

/** A line of RECORD: a path as written, its hash (`sha256=…`) and its size, both empty where nothing is claimed. */
export interface RecordRow {
  readonly path: string
  readonly hash: string
  readonly size: string
}

/** Reads the RECORD of a wheel; undefined where it is no CSV. */
export function parseRecord(text: string): readonly RecordRow[] | undefined {
  try {
    const rows = parse(text, {relaxColumnCount: true, skipEmptyLines: true, bom: true}) as string[][]
    return rows.map(([path = '', hash = '', size = '']) => ({path, hash, size}))
  } catch {
    return undefined
  }
}

/** Writes a RECORD, one line per path, sorted. */
export function recordText(rows: readonly RecordRow[]): string {
  const sorted = rows.toSorted((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0))
  return sorted.map(({path, hash, size}) => `${quoted(path)},${hash},${size}\n`).join('')
}

/** The row for bytes that an installer wrote. */
export function rowOf(installed: string, bytes: Uint8Array): RecordRow {
  const hash = createHash('sha256').update(bytes).digest('base64url')
  return {path: recordPath(installed), hash: `sha256=${hash}`, size: String(bytes.length)}
}

/** How RECORD names a file of the image: as seen from the site-packages folder. */
export function recordPath(installed: string): string {
  return posix.relative(`/${LAYOUT.site}`, `/${installed}`)
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
