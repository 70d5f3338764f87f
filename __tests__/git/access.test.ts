import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {type Access, makeAccess} from '../../src/git/access.ts'
import {locateRepository, type Repository} from '../../src/git/repository.ts'
import {isRefused} from '../../src/git/url.ts'
import type {GitCredential} from '../../src/model/credentials.ts'

const CREDENTIALS: readonly GitCredential[] = [
  {host: 'github.com', path: 'acme', user: 'x-access-token', token: {secret: 'acme'}},
  {host: 'github.com', path: 'acme/kernels', user: 'x-access-token', token: {secret: 'kernels'}},
  {host: 'github.com', path: 'orgb', user: 'octo', token: {secret: 'orgb'}}
]

let folder: string
/** A repository whose own configuration holds what other actions and people leave there. */
let workspace: string
let access: Access

beforeAll(() => {
  // A directory name that a shell would take apart.
  folder = join(mkdtempSync(join(tmpdir(), 'access-')), `it's a "$HOME" dir`)
  workspace = join(folder, 'workspace')
  mkdirSync(workspace, {recursive: true})
  const urls = [
    'https://github.com/acme/app',
    'git@github.com:acme/kernels',
    'git@github.com:acme/kernels-private.git',
    'https://github.com/acme/tools.git',
    'ssh://git@github.com/OrgB/Lib.git',
    'https://gitlab.com/acme/kernels'
  ]
  access = makeAccess({
    repositories: urls.map(located),
    directory: folder,
    workTrees: [workspace],
    machine: [{section: 'http', name: 'proxy', value: 'http://proxy.corp:3128'}],
    hostKeys: []
  })
  for (const {path, text} of access.files) writeFileSync(path, text)
  for (const {path, credential} of access.tokenFiles) {
    writeFileSync(path, `username=${credential.user}\npassword=token-of-${credential.token.secret}\n`)
  }
  git(['init', '--quiet'])
  for (const [key, value] of LEFT_BEHIND) git(['config', '--add', key, value])
})

afterAll(() => rmSync(join(folder, '..'), {recursive: true, force: true}))

const LEFT_BEHIND = [
  ['http.https://github.com/.extraheader', 'AUTHORIZATION: basic b2xk'],
  ['http.https://github.com/acme/tools.git.extraheader', 'AUTHORIZATION: basic b2xk'],
  ['url.https://octo:old@github.com/acme/tools.git.insteadOf', 'https://github.com/acme/tools.git'],
  ['url.https://octo:old@github.com/.insteadOf', 'git@github.com:'],
  ['credential.helper', '!f() { echo username=old; echo password=old; }; f'],
  ['core.hooksPath', 'hooks']
] as const

function located(url: string): Repository {
  const repository = locateRepository(url, {origin: 'https://github.com/acme/app', credentials: CREDENTIALS})
  if (isRefused(repository)) throw new Error(repository.refused)
  return repository
}

function git(args: readonly string[], input = '') {
  const env = {PATH: process.env.PATH ?? '', ...access.environment}
  const ran = spawnSync('git', [...args], {cwd: workspace, env, input})
  return {exitCode: ran.status, stdout: ran.stdout.toString().trim(), stderr: ran.stderr.toString()}
}

describe('addresses, asked of git in a repository with other rewrites', () => {
  test.each([
    {url: 'git@github.com:acme/kernels', then: 'https://github.com/acme/kernels'},
    {url: 'git@github.com:acme/kernels-private.git', then: 'https://github.com/acme/kernels-private.git'},
    {url: 'ssh://git@github.com/OrgB/Lib.git', then: 'https://github.com/OrgB/Lib.git'},
    {url: 'https://github.com/acme/tools.git', then: 'https://github.com/acme/tools.git'},
    {url: 'https://github.com.evil.test/acme/tools.git', then: 'https://github.com.evil.test/acme/tools.git'}
  ])('given $url, then git goes to $then', ({url, then}) => {
    expect(git(['ls-remote', '--get-url', url]).stdout).toBe(then)
  })
})

