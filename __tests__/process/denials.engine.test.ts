import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import type {DenialCause} from '../../src/identity/denial.ts'
import type {Reply} from '../host/scripted-server.ts'
import {folderWithGit, makeFolder, playBare, removeFolders} from '../support/bare-job.ts'
import {errorCodes, hasBuilt, summaryOf, told} from '../support/built-action.ts'
import {type PublicHosts, type SeenAtHost, startPublicHosts} from '../support/public-hosts.ts'

// The registries and GitHub's interface under their own names, over TLS, behind a proxy; the docker client only keeps a
// record of what it was asked, so that a build would show.

jest.setTimeout(60_000)

const JOB_TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyzAB'
const CLASSIC = 'ghp_9876543210zyxwvutsrqponmlkjihgfedcba12'
const FINE_GRAINED = 'github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz0123456789'
const OTHER = 'a-password-of-someone-4711'
const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'

let hosts: PublicHosts
let record: string

beforeAll(async () => {
  hosts = await startPublicHosts([
    'ghcr.io',
    'api.github.com',
    'registry-1.docker.io',
    'auth.docker.io',
    ECR,
    'registry.acme.dev'
  ])
}, 120_000)

beforeEach(() => {
  record = join(makeFolder(), 'docker.log')
})

afterAll(async () => {
  await hosts?.close()
  removeFolders()
})

/** A docker client that answers questions about an engine, and writes down everything that it is asked. */
function folderWithDocker(): string {
  const folder = folderWithGit()
  const info = JSON.stringify({
    ServerVersion: '28.5.2',
    Driver: 'overlayfs',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    DockerRootDir: '/var/lib/docker',
    Name: 'runner',
    OperatingSystem: 'Ubuntu 24.04.3 LTS',
    ClientInfo: {Version: '28.5.2', Plugins: [{Name: 'buildx', Version: 'v0.29.1'}]}
  })
  const context = JSON.stringify({Name: 'default', Endpoints: {docker: {Host: 'unix:///var/run/docker.sock'}}})
  const builder = JSON.stringify({
    Name: 'default',
    Driver: 'docker',
    Nodes: [{Endpoint: 'default', Version: 'v0.25.2'}]
  })
  const script = [
    '#!/bin/sh',
    `echo "$*" >> '${record}'`,
    'case "$1 $2" in',
    `  "info "*) echo '${info}' ;;`,
    `  "context inspect") echo '${context}' ;;`,
    `  "buildx ls") echo '${builder}' ;;`,
    '  "buildx inspect") printf \'Name: default\\nDriver: docker\\n\\nNodes:\\nName: default\\n\' ;;',
    '  *) exit 1 ;;',
    'esac'
  ]
  writeFileSync(join(folder, 'docker'), `${script.join('\n')}\n`)
  chmodSync(join(folder, 'docker'), 0o755)
  return folder
}

interface Answers {
  /** What `POST …/blobs/uploads/` says. */
  readonly upload: Reply
  /** What the token service says; a token, where nothing is said. */
  readonly token?: Reply
  /** What GitHub says, by path. */
  readonly github?: Readonly<Record<string, Reply>>
}

