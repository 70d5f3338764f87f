import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {attempt, type CommandResult} from '../../scripts/world/command.ts'
import {type GitServer, startGitServer} from '../../scripts/world/git-server.ts'

const TOKEN = 'readers-own-token'
const folder = mkdtempSync(join(tmpdir(), 'git-server-'))
let server: GitServer
let kernels: string

beforeAll(async () => {
  server = await startGitServer({
    folder,
    tokens: [
      {name: 'reader', token: TOKEN, repositories: ['acme/*']},
      {name: 'writer', token: 'writers-own-token', repositories: ['acme/app'], mayWrite: true}
    ],
    say: () => {}
  })
  kernels = await server.createRepository(
    'acme/kernels',
    {'setup.py': 'print(1)\n', 'weights.bin': 'w'.repeat(2000)},
    {lfs: ['weights.bin']}
  )
  await server.createRepository(
    'acme/app',
    {'train.py': 'print(2)\n', 'run.sh': '#!/bin/sh\n'},
    {submodules: {'third party/kernels': {url: `${server.url}/acme/kernels`, commit: kernels}}}
  )
  await server.createRepository('other/secret', {'a.txt': 'a'})
  await server.createRepository('acme/open', {'a.txt': 'a'}, {access: 'public'})
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, {recursive: true})
})

describe('the git server, asked by git', () => {
  test.each([
    {given: 'no token and a private repository', token: undefined, repository: 'acme/app', status: 401},
    {given: 'no token and a public repository', token: undefined, repository: 'acme/open', status: 200},
    {given: 'a token that reaches it', token: TOKEN, repository: 'acme/app', status: 200},
    {given: 'a token and other letters', token: TOKEN, repository: 'Acme/App.git', status: 200},
    {given: 'a token that does not reach it', token: TOKEN, repository: 'other/secret', status: 404},
    {given: 'a token and no such repository', token: TOKEN, repository: 'acme/none', status: 404},
    {given: 'no token and no such repository', token: undefined, repository: 'acme/none', status: 401},
    {given: 'a token nobody gave out', token: 'wrong', repository: 'acme/app', status: 401}
  ])('given $given, then the answer is $status', async ({token, repository, status}) => {
    const before = server.log().length
    const {exitCode} = await git(token, 'ls-remote', `${server.url}/${repository}`)
    expect(exitCode === 0).toBe(status === 200)
    const rows = server.log().slice(before)
    expect(new Set(rows.map(row => row.status))).toEqual(new Set([status]))
    expect(rows.every(({authorization}) => authorization === (token !== undefined))).toBe(true)
  })

  test('given a clone with its submodule, then both are read with the token and no byte of it is logged or kept', async () => {
    const clone = join(folder, 'clone')
    expect(await git(TOKEN, 'clone', '--recurse-submodules', `${server.url}/acme/app`, clone)).toMatchObject({
      exitCode: 0
    })
    expect(readFileSync(join(clone, 'third party/kernels/setup.py'), 'utf8')).toBe('print(1)\n')
    const {stdout} = await attempt(['grep', '-rl', TOKEN, server.folder])
    expect(stdout).toBe('')
  })

  test('given a push with a token that may only read, then it is refused, and with one that may write it is not', async () => {
    const clone = join(folder, 'to-push')
    await git(TOKEN, 'clone', `${server.url}/acme/app`, clone)
    await git(
      TOKEN,
      '-C',
      clone,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      'commit',
      '--allow-empty',
      '-m',
      'x'
    )
    expect((await git(TOKEN, '-C', clone, 'push', 'origin', 'HEAD:refs/heads/topic')).exitCode).not.toBe(0)
    expect((await git('writers-own-token', '-C', clone, 'push', 'origin', 'HEAD:refs/heads/topic')).exitCode).toBe(0)
  })

  test('given a commit on a branch, then a client can fetch it by its hash alone', async () => {
    const hash = await server.commit('acme/open', {'b.txt': 'b'}, {branch: 'topic'})
    const clone = join(folder, 'by-hash')
    await git(undefined, 'clone', '--depth', '1', `${server.url}/acme/open`, clone)
    expect(existsSync(join(clone, 'b.txt'))).toBe(false)
    expect((await git(undefined, '-C', clone, 'fetch', '--depth', '1', 'origin', hash)).exitCode).toBe(0)
  })

  test('given the same files, then the commit is the same on every machine', () => {
    expect(kernels).toBe('fe58648b272064f7723e66eab4a9f3a3b2556489')
  })
})

describe('the git server, asked as git-lfs asks', () => {
  test('given a pointer, then the batch gives an address that holds the content and asks for no login', async () => {
    const pointer = await git(TOKEN, '-C', repositoryOf('acme/kernels'), 'show', 'main:weights.bin')
    const oid = /sha256:([0-9a-f]{64})/.exec(pointer.stdout)?.[1]
    const body = JSON.stringify({operation: 'download', objects: [{oid, size: 2000}]})
    const headers = {authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`}
    const batch = `${server.url}/acme/kernels.git/info/lfs/objects/batch`
    const {objects} = (await (await fetch(batch, {method: 'POST', body, headers})).json()) as {
      objects: {actions: {download: {href: string}}}[]
    }
    const href = objects[0]?.actions.download.href ?? ''
    expect(await (await fetch(href)).text()).toBe('w'.repeat(2000))
    expect((await fetch(href.replace(/ticket=.*/, 'ticket=none'))).status).toBe(403)
    expect((await fetch(batch, {method: 'POST', body})).status).toBe(401)
  })
})

function repositoryOf(repository: string): string {
  return join(server.folder, 'repositories', `${repository}.git`)
}

// The token is sent with the first request, as actions/checkout does; git alone would first ask without.
function git(token: string | undefined, ...argv: readonly string[]): Promise<CommandResult> {
  const header = token === undefined ? '' : `Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_CONFIG_COUNT: header === '' ? '0' : '1',
    GIT_CONFIG_KEY_0: `http.${server.url}/.extraheader`,
    GIT_CONFIG_VALUE_0: header
  }
  return attempt(['git', ...argv], {env})
}
