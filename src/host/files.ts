import {randomBytes} from 'node:crypto'
import {mkdir, open, readdir, readFile, realpath, rename, rm, stat, statfs} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {Secret} from '../model/secret.ts'
import {digestOfFile} from './digest.ts'
import type {FilesPort} from './host.ts'

const PRIVATE_DIRECTORY = 0o700
const PRIVATE_FILE = 0o600

/** What the system says when a path leads nowhere. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** The files of the machine. */
export const machineFiles: FilesPort = {
  read: path => orAbsent(() => readFile(path, 'utf8')),
  write,
  makeDirectory: async path => void (await mkdir(path, {recursive: true, mode: PRIVATE_DIRECTORY})),
  remove: path => rm(path, {recursive: true, force: true}),
  list: async (path, {depth}) => (await listBelow(path, depth)).toSorted(),
  kindOf,
  digestOf: path => orAbsent(() => digestOfFile(path)),
  realPath: path => orAbsent(() => realpath(path)),
  freeBytes,
  isSameDisk
}

async function orAbsent<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (thrown) {
    if (ABSENT.has((thrown as NodeJS.ErrnoException).code ?? '')) return undefined
    throw thrown
  }
}

/** Writes beside the place and renames: a reader sees the old or the new file, and a link in the place is not followed. */
async function write(path: string, content: string | Secret): Promise<void> {
  await mkdir(dirname(path), {recursive: true, mode: PRIVATE_DIRECTORY})
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(draft, 'wx', PRIVATE_FILE)
    try {
      await file.writeFile(content instanceof Secret ? content.reveal() : content)
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (thrown) {
    await rm(draft, {force: true})
    throw thrown
  }
}

async function listBelow(path: string, depth: number): Promise<string[]> {
  if (depth < 1) return []
  const entries = (await orAbsent(() => readdir(path, {withFileTypes: true}))) ?? []
  const found: string[] = []
  for (const entry of entries) {
    if (entry.isFile()) found.push(entry.name)
    if (!entry.isDirectory()) continue
    for (const below of await listBelow(join(path, entry.name), depth - 1)) found.push(join(entry.name, below))
  }
  return found
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'absent'> {
  const stats = await orAbsent(() => stat(path))
  if (stats === undefined) return 'absent'
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'directory' : 'other'
}

async function isSameDisk(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map(path => orAbsent(() => stat(path))))
  return first !== undefined && first.dev === second?.dev
}

async function freeBytes(path: string): Promise<number | undefined> {
  const stats = await orAbsent(() => statfs(path))
  return stats === undefined ? undefined : stats.bavail * stats.bsize
}