/** Registries with login by token, and GitHub's interface. */
function registries({upload, token, github = {}}: Answers) {
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

function refused(status: number, code: string, message: string): Reply {
  return {status, body: JSON.stringify({errors: [{code, message}]})}
}

function says(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return {status, headers, body: JSON.stringify(body)}
}

interface Case extends Answers {
  readonly cause: DenialCause
  readonly given: string
  readonly image?: string
  readonly login?: string
  readonly fix: RegExp
}

const PACKAGE = '/orgs/acme/packages/container/app'
const classic = (more: Readonly<Record<string, Reply>> = {}, scopes = 'write:packages') => ({
  '/rate_limit': says(200, {}, {'x-oauth-scopes': scopes}),
  ...more
})

const CASES: readonly Case[] = [
  {
    cause: 'no-login',
    given: 'no login for the registry',
    image: 'registry.acme.dev/ml/app',
    upload: refused(401, 'UNAUTHORIZED', 'authentication required'),
    fix: /registry\.acme\.dev <user>/
  },
  {
    cause: 'name-refused',
    given: 'a name that the registry has a rule against',
    image: 'registry.acme.dev/Ml/App',
    login: `registry.acme.dev robot ${OTHER}`,
    upload: refused(400, 'NAME_INVALID', 'repository name must have three parts'),
    fix: /image: registry\.acme\.dev\/ml\/app/
  },
  {
    cause: 'token-kind-forbidden',
    given: 'an organisation that forbids classic tokens',
    login: `ghcr.io octo ${CLASSIC}`,
    upload: refused(403, 'DENIED', 'permission_denied'),
    github: classic({
      [PACKAGE]: says(403, {
        message: '`acme` forbids access via a personal access token (classic). Please use a GitHub App.'
      })
    }),
    fix: /permissions:\s+contents: read\s+packages: write/
  },
  {
    cause: 'fine-grained-token',
    given: 'a fine-grained token',
    login: `ghcr.io octo ${FINE_GRAINED}`,
    upload: refused(403, 'DENIED', 'permission_denied'),
    fix: /packages: write/
  },
  {
    cause: 'sso-not-authorised',
    given: 'single sign-on that the token was not authorised for',
    login: `ghcr.io octo ${CLASSIC}`,
    upload: refused(403, 'DENIED', 'denied'),
    github: classic({
      [PACKAGE]: says(
        403,
        {message: 'Resource protected by organization SAML enforcement.'},
        {'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?authorization_request=A1B2'}
      )
    }),
    fix: /Configure SSO[\s\S]*`acme`/
  },
  {
    cause: 'token-rejected',
    given: 'a token that was revoked',
    login: `ghcr.io octo ${CLASSIC}`,
    token: refused(403, 'DENIED', 'denied'),
    upload: refused(403, 'DENIED', 'denied'),
    github: {
      '/rate_limit': says(401, {message: 'Bad credentials'}),
      [PACKAGE]: says(401, {message: 'Bad credentials'})
    },
    fix: /new token/
  },
  {
    cause: 'token-lacks-scope',
    given: 'a classic token that may only read',
    login: `ghcr.io octo ${CLASSIC}`,
    upload: refused(403, 'DENIED', 'denied'),
    github: classic({}, 'repo, read:packages'),
    fix: /tokens\/new\?scopes=write:packages/
  },
  {
    cause: 'other-organisation',
    given: 'the package of another organisation',
    image: 'ghcr.io/old-home/app',
    upload: refused(403, 'DENIED', 'permission_denied: The requested installation does not exist.'),
    fix: /image: ghcr\.io\/acme\/app[\s\S]*OLD_HOME_PACKAGES_TOKEN/
  },
  {
    cause: 'package-not-linked',
    given: 'a package that admits another repository',
    upload: refused(403, 'DENIED', 'permission_denied: write_package'),
    github: {[PACKAGE]: says(200, {name: 'app', repository: {full_name: 'acme/first'}})},
    fix: /Manage Actions access[\s\S]*`acme\/app`, role Write/
  },
  {
    cause: 'job-lacks-permission',
    given: 'a job without `packages: write`',
    upload: refused(403, 'DENIED', 'installation not allowed to Write organization package'),
    github: {
      [PACKAGE]: says(
        403,
        {message: 'Resource not accessible by integration'},
        {'x-accepted-github-permissions': 'packages=read'}
      )
    },
    fix: /permissions:\s+contents: read\s+packages: write/
  },
  {
    cause: 'creation-forbidden',
    given: 'an organisation that forbids creating packages',
    upload: refused(403, 'DENIED', 'installation not allowed to Create organization package'),
    fix: /Package creation/
  },
  {
    cause: 'role-lacking',
    given: 'a good token of someone who has no role',
    login: `ghcr.io octo ${CLASSIC}`,
    upload: refused(403, 'DENIED', 'permission_denied: write_package'),
    github: classic({[PACKAGE]: says(200, {name: 'app', repository: {full_name: 'acme/app'}})}),
    fix: /Manage access[\s\S]*role Write/
  },
  {
    cause: 'repository-missing',
    given: 'a repository of ECR that nobody created',
    image: `${ECR}/ml/app`,
    login: `${ECR} AWS ${OTHER}`,
    upload: refused(404, 'NAME_UNKNOWN', "The repository with name 'ml/app' does not exist"),
    fix: /aws ecr create-repository --repository-name ml\/app --region eu-central-1/
  },
  {
    cause: 'login-rejected',
    given: 'a wrong password for Docker Hub',
    image: 'docker.io/acme/app',
    login: `docker.io acme ${OTHER}`,
    token: says(401, {details: 'incorrect username or password'}),
    upload: refused(401, 'UNAUTHORIZED', 'authentication required'),
    fix: /user name `acme`/
  },
  {
    cause: 'right-lacking',
    given: 'a login of Docker Hub that may only read',
    image: 'docker.io/acme/app',
    login: `docker.io acme ${OTHER}`,
    upload: {
      ...(refused(401, 'UNAUTHORIZED', 'authentication required') as object),
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:acme/app:pull,push",error="insufficient_scope"'
      }
    },
    fix: /Read & Write/
  }
]

