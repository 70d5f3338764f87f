import {failureOf} from '../git/failures.ts'
import {locateRepository, type Repository} from '../git/repository.ts'
import {gitAddressesIn} from '../git/requirement.ts'
import {isRefused, shownUrl} from '../git/url.ts'
import {Problem, Problems} from '../model/problem.ts'
import type {LockWork} from '../model/work-sources.ts'
import {exists} from './git-app.ts'
import {loginOf} from './git-fetch.ts'
import {openGit} from './git-session.ts'
import type {StepContext} from './step.ts'

/** How uv's git reaches the repositories that requirements name. */
export interface LockGit {
  readonly environment: Readonly<Record<string, string>>
  /** What git's words within uv's mean for a repository. */
  unreadable(address: string, words: readonly string[]): Problem
}

/**
 * Lets uv's git reach what the requirements name: each repository with the credential of its own path, by files alone.
 *
 * Throws `submodule-url-refused` for addresses that no git of ours may be given, all together.
 */
export async function openLockGit(
  texts: readonly string[],
  {git, caBundle}: LockWork & {readonly git: NonNullable<LockWork['git']>},
  {host, products}: StepContext
): Promise<LockGit> {
  const credentials = git.credentials.filter(credential => exists(credential, products.appTokens ?? []))
  const located = (address: string) => locateRepository(address, {origin: '', credentials, keys: git.keys})
  const addresses = [...new Set(texts.flatMap(gitAddressesIn))]
  const problems = addresses.flatMap(address => {
    const repository = located(address)
    return isRefused(repository) ? [addressRefused(address, repository)] : []
  })
  if (problems.length > 0) throw new Problems(problems)
  const repositories = addresses.map(located).filter((one): one is Repository => !isRefused(one))
  const session = await openGit(git, host)
  await session.admit(repositories, [])
  const environment = session.environment()
  return {
    environment: {
      ...environment,
      // uv makes its work tree from its own clone, which lies in the private directory of this run.
      GIT_ALLOW_PROTOCOL: `${environment.GIT_ALLOW_PROTOCOL}:file`,
      // GitHub's API would be asked first, without a login.
      UV_NO_GITHUB_FAST_PATH: '1',
      ...(caBundle === undefined ? {} : {GIT_SSL_CAINFO: caBundle})
    },
    unreadable: (address, words) => {
      const repository = repositories.find(({written}) => address.startsWith(written))
      return unreadable({address, words, repository, isWithheld: git.onUnreadable === 'skip'})
    }
  }
}

function unreadable({
  address,
  words,
  repository,
  isWithheld
}: {
  readonly address: string
  readonly words: readonly string[]
  /** Undefined where a package of a package names it. */
  readonly repository: Repository | undefined
  readonly isWithheld: boolean
}): Problem {
  const failure = repository === undefined ? undefined : failureOf(words.join('\n'), repository)
  const login = repository === undefined ? 'no credential' : loginOf(repository)
  const why = failure?.why ?? 'No file of `requirements` names it, but a package that one of them names.'
  const shown = shownUrl(repository?.written ?? address)
  return new Problem('repository-unreadable', {
    what: `${shown}, from which a package is to be installed, could not be read; ${login} was used.`,
    why: isWithheld ? `${why} This event reads without the credentials of the workflow.` : why,
    fix: isWithheld
      ? 'Build on an event that may read private code (a push), or take the package from a place that anyone may read.'
      : (failure?.fix ?? 'Name it in `requirements` as well, and give a credential for it with `git-credentials`.'),
    evidence: failure?.evidence ?? words
  })
}

function addressRefused(address: string, {refused, fix}: {readonly refused: string; readonly fix: string}): Problem {
  return new Problem('submodule-url-refused', {
    what: `The requirements name the repository ${shownUrl(address)}, which git is not given.`,
    why: refused,
    fix
  })
}
