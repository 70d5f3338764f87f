import type {SecretRef} from '../model/secret.ts'
import {collect} from './flow.ts'
import {answerOf, noAnswer} from './github-answer.ts'
import type {GitHubPort, LogPort, SecretsPort} from './host.ts'
import type {Transport} from './registry-transport.ts'
import {trustSystemCertificates} from './trust.ts'

const ANSWER_MS = 20_000

/** What is asked beside the registries must not keep anyone waiting. */
const ASK_MS = 5_000
const ASK_LIMIT_BYTES = 1024 * 1024

const DEFAULT_API = 'https://api.github.com'

/** What GitHub's comparison may say; everything else is `unknown`. */
const STANDINGS = ['ahead', 'behind', 'identical', 'diverged'] as const

/** Questions to GitHub's REST interface. Whatever goes wrong there, nobody can tell is an answer too. */
export function openGitHub({
  token,
  repository,
  apiUrl,
  log,
  secrets,
  transport
}: {
  token: string | undefined
  repository: string | undefined
  apiUrl: string | undefined
  log: LogPort
  secrets: SecretsPort
  transport: Transport
}): GitHubPort {
  const [owner, repo] = (repository ?? '').split('/')

  async function ask(path: string, asker: SecretRef | null) {
    const url = URL.parse(`${(apiUrl ?? DEFAULT_API).replace(/\/+$/, '')}${path}`)
    if (url === null) return noAnswer('The address of GitHub’s interface is none.')
    const login = asker === null ? {} : {authorization: `Bearer ${secrets.redeem(asker).reveal()}`}
    const headers = {accept: 'application/vnd.github+json', 'user-agent': 'pytorch-cuda-image-action', ...login}
    try {
      const answer = await transport.send({method: 'GET', url, headers, answerMs: ASK_MS})
      const body = await collect(answer, {limitBytes: ASK_LIMIT_BYTES, stallMs: ASK_MS})
      return answerOf(answer.statusCode ?? 0, answer.headers, body?.toString('utf8') ?? '')
    } catch (thrown) {
      log.debug(`Asking GitHub for ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      return noAnswer(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  return {
    ask,
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
