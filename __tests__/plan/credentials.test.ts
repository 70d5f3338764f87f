import {describe, expect, test} from '@jest/globals'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import type {Origin} from '../../src/model/event.ts'
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

describe('GitHub is asked about its tokens once', () => {
  const PRIVATE_BASE = {
    source: {submodules: []},
    inputs: {buildContexts: [{name: 'base', location: 'docker-image://ghcr.io/acme/base:1'}], gitCredentials: []}
  }

  test.each<{given: string; said: FactsSaid; then: Readonly<Record<string, readonly string[]>>}>([
    {given: 'a push, beside the registries', said: {}, then: {preflight: [JOB.secret, GIT.token.secret]}},
    {
      given: 'a pull request of its own that reads private code, where that is read',
      said: {origin: 'own-pull-request'},
      then: {git: [JOB.secret, GIT.token.secret]}
    },
    {
      given: 'a pull request of its own that reads a private base image only, where the builder is made',
      said: {origin: 'own-pull-request', ...PRIVATE_BASE},
      then: {builder: [JOB.secret]}
    },
    {given: 'a pull request from a fork, not at all', said: {origin: 'fork-pull-request'}, then: {}},
    {
      given: 'a server of the owner’s, not about a token of github.com',
      said: {
        event: {serverUrl: 'https://git.acme.dev', apiUrl: 'https://git.acme.dev/api/v3'},
        origin: 'own-pull-request'
      },
      then: {git: [JOB.secret]}
    }
  ])('given $given', ({said, then}) => {
    const found = planOf(said).steps.flatMap(({name, work}) => {
      const {tokens} = 'tokens' in work ? work : (('audit' in work ? work.audit : undefined) ?? {tokens: []})
      return tokens.length === 0 ? [] : [[name, tokens.map(({token}) => token.secret)] as const]
    })
    expect(Object.fromEntries(found)).toEqual(then)
  })
})

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

  test('a key is listed once, with the repositories that it opens', () => {
    const repositories = [
      {hostname: 'github.com', path: 'acme/kernels'},
      {hostname: 'github.com', path: 'acme/data'}
    ]
    const sshKeys = [{id: 'acme-kernels', repositories, key: {secret: 'ssh-keys acme-kernels'}}]
    const source = {submodules: [{name: 'kernels', path: 'kernels', url: 'git@github.com:acme/kernels'}]}
    const {credentials} = planOf({source, inputs: {sshKeys, gitCredentials: [], registryCredentials: []}})
    const reach = ['github.com/acme/kernels', 'github.com/acme/data']
    expect(credentials.slice(1)).toEqual([
      {token: {secret: 'ssh-keys acme-kernels'}, form: 'ssh-key', reach, uses: [{purpose: 'read-code', places: reach}]}
    ])
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

  test('what steps of the build were to get is named as well', () => {
    const secrets = [{id: 'api', from: 'value', value: {secret: 'api'}}] as const
    const ssh = [{id: 'deploy', paths: ['keys/deploy']}]
    const dropped = (origin: Origin) => {
      const inputs = {secrets, ssh, indexLogin: {secret: 'index-url'}}
      const {notices} = planOf({origin, inputs})
      return notices.flatMap(notice => /^`((?:secrets|ssh|index-url)\b[^`]*)` is not used/.exec(notice)?.[1] ?? [])
    }
    expect(dropped('fork-pull-request')).toEqual(['secrets api', 'ssh deploy', 'index-url'])
    expect(dropped('own-branch')).toEqual([])
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