describe('logins, asked of git in a repository with another helper', () => {
  test.each([
    {url: 'https://github.com/acme/app', then: 'x-access-token token-of-acme'},
    {url: 'https://github.com/acme/kernels', then: 'x-access-token token-of-kernels'},
    {url: 'https://github.com/acme/kernels.git', then: 'x-access-token token-of-kernels'},
    {url: 'https://github.com/acme/kernels.git/info/lfs', then: 'x-access-token token-of-kernels'},
    {url: 'https://github.com/acme/kernels-private.git', then: 'x-access-token token-of-acme'},
    {url: 'https://github.com/acme/renamed', then: 'x-access-token token-of-acme'},
    {url: 'https://github.com/OrgB/Lib.git', then: 'octo token-of-orgb'},
    {url: 'https://github.com/acme2/app', then: 'none'},
    {url: 'https://github.com/', then: 'none'},
    {url: 'https://github.com.evil.test/acme/app', then: 'none'},
    {url: 'http://github.com/acme/app', then: 'none'},
    {url: 'https://github.com:8443/acme/app', then: 'none'},
    {url: 'https://gitlab.com/acme/kernels', then: 'none'}
  ])('given $url, then the login is $then', ({url, then}) => {
    const {stdout} = git(['credential', 'fill'], `url=${url}\n\n`)
    const [, user] = /^username=(.*)$/m.exec(stdout) ?? []
    const [, password] = /^password=(.*)$/m.exec(stdout) ?? []
    expect(password === undefined ? 'none' : `${user} ${password}`).toBe(then)
  })

  test('given a login that worked, then no helper stores it anywhere', () => {
    const login = 'url=https://github.com/acme/app\nusername=x\npassword=y\n\n'
    expect(git(['credential', 'approve'], login)).toMatchObject({exitCode: 0, stdout: '', stderr: ''})
  })
})

describe('settings, asked of git in a repository that says otherwise', () => {
  test.each([
    {key: 'http.extraheader', url: 'https://github.com/acme/tools.git', then: ''},
    {key: 'http.extraheader', url: 'https://github.com/acme/app', then: ''},
    {key: 'http.proxy', url: 'https://github.com/acme/app', then: 'http://proxy.corp:3128'}
  ])('given $url, then $key is "$then"', ({key, url, then}) => {
    expect(git(['config', '--get-urlmatch', key, url])).toMatchObject({exitCode: 0, stdout: then})
  })

  test('given hooks in the repository, then git runs none', () => {
    expect(git(['config', '--get', 'core.hooksPath']).stdout).toBe('/dev/null')
  })
})

describe('what may be seen', () => {
  test('given credentials, then no file but theirs, and no variable, would hold a token', () => {
    const names = access.tokenFiles.map(({path}) => path.slice(folder.length + 1))
    expect(names).toEqual(['token-0', 'token-1', 'token-2'])
    expect(JSON.stringify([access.files, access.environment])).not.toMatch(/token-of/)
  })

  test.each([
    {given: 'servers elsewhere', url: 'https://github.com/acme/app', then: 'https'},
    {given: 'a server on this machine', url: 'http://127.0.0.1:4000/acme/app', then: 'https:http'}
  ])('given $given, then git may use $then', ({url, then}) => {
    const {environment} = makeAccess({
      repositories: [located(url)],
      directory: folder,
      workTrees: [],
      machine: [],
      hostKeys: []
    })
    expect(environment.GIT_ALLOW_PROTOCOL).toBe(then)
  })

  test('no ssh is run, whatever sends git or git-lfs to one: it would find keys of the machine', () => {
    const trace = join(tmpdir(), `ssh-ran-${process.pid}`)
    const env = {PATH: process.env.PATH ?? '', ...access.environment, GIT_ALLOW_PROTOCOL: 'ssh'}
    const args = ['-c', `core.sshCommand=touch '${trace}';`, 'ls-remote', 'ssh://git@git.other.test/acme/app']
    spawnSync('git', args, {cwd: '/', env})
    expect(existsSync(trace)).toBe(false)
  })

  test('given no credential, then there is no helper and no token file', () => {
    const repository = located('https://gitlab.com/acme/kernels')
    const {files, tokenFiles} = makeAccess({
      repositories: [repository],
      directory: folder,
      workTrees: [],
      machine: [],
      hostKeys: []
    })
    expect({tokenFiles, helpers: files.filter(({text}) => text.includes('!f()'))}).toEqual({
      tokenFiles: [],
      helpers: []
    })
  })
})