async function play(
  {image = 'ghcr.io/acme/app', login = '', isFork = false}: Partial<Case> & {isFork?: boolean},
  more: Record<string, string> = {}
) {
  const repository = {id: 1, full_name: 'acme/app', fork: true, private: true, default_branch: 'main'}
  return playBare({
    inputs: {image, 'registry-credentials': login, cache: 'none', ...more},
    token: JOB_TOKEN,
    secrets: {CLASSIC, FINE_GRAINED, OTHER},
    environment: hosts.environment,
    variables: {PATH: folderWithDocker()},
    ...(isFork ? {payloadText: JSON.stringify({ref: 'refs/heads/main', repository})} : {})
  })
}

/** What the docker client was asked beside questions about the engine. */
function builds(): readonly string[] {
  const lines = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : []
  return lines.filter(line => /^(buildx (build|create|bake)|build|push|pull|image|run)\b/.test(line))
}

/** Hosts that a secret was shown to, plain or as a login. */
function shownTo(secret: string): readonly string[] {
  const encoded = (text: string) => Buffer.from(text, 'base64').toString()
  const shown = hosts.seen.filter(({headers, path, body}) => {
    const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ')
    const login = scheme === 'Basic' ? encoded(value) : value
    return [login, path, body.toString()].some(text => text.includes(secret))
  })
  return [...new Set(shown.map(({host}) => host))].toSorted()
}

describe('a push that the registry refuses', () => {
  test.each(CASES)('$cause: given $given, it is told before a byte is built', async row => {
    hosts.script(registries(row))
    const result = await play(row)
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(result).toMatchObject({
      conclusion: 'failure',
      exitCode: 1,
      outputs: {pushed: 'false', 'push-reason': 'push-denied', tags: '', digest: '', candidate: ''}
    })
    const page = told(result, 'error').join('\n')
    expect(page).toContain(`cause: ${row.cause}`)
    expect(page).toMatch(row.fix)
    const summary = summaryOf(result)
    for (const part of ['push-denied', `cause: ${row.cause}`, 'To fix:', 'Credentials']) expect(summary).toContain(part)
    expect(summary).toMatch(row.fix)
    expect(hasBuilt(result)).toBe(false)
    expect(builds()).toEqual([])
    // Not one byte of anything went to a registry.
    expect(
      hosts.seen.filter(({method, body}) => !['GET', 'HEAD', 'DELETE'].includes(method) && body.length > 0)
    ).toEqual([])
    // Every credential went to the hosts that it is for, and to no other.
    expect(['api.github.com', 'ghcr.io']).toEqual(expect.arrayContaining([...shownTo(CLASSIC), ...shownTo(JOB_TOKEN)]))
    expect(shownTo(OTHER)).not.toContain('ghcr.io')
    expect(shownTo(OTHER)).not.toContain('api.github.com')
  })
})

