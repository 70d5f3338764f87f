import {spawn} from 'node:child_process'
import {closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {readJson, writeJson} from './json-file.ts'

/** A process that we started, told apart from a later one with the same pid by its start time. */
export interface ProcessRecord {
  readonly name: string
  readonly pid: number
  /** Clock ticks since boot, from /proc; text, because nothing is ever computed with it. */
  readonly startTime: string
}

/** What is started, and under which name it is recorded. */
export interface ProcessRequest {
  readonly folder: string
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** The file that takes its stdout and stderr. */
  readonly log: string
}

/** The start time of a living process, or undefined where there is none (a zombie is none). */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Whether the very process of a record still lives. */
export function isAlive(record: Pick<ProcessRecord, 'pid' | 'startTime'>): boolean {
  return startTimeOf(record.pid) === record.startTime
}

/** Starts a process that outlives us and records it in `<folder>/processes/<name>.json`. */
export function startProcess(request: ProcessRequest): ProcessRecord {
  const [file = '', ...rest] = request.argv
  const log = openSync(request.log, 'a')
  const child = spawn(file, rest, {detached: true, stdio: ['ignore', log, log], env: request.env ?? process.env})
  closeSync(log)
  child.on('error', () => {})
  child.unref()
  if (child.pid === undefined)
    throw new Error(`${request.name} could not be started: ${file} is missing or cannot be run.`)
  const record = {name: request.name, pid: child.pid, startTime: startTimeOf(child.pid) ?? 'ended at once'}
  mkdirSync(join(request.folder, 'processes'), {recursive: true})
  writeJson(recordFile(request.folder, request.name), record)
  return record
}

/** The living process that was recorded under a name in this folder. */
export function recordedProcess(folder: string, name: string): ProcessRecord | undefined {
  const record = readJson<ProcessRecord>(recordFile(folder, name))
  return record !== undefined && isAlive(record) ? record : undefined
}

/** The living processes recorded in this folder. */
export function recordedProcesses(folder: string): ProcessRecord[] {
  return listFolder(join(folder, 'processes'))
    .map(file => recordedProcess(folder, file.replace(/\.json$/, '')))
    .filter(record => record !== undefined)
}

/** Ends the process recorded under a name: SIGTERM, then SIGKILL after `graceMs`; forgets it once it is gone. */
export async function stopProcess(folder: string, name: string, graceMs = 10_000): Promise<void> {
  const record = recordedProcess(folder, name)
  if (record !== undefined) await endProcess(record, graceMs)
  rmSync(recordFile(folder, name), {force: true})
}

/** Ends a process that is proven to be the one of the record, gently first. */
export async function endProcess(record: ProcessRecord, graceMs = 10_000): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5_000]
  ] as const) {
    if (!isAlive(record)) return
    signalProcess(record, signal)
    await waitUntil(() => !isAlive(record), waitMs)
  }
}

/** Waits until something is so, asking every 20 ms; tells whether it came to be so within the time. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs
  for (;;) {
    if (await isSo()) return true
    if (Date.now() > end) return false
    await sleep(20)
  }
}

function signalProcess(record: ProcessRecord, signal: NodeJS.Signals): void {
  try {
    process.kill(record.pid, signal)
  } catch {
    // It ended between the look and the signal, which is what we want.
  }
}

function recordFile(folder: string, name: string): string {
  return join(folder, 'processes', `${name}.json`)
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
