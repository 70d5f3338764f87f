import {chmodSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type GitServer, startGitServer} from '../../../scripts/world/git-server.ts'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'
import {type KeyPair, makeKey, type SshServer, startSshServer} from './ssh-server.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('fetched-code')
  await stage.build('with-apt', {APT_PACKAGES: 'tree git openssh-client'})
  await stage.build('ssh', {FLAVOR: 'ssh', APT_PACKAGES: 'git'})
}, 900_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('code over ssh, fetched before the command', () => {
  const fetched = 'git -C /app/kernels log -1 --format=%s'
  let server: SshServer
  let mine: KeyPair
  let other: KeyPair
  let known: string

  beforeAll(async () => {
    mine = await makeKey(stage, 'mine')
    other = await makeKey(stage, 'other')
    server = await startSshServer(stage, mine)
    known = layFile(stage.place, 'known', `${server.hostKey}\n`)
    const commit = 'git -c user.name=a -c user.email=a@acme.test commit --quiet --allow-empty --message one'
    await stage.docker(
      'exec',
      server.container,
      'sh',
      '-c',
      `git init --quiet /tmp/kernels && cd /tmp/kernels && ${commit}`
    )
  }, 180_000)

  function address(): string {
    return `ssh://app@127.0.0.1:${server.port}/tmp/kernels`
  }

  function fetchAs(key: string, hosts: string, more: readonly string[] = []) {
    const mounts = [
      ...more,
      '--volume',
      `${key}:/run/secrets/git-ssh-key:ro`,
      '--volume',
      `${hosts}:/run/secrets/known_hosts:ro`
    ]
    const repositories = ['--env', `CODE_REPOSITORIES=${address()}`]
    return stage.runIn('with-apt', [...mounts, ...repositories, '--tmpfs', '/app:uid=10001'], 'sh', '-c', fetched)
  }

  test('with its key, readable for all as it is mounted', async () => {
    const ended = await fetchAs(mine.secret, known)
    expect(ended).toEqual({
      exitCode: 0,
      said: expect.stringMatching(/^(?:one\n)?fetch-code: .* in \/app\/kernels(?:\none)?$/)
    })
  })

  test('not with another key', async () => {
    const ended = await fetchAs(other.secret, known)
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(/Permission denied \(publickey\)[\s\S]*cannot be read/)
  })

  test('with the key of that very repository, whatever key opens all others', async () => {
    const keys = ['--volume', `${mine.secret}:/run/secrets/git-ssh-keys/tmp.kernels:ro`]
    expect(await fetchAs(other.secret, known, keys)).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining('in /app/kernels')
    })
  })

  test('not without a key', async () => {
    const ended = await stage.runIn('with-apt', ['--env', `CODE_REPOSITORIES=${address()}`], 'echo', 'GPU time')
    expect(ended).toEqual({exitCode: 78, said: expect.stringMatching(/^fetch-code: no key for ssh:/)})
  })

  test('not from a server with another host key', async () => {
    const strange = (await startSshServer(stage, mine)).hostKey.replace(/\]:\d+/, `]:${server.port}`)
    const ended = await fetchAs(mine.secret, layFile(stage.place, 'strange', `${strange}\n`))
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(/Host key verification failed[\s\S]*cannot be read/)
  })
})

