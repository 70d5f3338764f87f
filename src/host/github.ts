import type {GitHubPort, LogPort} from './host.ts'
import {trustSystemCertificates} from './trust.ts'

const ANSWER_MS = 20_000

/** What GitHub's comparison may say; everything else is `unknown`. */
const STANDINGS = ['ahead', 'behind', 'identical', 'diverged'] as const

/** Questions to GitHub's REST interface. Whatever goes wrong there, nobody can tell is an answer too. */
export function openGitHub({
  token,
  repository,
  apiUrl,
  log
}: {
  token: string | undefined
  repository: string | undefined
  apiUrl: string | undefined
  log: LogPort
}): GitHubPort {
  const [owner, repo] = (repository ?? '').split('/')
  return {
    compareCommits: async (base, head) => {
      if (base === head) return 'identical'
      if (token === undefined || owner === undefined || repo === undefined) return 'unknown'
      try {
        // Loaded when it is needed: most runs never compare.
        trustSystemCertificates()
        const {getOctokit} = await import('@actions/github')
        const {rest} = getOctokit(token, apiUrl === undefined ? {} : {baseUrl: apiUrl})
        const {data} = await rest.repos.compareCommitsWithBasehead({
          owner,
          repo,
          basehead: `${base}...${head}`,
          // The commits themselves are of no interest.
          per_page: 1,
          request: {signal: AbortSignal.timeout(ANSWER_MS)}
        })
        return STANDINGS.find(standing => standing === data.status) ?? 'unknown'
      } catch (thrown) {
        log.debug(`Comparing ${base} with ${head}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
        return 'unknown'
      }
    }
  }
}
