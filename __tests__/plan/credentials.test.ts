import {describe, expect, test} from '@jest/globals'
import type {RegistryCredential} from '../../src/model/facts.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const GIT = {
  host: 'github.com',
  path: 'acme/kernels',
  user: 'x-access-token',
  token: {secret: 'git-credentials github.com/acme/kernels', kind: 'github-fine-grained'}
} as const
const HUB: RegistryCredential = {
  host: 'docker.io',
  path: 'acme',
  user: 'acme',
  token: {secret: 'registry-credentials docker.io/acme', kind: 'docker'}
}
const JOB = {secret: 'token', kind: 'github-installation'} as const
const SUBMODULE = {name: 'kernels', path: 'kernels', url: 'https://github.com/acme/kernels'}

function planOf({inputs, ...said}: FactsSaid = {}) {
  return makePlan(
    makeFacts({
      source: {submodules: [SUBMODULE]},
      ...said,
      inputs: {token: JOB, gitCredentials: [GIT], registryCredentials: [HUB], cache: {backend: 'none'}, ...inputs}
    })
  )
}

/** Each credential with its purposes. */
function usesIn(plan: ReturnType<typeof planOf>): Readonly<Record<string, readonly string[]>> {
  const texts = plan.credentials.map(({token, uses}) => [
    token.secret,
    uses.map(({purpose, places}) => `${purpose} ${places.join(' ')}`)
  ])
  return Object.fromEntries(texts)
}

describe('credentials by purpose', () => {
  test('each one is listed with what it is used for, and one that nothing needs says so', () => {
    const plan = planOf()
    expect(usesIn(plan)).toEqual({
      token: ['read-code github.com', 'push-image ghcr.io/acme/app'],
      [GIT.token.secret]: ['read-code github.com/acme/kernels'],
      [HUB.token.secret]: []
    })
    expect(plan.credentials.at(2)?.unused).toBe('Nothing in this run needs it.')
  })

  test('the cache is a purpose of its own', () => {
    const {credentials} = planOf({inputs: {cache: {backend: 'registry'}}})
    expect(credentials[0]?.uses.map(({purpose}) => purpose)).toEqual(['read-code', 'push-image', 'write-cache'])
  })

  test('two images have a login each', () => {
    const images = [
      {registry: 'ghcr.io', repository: 'acme/app'},
      {registry: 'docker.io', repository: 'acme/app'}
    ]
    expect(usesIn(planOf({inputs: {images}}))).toMatchObject({
      token: ['read-code github.com', 'push-image ghcr.io/acme/app'],
      [HUB.token.secret]: ['push-image docker.io/acme/app']
    })
  })

  test('an event that may have none drops them by name, and is no error', () => {
    const plan = planOf({origin: 'pull-request-target'})
    expect(Object.values(usesIn(plan)).flat()).toEqual([])
    expect(plan.notices.filter(notice => notice.includes('is not used: this event may not have it'))).toEqual([
      expect.stringContaining(GIT.token.secret),
      expect.stringContaining(HUB.token.secret)
    ])
  })

  test('a team’s own pull request drops nothing loudly: the table says what is not used', () => {
    const plan = planOf({origin: 'own-pull-request'})
    expect(plan.notices.filter(notice => notice.includes('is not used'))).toEqual([])
    expect(plan.credentials.find(({token}) => token.secret === HUB.token.secret)?.uses).toEqual([])
  })

  test('only GitHub’s tokens that are used are asked about', () => {
    const step = planOf({inputs: {registryCredentials: []}}).steps.find(({name}) => name === 'preflight')
    expect(step?.name === 'preflight' && step.work.tokens.map(({token}) => token.secret)).toEqual([
      'token',
      GIT.token.secret
    ])
  })

  test('a fine-grained token for GitHub’s registry is a warning before anybody is asked', () => {
    const login = {
      ...HUB,
      host: 'ghcr.io',
      token: {secret: 'registry-credentials ghcr.io/acme', kind: 'github-fine-grained'}
    } as const
    expect(planOf({inputs: {registryCredentials: [login]}}).warnings).toEqual([expect.stringContaining('takes none')])
  })
})
