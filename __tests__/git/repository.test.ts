import {describe, expect, test} from '@jest/globals'
import {chooseCredential, isWithin, locateRepository} from '../../src/git/repository.ts'
import {isRefused} from '../../src/git/url.ts'
import type {GitCredential} from '../../src/model/credentials.ts'

function credential(place: string): GitCredential {
  const [host = '', ...path] = place.split('/')
  return {host, path: path.join('/'), user: 'x-access-token', token: {secret: place}}
}

function located(url: string, credentials: readonly string[] = [], origin = 'https://github.com/acme/app') {
  const repository = locateRepository(url, {origin, credentials: credentials.map(credential)})
  if (isRefused(repository)) throw new Error(repository.refused)
  return repository
}

describe('locateRepository', () => {
  test.each([
    {url: 'git@github.com:acme/kernels.git', then: 'https://github.com/acme/kernels.git'},
    {url: 'ssh://git@github.com/acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'ssh://git@ssh.github.com:443/acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'org-77@github.com:acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'git+ssh://git@GitHub.com:22/acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'git://github.com/acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'http://github.com/acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'https://octo@github.com//acme//kernels/', then: 'https://github.com/acme/kernels'},
    {url: '../kernels', then: 'https://github.com/acme/kernels'},
    {url: 'http://127.0.0.1:4000/acme/kernels', then: 'http://127.0.0.1:4000/acme/kernels'}
  ])('given $url, then git talks to $then', ({url, then}) => {
    expect(located(url).url).toBe(then)
  })

  test.each([
    {
      given: 'a credential names its port',
      credentials: ['git.corp:8443/acme'],
      origin: 'https://x.test/a/b',
      port: ':8443'
    },
    {
      given: 'two credentials do, the one for this path',
      credentials: ['git.corp:1', 'git.corp:2/acme'],
      origin: '',
      port: ':2'
    },
    {
      given: 'the superproject is on that host',
      credentials: [],
      origin: 'https://git.corp:9443/acme/app',
      port: ':9443'
    },
    {given: 'nothing is known of it', credentials: [], origin: 'https://github.com/acme/app', port: ''},
    {given: 'a credential is for another host', credentials: ['git.corp.evil.test:1'], origin: '', port: ''}
  ])(
    'given an ssh address of a company host, when $given, then its HTTPS side is there',
    ({credentials, origin, port}) => {
      expect(located('ssh://git@git.corp:2222/acme/kernels', credentials, origin).url).toBe(
        `https://git.corp${port}/acme/kernels`
      )
    }
  )

  test('given an ssh address of this machine, then it is reached as the superproject is', () => {
    expect(located('git@127.0.0.1:acme/kernels', [], 'http://127.0.0.1:4000/acme/app').url).toBe(
      'http://127.0.0.1:4000/acme/kernels'
    )
    expect(located('git@127.0.0.1:acme/kernels', [], 'https://127.0.0.1:4000/acme/app').url).toBe(
      'https://127.0.0.1:4000/acme/kernels'
    )
  })
})

describe('chooseCredential', () => {
  const credentials = [
    'github.com',
    'github.com/acme',
    'github.com/acme/kernels',
    'git.corp:8443/acme',
    'github.com:443/orgb'
  ].map(credential)

  test.each([
    {given: 'the repository itself', host: 'github.com', path: 'acme/kernels', then: 'github.com/acme/kernels'},
    {
      given: 'a neighbour whose name begins the same',
      host: 'github.com',
      path: 'acme/kernels2',
      then: 'github.com/acme'
    },
    {given: 'an owner whose name begins the same', host: 'github.com', path: 'acme2/kernels', then: 'github.com'},
    {given: 'an owner in capitals', host: 'github.com', path: 'ACME/Tools', then: 'github.com/acme'},
    {given: 'a credential with the usual port', host: 'github.com', path: 'orgb/x', then: 'github.com:443/orgb'},
    {given: 'a host that begins the same', host: 'github.com.evil.test', path: 'acme/kernels', then: undefined},
    {given: 'a host that ends the same', host: 'evilgithub.com', path: 'acme/kernels', then: undefined},
    {given: 'another port', host: 'git.corp:9443', path: 'acme/x', then: undefined},
    {given: 'no port where the credential has one', host: 'git.corp', path: 'acme/x', then: undefined},
    {given: 'the very port', host: 'git.corp:8443', path: 'acme/x', then: 'git.corp:8443/acme'}
  ])('given $given, then it is $then', ({host, path, then}) => {
    expect(chooseCredential({host, path}, credentials)?.token.secret).toBe(then)
  })

  test('given a credential whose path ends in .git, then it fits all the same', () => {
    expect(chooseCredential({host: 'h', path: 'a/b'}, [credential('h/a/b.git')])).toBeDefined()
  })
})

test.each([
  {path: 'acme/app', leading: '', then: true},
  {path: 'acme/app', leading: 'acme', then: true},
  {path: 'acme/app', leading: '/acme/', then: true},
  {path: 'acme/app', leading: 'acme/app.git', then: true},
  {path: 'acme/application', leading: 'acme/app', then: false},
  {path: 'acme', leading: 'acme/app', then: false}
])('given $path, then lying within $leading is $then', ({path, leading, then}) => {
  expect(isWithin(path, leading)).toBe(then)
})
