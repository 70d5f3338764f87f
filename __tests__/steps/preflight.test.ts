import {describe, expect, test} from '@jest/globals'
import type {RegistryPort} from '../../src/host/host.ts'
import type {ImageAccess, PreflightWork, PushAnswer} from '../../src/model/plan.ts'
import {problemsOf} from '../../src/model/problem.ts'
import {askRegistries} from '../../src/steps/preflight.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'

const CREDENTIAL = {host: 'ghcr.io', path: '', user: 'octo', token: {secret: 'token'}}
const GHCR: ImageAccess = {image: {registry: 'ghcr.io', repository: 'acme/app'}, credential: CREDENTIAL}
const CORP: ImageAccess = {
  image: {registry: 'registry.corp:5000', repository: 'ml/app'},
  credential: {...CREDENTIAL, host: 'registry.corp:5000'}
}

type Said = Pick<PushAnswer, 'result' | 'status' | 'evidence'>

const ALLOWED: Said = {result: 'allowed', status: 202, evidence: ''}
const DENIED: Said = {result: 'denied', status: 403, evidence: 'DENIED: permission_denied: write_package'}

/** Runs the step against registries that give these answers, by host. */
async function ask(work: PreflightWork, answers: Readonly<Record<string, Said>>) {
  const notices: string[] = []
  const warnings: string[] = []
  const registry: RegistryPort = {
    ...makeMemoryRegistry(),
    probePush: async image => ({image, ...(answers[image.registry] ?? ALLOWED)})
  }
  const context = {
    host: makeFakeHost({registry}),
    products: {},
    resources: {docker: {file: 'docker', environment: {}}},
    notice: (text: string) => void notices.push(text),
    warn: (text: string) => void warnings.push(text)
  }
  try {
    return {made: await askRegistries(work, context), problems: [], notices, warnings}
  } catch (thrown) {
    return {made: undefined, problems: problemsOf(thrown), notices, warnings}
  }
}

describe('askRegistries', () => {
  test('given that all allow, then the answers are handed on', async () => {
    const {made} = await ask({images: [GHCR, CORP], onDenied: 'fail'}, {})
    expect(made).toEqual({
      made: 'ghcr.io/acme/app allowed, registry.corp:5000/ml/app allowed',
      products: {
        answers: {
          push: [
            {image: GHCR.image, ...ALLOWED},
            {image: CORP.image, ...ALLOWED}
          ]
        }
      }
    })
  })

  test('given denials where the event is there to publish, then all of them stop the run', async () => {
    const {problems} = await ask(
      {images: [GHCR, CORP], onDenied: 'fail'},
      {'ghcr.io': DENIED, 'registry.corp:5000': DENIED}
    )
    expect(problems.map(({code}) => code)).toEqual(['push-denied', 'push-denied'])
    expect(problems[0]?.evidence).toEqual(['HTTP 403: DENIED: permission_denied: write_package'])
  })

  test('given a denial on a pull request, then a warning says why, and the answers are handed on', async () => {
    const {made, warnings} = await ask({images: [GHCR], onDenied: 'build-only'}, {'ghcr.io': DENIED})
    expect(made?.products?.answers?.push).toEqual([{image: GHCR.image, ...DENIED}])
    expect(warnings).toEqual([expect.stringMatching(/nothing is pushed.*Manage Actions access/)])
  })

  test.each([
    {
      given: 'an error of the registry',
      said: {result: 'unknown', status: 500, evidence: 'oops'},
      then: /answered 500 \(oops\)/
    },
    {given: 'no answer', said: {result: 'unknown', status: 0, evidence: ''}, then: /gave no answer\. The build goes on/}
  ] as const)('given $given, then nobody claims a denial', async ({said, then}) => {
    const {made, notices, warnings} = await ask({images: [GHCR], onDenied: 'fail'}, {'ghcr.io': said})
    expect(made?.products?.answers?.push[0]?.result).toBe('unknown')
    expect(notices).toEqual([expect.stringMatching(then)])
    expect(warnings).toEqual([])
  })
})

describe('what a denial means', () => {
  test.each([
    {
      words: 'DENIED: installation not allowed to Create organization package',
      why: /does not exist yet/,
      fix: /packages: write/
    },
    {
      words: 'DENIED: installation not allowed to Write organization package',
      why: /may not write packages/,
      fix: /packages: write/
    },
    {words: 'DENIED: permission_denied: write_package', why: /does not admit this repository/, fix: /role Write/},
    {
      words: 'DENIED: permission_denied: The requested installation does not exist',
      why: /`acme` is not the owner/,
      fix: /registry-credentials/
    },
    {words: 'Resource protected by organization SAML enforcement', why: /single sign-on/, fix: /Configure SSO/},
    {words: 'UNAUTHORIZED: bad credentials', why: /was not accepted/, fix: /valid token/},
    {
      words: 'DENIED: requested access to the resource is denied',
      why: /may not write this repository/,
      fix: /ghcr\.io/
    },
    {words: 'HTTP 403 without a word', why: /may not write this repository/, fix: /ghcr\.io/}
  ])('given "$words", then cause and fix are told', async ({words, why, fix}) => {
    const said: Said = {result: 'denied', status: 403, evidence: words}
    const {problems} = await ask({images: [GHCR], onDenied: 'fail'}, {'ghcr.io': said})
    expect(problems[0]).toMatchObject({
      code: 'push-denied',
      why: expect.stringMatching(why),
      fix: expect.stringMatching(fix)
    })
  })

  test.each([
    {
      given: 'no login',
      access: {...CORP, credential: null},
      status: 401,
      why: /No login/,
      fix: /`registry.corp:5000 <user>/
    },
    {
      given: 'a login that is not accepted',
      access: CORP,
      status: 401,
      why: /`octo` with `token` was not/,
      fix: /valid token/
    },
    {given: 'a repository that hides', access: CORP, status: 404, why: /hides it/, fix: /`ml\/app`/},
    {
      given: 'a login without the right',
      access: CORP,
      status: 403,
      why: /may not write/,
      fix: /`registry.corp:5000\/ml\/app`/
    }
  ])('given $given and not a word, then the status tells', async ({access, status, why, fix}) => {
    const said: Said = {result: 'denied', status, evidence: `HTTP ${status} without a word`}
    const {problems} = await ask({images: [access], onDenied: 'fail'}, {'registry.corp:5000': said})
    expect(problems[0]).toMatchObject({why: expect.stringMatching(why), fix: expect.stringMatching(fix)})
  })
})
