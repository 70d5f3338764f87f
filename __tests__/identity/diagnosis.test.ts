import {describe, expect, test} from '@jest/globals'
import {DENIAL_CAUSES, type DenialCause, type Denied} from '../../src/identity/denial.ts'
import {CAUSE_ROWS} from '../../src/identity/denial-rows.ts'
import {denialOf} from '../../src/identity/diagnosis.ts'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import type {GitHubAnswer, TokenKind} from '../../src/model/token.ts'

interface Case {
  readonly given: string
  readonly image?: string
  readonly kind?: TokenKind | 'none' | 'untold'
  readonly secret?: string
  readonly status?: number
  readonly words?: string
  readonly token?: Partial<GitHubAnswer>
  readonly package?: Partial<GitHubAnswer>
  readonly then: DenialCause
  readonly fix: RegExp
}

function deniedOf({image = 'ghcr.io/acme/app', kind = 'github-installation', ...said}: Case): Denied {
  const [registry = '', ...path] = image.split('/')
  const {secret = kind === 'github-installation' ? 'token' : `registry-credentials ${registry}`} = said
  const credential: RegistryCredential = {
    host: registry,
    path: '',
    user: 'octo',
    token: kind === 'none' || kind === 'untold' ? {secret} : {secret, kind}
  }
  const name = {registry, repository: path.join('/')}
  const answer = (part: Partial<GitHubAnswer>): GitHubAnswer => ({status: 200, message: '', json: undefined, ...part})
  return {
    access: {image: name, credential: kind === 'none' ? null : credential},
    answer: {image: name, result: 'denied', status: said.status ?? 403, evidence: said.words ?? 'DENIED'},
    pusher: {owner: 'Acme', name: 'App', packages: 'ghcr.io'},
    ...(said.token === undefined ? {} : {token: answer(said.token)}),
    ...(said.package === undefined ? {} : {package: answer(said.package)})
  }
}

const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'

