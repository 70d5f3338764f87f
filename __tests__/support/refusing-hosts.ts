import {generateKeyPairSync} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {RunResult} from '../../scripts/runner/result.ts'
import type {Reply} from '../host/scripted-server.ts'
import {type BareJob, makeFolder, playBare, removeFolders} from './bare-job.ts'
import {type PublicHosts, type SeenAtHost, startPublicHosts} from './public-hosts.ts'
import {clientOf, folderWithDocker} from './scripted-docker.ts'

// The registries and GitHub's interface under their own names, over TLS, behind a proxy; the docker client only keeps a
// record of what it was asked, so that a build would show.

/** `github.token` of the jobs. */
export const JOB_TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyzAB'
/** A classic personal token. */
export const CLASSIC = 'ghp_9876543210zyxwvutsrqponmlkjihgfedcba12'
/** A fine-grained personal token. */
export const FINE_GRAINED = 'github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz0123456789'
/** The password of a login that has nothing to do with GitHub. */
export const OTHER = 'a-password-of-someone-4711'
/** A registry of Amazon's. */
export const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
/** What a job says that pushes as a GitHub App. */
export const BY_APP = {'github-app': 'id: 77\nprivate-key: ${{ secrets.APP_KEY }}\npackages: write'}

const MINTED = 'ghs_mintedByTheApp.0123456789-abcdefghijklmnopqrst'
/** What GitHub answers to an App that is installed here, and may write packages for all it knows. */
export const APP = {
  '/repos/acme/app/installation': says(200, {id: 4711}),
  '/app/installations/4711/access_tokens': says(201, {token: MINTED, expires_at: '2099-01-01T00:00:00Z'}),
  '/installation/token': {status: 204}
}
const APP_KEY = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey.export({
  type: 'pkcs1',
  format: 'pem'
}) as string

/** What GitHub answers about a classic token. */
export const classic = (more: Readonly<Record<string, Reply>> = {}, scopes = 'write:packages') => ({
  '/rate_limit': says(200, {}, {'x-oauth-scopes': scopes}),
  ...more
})

/** What registries and GitHub say. */
export interface Answers {
  /** What `POST …/blobs/uploads/` says. */
  readonly upload: Reply
  /** What the token service says; a token, where nothing is said. */
  readonly token?: Reply
  /** What GitHub says, by path. */
  readonly github?: Readonly<Record<string, Reply>>
}

/** Registries with login by token, and GitHub's interface. */
export function registries({upload, token, github = {}}: Answers) {
  return ({host, path, headers}: SeenAtHost): Reply => {
    if (host === 'api.github.com') return github[path] ?? {status: 404, body: '{"message":"Not Found"}'}
    const [bare] = path.split('?')
    if (bare === '/token') return token ?? {status: 200, body: '{"token":"opaque-token-of-the-service"}'}
    const isKnown = headers.authorization !== undefined
    if (!isKnown) {
      const realm = host === 'registry-1.docker.io' ? 'auth.docker.io' : host
      const bearer = `Bearer realm="https://${realm}/token",service="${host}",scope="repository:user/image:pull"`
      return {status: 401, headers: {'www-authenticate': host === ECR ? 'Basic realm="ecr"' : bearer}, body: '{}'}
    }
    return bare?.endsWith('/blobs/uploads/') === true ? upload : {status: 404}
  }
}

/** A refusal in the words of the distribution specification. */
export function refused(status: number, code: string, message: string): Reply {
  return {status, body: JSON.stringify({errors: [{code, message}]})}
}

/** An answer of GitHub's interface. */
export function says(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return {status, headers, body: JSON.stringify(body)}
}

/** What of a job is its own. */
export interface Pushing {
  readonly image?: string
  readonly login?: string
  /** Inputs beside those of every job. */
  readonly more?: Readonly<Record<string, string>>
  /** The run is one inside a fork's own repository. */
  readonly isFork?: boolean
}

/** Public registries of this process, and jobs that push there. */
export interface RefusingHosts extends Pick<PublicHosts, 'seen' | 'script'> {
  play(pushing: Pushing, others?: BareJob): Promise<RunResult>
  /** What the docker client was asked since the last script, beside questions about the engine. */
  builds(): readonly string[]
  /** Hosts that a secret was shown to, plain or as a login. */
  shownTo(secret: string): readonly string[]
  close(): Promise<void>
}

/** Serves the registries that the causes of a denial are about, and GitHub's interface. */
export async function startRefusingHosts(): Promise<RefusingHosts> {
  const hosts = await startPublicHosts([
    'ghcr.io',
    'api.github.com',
    'registry-1.docker.io',
    'auth.docker.io',
    ECR,
    'registry.acme.dev'
  ])
  let record = join(makeFolder(), 'docker.log')
  return {
    seen: hosts.seen,
    script(answer) {
      record = join(makeFolder(), 'docker.log')
      hosts.script(answer)
    },
    play: (pushing, others) => play(pushing, others, {hosts, record}),
    builds() {
      const lines = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : []
      return lines.filter(line => /^(buildx (build|create|bake)|build|push|pull|image|run)\b/.test(line))
    },
    shownTo(secret) {
      const decoded = (text: string) => Buffer.from(text, 'base64').toString()
      const shown = hosts.seen.filter(({headers, path, body}) => {
        const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ')
        const login = scheme === 'Basic' ? decoded(value) : value
        return [login, path, body.toString()].some(text => text.includes(secret))
      })
      return [...new Set(shown.map(({host}) => host))].toSorted()
    },
    async close() {
      await hosts.close()
      removeFolders()
    }
  }
}

async function play(
  {image = 'ghcr.io/acme/app', login = '', more = {}, isFork = false}: Pushing,
  others: BareJob = {},
  {hosts, record}: {readonly hosts: PublicHosts; readonly record: string}
): Promise<RunResult> {
  const repository = {id: 1, full_name: 'acme/app', fork: true, private: true, default_branch: 'main'}
  return playBare({
    ...others,
    inputs: {image, 'registry-credentials': login, cache: 'none', ...more, ...others.inputs},
    token: JOB_TOKEN,
    secrets: {CLASSIC, FINE_GRAINED, OTHER, APP_KEY, MINTED},
    environment: hosts.environment,
    variables: {PATH: folderWithDocker([`echo "$*" >> '${record}'`, ...clientOf({})])},
    ...(isFork ? {payloadText: JSON.stringify({ref: 'refs/heads/main', repository})} : {})
  })
}
