import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {BUILD_ACCESS, type OpenCredential} from '../../src/git/build-access.ts'

const CREDENTIALS: readonly OpenCredential[] = [
  {host: 'github.com', path: 'acme', user: 'x-access-token', token: {secret: 'acme'}, value: 'token-of-acme'},
  {
    host: 'github.com',
    path: 'acme/kernels',
    user: 'x-access-token',
    token: {secret: 'kernels'},
    value: 'odd "token" \\ of;kernels'
  },
  {host: 'gitlab.com', path: '', user: 'oauth2', token: {secret: 'lab'}, value: 'token-of-lab'},
  {host: '127.0.0.1:4000', path: 'acme/app', user: 'octo', token: {secret: 'local'}, value: 'token-of-local'}
]
const ACCESS = {credentials: CREDENTIALS, hostKeys: [], isBySsh: false}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'build access '))
  writeFileSync(join(folder, 'git-credentials'), BUILD_ACCESS['git-credentials'](ACCESS))
  writeFileSync(join(folder, '.gitconfig'), BUILD_ACCESS['git-credentials'](ACCESS))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** What git answers in a build step that mounts the secret in one of two ways. */
function fill(url: string, place: 'variable' | 'home'): string {
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...(place === 'home' ? {HOME: folder} : {HOME: '/nonexistent', GIT_CONFIG_GLOBAL: join(folder, 'git-credentials')})
  }
  const {stdout} = spawnSync('git', ['credential', 'fill'], {cwd: '/', env, input: `url=${url}\n\n`, encoding: 'utf8'})
  const [, user] = /^username=(.*)$/m.exec(stdout) ?? []
  const [, password] = /^password=(.*)$/m.exec(stdout) ?? []
  return password === undefined ? 'none' : `${user} ${password}`
}

describe('the git configuration, asked of git', () => {
  const rows = [
    {url: 'https://github.com/acme/tools', then: 'x-access-token token-of-acme'},
    {url: 'https://github.com/acme/kernels', then: 'x-access-token odd "token" \\ of;kernels'},
    {url: 'https://github.com/acme/kernels.git', then: 'x-access-token odd "token" \\ of;kernels'},
    {url: 'https://github.com/acme/kernels-private', then: 'x-access-token token-of-acme'},
    {url: 'https://github.com/acme2/tools', then: 'none'},
    {url: 'https://github.com/', then: 'none'},
    {url: 'https://github.com.evil.test/acme/tools', then: 'none'},
    {url: 'http://github.com/acme/tools', then: 'none'},
    {url: 'https://gitlab.com/any/thing', then: 'oauth2 token-of-lab'},
    {url: 'http://127.0.0.1:4000/acme/app', then: 'octo token-of-local'},
    {url: 'https://127.0.0.1:4000/acme/app', then: 'none'}
  ]
  test.each(rows)('given $url, then the login is $then', ({url, then}) => {
    expect(fill(url, 'variable')).toBe(then)
    expect(fill(url, 'home')).toBe(then)
  })

  test('no command of it holds a token', () => {
    const text = BUILD_ACCESS['git-credentials'](ACCESS)
    const helpers = text.split('\n').filter(line => line.includes('!f()'))
    expect(helpers.length).toBeGreaterThan(0)
    for (const {value} of CREDENTIALS) expect(helpers.join()).not.toContain(value)
  })

  test.each([
    {given: 'keys', isBySsh: true, then: true},
    {given: 'no keys', isBySsh: false, then: false}
  ])('given $given, then that ssh proves servers is $then', ({isBySsh, then}) => {
    expect(
      /sshCommand = ".*StrictHostKeyChecking=yes/.test(BUILD_ACCESS['git-credentials']({...ACCESS, isBySsh}))
    ).toBe(then)
  })
})

test('a .netrc names a host only where one login serves it', () => {
  expect(BUILD_ACCESS.netrc(ACCESS)).toBe(
    'machine gitlab.com login oauth2 password token-of-lab\nmachine 127.0.0.1 login octo password token-of-local\n'
  )
})

test('known hosts are those that come with the action, and those that were given', () => {
  const hostKeys = [{host: 'git.acme.test', type: 'ssh-ed25519', key: 'AAAA'}]
  const lines = BUILD_ACCESS['known-hosts']({...ACCESS, hostKeys})
    .trim()
    .split('\n')
  expect(lines).toHaveLength(4)
  expect(lines.at(-1)).toBe('git.acme.test ssh-ed25519 AAAA')
})
