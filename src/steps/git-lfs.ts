import {failureOf} from '../git/failures.ts'
import type {Repository} from '../git/repository.ts'
import {shownUrl} from '../git/url.ts'
import type {Ran} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {GitWork} from '../model/work-sources.ts'
import type {GitSession, Settings} from './git-session.ts'
import type {StepContext} from './step.ts'

const POINTER = 'version https://git-lfs.github.com/spec/v1'
const LOOKED_AT = 50

/** What `git lfs install` would write into the user's configuration; here for one call only. */
const FILTER: Settings = {
  'filter.lfs.clean': 'git-lfs clean -- %f',
  'filter.lfs.smudge': 'git-lfs smudge -- %f',
  'filter.lfs.process': 'git-lfs filter-process',
  'filter.lfs.required': 'true'
}

/** A checked-out repository whose large files may still be pointers. */
export interface LfsTree {
  readonly directory: string
  readonly place: string
  readonly repository: Repository
}

/**
 * Fetches the large files of a work tree where it keeps them in LFS and holds pointers in their place.
 *
 * Without git-lfs that is a warning and no error: nobody knows yet whether the build reads those files.
 */
export async function fetchLargeFiles(
  tree: LfsTree,
  {git, work, context}: {git: GitSession; work: GitWork; context: StepContext}
): Promise<void> {
  const pointers = await pointersIn(tree, {git, context})
  if (pointers.length === 0) return
  const name = tree.place === '' ? 'the workspace' : `\`${tree.place}\``
  const {host, warn, notice} = context
  if ((await git.ask(['lfs', 'version'], tree.directory)).exitCode !== 0) {
    return warn(
      `Large files of ${name} are LFS pointers (${pointers.slice(0, 3).join(', ')}, …), and this machine has no git-lfs. ` +
        'A build that copies them gets the pointers. Install git-lfs on the runner before this step.'
    )
  }
  host.log.info(`git: fetching the large files of ${name}`)
  const {url, credential} = tree.repository
  // Known beforehand, so that git-lfs does not find out by asking and then write it into the repository's configuration.
  const access = credential === undefined ? {} : {[`lfs.${url.replace(/\.git$/i, '')}.git/info/lfs.access`]: 'basic'}
  const ran = await withoutMark(tree, git, () =>
    git.follow(['lfs', 'pull'], {
      directory: tree.directory,
      settings: {...FILTER, ...access},
      onLine: line => host.log.debug(`git lfs: ${line}`)
    })
  )
  if (ran.exitCode === 0) return
  const failure = failureOf(ran.stderr, tree.repository)
  if (work.onUnreadable === 'skip') return notice(`The large files (LFS) of ${name} were left out: ${failure.why}`)
  throw new Problem(failure.code, {
    what: `The large files (LFS) of ${name} (${shownUrl(tree.repository.written)}) could not be fetched.`,
    why: failure.why,
    fix: failure.fix,
    evidence: failure.evidence
  })
}

/** Git-lfs marks a repository's own configuration with its version; where no mark was, none is left. */
async function withoutMark({directory}: LfsTree, git: GitSession, pull: () => Promise<Ran>): Promise<Ran> {
  const mark = (...args: string[]) => git.ask(['config', '--local', ...args, 'lfs.repositoryformatversion'], directory)
  const wasMarked = (await mark('--get')).exitCode === 0
  try {
    return await pull()
  } finally {
    if (!wasMarked) await mark('--unset-all')
  }
}

/** The first files that `.gitattributes` gives to LFS and that are still pointers. */
async function pointersIn(
  {directory}: LfsTree,
  {git, context}: {git: GitSession; context: StepContext}
): Promise<readonly string[]> {
  const listed = await git.ask(['ls-files', '-z', '--', ':(attr:filter=lfs)'], directory)
  const paths = listed.exitCode === 0 ? listed.stdout.split('\0').filter(path => path !== '') : []
  const some = paths.slice(0, LOOKED_AT)
  const {host} = context
  const heads = await Promise.all(
    some.map(path =>
      host.commands.ask({file: 'head', args: ['-c', String(POINTER.length), '--', path], cwd: directory})
    )
  )
  return some.filter((_, index) => heads[index]?.stdout === POINTER)
}
