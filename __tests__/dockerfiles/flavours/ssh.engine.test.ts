import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {blobsOf} from '../../support/stored.ts'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'
import {type KeyPair, makeKey, type SshServer, startSshServer} from './ssh-server.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('ssh')
  await stage.build('ssh', {FLAVOR: 'ssh', APT_PACKAGES: 'git'})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('ssh', () => {
  let server: SshServer
  let mine: KeyPair
  let other: KeyPair
  const SECRET = 'not-for-logins-4711'

  /** A file for ssh that names the server by its key. */
  function knownHosts({port, hostKey}: SshServer): string {
    return layFile(stage.place, `known-${port}`, `${hostKey}\n`)
  }

  /** Tries to log in from another container; the key is copied first, because ssh wants it for itself alone. */
  async function logInTo(to: SshServer, user: string, {secret}: KeyPair, ...command: readonly string[]) {
    const mounts = ['--volume', `${secret}:/key:ro`, '--volume', `${knownHosts(to)}:/known:ro`]
    const trust = '-o UserKnownHostsFile=/known -o StrictHostKeyChecking=yes -o ConnectTimeout=20'
    const script = `umask 077; cat /key > /tmp/key; exec ssh -F /dev/null ${trust} -o BatchMode=yes -i /tmp/key -o IdentitiesOnly=yes -p ${to.port} ${user}@127.0.0.1 "$@"`
    return stage.runIn('ssh', mounts, 'sh', '-c', script, 'sh', ...command)
  }

  beforeAll(async () => {
    mine = await makeKey(stage, 'mine')
    other = await makeKey(stage, 'other')
    server = await startSshServer(stage, mine, {WANDB_TOKEN: SECRET})
  }, 180_000)

  test('the right key gets in, as the user of the image, with its Python', async () => {
    const code = `'import six, os, sys; print(six.__version__, os.getuid(), sys.prefix)'`
    expect(await logInTo(server, 'app', mine, 'python', '-c', code)).toEqual({
      exitCode: 0,
      said: '1.17.0 10001 /opt/venv'
    })
  })

  test('what was given to the container is not given to logins', async () => {
    expect((await logInTo(server, 'app', mine, 'env')).said).not.toContain(SECRET)
  })

  test('a key that a variable gives gets in beside the mounted one', async () => {
    const both = await startSshServer(stage, mine, {SSH_AUTHORIZED_KEYS: readFileSync(other.open, 'utf8').trim()})
    for (const key of [mine, other]) {
      expect(await logInTo(both, 'app', key, 'id', '-u')).toEqual({exitCode: 0, said: '10001'})
    }
  })

  test.each([
    {given: 'another key', user: 'app', key: () => other},
    {given: 'root with the right key', user: 'root', key: () => mine},
    {given: 'a stranger with the right key', user: 'nobody', key: () => mine}
  ])('$given does not get in', async ({user, key}) => {
    const ended = await logInTo(server, user, key(), 'id')
    expect(ended.exitCode).toBe(255)
    expect(ended.said).toMatch(/Permission denied \(publickey\)/)
  })

  test('no password is even asked for', async () => {
    const options = '-o PreferredAuthentications=password,keyboard-interactive,none -o PubkeyAuthentication=no'
    const mounts = ['--volume', `${knownHosts(server)}:/known:ro`]
    const {said} = await stage.runIn(
      'ssh',
      mounts,
      'sh',
      '-c',
      `ssh -F /dev/null -o UserKnownHostsFile=/known ${options} -p ${server.port} app@127.0.0.1 id`
    )
    expect(said).toMatch(/Permission denied \(publickey\)/)
  })

  test('its log is the container’s and names who came', async () => {
    const said = await stage.saidBy(server.container, /Accepted publickey for app/)
    expect(said).toMatch(/Invalid user|not allowed because not listed in AllowUsers/)
    expect(said).toMatch(/host key SHA256:/)
  })

  test('each start has host keys of its own, and none lies in the image', async () => {
    const again = await startSshServer(stage, mine)
    expect(again.hostKey).toMatch(/ssh-ed25519 /)
    expect(again.hostKey.split(' ').at(-1)).not.toBe(server.hostKey.split(' ').at(-1))
    const layers = await stage.layersOf('ssh')
    const stored = blobsOf(stage.registry).filter(({digest}) => layers.some(layer => layer.digest.endsWith(digest)))
    expect(stored.length).toBeGreaterThan(0)
    // Programs of ssh hold the first line of a key, too; a key goes on behind it.
    const key = /-----BEGIN OPENSSH PRIVATE KEY-----\n[A-Za-z0-9+/]{60}/
    expect(stored.filter(({bytes}) => key.test(bytes.toString('latin1'))).map(({digest}) => digest)).toEqual([])
    expect((await stage.runIn('ssh', [], 'sh', '-c', 'ls /etc/ssh | grep ssh_host_ || echo none')).said).toBe('none')
  })

  test.each([
    {given: 'no key', options: [], says: /nobody could log in/},
    {given: 'something that is no key', options: ['--env', 'SSH_AUTHORIZED_KEYS=hello'], says: /nobody could log in/},
    {given: 'root', options: ['--user', '0:0', '--env', 'SSH_AUTHORIZED_KEYS=x'], says: /not as root/}
  ])('given $given, then it does not start', async ({options, says}) => {
    const ended = await stage.runIn('ssh', options)
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(says)
  })
})
