import {mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {machineFiles} from '../../src/host/files.ts'
import type {FilesPort} from '../../src/host/host.ts'
import {Secret} from '../../src/model/secret.ts'

/** A file or folder that was found, with its mode as octal digits; the path is the machine's. */
export interface Found {
  readonly path: string
  readonly kind: 'file' | 'folder'
  readonly mode: string
}

/** Real files in a folder that takes the place of the machine's root, so that modes are the real ones. */
export interface RootedFiles extends FilesPort {
  /** Lays files there as if somebody else had: not told. */
  lay(files: Readonly<Record<string, string>>): void
  /** Everything below a path of the machine, folders before what is in them. */
  below(path: string): readonly Found[]
  /** Names of the secrets that were written as such, by path. */
  readonly secrets: ReadonlyMap<string, string>
  /** Paths that were laid. */
  readonly laid: ReadonlySet<string>
}

/** Makes a machine's files in a folder; `say` hears of each change. */
export function rootFiles(folder: string, say: (deed: string) => void): RootedFiles {
  const inside = (path: string) => join(folder, path)
  const secrets = new Map<string, string>()
  const laid = new Set<string>()
  return {
    secrets,
    laid,
    lay(files) {
      for (const [path, text] of Object.entries(files)) {
        laid.add(path)
        mkdirSync(dirname(inside(path)), {recursive: true})
        writeFileSync(inside(path), text)
      }
    },
    below(path) {
      const entries = readdirSync(inside(path), {recursive: true, withFileTypes: true})
      return entries
        .map(entry => {
          const real = join(entry.parentPath, entry.name)
          const mode = (statSync(real).mode & 0o777).toString(8).padStart(4, '0')
          return {path: real.slice(folder.length), kind: entry.isDirectory() ? 'folder' : 'file', mode} as const
        })
        .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    },
    read: path => machineFiles.read(inside(path)),
    write: async (path, content) => {
      if (content instanceof Secret) secrets.set(path, content.name)
      say(`write ${path}`)
      await machineFiles.write(inside(path), content)
    },
    makeDirectory: async path => {
      say(`make folder ${path}`)
      await machineFiles.makeDirectory(inside(path))
    },
    remove: async path => {
      say(`remove ${path}`)
      await machineFiles.remove(inside(path))
    },
    list: (path, options) => machineFiles.list(inside(path), options),
    digestOf: path => machineFiles.digestOf(inside(path)),
    kindOf: path => machineFiles.kindOf(inside(path)),
    realPath: async path => (await machineFiles.realPath(inside(path)))?.slice(folder.length),
    freeBytes: async () => 80e9,
    isSameDisk: async () => true
  }
}
