import {text} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'
import {Problem} from '../model/problem.ts'
import {appLogin} from './app-login.ts'
import type {AppsPort, AppTokenRequest, LogPort, MintedToken, SecretsPort} from './host.ts'
import type {Transport} from './registry-transport.ts'

const ANSWER_MS = 20_000
const PAUSES_MS = [500, 2_000] as const
/** A clock that is wrong by less than this changes nothing. */
const SKEW_WORTH_TELLING_S = 30

const VERSION = '2022-11-28'

/** What GitHub answered: its status, its words, and how far its clock is ahead of ours. */
interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
  readonly skewMs: number
}

/** Mints tokens of GitHub Apps, and takes them back. */
export function openApps({
  transport,
  secrets,
  log,
  cancelled,
  now = Date.now
}: {
  transport: Transport
  secrets: SecretsPort
  log: LogPort
  cancelled: AbortSignal
  now?: () => number
}): AppsPort {
  /** What our clock lacks, once GitHub has told. */
  let skewMs = 0

  async function send(url: string, options: {method: string; authorization: string; body?: object}): Promise<Answer> {
    const {method, authorization, body} = options
    const headers = {
      authorization,
      accept: 'application/vnd.github+json',
      'x-github-api-version': VERSION,
      'user-agent': 'pytorch-cuda-image-action'
    }
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    for (let attempt = 0; ; attempt += 1) {
      const pauseMs = PAUSES_MS[attempt]
      try {
        const response = await transport.send({
          method,
          url: new URL(url),
          headers: bytes === undefined ? headers : {...headers, 'content-length': String(bytes.length)},
          answerMs: ANSWER_MS,
          ...(bytes === undefined ? {} : {body: bytes})
        })
        const status = response.statusCode ?? 0
        const words = await text(response)
        const date = Date.parse(response.headers.date ?? '')
        if (status >= 500 && pauseMs !== undefined) throw new Error(`HTTP ${status}`)
        return {status, json: parse(words), skewMs: Number.isNaN(date) ? 0 : date - now()}
      } catch (thrown) {
        if (pauseMs === undefined || cancelled.aborted) throw unreachable(url, thrown)
        log.debug(`${method} ${url}: ${String(thrown)}; trying again`)
        await sleep(pauseMs)
      }
    }
  }

  /** Asks as the App. A login that GitHub finds too early or too late is signed once more by GitHub's own clock. */
  async function asApp(request: AppTokenRequest, path: string, body?: object): Promise<Answer> {
    const ask = () => {
      const login = appLogin({id: request.id, key: secrets.redeem(request.key).reveal(), nowMs: now() + skewMs})
      secrets.keep('github-app login', login)
      return send(`${request.apiUrl}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        authorization: `Bearer ${login}`,
        ...(body === undefined ? {} : {body})
      })
    }
    const first = await ask()
    const isSkewed = first.status === 401 && Math.abs(first.skewMs - skewMs) > SKEW_WORTH_TELLING_S * 1000
    if (!isSkewed) return first
    skewMs = first.skewMs
    return ask()
  }

  return {
    mint: async request => {
      const {owner, permissions} = request
      const asked = await Promise.all(
        request.repositories.map(async ({name, isListed}) => {
          const answer = await asApp(request, `/repos/${owner}/${encodeURIComponent(name)}/installation`)
          if (answer.status === 200) return {name, installation: Number(answer.json.id)}
          if (answer.status === 404 && !isListed) return undefined
          throw refused(request, answer, `${owner}/${name}`)
        })
      )
      const reached = asked.filter(found => found !== undefined)
      const [first] = reached
      if (first === undefined) return undefined
      const repositories = reached.map(({name}) => name)
      const answer = await asApp(request, `/app/installations/${first.installation}/access_tokens`, {
        repositories,
        permissions
      })
      const {token, expires_at: expiresAt} = answer.json
      if (answer.status !== 201 || typeof token !== 'string') {
        throw refused(request, answer, repositories.map(name => `${owner}/${name}`).join(', '))
      }
      const minted: MintedToken = {
        token: secrets.keep(request.secret, token),
        repositories,
        ...(typeof expiresAt === 'string' ? {expiresAt} : {}),
        ...(Math.abs(skewMs) > SKEW_WORTH_TELLING_S * 1000 ? {skewSeconds: Math.round(skewMs / 1000)} : {})
      }
      return minted
    },
    revoke: async ({apiUrl, token}) => {
      const answer = await send(`${apiUrl}/installation/token`, {
        method: 'DELETE',
        authorization: `Bearer ${token.reveal()}`
      })
      // 401: it has expired or was revoked already, which is what we want.
      if (answer.status !== 204 && answer.status !== 401) throw new Error(`GitHub answered ${answer.status}`)
    }
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Why GitHub refuses an App; the first row that fits counts. The texts are GitHub's. */
const REFUSALS: readonly {
  readonly fits: (answer: Answer, words: string) => boolean
  readonly why: (answer: Answer) => string
  readonly fix: string
}[] = [
  {
    fits: ({status, skewMs}, words) =>
      status === 401 &&
      /issued at|expiration|'exp'|'iat'/i.test(words) &&
      Math.abs(skewMs) > SKEW_WORTH_TELLING_S * 1000,
    why: ({skewMs}) =>
      `The clock of this machine is ${clockText(skewMs)}, so that the login looked too early or too late.`,
    fix: 'Let the machine set its clock by NTP.'
  },
  {
    fits: ({status}) => status === 401,
    why: () => 'The id and the key do not belong together, or the key was deleted on the page of the App.',
    fix: 'Compare *App ID* on the page of the App with `id`, and make a new private key there.'
  },
  {
    fits: ({status}) => status === 404,
    why: () => 'The App is not installed there, or its installation does not include that repository.',
    fix: 'Open the App’s *Install App* page, configure the installation of that owner, and add the repository under *Repository access*.'
  },
  {
    fits: (_, words) => /suspended/i.test(words),
    why: () => 'The installation of the App is suspended.',
    fix: 'An owner of the organisation can unsuspend it under Settings → GitHub Apps.'
  },
  {
    fits: ({status}, words) => status === 422 && /permission/i.test(words),
    why: () =>
      'The App was never given a permission that is asked for: it needs *Contents: read*, and *Packages: write* where `packages: write` says so.',
    fix: 'Set it on the page of the App under *Permissions & events*, then accept the change at the installation.'
  },
  {
    fits: ({status}) => status === 422,
    why: () => 'A repository does not exist, or the installation does not include it.',
    fix: 'Configure the installation of that owner, and add the repository under *Repository access*.'
  },
  {
    fits: ({status}) => status === 403 || status === 429,
    why: () =>
      'GitHub refuses this App for the time being: a limit of requests, or a list of networks of the organisation.',
    fix: 'Look at GitHub’s words; run the job again later, or add this machine’s network to the organisation’s list.'
  }
]

function refused(request: AppTokenRequest, answer: Answer, repositories: string): Problem {
  const words = typeof answer.json.message === 'string' ? answer.json.message : ''
  const row = REFUSALS.find(({fits}) => fits(answer, words))
  return new Problem('github-app-refused', {
    what: `GitHub gave the App ${request.id} no token for ${repositories}.`,
    why: row?.why(answer) ?? `GitHub answered ${answer.status}.`,
    fix: row?.fix ?? 'Run the job again; look at the status page of GitHub.',
    evidence: [`HTTP ${answer.status}: ${words.slice(0, 300)}`]
  })
}

function unreachable(url: string, cause: unknown): Problem {
  const reason =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
  return new Problem(
    'github-app-refused',
    {
      what: `${new URL(url).host} gave no answer when a token was asked for.`,
      why: 'Without it the private repositories of the App cannot be read.',
      fix: 'Run the job again; look whether this machine reaches the host, and at the status page of GitHub.',
      evidence: [reason]
    },
    {cause}
  )
}

/** How a clock is wrong, from what it lacks. */
function clockText(skewMs: number): string {
  const seconds = Math.abs(Math.round(skewMs / 1000))
  return `${seconds} s ${skewMs < 0 ? 'ahead' : 'behind'}`
}
