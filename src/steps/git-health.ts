import {locateRepository, type Repository} from '../git/repository.ts'
import {isRefused, shownUrl} from '../git/url.ts'
import {Problem} from '../model/problem.ts'
import type {GitWork, RepositoryCheck} from '../model/work-sources.ts'
import {findObstacle, loginOf} from './git-fetch.ts'
import type {GitSession} from './git-session.ts'
import {AT_ONCE, inTurns} from './in-turns.ts'
import type {StepContext} from './step.ts'

/** A repository that is asked whether it may be read. */
export interface Check {
  readonly repository: Repository
  readonly onUnreadable: RepositoryCheck['onUnreadable']
}

/** The repositories that credentials were given for. */
export function locateChecks({checks, credentials, keys}: GitWork): readonly Check[] {
  return checks.map(({url, onUnreadable}) => {
    const repository = locateRepository(url, {origin: '', credentials, keys})
    if (isRefused(repository)) throw new Error(`The plan has an address that git would not use: ${shownUrl(url)}`)
    return {repository, onUnreadable}
  })
}

/** Asks every repository at once, in a second or two; what the build cannot do without is a problem, the rest a warning. */
export async function problemsOfChecks(
  checks: readonly Check[],
  {git, context, work}: {git: GitSession; context: StepContext; work: GitWork}
): Promise<readonly Problem[]> {
  const {host, warn} = context
  const found = await inTurns(checks, AT_ONCE.asking, async ({repository, onUnreadable}) => {
    const place = `${repository.host}/${repository.path}`
    const failure = await findObstacle({repository, place}, {git, host, directory: work.directory})
    if (failure === undefined) return []
    const code = failure.code === 'submodule-unreadable' ? 'repository-unreadable' : failure.code
    const what = `${shownUrl(repository.written)} could not be read; ${loginOf(repository)} was used.`
    if (onUnreadable === 'warn') {
      warn(`${what} ${failure.why} ${failure.fix}`)
      return []
    }
    return [new Problem(code, {what, why: failure.why, fix: failure.fix, evidence: failure.evidence})]
  })
  return found.flat()
}

/** How many were asked, for the log. */
export function askedText(count: number): string {
  if (count === 0) return 'no submodules'
  return `${count} ${count === 1 ? 'repository' : 'repositories'} asked`
}
