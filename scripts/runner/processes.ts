import {readdirSync, readFileSync} from 'node:fs'

/** A process as `/proc` shows it. A pid alone may be used again; together with its start time it is one process. */
export interface SeenProcess {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** Clock ticks since the machine started. */
  readonly startTime: string
}

/** A process that outlived the one that started it. */
export interface LeftProcess extends SeenProcess {
  readonly commandLine: readonly string[]
}

/** All living processes of this machine; zombies are dead. */
export function listProcesses(): readonly SeenProcess[] {
  const processes: SeenProcess[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const seen = readProcess(Number(name))
    if (seen !== undefined) processes.push(seen)
  }
  return processes
}

/** The living process with this pid, if there is one. */
export function readProcess(pid: number): SeenProcess | undefined {
  const stat = readProc(pid, 'stat')
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent, , session] = fields
  const startTime = fields[19]
  if (state === undefined || startTime === undefined || state === 'Z' || state === 'X') return undefined
  return {pid, parent: Number(parent), session: Number(session), startTime}
}

/** The process with this pid and everything below it, children after parents. */
export function treeOf(pid: number, processes: readonly SeenProcess[] = listProcesses()): readonly SeenProcess[] {
  const tree = processes.filter(candidate => candidate.pid === pid)
  const known = new Set([pid])
  for (const parent of known) {
    for (const child of processes) {
      if (child.parent !== parent || known.has(child.pid)) continue
      known.add(child.pid)
      tree.push(child)
    }
  }
  return tree
}

/** Whether this very process still lives, and not another one that got its pid. */
export function isAlive(process: SeenProcess): boolean {
  return readProcess(process.pid)?.startTime === process.startTime
}

/** The words with which a process was started; empty where it is gone. */
export function commandLineOf(pid: number): readonly string[] {
  return readProc(pid, 'cmdline').split('\0').slice(0, -1)
}

/** Whether a process was started with this variable in its environment. */
export function hasVariable(pid: number, name: string, value: string): boolean {
  return readProc(pid, 'environ').split('\0').includes(`${name}=${value}`)
}

/** Ends processes at once, children before parents. One that is gone already is no fault. */
export function killProcesses(processes: readonly SeenProcess[]): void {
  for (const victim of [...processes].reverse()) {
    if (isAlive(victim)) sendSignal(victim.pid, 'SIGKILL')
  }
}

/** Sends a signal to one process; says whether there was one to get it. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function readProc(pid: number, file: 'stat' | 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It ended between being listed and being read, or belongs to someone else.
    return ''
  }
}