const CASES: readonly Case[] = [
  {given: 'no login', kind: 'none', status: 401, then: 'no-login', fix: /`ghcr.io <user> /},
  {
    given: 'a name that the registry does not take',
    image: 'registry.corp/Acme/App',
    words: 'NAME_INVALID: invalid repository name',
    status: 400,
    then: 'name-refused',
    fix: /image: registry\.corp\/acme\/app/
  },
  {
    given: 'an organisation without classic tokens',
    kind: 'github-classic',
    package: {status: 403, message: '`acme` forbids access via a personal access token (classic).'},
    then: 'token-kind-forbidden',
    fix: /packages: write/
  },
  {
    given: 'another organisation without fine-grained tokens',
    image: 'ghcr.io/other/app',
    kind: 'github-fine-grained',
    package: {
      status: 403,
      message: "The 'other' organization forbids access via a fine-grained personal access tokens"
    },
    then: 'token-kind-forbidden',
    fix: /Personal access tokens/
  },
  {given: 'a fine-grained token', kind: 'github-fine-grained', then: 'fine-grained-token', fix: /packages: write/},
  {
    given: 'a fine-grained token for another organisation',
    image: 'ghcr.io/other/app',
    kind: 'github-fine-grained',
    then: 'fine-grained-token',
    fix: /scopes=write:packages/
  },
  {
    given: 'single sign-on by header',
    kind: 'github-classic',
    package: {status: 403, sso: 'required; url=https://github.com/orgs/acme/sso'},
    then: 'sso-not-authorised',
    fix: /Configure SSO/
  },
  {
    given: 'single sign-on in words',
    kind: 'github-classic',
    words: 'Resource protected by organization SAML enforcement',
    then: 'sso-not-authorised',
    fix: /Authorize for `acme`/
  },
  {
    given: 'a token that GitHub does not know',
    kind: 'github-classic',
    token: {status: 401, message: 'Bad credentials'},
    then: 'token-rejected',
    fix: /secret that `registry-credentials` names/
  },
  {
    given: 'a token that a GitHub App minted',
    kind: 'untold',
    secret: 'github-app acme',
    words: 'installation not allowed to Create organization package',
    then: 'app-not-admitted',
    fix: /take `packages: write` out of `github-app`[\s\S]*packages: write/
  },
  {
    given: 'a classic token without the scope',
    kind: 'github-classic',
    token: {scopes: ['repo', 'read:packages']},
    then: 'token-lacks-scope',
    fix: /scopes=write:packages/
  },
  {
    given: 'the image of another organisation',
    image: 'ghcr.io/old-home/app',
    then: 'other-organisation',
    fix: /image: ghcr\.io\/acme\/app[\s\S]*OLD_HOME_PACKAGES_TOKEN/
  },
  {
    given: 'what GitHub says of a namespace without the installation',
    kind: 'untold',
    words: 'permission_denied: The requested installation does not exist',
    then: 'other-organisation',
    fix: /registry-credentials: \|/
  },
  {
    given: 'a package that admits another repository',
    words: 'DENIED: permission_denied: write_package',
    then: 'package-not-linked',
    fix: /Add Repository `Acme\/App`, role Write/
  },
  {
    given: 'a package that is linked elsewhere',
    package: {json: {repository: {full_name: 'acme/other'}}},
    then: 'package-not-linked',
    fix: /Manage Actions access/
  },
  {
    given: 'a job without the permission, in words',
    words: 'installation not allowed to Write organization package',
    then: 'job-lacks-permission',
    fix: /permissions:\n {2}contents: read\n {2}packages: write/
  },
  {
    given: 'a job without the permission, by header',
    package: {status: 403, accepted: 'packages=read', message: 'Resource not accessible by integration'},
    then: 'job-lacks-permission',
    fix: /packages: write/
  },
  {
    given: 'a package that the job may not create',
    words: 'installation not allowed to Create organization package',
    package: {status: 404},
    then: 'creation-forbidden',
    fix: /packages: write[\s\S]*Package creation/
  },
  {
    given: 'a package that a person may not create',
    kind: 'github-classic',
    words: 'permission_denied: create_package',
    token: {scopes: ['write:packages']},
    then: 'creation-forbidden',
    fix: /^An owner of `acme`.*Package creation/
  },
  {
    given: 'a good token of someone without a role',
    kind: 'github-classic',
    words: 'permission_denied: write_package',
    token: {scopes: ['write:packages']},
    then: 'role-lacking',
    fix: /Manage access/
  },
  {
    given: 'a repository of ECR that was never created',
    image: `${ECR}/ml/app`,
    kind: 'untold',
    status: 404,
    words: 'NAME_UNKNOWN: The repository does not exist',
    then: 'repository-missing',
    fix: /aws ecr create-repository --repository-name ml\/app --region eu-central-1/
  },
  {
    given: 'a repository of Google’s that was never created',
    image: 'europe-west3-docker.pkg.dev/acme-prod/images/app',
    kind: 'untold',
    status: 404,
    words: 'NAME_UNKNOWN: Repository "images" not found',
    then: 'repository-missing',
    fix: /gcloud artifacts repositories create images .*--location=europe-west3 --project=acme-prod/
  },
  {
    given: 'a wrong password',
    image: 'registry.corp/ml/app',
    kind: 'untold',
    status: 401,
    words: 'UNAUTHORIZED: authentication required',
    then: 'login-rejected',
    fix: /user name `octo`/
  },
  {
    given: 'a good login without the right, which only the challenge tells',
    image: 'docker.io/acme/app',
    kind: 'docker',
    status: 401,
    words: 'UNAUTHORIZED: authentication required; insufficient_scope',
    then: 'right-lacking',
    fix: /Read & Write/
  },
  {
    given: 'not a word',
    image: 'registry.gitlab.com/acme/app',
    kind: 'gitlab',
    words: 'HTTP 403 without a word',
    then: 'right-lacking',
    fix: /write_registry/
  }
]

describe('denialOf', () => {
  test.each(CASES)('given $given, then the cause is $then', row => {
    const {cause, because, fix, evidence} = denialOf(deniedOf(row))
    expect({cause, because}).toEqual({cause: row.then, because: expect.stringMatching(/\.$/)})
    expect(fix).toMatch(row.fix)
    expect(evidence[0]).toBe(`HTTP ${row.status ?? 403}: ${row.words ?? 'DENIED'}`)
    expect(evidence.at(-1)).toBe(`cause: ${row.then}`)
  })

  test('every cause has one row, in the order of the list, and a case here', () => {
    expect(CAUSE_ROWS.map(({cause}) => cause)).toEqual(DENIAL_CAUSES)
    expect(DENIAL_CAUSES.filter(cause => !CASES.some(({then}) => then === cause))).toEqual([])
  })
})
