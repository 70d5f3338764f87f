import {describe, expect, test} from '@jest/globals'
import type {GitHubPort, RegistryPort} from '../../src/host/host.ts'
import type {PushAnswer} from '../../src/model/plan.ts'
import {problemsOf} from '../../src/model/problem.ts'
import type {GitHubAnswer} from '../../src/model/token.ts'
import type {ImageAccess, PreflightWork} from '../../src/model/work-build.ts'
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

const USUAL: Omit<PreflightWork, 'images' | 'onDenied'> = {
  secondTry: 'none',
  tokens: [],
  pusher: {owner: 'acme', name: 'app', packages: 'ghcr.io'}
}

/** Runs the step against registries that give these answers, by host. */
async function ask(
  said: Partial<PreflightWork> & Pick<PreflightWork, 'images' | 'onDenied'>,
  answers: Readonly<Record<string, Said>>,
  world: {readonly byUpload?: Said; readonly github?: Readonly<Record<string, Partial<GitHubAnswer>>>} = {}
) {
  const work: PreflightWork = {...USUAL, ...said}
  const questions: string[] = []
  const notices: string[] = []
  const warnings: string[] = []
  const registry: RegistryPort = {
    ...makeMemoryRegistry(),
    probePush: async image => ({image, ...(answers[image.registry] ?? ALLOWED)}),
    probeByUpload: async image => {
      questions.push(`upload one byte to ${image.registry}`)
      return {image, ...(world.byUpload ?? DENIED)}
    }
  }
  const github: GitHubPort = {
    compareCommits: async () => 'unknown',
    ask: async (path, token) => {
      questions.push(`${path} as ${token?.secret}`)
      return {status: 0, message: '', json: undefined, ...world.github?.[path]}
    }
  }
  const context = {
    host: makeFakeHost({registry, github}),
    products: {},
    resources: {docker: {file: 'docker', environment: {}}},
    notice: (text: string) => void notices.push(text),
    warn: (text: string) => void warnings.push(text)
  }
  try {
    return {made: await askRegistries(work, context), problems: [], notices, warnings, questions}
  } catch (thrown) {
    return {made: undefined, problems: problemsOf(thrown), notices, warnings, questions}
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
    expect(problems[0]?.evidence).toEqual([
      'HTTP 403: DENIED: permission_denied: write_package',
      'cause: package-not-linked'
    ])
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
    expect(made?.products?.answers?.push?.[0]?.result).toBe('unknown')
    expect(notices).toEqual([expect.stringMatching(then)])
    expect(warnings).toEqual([])
  })
})

describe('a layer cache in a repository of its own', () => {
  test('that is refused is a warning, and stops nothing', async () => {
    const {made, warnings} = await ask({images: [GHCR], cache: CORP, onDenied: 'fail'}, {'registry.corp:5000': DENIED})
    expect(made?.products?.answers).toMatchObject({push: [{result: 'allowed'}], cache: {result: 'denied'}})
    expect(warnings).toEqual([expect.stringContaining('The layer cache will not be written')])
  })
})

describe('`push: always`', () => {
  test('a denial is believed only after one byte was refused, too', async () => {
    const {problems, questions, notices} = await ask(
      {images: [CORP], onDenied: 'fail', secondTry: 'one-byte-upload'},
      {'registry.corp:5000': DENIED}
    )
    expect(questions).toEqual(['upload one byte to registry.corp:5000'])
    expect(problems.map(({code}) => code)).toEqual(['push-denied'])
    expect(notices).toHaveLength(1)
  })

  test('what was taken counts', async () => {
    const {made} = await ask(
      {images: [CORP], onDenied: 'fail', secondTry: 'one-byte-upload'},
      {'registry.corp:5000': DENIED},
      {byUpload: ALLOWED}
    )
    expect(made?.products?.answers?.push?.[0]?.result).toBe('allowed')
  })

  test('a second try that nobody answers takes nothing from the first', async () => {
    const {problems} = await ask(
      {images: [CORP], onDenied: 'fail', secondTry: 'one-byte-upload'},
      {'registry.corp:5000': DENIED},
      {byUpload: {result: 'unknown', status: 503, evidence: ''}}
    )
    expect(problems.map(({code}) => code)).toEqual(['push-denied'])
  })
})

describe('what GitHub says of tokens', () => {
  const TOKEN = {secret: 'registry-credentials ghcr.io', kind: 'github-classic'} as const
  const USES = [{purpose: 'push-image', places: ['ghcr.io/acme/app']}] as const
  const images = [{...GHCR, credential: {...CREDENTIAL, token: TOKEN}}]

  test('a token that may do too much, and ends soon, is a warning; the push goes on', async () => {
    const {made, warnings, questions} = await ask(
      {images, onDenied: 'fail', tokens: [{token: TOKEN, uses: USES}]},
      {},
      {
        github: {
          '/rate_limit': {
            status: 200,
            scopes: ['write:packages', 'delete_repo', 'gist'],
            expiresAt: '2026-11-25T00:00:00.000Z'
          }
        }
      }
    )
    expect(questions).toEqual(['/rate_limit as registry-credentials ghcr.io'])
    expect(warnings).toEqual([
      expect.stringContaining('2026-11-25, in 4 days'),
      expect.stringContaining('`delete_repo`')
    ])
    expect(made?.products?.audits).toEqual([
      {
        token: TOKEN,
        expiresAt: '2026-11-25T00:00:00.000Z',
        scopes: ['write:packages', 'delete_repo', 'gist'],
        remarks: [
          expect.objectContaining({weight: 'warning'}),
          expect.objectContaining({weight: 'warning'}),
          {weight: 'remark', text: 'more than needed: gist'}
        ]
      }
    ])
  })

  test('where GitHub does not answer, nothing is claimed', async () => {
    const {made, warnings} = await ask({images, onDenied: 'fail', tokens: [{token: TOKEN, uses: USES}]}, {})
    expect(warnings).toEqual([])
    expect(made?.products?.audits).toBeUndefined()
  })

  test('a denial is looked into with the very token that was refused, and no other', async () => {
    const {questions, problems} = await ask(
      {images, onDenied: 'fail', tokens: [{token: TOKEN, uses: USES}]},
      {'ghcr.io': DENIED},
      {
        github: {
          '/rate_limit': {status: 200, scopes: ['repo']},
          '/orgs/acme/packages/container/app': {status: 404, message: 'Package not found.'}
        }
      }
    )
    expect(questions).toEqual([
      '/rate_limit as registry-credentials ghcr.io',
      '/orgs/acme/packages/container/app as registry-credentials ghcr.io',
      '/users/acme/packages/container/app as registry-credentials ghcr.io'
    ])
    expect(problems[0]?.evidence).toContain('cause: token-lacks-scope')
  })

  test('a token of another registry is never shown to GitHub', async () => {
    const {questions} = await ask({images: [CORP], onDenied: 'fail'}, {'registry.corp:5000': DENIED})
    expect(questions).toEqual([])
  })
})
