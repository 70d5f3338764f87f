import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {basename, join, resolve} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import {type SshServer, startSshServer} from '../../scripts/world/ssh-server.ts'
import {parseKnownHosts} from '../../src/facts/parse/known-hosts.ts'
import {hostName} from '../../src/git/host-keys.ts'
import type {HostKey, SshKey} from '../../src/model/credentials.ts'
import type {GitWork} from '../../src/model/work-sources.ts'
import {makePairs, type Pair} from '../support/ssh-pairs.ts'
import {type GitStage, openGitStage, type Seen, watchingCommandLines} from './git-stage.ts'

// A real sshd whose keys open single repositories, as deploy keys do, beside the real git server.

jest.setTimeout(60_000)

let stage: GitStage
let ssh: SshServer
let pairs: Record<'kernels' | 'data' | 'stranger' | 'barred', Pair>
let hostKeys: readonly HostKey[]
let seenBefore = 0
const commits: Record<string, string> = {}

beforeAll(async () => {
  stage = await openGitStage()
  ssh = await startSshServer({
    folder: resolve('.world'),
    name: basename(stage.folder),
    repositories: stage.server.folder,
    say: () => {}
  })
  const ed25519 = ['-t', 'ed25519']
  pairs = await makePairs({
    kernels: ed25519,
    data: ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
    stranger: ed25519,
    barred: ed25519
  })
  ssh.addKey({name: 'kernels', publicKey: pairs.kernels.publicKey, repositories: ['acme/kernels']})
  ssh.addKey({name: 'data', publicKey: pairs.data.publicKey, repositories: ['labs/data']})
  ssh.addKey({name: 'barred', publicKey: pairs.barred.publicKey, repositories: []})
  ssh.refuse('barred', "ERROR: The 'acme' organization has enabled or enforced SAML SSO.")
  hostKeys = parseKnownHosts(ssh.knownHosts, {} as never)
  const {server} = stage
  const create = async (path: string, submodules: Record<string, {url: string; commit: string}> = {}) => {
    commits[path] = await server.createRepository(path, {'code.txt': path}, {submodules})
  }
  await create('acme/inner')
  await create('acme/kernels', {inner: {url: '../inner.git', commit: commits['acme/inner'] ?? ''}})
  await create('acme/kernels-private')
  await create('labs/data')
  // Every address form that a repository is cloned by.
  const at = (repository: string, url: string) => ({url, commit: commits[repository] ?? ''})
  await create('acme/app', {
    kernels: at('acme/kernels', `${ssh.user}@127.0.0.1:Acme/kernels.git`),
    data: at('labs/data', `ssh://${ssh.user}@${ssh.host}/labs/data`)
  })
  await create('acme/app-web', {kernels: at('acme/kernels', `http://${stage.host}/acme/kernels.git`)})
})

afterAll(async () => {
  await ssh?.stop()
  await stage?.end()
})

beforeEach(() => {
  seenBefore = ssh.log().length
})

/** A key of `ssh-keys`, its value kept where the step redeems it. */
function key(pair: Pair, path: string, place: {readonly hostname?: string; readonly port?: number} = {}): SshKey {
  return {
    id: path.replaceAll('/', '-'),
    repositories: [{hostname: '127.0.0.1', port: ssh.port, ...place, path}],
    key: {secret: pair.privateKey},
    fingerprint: pair.fingerprint
  }
}

function fetch(repository: string, work: Partial<GitWork>, credentials = {}): Promise<Seen> {
  return stage.fetch(stage.checkOut(repository), {credentials, work: {hostKeys, ...work}})
}

function served(): readonly string[] {
  return ssh.log().slice(seenBefore)
}

/** Repositories that keys were given for, as the plan lists them. */
function checksOf(keys: readonly SshKey[]): GitWork['checks'] {
  return keys.flatMap(({repositories}) =>
    repositories.map(({hostname, port, path}) => ({
      url: `ssh://${ssh.user}@${hostname}:${port}/${path}`,
      onUnreadable: 'fail' as const
    }))
  )
}

describe('submodules with deploy keys', () => {
  test('given a key for each, then each repository sees its own, and one without a key is read by HTTPS', async () => {
    const workspace = stage.checkOut('acme/app')
    const keys = [key(pairs.kernels, 'acme/kernels'), key(pairs.data, 'labs/data')]
    const run = () =>
      stage.fetch(workspace, {credentials: {acme: 'acme'}, work: {keys, hostKeys, checks: checksOf(keys)}})
    const {result: seen, commandLines} = await watchingCommandLines(run)
    expect(seen.texts).toEqual([])
    expect(seen.made?.made).toBe('3 submodules')
    expect(readFileSync(join(workspace, 'kernels/inner/code.txt'), 'utf8')).toBe('acme/inner')
    expect(new Set(served())).toEqual(new Set(['kernels served acme/kernels', 'data served labs/data']))
    expect(stage.requests().filter(line => line.includes('kernels '))).toEqual([])
    // Nothing of it is in the checkout, and no key in a command line.
    expect(readFileSync(join(workspace, '.git/config'), 'utf8')).not.toMatch(/insteadof|sshCommand/i)
    const origin = execFileSync('git', ['-C', join(workspace, 'kernels'), 'remote', 'get-url', 'origin'], {
      encoding: 'utf8'
    })
    expect(origin.trim()).toBe(`${ssh.user}@127.0.0.1:Acme/kernels.git`)
    expect(commandLines).toContain('ssh -F ')
    for (const {privateKey} of Object.values(pairs)) expect(commandLines).not.toContain(privateKey.split('\n')[1])
  })

  test('given an address of HTTPS and a key for its repository, then the key is used', async () => {
    const seen = await fetch('acme/app-web', {keys: [key(pairs.kernels, 'acme/kernels')], depth: 'top'})
    expect(seen.texts).toEqual([])
    expect(served()).toContain('kernels served acme/kernels')
  })

  test('given a token for that very repository beside the key, then the form of the address decides', async () => {
    const keys = [key(pairs.kernels, 'acme/kernels')]
    const seen = await fetch('acme/app-web', {keys, depth: 'top'}, {'acme/kernels': 'kernels'})
    expect(seen.texts).toEqual([])
    expect(served()).toEqual([])
  })
})