describe('code over https, fetched before the command', () => {
  let server: GitServer
  let hash: string
  const TOKEN = 'kernels-read-token-8f2a11'

  beforeAll(async () => {
    const folder = process.env.WORLD_FOLDER ?? '.world'
    const tokens = [{name: 'kernels', token: TOKEN, repositories: ['acme/kernels']}]
    server = await startGitServer({folder, name: `flavours-${process.pid}`, tokens, say: () => {}})
    hash = await server.createRepository('acme/kernels', {'kernel.cu': '// one\n'})
    await server.createRepository('acme/other', {'a.txt': 'a'})
  }, 120_000)

  afterAll(async () => {
    await server?.stop()
  })

  function fetchWith(token: string, repositories: string, ...command: readonly string[]) {
    const mount = ['--volume', `${layFile(stage.place, 'git-token', `${token}\n`)}:/run/secrets/git-token:ro`]
    return stage.runIn(
      'with-apt',
      [...mount, '--env', `CODE_REPOSITORIES=${repositories}`, '--tmpfs', '/app:uid=10001'],
      ...command
    )
  }

  test('with its token, at the revision asked for, and the token is nowhere', async () => {
    const search = `cat /app/code/kernel.cu; grep -rl ${TOKEN} /app /tmp /home /proc/self/environ || echo nowhere`
    const repositories = `# ours\n${server.url}/acme/kernels /app/code ${hash}`
    const ended = await fetchWith(TOKEN, repositories, 'sh', '-c', search)
    expect(ended.exitCode).toBe(0)
    expect(ended.said).toContain('// one\nnowhere')
    expect(ended.said).toContain(`at ${hash} in /app/code`)
  })

  test('no token at all ends the container before the command', async () => {
    const options = ['--env', `CODE_REPOSITORIES=${server.url}/acme/kernels`]
    const ended = await stage.runIn('with-apt', options, 'echo', 'GPU time')
    expect(ended).toEqual({exitCode: 78, said: expect.stringMatching(/cannot be read/)})
  })

  test.each([
    {given: 'another token', token: 'wrong-token-0000', of: 'acme/kernels'},
    {given: 'a repository that it is not for', token: TOKEN, of: 'acme/other'}
  ])('$given ends the container before the command', async ({token, of}) => {
    const repositories = `${server.url}/acme/kernels\n${server.url}/${of}`
    const ended = await fetchWith(token, repositories, 'echo', 'GPU time')
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(/cannot be read/)
    expect(ended.said).not.toMatch(new RegExp(`GPU time|${token}| in /app`))
  })

  test.each([
    {
      given: 'a token that the user may not read',
      options: () => {
        const file = layFile(stage.place, 'locked-token', TOKEN)
        chmodSync(file, 0o600)
        return ['--volume', `${file}:/run/secrets/git-token:ro`]
      },
      says: /^fetch-code: \/run\/secrets\/git-token cannot be read by the user 10001/
    },
    {
      given: 'a token that is named and not there',
      options: () => ['--env', 'GIT_TOKEN_FILE=/run/secrets/typo'],
      says: /^fetch-code: GIT_TOKEN_FILE names \/run\/secrets\/typo, which is not there/
    },
    {
      given: 'host keys that are named and not there',
      options: () => ['--env', 'KNOWN_HOSTS_FILE=/run/secrets/typo'],
      says: /^fetch-code: KNOWN_HOSTS_FILE names/
    }
  ])('$given ends the container before anything is asked', async ({options, says}) => {
    const repositories = ['--env', `CODE_REPOSITORIES=${server.url}/acme/kernels`]
    const ended = await stage.runIn('with-apt', [...options(), ...repositories], 'echo', 'GPU time')
    expect(ended).toEqual({exitCode: 78, said: expect.stringMatching(says)})
  })

  test.each([
    {
      given: 'an address with a login in it',
      address: 'https://x:secret-1234@git.acme.test/acme/kernels',
      says: /holds a login/
    },
    {given: 'http', address: 'http://git.acme.test/acme/kernels', says: /without encryption/},
    {given: 'a local folder', address: '/etc', says: /neither an https nor an ssh address/},
    {given: 'an option', address: '--upload-pack=touch', says: /neither an https nor an ssh address/}
  ])('$given is refused', async ({address, says}) => {
    const ended = await fetchWith(TOKEN, address, 'echo', 'GPU time')
    expect(ended).toEqual({exitCode: 78, said: expect.stringMatching(says)})
    expect(ended.said).not.toContain('secret-1234')
  })
})
