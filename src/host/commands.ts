import {setTimeout as sleep} from 'node:timers/promises'
import {Problem} from '../model/problem.ts'
import {ASK_TIMEOUT_MS, askQuietly, isAsked} from './ask.ts'
import {ENDING_ON_CANCEL, type Ending, followProgram, type Leash} from './follow.ts'
import type {Command, CommandsPort, Ran} from './host.ts'
import {childPids, signalGroup, startTimeOf, trySignal} from './processes.ts'

/** How long a process may take to end after SIGTERM. */
const STOP_MS = 2_000
const STOP_LOOKS = 20

/** Programs of this machine. Whatever still runs when our own process ends is killed with it. */
export function openCommands({
  ours,
  cover,
  cancelled,
  endingOnCancel = ENDING_ON_CANCEL
}: {
  ours: Readonly<Record<string, string | undefined>>
  cover: (text: string) => string
  cancelled: AbortSignal
  endingOnCancel?: Ending
}): CommandsPort & {end(): void} {
  const groups = new Set<number>()
  const leash: Leash = {ours, cover, cancelled, endingOnCancel, groups}

  const askedPids = () => childPids().filter(isAsked)
  const endAsked = () => {
    for (const pid of askedPids()) trySignal(pid, 'SIGTERM')
  }
  const killAll = () => {
    for (const pid of groups) signalGroup(pid, 'SIGKILL')
    for (const pid of askedPids()) signalGroup(pid, 'SIGKILL')
  }
  cancelled.addEventListener('abort', endAsked, {once: true})
  process.on('exit', killAll)

  /** What begins before a cancel ends with it; what begins after it is tidying up, and runs. */
  async function ask(command: Command): Promise<Ran> {
    const wasCancelled = cancelled.aborted
    const ran =
      command.stdin === undefined
        ? await askQuietly(command, ours)
        : await followProgram({timeoutMs: ASK_TIMEOUT_MS, ...command}, () => {}, {...leash, cover: text => text})
    if (cancelled.aborted && !wasCancelled) throw cancelledWhile(command, cancelled)
    return ran
  }

  async function follow(command: Command, onLine: (line: string, stream: 'stdout' | 'stderr') => void): Promise<Ran> {
    if (cancelled.aborted) throw cancelledWhile(command, cancelled)
    const ran = await followProgram(command, onLine, leash)
    if (cancelled.aborted) throw cancelledWhile(command, cancelled)
    return ran
  }

  return {
    ask,
    follow,
    stop,
    isAlive: (pid, startTime) => startTimeOf(pid) === startTime,
    end: () => {
      cancelled.removeEventListener('abort', endAsked)
      process.off('exit', killAll)
      killAll()
    }
  }
}

/** Ends a process and its group. Its start time proves that the number was not given to another process meanwhile. */
async function stop(pid: number, startTime: string): Promise<void> {
  const isSame = () => pid > 1 && startTimeOf(pid) === startTime
  const signal = (name: NodeJS.Signals) => isSame() && (signalGroup(pid, name) || trySignal(pid, name))
  signal('SIGTERM')
  for (let look = 0; look < STOP_LOOKS && isSame(); look += 1) await sleep(STOP_MS / STOP_LOOKS)
  signal('SIGKILL')
}

function cancelledWhile(command: Command, cancelled: AbortSignal): Problem {
  const program = command.file.slice(command.file.lastIndexOf('/') + 1)
  return new Problem('cancelled', {
    what: `The run was cancelled (${String(cancelled.reason)}) while ${program} was running.`,
    why: 'The program was told to stop, and ended.',
    fix: 'Run the job again.'
  })
}
