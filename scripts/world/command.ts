import {spawn} from 'node:child_process'
import {atInterrupt} from './ending.ts'

/** How a command is run, where it differs from the plain way. */
export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Ends the command, and makes it fail, after this long. */
  readonly timeoutMs?: number
  readonly input?: string | Buffer
}

/** What a command printed, and how it ended (-1 where a signal ended it). */
export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that could not be started or ended with another code than 0. */
export class CommandFailed extends Error {
  readonly result: CommandResult

  constructor(argv: readonly string[], result: CommandResult) {
    const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n  ')
    super(`\`${argv.join(' ')}\` ended with ${result.exitCode}:\n  ${said}`)
    this.name = 'CommandFailed'
    this.result = result
  }
}

const running = new Set<number>()

// A script that is told to end takes its commands along.
function endCommands(): void {
  for (const pid of running) {
    try {
      // A group of its own, hence the minus: debootstrap, for one, would leave its children behind.
      process.kill(-pid, 'SIGTERM')
    } catch {
      // It ended by itself.
    }
  }
}

/** Runs a command to its end and returns its result, whatever the exit code; 127 where it is not there. */
export function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file = '', ...rest] = argv
  atInterrupt(endCommands)
  return new Promise(resolve => {
    const child = spawn(file, rest, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe']
    })
    const {pid} = child
    if (pid !== undefined) running.add(pid)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', chunk => stdout.push(chunk))
    child.stderr.on('data', chunk => stderr.push(chunk))
    // A command may end before it has read its input; how it ended is told by the exit code.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    child.on('error', error => resolve({exitCode: 127, stdout: '', stderr: error.message}))
    child.on('close', code => {
      if (pid !== undefined) running.delete(pid)
      resolve({
        exitCode: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString()
      })
    })
  })
}

/** Runs a command to its end and returns what it printed on stdout. Throws `CommandFailed`. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(argv, options)
  if (result.exitCode !== 0) throw new CommandFailed(argv, result)
  return result.stdout
}
