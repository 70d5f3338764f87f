import {setTimeout} from 'node:timers/promises'
import {
  commandLineOf,
  hasVariable,
  isAlive,
  type LeftProcess,
  listProcesses,
  type SeenProcess,
  treeOf
} from './processes.ts'

/** Keeps in mind every process that was seen below one process, because orphans forget whose they were. */
export interface ProcessWatch {
  /** Command lines of all that were seen, the first process left out. */
  readonly commandLines: readonly (readonly string[])[]
  /** Ends the sampling and names those that still live, after a moment for those that are just ending. */
  stop(): Promise<readonly LeftProcess[]>
}

/** The variable by which GitHub's runner finds what a job left running; its value differs for each job. */
export const TRACKING_VARIABLE = 'RUNNER_TRACKING_ID'

const SAMPLE_MS = 150
const SETTLE_MS = [20, 80, 200]

/**
 * Watches a process that leads a session of its own.
 *
 * Whoever left its tree is still known by one of three marks: the session, the job's tracking variable, or having been
 * seen in the tree earlier.
 */
export function watchTree(pid: number, trackingId: string): ProcessWatch {
  const seen = new Map<string, LeftProcess>()
  const look = (): void => {
    for (const child of belongingTo(pid, seen)) remember(child, seen)
  }
  const timer = setInterval(look, SAMPLE_MS)
  timer.unref()
  return {
    get commandLines() {
      return [...seen.values()].map(child => child.commandLine)
    },
    async stop() {
      clearInterval(timer)
      look()
      for (const child of listProcesses()) {
        if (child.pid !== pid && hasVariable(child.pid, TRACKING_VARIABLE, trackingId)) remember(child, seen)
      }
      return stillAlive([...seen.values()])
    }
  }
}

/** Those of the processes that live on, after a moment for those that are just ending. */
export async function stillAlive(processes: readonly LeftProcess[]): Promise<readonly LeftProcess[]> {
  let alive = processes.filter(isAlive)
  for (const pause of SETTLE_MS) {
    if (alive.length === 0) break
    await setTimeout(pause)
    alive = alive.filter(isAlive)
  }
  return alive
}

function belongingTo(pid: number, seen: ReadonlyMap<string, LeftProcess>): readonly SeenProcess[] {
  const processes = listProcesses()
  const found = new Map<string, SeenProcess>()
  const roots = [pid, ...[...seen.values()].filter(isAlive).map(child => child.pid)]
  for (const root of roots) for (const child of treeOf(root, processes)) found.set(keyOf(child), child)
  for (const child of processes) if (child.session === pid) found.set(keyOf(child), child)
  return [...found.values()].filter(child => child.pid !== pid)
}

function remember(child: SeenProcess, seen: Map<string, LeftProcess>): void {
  const before = seen.get(keyOf(child))
  const commandLine = commandLineOf(child.pid)
  // Between fork and exec a child still shows its parent's words: the later ones count.
  if (before === undefined || commandLine.length > 0) seen.set(keyOf(child), {...child, commandLine})
}

function keyOf(child: SeenProcess): string {
  return `${child.pid}@${child.startTime}`
}