describe('a run in a fork’s own repository that names the image of the original', () => {
  test('is refused by policy with the name to use, and no registry is asked', async () => {
    hosts.script(registries({upload: {status: 202}}))
    const result = await play({image: 'ghcr.io/upstream/app', isFork: true}, {push: 'always'})
    expect(errorCodes(result)).toEqual(['push-forbidden'])
    expect(summaryOf(result)).toContain('fork-namespace')
    expect(hosts.seen).toEqual([])
    expect(builds()).toEqual([])
  })
})

describe('what is not known is not claimed', () => {
  test.each<{given: string; upload: Reply}>([
    {given: 'a registry that is ill', upload: {status: 503, body: 'upstream'}},
    {given: 'a registry that limits its callers', upload: {status: 429, headers: {'retry-after': '60'}, body: '{}'}},
    {given: 'an address that is no registry', upload: {status: 404, body: '<html>not here</html>'}}
  ])('given $given, a notice says so, and the build begins', async ({upload}) => {
    hosts.script(registries({upload}))
    const result = await play({})
    expect(errorCodes(result)).not.toContain('push-denied')
    expect(told(result, 'notice').join('\n')).toContain('could not be found out')
    expect(builds().join('\n')).toMatch(/^buildx (create|build)/m)
  })
})

describe('`push: always`', () => {
  test('a denial is believed after a real upload of one byte was refused, too', async () => {
    hosts.script(registries({upload: refused(403, 'DENIED', 'permission_denied: write_package')}))
    const result = await play({}, {push: 'always'})
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(told(result, 'notice').join('\n')).toContain('one byte')
    expect(builds()).toEqual([])
  })

  test('a registry that was wrong at first, and takes the byte, gets the push', async () => {
    let posts = 0
    const location = '/v2/acme/app/blobs/uploads/7?state=s'
    const answer = registries({upload: {status: 500}})
    hosts.script(seen => {
      const isUpload = seen.host === 'ghcr.io' && seen.headers.authorization !== undefined
      if (isUpload && seen.method === 'POST') {
        posts += 1
        return posts <= 2 ? refused(403, 'DENIED', 'denied') : {status: 202, headers: {location}}
      }
      return isUpload && seen.method === 'PUT' ? {status: 201} : answer(seen)
    })
    const result = await play({}, {push: 'always'})
    expect(errorCodes(result)).not.toContain('push-denied')
    expect(hosts.seen.find(({method}) => method === 'PUT')?.body).toEqual(Buffer.from([0]))
    expect(builds()).not.toEqual([])
  })
})

describe('the audit of tokens', () => {
  test('scopes and the end of a token stand in the summary, without the token', async () => {
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 19).replace('T', ' ')
    const github = {
      '/rate_limit': says(
        200,
        {},
        {
          'x-oauth-scopes': 'write:packages, repo, delete_repo, admin:org',
          'github-authentication-token-expiration': `${soon} UTC`
        }
      )
    }
    hosts.script(registries({upload: {status: 202}, github}))
    const result = await play({login: `ghcr.io octo ${CLASSIC}`})
    const summary = summaryOf(result)
    for (const part of [
      'delete_repo',
      'admin:org',
      'more than needed: repo',
      'Renew it before',
      'classic personal token'
    ]) {
      expect(summary).toContain(part)
    }
    expect(told(result, 'warning').join('\n')).toMatch(/delete_repo[\s\S]*admin:org/)
    expect(errorCodes(result)).not.toContain('push-denied')
  })

  test('given no answer of GitHub within its time, nothing is claimed', async () => {
    hosts.script(registries({upload: {status: 202}, github: {'/rate_limit': 'reset'}}))
    const result = await play({login: `ghcr.io octo ${CLASSIC}`})
    expect(told(result, 'warning')).toEqual([])
    expect(summaryOf(result)).toContain('classic personal token')
  })
})
