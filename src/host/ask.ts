import {getExecOutput} from '@actions/exec'
import {environmentOf} from './environment.ts'
import type {Command, Ran} from './host.ts'
import {commandLineOf} from './processes.ts'

/** For programs that answer a question. */
export const ASK_TIMEOUT_MS = 60_000

/** The exit code after a timeout, as `timeout` of coreutils has it. */
export const TIMED_OUT = 124

/** What a shell answers for a program that does not exist. */
export const NOT_FOUND = 127

/** How long the program's pipes may stay open after its end, for example in the hands of a daemon that it started. */
const PIPES_CLOSE_MS = 2_000

// Exec leaves the input open, so that a program that reads would wait for ever; and input given to exec, even an empty
// one, is an uncaught EPIPE when the program is quick to end (@actions/exec 3.0).
const WITHOUT_INPUT = 'exec "$0" "$@" </dev/null'

const KILL_AFTER = '--kill-after=2'

/** Whether a child of ours is a program that was asked: exec does not tell pids, so its command line must. */
export function isAsked(pid: number): boolean {
  const [program, option] = commandLineOf(pid)
  return program?.endsWith('/timeout') === true && option === KILL_AFTER
}

/**
 * Runs a short program quietly, without input, and keeps what it prints.
 *
 * The toolkit's exec can neither end a program nor tell its pid, so `timeout` of coreutils stands between: it ends the
 * program with everything that it started, and answers 124 then and 127 where the program does not exist.
 */
export async function askQuietly(command: Command, ours: Readonly<Record<string, string | undefined>>): Promise<Ran> {
  const limitMs = command.timeoutMs ?? ASK_TIMEOUT_MS
  const startedMs = performance.now()
  try {
    const ran = await getExecOutput(
      'timeout',
      [KILL_AFTER, (limitMs / 1000).toFixed(3), 'sh', '-c', WITHOUT_INPUT, command.file, ...command.args],
      {
        env: environmentOf(ours, command.env),
        silent: true,
        ignoreReturnCode: true,
        delay: PIPES_CLOSE_MS,
        ...(command.cwd === undefined ? {} : {cwd: command.cwd})
      }
    )
    // `timeout` dies with the group that it has to kill hard; exec then has no exit code.
    const wasKilled = ran.exitCode === null && performance.now() - startedMs >= limitMs
    return {...ran, exitCode: wasKilled ? TIMED_OUT : (ran.exitCode ?? 137)}
  } catch (thrown) {
    // No `timeout` on PATH, or a working directory that does not exist.
    return {exitCode: NOT_FOUND, stdout: '', stderr: thrown instanceof Error ? thrown.message : String(thrown)}
  }
}
