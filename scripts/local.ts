import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {copyCommand} from './copy/command.ts'
import {COPY_SAYS} from './copy/options.ts'
import {EXPIRE_SAYS, expireCommand} from './expire/command.ts'
import {PROBE_SAYS, probeCommand} from './layers/probe-mount.ts'
import {VERIFY_SAYS, verifyCommand} from './layers/verify-command.ts'
import {EVENT_NAMES, EVENTS} from './runner/events.ts'
import {makeLocalRequest} from './runner/local-request.ts'
import {parseOptions, printOptions, suggestion, UsageError} from './runner/options.ts'
import {RUNNER_TIMINGS, type RunRequest} from './runner/request.ts'
import {runAction} from './runner/run.ts'
import {makeLineView, type Screen, showEnd, wantsColour} from './runner/screen.ts'

// `npm run local -- <options>`: the built action, run for the checkout one stands in as GitHub's runner would run it.

interface CommandRow {
  readonly says: string
  /** Gives the exit code. */
  readonly run: (words: readonly string[]) => Promise<number>
}

const COMMANDS: Readonly<Record<string, CommandRow>> = {
  run: {says: 'run the action (what happens when no command is named)', run: runCommand},
  copy: {says: `${COPY_SAYS}; copy --help tells how`, run: words => copyCommand(words, process.env)},
  expire: {says: `${EXPIRE_SAYS}; expire --help tells how`, run: words => expireCommand(words, process.env)},
  'verify-layers': {
    says: `${VERIFY_SAYS}; verify-layers --help tells how`,
    run: words => verifyCommand(words, process.env)
  },
  'probe-mount': {
    says: `${PROBE_SAYS}; probe-mount --help tells how`,
    run: words => probeCommand(words, process.env)
  },
  lock: {says: 'write pylock.toml (or the `lock` you name) for the inputs you give', run: lockCommand}
}

const USAGE_EXIT = 2
const ACTION = join(dirname(fileURLToPath(import.meta.url)), '..')
const SCREEN: Screen = {
  write: text => void process.stdout.write(text),
  isColoured: wantsColour(process.stdout, process.env)
}

async function runCommand(words: readonly string[]): Promise<number> {
  const typed = parseOptions(words)
  if (typed.help !== undefined) {
    SCREEN.write(helpText())
    return 0
  }
  const folder = process.env.INIT_CWD ?? process.cwd()
  const request = makeLocalRequest(typed, {action: ACTION, folder, environment: process.env})
  const result = await runAction({...request, ...cancelledBySignals(), onLine: makeLineView(SCREEN)})
  showEnd(result, SCREEN)
  if (request.keep === true) SCREEN.write(`Kept: ${result.places.root}\n`)
  return result.exitCode
}

/** The action in `mode: lock`, which writes the lock into the checkout. */
function lockCommand(words: readonly string[]): Promise<number> {
  const isNamed = words.some(word => /^(?:--input=)?lock=/.test(word))
  return runCommand([...words, '--input', 'mode=lock', ...(isNamed ? [] : ['--input', 'lock=pylock.toml'])])
}

// The first signal cancels as the button on the run's page does; the second does not wait.
function cancelledBySignals(): Pick<RunRequest, 'signal' | 'force'> {
  const cancel = new AbortController()
  const force = new AbortController()
  const onSignal = () => {
    if (cancel.signal.aborted) return force.abort()
    const seconds = (RUNNER_TIMINGS.sigintMs + RUNNER_TIMINGS.sigtermMs) / 1000
    process.stderr.write(`\nCancelling; the action has ${seconds} s to end. Once more kills it at once.\n`)
    cancel.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return {signal: cancel.signal, force: force.signal}
}

function helpText(): string {
  const commands = Object.entries(COMMANDS).map(([name, row]) => `  ${name.padEnd(13)}  ${row.says}`)
  const width = Math.max(...EVENT_NAMES.map(name => name.length))
  const events = EVENT_NAMES.map(name => `  ${name.padEnd(width)}  ${EVENTS[name].says}`)
  return `Runs the action for the checkout you stand in, as GitHub's runner would: main, then post.

usage: npm --prefix <action> run local -- [command] [options]

Commands
${commands.join('\n')}

Options
${printOptions()}

Events
${events.join('\n')}

Ctrl-C cancels as the runner does. The exit code is the job's: 0, 1 for a failure, 130 for a cancelled one.
`
}

async function runWords(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words
  if (first === undefined || first.startsWith('-')) return runCommand(words)
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  if (command === undefined) {
    throw new UsageError(`There is no command ${first}.${suggestion(first, Object.keys(COMMANDS), '')}`)
  }
  return command.run(rest)
}

// Someone who looks at the first lines only (`| head`) does not make the job fail.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
})

try {
  process.exitCode = await runWords(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = USAGE_EXIT
}
