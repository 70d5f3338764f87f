import {type Access, makeAccess} from '../git/access.ts'
import type {Repository} from '../git/repository.ts'
import {carriedSettings, MACHINE_SETTINGS, parseSettings, type Setting} from '../git/settings.ts'
import type {Command, Host, Ran} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import {Secret} from '../model/secret.ts'
import type {GitWork} from '../model/work-sources.ts'

/** Git, in an environment of its own: it reaches the repositories that it was told of, and nothing else. */
export interface GitSession {
  /** Lets git reach more repositories, and read more work trees. */
  admit(repositories: readonly Repository[], workTrees: readonly string[]): Promise<void>
  /** The variables by which a git that another program starts is in this session. */
  environment(): Readonly<Record<string, string>>
  ask(args: readonly string[], directory: string, settings?: Settings): Promise<Ran>
  follow(
    args: readonly string[],
    {directory, settings, onLine}: {directory: string; settings?: Settings; onLine: (line: string) => void}
  ): Promise<Ran>
}

/** What a session is begun with. */
type SessionWork = Pick<GitWork, 'directory' | 'hostKeys' | 'onUnreadable'>

/** Settings for one call, by key. */
export type Settings = Readonly<Record<string, string>>

/** `GIT_CONFIG_GLOBAL` came with 2.32, `GIT_CONFIG_COUNT` one earlier; without them the settings would silently not hold. */
const OLDEST_GIT = [2, 32] as const

const ASK_TIMEOUT_MS = 60_000

/**
 * Begins a session: reads which proxies and certificates the machine's own git configuration names.
 *
 * Throws `runner-unsupported` where git is absent or too old.
 */
export async function openGit(work: SessionWork, host: Host): Promise<GitSession> {
  await requireGit(host)
  const machine = await machineSettings(work, host)
  const repositories: Repository[] = []
  const workTrees: string[] = []
  const {directory, hostKeys} = work
  const makeAnew = () => makeAccess({repositories, workTrees, directory, machine, hostKeys})
  let access: Access = makeAnew()
  const written = new Map<string, string>()

  const commandOf = (args: readonly string[], directory: string, settings: Settings = {}): Command => ({
    file: 'git',
    args,
    cwd: directory,
    env: {...access.environment, ...moreSettings(settings)},
    timeoutMs: ASK_TIMEOUT_MS
  })
  return {
    admit: async (more, moreTrees) => {
      repositories.push(...more)
      workTrees.push(...moreTrees)
      access = makeAnew()
      await host.files.makeDirectory(`${directory}/home`)
      for (const {path, credential} of access.tokenFiles) {
        if (written.get(path) === credential.token.secret) continue
        const token = host.secrets.redeem(credential.token).reveal()
        const answer = `username=${credential.user}\npassword=${token}\n`
        await host.files.write(path, new Secret(credential.token.secret, answer))
        written.set(path, credential.token.secret)
      }
      for (const {path, key} of access.keyFiles) {
        if (written.has(path)) continue
        await host.files.write(path, host.secrets.redeem(key.key))
        written.set(path, key.key.secret)
      }
      for (const {path, text} of access.files) await host.files.write(path, text)
    },
    environment: () => access.environment,
    ask: (args, directory, settings) => host.commands.ask(commandOf(args, directory, settings)),
    follow: (args, {directory, settings, onLine}) => {
      // A clone may take as long as it moves; git itself ends one that stands still.
      const {timeoutMs: _, ...command} = commandOf(args, directory, settings)
      return host.commands.follow(command, onLine)
    }
  }
}

/** Settings after those of the session, in the variables that git reads last. */
function moreSettings(settings: Settings): Record<string, string> {
  const pairs = Object.entries(settings)
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(pairs.length + 1)],
    ...pairs.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index + 1}`, key],
      [`GIT_CONFIG_VALUE_${index + 1}`, value]
    ])
  ])
}

async function requireGit(host: Host): Promise<void> {
  const {exitCode, stdout} = await host.commands.ask({file: 'git', args: ['--version'], timeoutMs: ASK_TIMEOUT_MS})
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  const isEnough =
    exitCode === 0 &&
    (Number(major) > OLDEST_GIT[0] || (Number(major) === OLDEST_GIT[0] && Number(minor) >= OLDEST_GIT[1]))
  if (isEnough) return
  throw new Problem('runner-unsupported', {
    what: exitCode === 0 ? `This machine has ${stdout.trim()}.` : 'This machine has no git.',
    why: `Fetching submodules with a credential that stays in its place needs git ${OLDEST_GIT.join('.')} or newer.`,
    fix: 'Install a newer git, or fetch the submodules before and set `submodules: false`.'
  })
}

async function machineSettings(work: SessionWork, host: Host): Promise<readonly Setting[]> {
  const scopes = ['--system', '--global']
  const variables = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'].flatMap(name =>
    host.env[name] === undefined ? [] : [[name, host.env[name]]]
  )
  const env: Record<string, string> = Object.fromEntries(variables)
  const printed = await Promise.all(
    scopes.map(scope =>
      host.commands.ask({
        file: 'git',
        args: ['config', scope, '--includes', '--null', '--get-regexp', MACHINE_SETTINGS],
        env,
        timeoutMs: ASK_TIMEOUT_MS
      })
    )
  )
  const settings = printed.flatMap(({exitCode, stdout}) => (exitCode === 0 ? parseSettings(stdout) : []))
  return carriedSettings(settings, work.onUnreadable === 'skip' ? 'without-identity' : 'with-identity')
}
