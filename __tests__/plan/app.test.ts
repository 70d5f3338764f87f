import {describe, expect, test} from '@jest/globals'
import type {GitHubApp} from '../../src/model/credentials.ts'
import type {Origin} from '../../src/model/event.ts'
import {stepOf} from '../../src/model/plan.ts'
import {appCredentialsOf, appWorkOf} from '../../src/plan/app.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const APP: GitHubApp = {id: '77', key: {secret: 'github-app'}, repositories: [], packages: 'none'}
const module = (url: string) => ({name: url, path: url, url})

function factsWith(app: Partial<GitHubApp>, submodules: readonly string[] = [], said: FactsSaid = {}) {
  const inputs = {githubApp: {...APP, ...app}, ...said.inputs}
  return makeFacts({...said, inputs, source: {submodules: submodules.map(module)}})
}

/** Owners with the repositories asked for; a `?` marks those that only a submodule needs. */
function askedFor(...given: Parameters<typeof factsWith>): readonly string[] {
  const tokens = appWorkOf(factsWith(...given))?.tokens ?? []
  return tokens.flatMap(({owner, repositories, permissions}) => {
    const what = 'packages' in permissions ? 'push' : 'read'
    return repositories.map(({name, isListed}) => `${what} ${owner}/${name}${isListed ? '' : '?'}`)
  })
}

describe('an App is asked for exactly what the run needs', () => {
  test.each([
    {
      given: 'a list',
      app: {repositories: [{owner: 'Acme', name: 'Kernels'}]},
      submodules: [],
      then: ['read acme/kernels']
    },
    {
      given: 'submodules',
      app: {},
      submodules: ['../kernels.git', 'git@github.com:labs/data'],
      then: ['read acme/kernels?', 'read labs/data?']
    },
    {
      given: 'a submodule that is listed too',
      app: {repositories: [{owner: 'acme', name: 'kernels'}]},
      submodules: ['../kernels'],
      then: ['read acme/kernels']
    },
    {given: 'a submodule elsewhere', app: {}, submodules: ['https://gitlab.com/acme/kernels'], then: []},
    {
      given: 'pushing',
      app: {packages: 'write' as const},
      submodules: ['../kernels', '../../labs/data'],
      then: ['read acme/kernels?', 'read labs/data?', 'push acme/app']
    }
  ])('given $given, then $then', ({app, submodules, then}) => {
    expect(askedFor(app, submodules)).toEqual(then)
  })

  test('a submodule with a credential or a key of its own is none of its business', () => {
    const inputs = {
      gitCredentials: [{host: 'github.com', path: 'acme/kernels', user: 'x', token: {secret: 'k'}}],
      sshKeys: [{id: 'acme-data', repositories: [{hostname: 'github.com', path: 'acme/data'}], key: {secret: 's'}}]
    }
    expect(askedFor({}, ['../kernels', '../data', '../rest'], {inputs})).toEqual(['read acme/rest?'])
  })

  test.each<Origin>(['fork-pull-request', 'dependabot', 'pull-request-target', 'comment', 'unknown'])(
    'given %s, then it is asked for nothing',
    origin => {
      expect(
        askedFor({repositories: [{owner: 'acme', name: 'kernels'}], packages: 'write'}, ['../data'], {origin})
      ).toEqual([])
      expect(appCredentialsOf(factsWith({}, ['../data'], {origin}))).toEqual([])
    }
  )
})

test('given `push: never`, then no token that could push is asked for', () => {
  const inputs = {push: 'never'} as const
  expect(askedFor({packages: 'write'}, ['../kernels'], {inputs})).toEqual(['read acme/kernels?'])
})

describe('its token', () => {
  test('is used like a credential of each repository, without a submodule as well', () => {
    const plan = makePlan(factsWith({repositories: [{owner: 'acme', name: 'kernels'}]}))
    const {verdict, work} = stepOf(plan, 'git')
    expect(verdict.allowed).toBe(true)
    expect(work.credentials[0]).toEqual({
      host: 'github.com',
      path: 'acme/kernels',
      user: 'x-access-token',
      token: {secret: 'github-app acme'},
      isMinted: true
    })
    expect(work.app?.tokens[0]?.file).toBe('/home/runner/work/_temp/pytorch-cuda-image-7001-1/app-tokens/acme')
  })

  test.each([
    {given: 'packages: write', packages: 'write' as const, then: 'github-app acme packages'},
    {given: 'no such line', packages: 'none' as const, then: 'token'}
  ])('given $given, then the push uses $then', ({packages, then}) => {
    const plan = makePlan(factsWith({packages, repositories: [{owner: 'acme', name: 'kernels'}]}))
    expect(stepOf(plan, 'preflight').work.images[0]?.credential?.token.secret).toBe(then)
  })
})
