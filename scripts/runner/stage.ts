import {type ChildProcess, spawn} from 'node:child_process'
import {commandFileVariables, makeCommandFiles, takeCommandFiles} from './command-files.ts'
import type {Interruption} from './interrupt.ts'
import type {LineReader} from './line-reader.ts'
import {splitLines} from './lines.ts'
import {killProcesses, sendSignal, treeOf} from './processes.ts'
import type {CancelTimings} from './request.ts'
import type {StageResult} from './result.ts'
import {watchTree} from './watch.ts'

/** One process of the action, about to be started. */
export interface StageStart {
  readonly stage: 'main' | 'post'
  readonly script: string
  readonly workspace: string
  readonly temp: string
  /** Everything but the variables that name the command files. */
  readonly environment: Readonly<Record<string, string>>
  readonly trackingId: string
  readonly timings: CancelTimings
  readonly reader: LineReader
  /** Ends the process when it is aborted; the reason is an `Interruption`. */
  readonly interrupt?: AbortSignal | undefined
  /** Kills the whole tree when it is aborted. */
  readonly force?: AbortSignal | undefined
}

/** Runs one process of the action with its own command files and reads what it says, line by line. */
export async function runStage(start: StageStart): Promise<StageResult> {
  const files = makeCommandFiles(start.temp)
  const startedAt = new Date()
  const begin = performance.now()
  const child = spawn(process.execPath, [start.script], {
    cwd: start.workspace,
    env: {...start.environment, ...commandFileVariables(files)},
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: a terminal's Ctrl-C reaches us alone, as the runner's cancellation does.
    detached: true
  })
  const pid = child.pid
  if (pid === undefined) {
    child.once('error', () => {})
    throw new Error(`Node could not be started in ${start.workspace}`)
  }
  const watch = watchTree(pid, start.trackingId)
  const output = captureOutput(child, start.reader)
  const ended = endOf(child, start.timings.streamsMs)
  const onForce = () => killProcesses(treeOf(pid))
  start.force?.addEventListener('abort', onForce, {once: true})
  // Its session is not ours: without this it would live on where we end early.
  process.once('exit', onForce)
  const signals = await interruptible(ended, start, pid)
  const {exitCode, signal} = await ended
  const durationMs = performance.now() - begin
  start.force?.removeEventListener('abort', onForce)
  process.removeListener('exit', onForce)
  const leftRunning = await watch.stop()
  return {
    stage: start.stage,
    pid,
    exitCode,
    signal,
    startedAt,
    durationMs,
    signals: signals.map(sent => ({signal: sent.signal, afterMs: sent.at - begin})),
    ...output.finish(),
    files: takeCommandFiles(files),
    commandLines: watch.commandLines,
    leftRunning
  }
}

interface SentSignal {
  readonly signal: NodeJS.Signals
  readonly at: number
}

async function interruptible(ended: Promise<unknown>, start: StageStart, pid: number): Promise<readonly SentSignal[]> {
  const {interrupt, timings} = start
  if (interrupt === undefined || (await isFirst(ended, abortOf(interrupt)))) return []
  const sent: SentSignal[] = []
  const send = (signal: NodeJS.Signals) => {
    sent.push({signal, at: performance.now()})
    sendSignal(pid, signal)
  }
  const how = interrupt.reason as Interruption
  if (how !== 'cancel') {
    const victims = how === 'crash' ? treeOf(pid) : []
    send('SIGKILL')
    killProcesses(victims)
    return sent
  }
  send('SIGINT')
  if (await isWithin(ended, timings.sigintMs)) return sent
  send('SIGTERM')
  if (await isWithin(ended, timings.sigtermMs)) return sent
  sent.push({signal: 'SIGKILL', at: performance.now()})
  killProcesses(treeOf(pid))
  return sent
}

interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

// 'close' waits for everyone who inherited the pipes; the runner waits five seconds for them and then goes on.
async function endOf(child: ChildProcess, streamsMs: number): Promise<Ending> {
  const closed = new Promise(resolve => child.once('close', resolve))
  const ending = await new Promise<Ending>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode, signal) => resolve({exitCode, signal}))
  })
  if (!(await isWithin(closed, streamsMs))) {
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
  return ending
}

function captureOutput(child: ChildProcess, reader: LineReader) {
  const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]}
  const unmasked: Buffer[] = []
  const splitters = {stdout: splitLines(take), stderr: splitLines(take)}
  function take(line: Buffer): void {
    if (reader.read(line.toString('utf8')) === 'other') unmasked.push(line, Buffer.from('\n'))
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      chunks[name].push(chunk)
      splitters[name].push(chunk)
    })
    child[name]?.on('end', () => splitters[name].end())
  }
  return {
    finish() {
      splitters.stdout.end()
      splitters.stderr.end()
      return {
        stdout: Buffer.concat(chunks.stdout),
        stderr: Buffer.concat(chunks.stderr),
        unmaskedLines: Buffer.concat(unmasked)
      }
    }
  }
}

function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), {once: true}))
}

async function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  return Promise.race([one.then(() => true), other.then(() => false)])
}

async function isWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false)
  })
  const result = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return result
}
