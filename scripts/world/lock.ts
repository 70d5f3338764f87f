import {randomUUID} from 'node:crypto'
import {linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isAlive, startTimeOf, waitUntil} from './processes.ts'

/**
 * Does something while no other process does it in the same folder.
 *
 * A lock whose holder is proven dead (no process with its pid and start time) is taken over. Throws when a living
 * holder keeps it for longer than `withinMs`.
 */
export async function withLock<T>(
  folder: string,
  name: string,
  work: () => Promise<T>,
  withinMs = 900_000
): Promise<T> {
  mkdirSync(folder, {recursive: true})
  const file = join(folder, `${name}.lock`)
  if (!(await waitUntil(() => takeLock(file), withinMs))) {
    throw new Error(
      `${file} is held by process ${holderOf(file)?.pid}, which lives but did not finish. End it, then try again.`
    )
  }
  try {
    return await work()
  } finally {
    rmSync(file, {force: true})
  }
}

interface Holder {
  readonly pid: number
  readonly startTime: string
}

// The lock appears whole or not at all: it is written aside and then linked, which fails where one exists.
function takeLock(file: string): boolean {
  const own = `${file}.${randomUUID()}`
  writeFileSync(own, JSON.stringify({pid: process.pid, startTime: startTimeOf(process.pid)}))
  try {
    linkSync(own, file)
    return true
  } catch {
    removeIfDead(file)
    return false
  } finally {
    rmSync(own, {force: true})
  }
}

// Moved away before it is judged once more: of several who saw a dead holder, only one can move that very file, and one who
// moved a living holder's by mistake puts it back.
function removeIfDead(file: string): void {
  const holder = holderOf(file)
  if (holder === undefined || isAlive(holder)) return
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
    const moved = holderOf(aside)
    if (moved !== undefined && isAlive(moved)) linkSync(aside, file)
  } catch {
    // Another process was faster.
  } finally {
    rmSync(aside, {force: true})
  }
}

function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
