import {type Failure, failureOf} from '../git/failures.ts'
import type {Repository} from '../git/repository.ts'
import {shownUrl} from '../git/url.ts'
import type {Host, Ran} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {FoundModule} from './git-modules.ts'
import type {GitSession} from './git-session.ts'

/** How much of a submodule's history is fetched: as much as of the workspace's own. */
export type History = 'one-commit' | 'whole'

/** Waits between attempts where a server or the network may answer the next time. */
const PAUSES_MS = [1_000, 4_000] as const

const PROGRESS_EVERY_MS = 5_000
const PROGRESS = /^(?:remote: )?(Counting|Compressing|Receiving|Resolving|Updating|Downloading|Filtering)\b.*\d+%/

/** A server that hands out only the tips of its branches says one of these for an older commit. */
const NOT_BY_COMMIT = /did not contain [0-9a-f]{40}|unadvertised object|not our ref/i

/** Whether the commit that belongs there is already checked out, by actions/checkout for example. */
export async function isPresent(module: FoundModule, {git, host}: {git: GitSession; host: Host}): Promise<boolean> {
  const directory = directoryOf(module)
  // Without a git directory of its own, git would answer for the superproject.
  if ((await host.files.kindOf(`${directory}/.git`)) === 'absent') return false
  const {exitCode, stdout} = await git.ask(['rev-parse', '--verify', 'HEAD'], directory)
  return exitCode === 0 && stdout.trim() === module.commit
}

/** Asks the server for a repository, in well under a second; undefined when it may be read. */
export function findObstacle(
  {repository, place}: Pick<FoundModule, 'repository' | 'place'>,
  {git, host, directory}: {git: GitSession; host: Host; directory: string}
): Promise<Failure | undefined> {
  const look = async () => {
    const ran = await git.ask(['ls-remote', '--quiet', '--', repository.written, 'HEAD'], directory)
    return ran.exitCode === 124 ? {...ran, stderr: `${repository.host} gave no answer within a minute`} : ran
  }
  return attempt(look, {repository, place}, host)
}

/** Checks out the commit of a submodule. What it began is removed again when it fails. */
export async function fetchModule(
  module: FoundModule,
  {git, host, history}: {git: GitSession; host: Host; history: History}
): Promise<Failure | undefined> {
  const gitDirectory = await gitDirectoryOf(module, git)
  const isNew = (await host.files.kindOf(gitDirectory)) === 'absent'
  const {repository, superproject} = module
  if (!isNew) await pointTo(repository.written, {gitDirectory, git})
  const clear = async () => {
    if (!isNew) return
    await host.files.remove(gitDirectory)
    await host.files.remove(directoryOf(module))
    await host.files.makeDirectory(directoryOf(module))
  }
  const update = async (depth: readonly string[]): Promise<Ran> => {
    const args = ['submodule', 'update', '--init', '--progress', ...depth, '--', module.path]
    // The address comes from us, as it was checked; in `.git/config` nothing needs to be written.
    const settings = {
      [`submodule.${module.name}.url`]: repository.written,
      [`submodule.${module.name}.active`]: 'true'
    }
    const onLine = showProgress(module.place, host)
    try {
      const ran = await git.follow(args, {directory: superproject.directory, settings, onLine})
      if (ran.exitCode !== 0) await clear()
      return ran
    } catch (thrown) {
      await clear()
      throw thrown
    }
  }
  return attempt(
    async () => {
      if (history === 'whole') return update([])
      const ran = await update(['--depth', '1'])
      return ran.exitCode !== 0 && isNew && NOT_BY_COMMIT.test(ran.stderr) ? update([]) : ran
    },
    module,
    host
  )
}

/** The problem of a submodule that this run needs and cannot read. */
export function unreadable(module: FoundModule, failure: Failure): Problem {
  const {repository} = module
  return new Problem(failure.code, {
    what: `The submodule \`${module.place}\` (${shownUrl(repository.written)}) could not be read; ${loginOf(repository)} was used.`,
    why: failure.why,
    fix: failure.fix,
    evidence: failure.evidence
  })
}

/** With what a repository is read, for people. */
export function loginOf({credential, ssh}: Repository): string {
  if (ssh !== undefined) return `the key \`${ssh.key.id}\``
  return credential === undefined ? 'no credential' : `\`${credential.token.secret}\``
}

/** Where a submodule is checked out, absolute. */
export function directoryOf({superproject, path}: FoundModule): string {
  return `${superproject.directory}/${path}`
}

async function attempt(
  run: () => Promise<Ran>,
  {repository, place}: Pick<FoundModule, 'repository' | 'place'>,
  host: Host
): Promise<Failure | undefined> {
  for (let count = 0; ; count += 1) {
    const {exitCode, stderr} = await run()
    if (exitCode === 0) return undefined
    const failure = failureOf(stderr, repository)
    const pauseMs = PAUSES_MS[count]
    if (!failure.passes || pauseMs === undefined || host.cancelled.aborted) return failure
    host.log.info(`git: ${place}: ${failure.why} Trying again.`)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}

async function gitDirectoryOf(module: FoundModule, git: GitSession): Promise<string> {
  const {directory} = module.superproject
  const {stdout} = await git.ask(['rev-parse', '--git-path', `modules/${module.name}`], directory)
  const path = stdout.replace(/\n$/, '')
  return path.startsWith('/') ? path : `${directory}/${path}`
}

/** A git directory that an earlier run left behind may still point to an older address. */
async function pointTo(url: string, {gitDirectory, git}: {gitDirectory: string; git: GitSession}): Promise<void> {
  await git.ask(['--git-dir', gitDirectory, 'config', 'remote.origin.url', url], gitDirectory)
}

function showProgress(place: string, host: Host): (line: string) => void {
  let lastMs = host.clock.elapsedMs()
  return line => {
    const nowMs = host.clock.elapsedMs()
    if (nowMs - lastMs < PROGRESS_EVERY_MS || !PROGRESS.test(line)) return
    lastMs = nowMs
    host.log.info(`git: ${place}: ${line.trim()}`)
  }
}