describe('the health check tells causes apart, before anything is fetched', () => {
  const KNOWN = 'ssh-key-refused'
  interface Row {
    readonly given: string
    readonly keys: () => readonly SshKey[]
    readonly hostKeys?: () => readonly HostKey[]
    readonly code: string
    readonly says: RegExp
  }
  test.each<Row>([
    {
      given: 'a key that the server does not know',
      keys: () => [key(pairs.stranger, 'acme/kernels')],
      code: KNOWN,
      says: /does not know the key/
    },
    {
      given: 'a key of another repository',
      keys: () => [key(pairs.data, 'acme/kernels')],
      code: KNOWN,
      says: /opens one repository, and this one seems to be another's/
    },
    {
      given: 'a neighbour with a longer name',
      keys: () => [key(pairs.kernels, 'acme/kernels-private')],
      code: KNOWN,
      says: /another's/
    },
    {
      given: 'a rule of the owner',
      keys: () => [key(pairs.barred, 'acme/kernels')],
      code: KNOWN,
      says: /a rule of the owner/
    },
    {
      given: 'a host key that has changed',
      keys: () => [key(pairs.kernels, 'acme/kernels')],
      hostKeys: () => [
        {
          host: hostName({hostname: '127.0.0.1', port: ssh.port}),
          type: 'ssh-ed25519',
          key: pairs.stranger.publicKey.split(' ')[1] ?? ''
        }
      ],
      code: 'host-key-changed',
      says: /another key than the one that is known/
    },
    {
      given: 'a host key of no known kind',
      keys: () => [key(pairs.kernels, 'acme/kernels')],
      hostKeys: () => [],
      code: 'host-key-changed',
      says: /of a kind that is not known/
    },
    {
      given: 'a port where nobody listens',
      keys: () => [key(pairs.kernels, 'acme/kernels', {port: 1})],
      code: 'repository-unreadable',
      says: /gave no answer on port 1/
    },
    {
      given: 'a name that nobody has',
      keys: () => [key(pairs.kernels, 'acme/kernels', {hostname: 'git.acme.invalid'})],
      code: 'repository-unreadable',
      says: /could not be resolved/
    }
  ])('given $given', async ({keys, hostKeys: known, code, says}) => {
    const seen = await fetch('acme/kernels-private', {
      depth: 'none',
      keys: keys(),
      checks: checksOf(keys()),
      ...(known === undefined ? {} : {hostKeys: known()})
    })
    expect(seen.codes).toEqual([code])
    expect(seen.texts.join()).toMatch(says)
    if (code === KNOWN) expect(seen.texts.join()).toContain(keys()[0]?.fingerprint)
  })

  test('given several faults, then all are told at once', async () => {
    const keys = [key(pairs.stranger, 'acme/kernels'), key(pairs.kernels, 'labs/data')]
    const seen = await fetch('acme/app', {keys, checks: checksOf(keys)})
    expect(seen.codes).toEqual([KNOWN, KNOWN])
  })

  test('given a token that cannot read a repository that nothing needs, then it is a warning', async () => {
    const url = `http://${stage.host}/labs/data`
    const seen = await fetch(
      'acme/kernels-private',
      {depth: 'none', checks: [{url, onUnreadable: 'warn'}]},
      {'labs/data': 'wrong'}
    )
    expect(seen.codes).toEqual([])
    expect(seen.warnings.join()).toContain('labs/data could not be read; `WRONG_TOKEN` was used.')
  })
})

describe('ssh keeps to what it was told', () => {
  let trap: Server
  let visits = 0
  beforeAll(async () => {
    trap = createServer(socket => {
      visits += 1
      socket.destroy()
    })
    await new Promise<void>(done => trap.listen(0, '127.0.0.1', done))
  })
  afterAll(() => void trap.close())

  test('given a tree that sends git-lfs to another server by ssh, then no connection is made to it', async () => {
    const {port} = trap.address() as {port: number}
    const workspace = stage.checkOut('acme/app')
    writeFileSync(join(workspace, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n')
    writeFileSync(join(workspace, '.lfsconfig'), `[lfs]\n\turl = ssh://git@127.0.0.1:${port}/acme/app\n`)
    writeFileSync(
      join(workspace, 'w.bin'),
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`
    )
    execFileSync('git', [
      '-C',
      workspace,
      '-c',
      'filter.lfs.required=false',
      '-c',
      'filter.lfs.clean=cat',
      'add',
      '--all'
    ])
    const keys = [key(pairs.kernels, 'acme/kernels'), key(pairs.data, 'labs/data')]
    await stage.fetch(workspace, {credentials: {acme: 'acme'}, work: {keys, hostKeys}})
    expect(visits).toBe(0)
  })
})
