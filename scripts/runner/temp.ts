import {lstatSync, mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {COMMAND_FOLDER} from './command-files.ts'
import type {LeftFile} from './result.ts'

/** The runner's own folder for the event's payload, in `RUNNER_TEMP`. */
export const EVENT_FOLDER = '_github_workflow'

const RUNNERS_OWN = [COMMAND_FOLDER, EVENT_FOLDER]
const KEPT_CONTENT_BYTES = 16 * 2 ** 20

/** Empties `RUNNER_TEMP`, as the runner does before and after each job. */
export function wipeTemp(temp: string): void {
  mkdirSync(temp, {recursive: true})
  for (const name of readdirSync(temp)) rmSync(join(temp, name), {recursive: true, force: true})
}

/** What lies in a folder of the run beside the runner's own files, with contents. */
export function leftIn(folder: string): readonly LeftFile[] {
  return readdirSync(folder)
    .filter(name => !RUNNERS_OWN.includes(name))
    .flatMap(name => filesBelow(folder, name))
}

function filesBelow(folder: string, path: string): readonly LeftFile[] {
  const full = join(folder, path)
  const stat = lstatSync(full)
  if (stat.isDirectory()) {
    const inside = readdirSync(full).flatMap(name => filesBelow(folder, join(path, name)))
    return [{path: `${path}/`, content: Buffer.alloc(0)}, ...inside]
  }
  const isKept = stat.isFile() && stat.size <= KEPT_CONTENT_BYTES
  return [{path, content: isKept ? readFileSync(full) : Buffer.alloc(0)}]
}
