import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {constants} from 'node:os'
import type {Readable, Writable} from 'node:stream'
import {Secret} from '../model/secret.ts'
import {NOT_FOUND, TIMED_OUT} from './ask.ts'
import {environmentOf} from './environment.ts'
import type {Command, Ran} from './host.ts'
import {splitLines} from './lines.ts'
import {signalGroup} from './processes.ts'

/** When a program that is to end gets which signal, in milliseconds. */
export type Ending = readonly {readonly signal: NodeJS.Signals; readonly afterMs: number}[]

/**
 * On cancel the runner gives us 7.5 seconds before SIGTERM and 2.5 more before it kills (actions/runner,
 * `ProcessInvoker.cs`): the program must be gone by then.
 */
export const ENDING_ON_CANCEL: Ending = [
  {signal: 'SIGINT', afterMs: 0},
  {signal: 'SIGTERM', afterMs: 5_000},
  {signal: 'SIGKILL', afterMs: 7_000}
]

const ENDING_ON_TIMEOUT: Ending = [
  {signal: 'SIGTERM', afterMs: 0},
  {signal: 'SIGKILL', afterMs: 2_000}
]

/** How long the program's pipes may stay open after its end, before what it left behind in its group is killed. */
const PIPES_CLOSE_MS = 2_000

/** How much of each stream is kept for the result; the lines have all been handed over. */
const KEPT_CHARACTERS = 4 * 1024 * 1024

/** What a followed program needs of its host. */
export interface Leash {
  readonly ours: Readonly<Record<string, string | undefined>>
  readonly cover: (text: string) => string
  readonly cancelled: AbortSignal
  readonly endingOnCancel: Ending
  /** Leaders of the groups that run now. */
  readonly groups: Set<number>
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Runs a program in a group of its own, so that a signal reaches all that it started, and hands over its lines. */
export async function followProgram(
  command: Command,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
  leash: Leash
): Promise<Ran> {
  const child: Child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: environmentOf(leash.ours, command.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true
  })
  const {pid} = child
  if (pid !== undefined) leash.groups.add(pid)
  const end = endingOf(pid)
  const cancel = () => end.begin(leash.endingOnCancel)
  const leashes = [leash.cancelled, ...(command.stopped === undefined ? [] : [command.stopped])]
  for (const signal of leashes) signal.addEventListener('abort', cancel, {once: true})
  if (command.stopped?.aborted === true) cancel()
  const timeout = setTimeout(() => end.begin(ENDING_ON_TIMEOUT), command.timeoutMs ?? 2 ** 31 - 1)
  let hasTimedOut = false
  let thrown: unknown
  try {
    // A program may end without reading its input.
    child.stdin.on('error', () => {})
    child.stdin.end(command.stdin instanceof Secret ? command.stdin.reveal() : (command.stdin ?? ''))
    const handOver = (line: string, stream: 'stdout' | 'stderr') => {
      try {
        onLine(line, stream)
      } catch (error) {
        thrown ??= error
        end.begin(ENDING_ON_TIMEOUT)
      }
    }
    const isCovered = command.lines !== 'as-printed'
    const taker = (stream: 'stdout' | 'stderr') => (line: string, covered: string) =>
      handOver(isCovered ? covered : line, stream)
    const stdout = keepLines(child.stdout, taker('stdout'), leash.cover)
    const stderr = keepLines(child.stderr, taker('stderr'), leash.cover)
    const exitCode = await exitOf(child)
    hasTimedOut = end.cause() === ENDING_ON_TIMEOUT
    if (thrown !== undefined) throw thrown
    return {exitCode: hasTimedOut ? TIMED_OUT : exitCode, stdout: stdout(), stderr: stderr()}
  } finally {
    clearTimeout(timeout)
    end.stop()
    for (const signal of leashes) signal.removeEventListener('abort', cancel)
    if (pid !== undefined) leash.groups.delete(pid)
  }
}

/** Sends the signals of an ending one after the other; a second ending does not restart the first. */
function endingOf(pid: number | undefined) {
  let cause: Ending | undefined
  const timers: NodeJS.Timeout[] = []
  return {
    begin: (ending: Ending) => {
      if (cause !== undefined || pid === undefined) return
      cause = ending
      for (const {signal, afterMs} of ending) {
        if (afterMs === 0) signalGroup(pid, signal)
        else timers.push(setTimeout(() => signalGroup(pid, signal), afterMs))
      }
    },
    cause: () => cause,
    stop: () => timers.forEach(clearTimeout)
  }
}

function keepLines(
  stream: Readable,
  onLine: (line: string, covered: string) => void,
  cover: (text: string) => string
): () => string {
  let kept = ''
  const splitter = splitLines(line => {
    const covered = cover(line)
    kept = `${kept}${covered}\n`
    // Cut seldom, not at each line: cutting copies.
    if (kept.length > 2 * KEPT_CHARACTERS) kept = kept.slice(-KEPT_CHARACTERS)
    onLine(line, covered)
  })
  stream.on('data', splitter.take)
  stream.on('close', splitter.finish)
  return () => kept.slice(-KEPT_CHARACTERS)
}

/** Waits for the program's end and its last line; what then still runs in its group is killed. */
function exitOf(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    let forced: NodeJS.Timeout | undefined
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return resolve(NOT_FOUND)
      if (error.code === 'EACCES') return resolve(126)
      reject(error)
    })
    child.once('exit', () => {
      const leader = child.pid as number
      forced = setTimeout(() => {
        signalGroup(leader, 'SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
      }, PIPES_CLOSE_MS)
    })
    child.once('close', (code, signal) => {
      clearTimeout(forced)
      if (child.pid === undefined) return
      signalGroup(child.pid, 'SIGKILL')
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
