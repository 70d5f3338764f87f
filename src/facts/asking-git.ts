import type {Host, Ran} from '../host/host.ts'

const TIMEOUT_MS = 10_000

/**
 * Asks git about a directory without trusting it or changing anything.
 *
 * The machine's and the user's configuration stay out, hooks and monitors are off, prompts are impossible, and a
 * repository that another user owns is read by an exception for this one call, not by a line in a configuration.
 */
export function askGit(host: Host, directory: string, args: readonly string[], ceiling?: string): Promise<Ran> {
  return host.commands.ask({
    file: 'git',
    args: ['-C', directory, ...args],
    timeoutMs: TIMEOUT_MS,
    env: {
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_CONFIG_KEY_1: 'core.hooksPath',
      GIT_CONFIG_VALUE_1: '/dev/null',
      GIT_CONFIG_KEY_2: 'core.fsmonitor',
      GIT_CONFIG_VALUE_2: 'false',
      GIT_CONFIG_KEY_3: 'log.showSignature',
      GIT_CONFIG_VALUE_3: 'false',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      // A partial clone would fetch what it lacks.
      GIT_ALLOW_PROTOCOL: 'none',
      LC_ALL: 'C',
      ...(ceiling === undefined ? {} : {GIT_CEILING_DIRECTORIES: ceiling})
    }
  })
}

/** What git printed, without the line end; undefined where it answered with an error or nothing. */
export async function gitAnswer(
  host: Host,
  directory: string,
  args: readonly string[],
  ceiling?: string
): Promise<string | undefined> {
  const {exitCode, stdout} = await askGit(host, directory, args, ceiling)
  const answer = stdout.replace(/\r?\n$/, '')
  return exitCode === 0 && answer !== '' ? answer : undefined
}
