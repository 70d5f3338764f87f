import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'
import {type KeyPair, makeKey, type SshServer, startSshServer} from './ssh-server.ts'

jest.setTimeout(180_000)

const MOUNT_POINT = '/run/secrets/ssh_host_ed25519_key'

let stage: FlavourStage
let mine: KeyPair
let host: KeyPair

beforeAll(async () => {
  stage = await openFlavourStage('ssh-host-key')
  await stage.build('ssh', {FLAVOR: 'ssh'})
  mine = await makeKey(stage, 'mine')
  host = await makeKey(stage, 'host')
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

/** The key of a line of `known_hosts` or of a `.pub` file. */
function keyIn(line: string): string {
  return /ssh-ed25519 (\S+)/.exec(line)?.[1] ?? ''
}

function mounted(file: string): readonly string[] {
  return ['--volume', `${file}:${MOUNT_POINT}:ro`]
}

describe('a host key that is mounted', () => {
  let first: SshServer

  beforeAll(async () => {
    first = await startSshServer(stage, mine, {}, mounted(host.secret))
  }, 180_000)

  test('is what the server shows, in this container and in the next', async () => {
    const wanted = keyIn(readFileSync(host.open, 'utf8'))
    const next = await startSshServer(stage, mine, {}, mounted(host.secret))
    expect([keyIn(first.hostKey), keyIn(next.hostKey)]).toEqual([wanted, wanted])
  })

  test('opens the door to who knows it, and the log names its fingerprint', async () => {
    const known = layFile(stage.place, 'known', `[127.0.0.1]:${first.port} ssh-ed25519 ${keyIn(first.hostKey)}\n`)
    const mounts = ['--volume', `${mine.secret}:/key:ro`, '--volume', `${known}:/known:ro`]
    const trust = '-o UserKnownHostsFile=/known -o StrictHostKeyChecking=yes -o BatchMode=yes -o IdentitiesOnly=yes'
    const script = `umask 077; cat /key > /tmp/key; exec ssh -F /dev/null ${trust} -i /tmp/key -p ${first.port} app@127.0.0.1 id -u`
    expect(await stage.runIn('ssh', mounts, 'sh', '-c', script)).toEqual({exitCode: 0, said: '10001'})
    const {said} = await stage.runIn('ssh', ['--volume', `${host.open}:/host.pub:ro`], 'ssh-keygen', '-lf', '/host.pub')
    expect(await stage.saidBy(first.container, /host key/)).toContain(`host key ${said.split(' ')[1]}`)
  })

  test('may have lost its last line end on the way, as secrets do', async () => {
    const trimmed = layFile(stage.place, 'trimmed', readFileSync(host.secret, 'utf8').trimEnd())
    const server = await startSshServer(stage, mine, {}, mounted(trimmed))
    expect(keyIn(server.hostKey)).toBe(keyIn(first.hostKey))
  })

  test('may lie elsewhere, and may be of another kind', async () => {
    const script = 'ssh-keygen -q -t ecdsa -N "" -C "" -f /tmp/key && cat /tmp/key'
    const key = layFile(stage.place, 'ecdsa', `${(await stage.runIn('ssh', [], 'sh', '-c', script)).said}\n`)
    const options = ['--volume', `${key}:/keys/host:ro`]
    const server = await startSshServer(stage, mine, {SSH_HOST_KEY_FILE: '/keys/host'}, options)
    const scan = ['ssh-keyscan', '-T', '10', '-t', 'ecdsa', '-p', String(server.port), '127.0.0.1']
    expect((await stage.runIn('ssh', [], ...scan)).said).toContain('ecdsa-sha2-nistp256')
    // No other key was made beside it.
    expect(server.hostKey).toBe('')
  })

  test('lies where only the user of the server may read it', async () => {
    const {stdout} = await stage.docker('exec', first.container, 'sh', '-c', 'stat -c %a /tmp/tmp.*/host_key')
    expect(stdout.trim()).toBe('600')
  })
})

describe('a host key that cannot be used stops the server, which would else show another one', () => {
  const locked = () => {
    const file = layFile(stage.place, 'locked', readFileSync(host.secret, 'utf8'))
    chmodSync(file, 0o600)
    return file
  }
  const withPassphrase = async () => {
    const script = 'ssh-keygen -q -t ed25519 -N secret -C "" -f /tmp/key && cat /tmp/key'
    return layFile(stage.place, 'closed', `${(await stage.runIn('ssh', [], 'sh', '-c', script)).said}\n`)
  }

  test.each([
    {given: 'one that the server may not read', file: locked, says: /cannot be read by the user 10001/},
    {given: 'one with a passphrase', file: withPassphrase, says: /no private key, or one with a passphrase/},
    {given: 'the public half', file: () => host.open, says: /no private key/},
    {given: 'an empty file', file: () => layFile(stage.place, 'empty', ''), says: /no private key/}
  ])('$given', async ({file, says}) => {
    const keys = ['--volume', `${mine.open}:/run/secrets/authorized_keys:ro`]
    const ended = await stage.runIn('ssh', [...keys, ...mounted(await file())])
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(says)
    expect(ended.said).not.toContain('PRIVATE KEY-----')
  })

  test.each([
    {given: 'a host key', variable: 'SSH_HOST_KEY_FILE'},
    {given: 'a list of keys', variable: 'AUTHORIZED_KEYS_FILE'}
  ])('$given that is named and not there', async ({variable}) => {
    const open = readFileSync(mine.open, 'utf8').trim()
    const given = ['--env', `SSH_AUTHORIZED_KEYS=${open}`, '--env', `${variable}=/run/secrets/typo`]
    const ended = await stage.runIn('ssh', given)
    expect(ended).toEqual({exitCode: 78, said: `ssh-server: ${variable} names /run/secrets/typo, which is not there.`})
  })
})

test('a list of keys without a line end at its last one does not run into the key that a variable gives', async () => {
  const other = await makeKey(stage, 'other')
  const list = join(stage.place, 'list.pub')
  writeFileSync(list, readFileSync(mine.open, 'utf8').trimEnd(), {mode: 0o644})
  const both = {secret: mine.secret, open: list}
  const server = await startSshServer(stage, both, {SSH_AUTHORIZED_KEYS: readFileSync(other.open, 'utf8').trim()})
  expect((await stage.saidBy(server.container, /Server listening/)).match(/\(ED25519\)/g)).toHaveLength(2)
})
