import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {DENIAL_CAUSES, type DenialCause} from '../../src/identity/denial.ts'
import {errorCodes, hasBuilt, summaryOf, told} from '../support/built-action.ts'
import {
  type Answers,
  APP,
  BY_APP,
  CLASSIC,
  classic,
  ECR,
  FINE_GRAINED,
  JOB_TOKEN,
  OTHER,
  type Pushing,
  type RefusingHosts,
  refused,
  registries,
  says,
  startRefusingHosts
} from '../support/refusing-hosts.ts'

// Each cause of a refused push, by the built action as a process: told in the first seconds, and not one byte is built.

jest.setTimeout(60_000)

let hosts: RefusingHosts

beforeAll(async () => {
  hosts = await startRefusingHosts()
}, 120_000)

afterAll(() => hosts?.close())

interface Case extends Answers, Pushing {
  readonly cause: DenialCause
  readonly given: string
  readonly fix: RegExp
}

const PACKAGE = '/orgs/acme/packages/container/app'

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
    cause: 'app-not-admitted',
    given: 'a GitHub App that the package does not admit',
    more: BY_APP,
    upload: refused(403, 'DENIED', 'permission_denied: write_package'),
    github: APP,
    fix: /take `packages: write` out of `github-app`[\s\S]*permissions:\s+contents: read\s+packages: write/
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

describe('a push that the registry refuses', () => {
  test('has a case here for every cause that can be told', () => {
    expect(CASES.map(({cause}) => cause).toSorted()).toEqual([...DENIAL_CAUSES].toSorted())
  })

  test.each(CASES)('$cause: given $given, it is told before a byte is built', async row => {
    hosts.script(registries(row))
    const result = await hosts.play(row)
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
    expect(hosts.builds()).toEqual([])
    // Not one byte of anything went to a registry.
    expect(
      hosts.seen.filter(
        ({host, method, body}) =>
          host !== 'api.github.com' && !['GET', 'HEAD', 'DELETE'].includes(method) && body.length > 0
      )
    ).toEqual([])
    // Every credential went to the hosts that it is for, and to no other.
    expect(['api.github.com', 'ghcr.io']).toEqual(
      expect.arrayContaining([...hosts.shownTo(CLASSIC), ...hosts.shownTo(JOB_TOKEN)])
    )
    expect(hosts.shownTo(OTHER)).not.toContain('ghcr.io')
    expect(hosts.shownTo(OTHER)).not.toContain('api.github.com')
  })
})

describe('a run in a fork’s own repository that names the image of the original', () => {
  test('is refused by policy with the name to use, and no registry is asked', async () => {
    hosts.script(registries({upload: {status: 202}}))
    const result = await hosts.play({image: 'ghcr.io/upstream/app', isFork: true}, {inputs: {push: 'always'}})
    expect(errorCodes(result)).toEqual(['push-forbidden'])
    expect(summaryOf(result)).toContain('fork-namespace')
    expect(hosts.seen).toEqual([])
    expect(hosts.builds()).toEqual([])
  })
})
