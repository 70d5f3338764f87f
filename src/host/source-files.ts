import {mkdir, utimes, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {LAYOUT} from '../wheels/layout.ts'

/** Writes sources that are to be compiled into a folder, with the time that they have in their layer. */
export function openSourceFiles(folder: string): {
  put(path: string, content: Uint8Array): Promise<void>
  count(): number
} {
  const folders = new Map<string, Promise<unknown>>()
  const paths = new Set<string>()
  return {
    put: async (path, content) => {
      const place = join(folder, path)
      const parent = dirname(place)
      const made = folders.get(parent) ?? mkdir(parent, {recursive: true})
      folders.set(parent, made)
      await made
      await writeFile(place, content)
      await utimes(place, LAYOUT.mtimeS, LAYOUT.mtimeS)
      paths.add(path)
    },
    count: () => paths.size
  }
}
