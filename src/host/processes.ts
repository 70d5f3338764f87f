import {readFileSync} from 'node:fs'

/** Sends a signal to a process group; false where it is gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return trySignal(-leader, signal)
}

/** Sends a signal to a process, or to a group when the number is negative; false where there is none. */
export function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch {
    return false
  }
}

/** When a process started, in clock ticks since boot: field 22 of its `stat`. Undefined where there is no such process. */
export function startTimeOf(pid: number): string | undefined {
  // The second field is the program's name in brackets and may hold anything, brackets and blanks included.
  const afterName = readQuietly(`/proc/${pid}/stat`).split(') ').at(-1) ?? ''
  return afterName.split(' ')[19]
}

/** Our direct children, whoever started them. Empty where the kernel does not tell. */
export function childPids(): readonly number[] {
  const text = readQuietly(`/proc/${process.pid}/task/${process.pid}/children`)
  return text.split(' ').flatMap(word => (/^\d+$/.test(word) ? [Number(word)] : []))
}

/** The command line of a process, word by word. */
export function commandLineOf(pid: number): readonly string[] {
  return readQuietly(`/proc/${pid}/cmdline`).split('\0').slice(0, -1)
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
