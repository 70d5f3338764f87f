import {readFileSync} from 'node:fs'
import {commandLineOf, listProcesses, treeOf} from '../runner/processes.ts'

/** Looks again and again at how much memory processes hold. */
export interface MemoryWatch {
  /** Ends the watch; returns the most bytes that were held at once. */
  stop(): number
}

const SAMPLE_MS = 200

/**
 * Watches the children of this process that were started with a word, each with everything below it.
 *
 * What is added up is the resident memory, so that a page that two of them share counts twice. A peak between two looks is
 * seen for the children themselves, whose kernel keeps it, and not for what they start.
 */
export function watchMemory(isMeant: (commandLine: readonly string[]) => boolean): MemoryWatch {
  let peakBytes = 0
  const look = (): void => {
    const processes = listProcesses()
    const roots = processes.filter(({pid, parent}) => parent === process.pid && isMeant(commandLineOf(pid)))
    const held = roots.flatMap(({pid}) => treeOf(pid, processes)).reduce((sum, {pid}) => sum + bytesIn(pid, 'VmRSS'), 0)
    peakBytes = Math.max(peakBytes, held, ...roots.map(({pid}) => bytesIn(pid, 'VmHWM')))
  }
  const timer = setInterval(look, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      return peakBytes
    }
  }
}

/** A field of a process's status; 0 where it has ended. */
function bytesIn(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
