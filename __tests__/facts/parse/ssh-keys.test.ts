import {beforeAll, describe, expect, test} from '@jest/globals'
import {type InputsRead, readInputs} from '../../../src/facts/read-inputs.ts'
import {makeFacts} from '../../support/facts.ts'
import {type FakeHost, makeFakeHost} from '../../support/fake-host.ts'
import {makePairs, type Pair} from '../../support/ssh-pairs.ts'

let pairs: Record<'one' | 'other' | 'locked', Pair>
let host: FakeHost
beforeAll(async () => {
  const ed25519 = ['-t', 'ed25519']
  pairs = await makePairs({one: ed25519, other: ed25519, locked: [...ed25519, '-N', 'a passphrase']})
})

const SERVER = 'git.acme.test ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

function read(inputs: Record<string, string>, origin: 'own-branch' | 'fork-pull-request' = 'own-branch'): InputsRead {
  host = makeFakeHost({inputs: {token: `ghs_${'1'.repeat(36)}`, ...inputs}})
  return readInputs(host, makeFacts({origin}).event)
}

function whatsOf({problems}: InputsRead): readonly string[] {
  return problems.map(({code, what}) => `${code}: ${what}`)
}

describe('ssh-keys', () => {
  test('given two keys, each has its repositories, an id of the first one, and its fingerprint', () => {
    const text = `# deploy keys\ngithub.com/Acme/Kernels.git\n${pairs.one.privateKey}\ngit.acme.test:2222/labs/data, github.com/labs/tools\n${pairs.other.privateKey}`
    const {inputs, problems} = read({
      'ssh-keys': text,
      'known-hosts': SERVER.replace('git.acme.test', '[git.acme.test]:2222')
    })
    expect(problems).toEqual([])
    expect(inputs.sshKeys).toEqual([
      {
        id: 'acme-kernels',
        repositories: [{hostname: 'github.com', path: 'Acme/Kernels'}],
        key: {secret: 'ssh-keys github.com/Acme/Kernels'},
        fingerprint: pairs.one.fingerprint
      },
      {
        id: 'labs-data',
        repositories: [
          {hostname: 'git.acme.test', port: 2222, path: 'labs/data'},
          {hostname: 'github.com', path: 'labs/tools'}
        ],
        key: {secret: 'ssh-keys git.acme.test:2222/labs/data, github.com/labs/tools'},
        fingerprint: pairs.other.fingerprint
      }
    ])
    expect(host.secrets.redeem({secret: 'ssh-keys github.com/Acme/Kernels'}).reveal()).toBe(pairs.one.privateKey)
  })

  test.each([
    'github.com/acme/kernels',
    'git@github.com:acme/kernels.git',
    'ssh://git@github.com/acme/kernels',
    'GitHub.com/acme/kernels/'
  ])('given `%s` above the key, then it is for acme/kernels of github.com', head => {
    const {inputs, problems} = read({'ssh-keys': `${head}\n${pairs.one.privateKey}`})
    expect(problems).toEqual([])
    expect(inputs.sshKeys[0]?.repositories).toEqual([{hostname: 'github.com', path: 'acme/kernels'}])
  })

  test('given two repositories of one name on two hosts, then the ids differ', () => {
    const text = `github.com/a/b\n${pairs.one.privateKey}git.acme.test/a/b\n${pairs.other.privateKey}`
    expect(read({'ssh-keys': text, 'known-hosts': SERVER}).inputs.sshKeys.map(({id}) => id)).toEqual(['a-b', 'a-b-2'])
  })

  test('given a key, then each line of it is masked, and no name of a repository', () => {
    const text = `github.com/acme/kernels\n${pairs.one.privateKey}github.com/acme/data\n${pairs.other.privateKey}`
    read({'ssh-keys': text})
    expect(host.masks.filter(form => form.includes('acme'))).toEqual([])
    for (const line of pairs.one.privateKey.split('\n').slice(1, 4)) expect(host.masks).toContain(line)
  })

  test('given `\\n` written out in a key, then it is mended, and that is told', () => {
    const flat = pairs.one.privateKey.trim().replaceAll('\n', '\\n')
    const {inputs, problems} = read({'ssh-keys': `github.com/acme/kernels\n${flat}`})
    expect(problems).toEqual([])
    expect(inputs.notices.join()).toContain('mended')
    expect(inputs.sshKeys[0]?.fingerprint).toBe(pairs.one.fingerprint)
  })
})

describe('faults of ssh-keys', () => {
  test.each([
    {given: 'a key for no repository', text: () => pairs.one.privateKey, says: /a key for no repository/},
    {
      given: 'a second key for no repository',
      text: () => `github.com/a/b\n${pairs.one.privateKey}${pairs.other.privateKey}`,
      says: /a key for no repository/
    },
    {
      given: 'a whole owner',
      text: () => `github.com/acme\n${pairs.one.privateKey}`,
      says: /names no repository: `github.com\/acme`/
    },
    {given: 'no key', text: () => 'github.com/acme/kernels', says: /has no key below it/},
    {
      given: 'an encrypted key',
      text: () => `github.com/acme/kernels\n${pairs.locked.privateKey}`,
      says: /is encrypted/
    },
    {given: 'a public key', text: () => `github.com/acme/kernels\n${pairs.one.publicKey}`, says: /is a public key/},
    {
      given: 'two keys for one repository',
      text: () => `github.com/a/b\n${pairs.one.privateKey}github.com/A/b\n${pairs.other.privateKey}`,
      says: /two keys for github.com/
    },
    {
      given: 'a server nobody knows',
      text: () => `git.acme.test/acme/kernels\n${pairs.one.privateKey}`,
      says: /has no public key of that server/
    },
    {
      given: "a server's other port",
      text: () => `github.com:2222/acme/kernels\n${pairs.one.privateKey}`,
      says: /\[github.com\]:2222/
    }
  ])('given $given, it is named', ({text, says}) => {
    const found = whatsOf(read({'ssh-keys': text()}))
    expect(found).toEqual([expect.stringMatching(/^input-invalid: /)])
    expect(found.join()).toMatch(says)
  })

  test('given several of them, all are told at once, and no part of a key is shown', () => {
    const [, line = ''] = pairs.one.privateKey.split('\n')
    const text = `${pairs.one.privateKey}github.com/acme\n${pairs.locked.privateKey}git.acme.test/a/b\n${pairs.other.publicKey}\n${line}\n`
    const found = read({'ssh-keys': text, 'known-hosts': 'no', image: 'app'})
    expect(found.problems.length).toBeGreaterThanOrEqual(5)
    expect(JSON.stringify(found.problems.map(problem => ({...problem, message: problem.message})))).not.toContain(
      line.slice(0, 20)
    )
  })

  test('given a fork, whose secrets are empty, then a missing key is nobody’s mistake', () => {
    const {inputs, problems} = read({'ssh-keys': 'github.com/acme/kernels'}, 'fork-pull-request')
    expect(problems).toEqual([])
    expect(inputs.notices.join()).toContain('hands no secrets')
  })
})

describe('known-hosts', () => {
  test.each([
    {given: 'a line for a host', text: SERVER, then: 'git.acme.test'},
    {
      given: 'a line for a port, with a comment',
      text: `# ours\n${SERVER.replace('git.acme.test', '[git.acme.test]:2222')} root@git`,
      then: '[git.acme.test]:2222'
    }
  ])('given $given, it is read', ({text, then}) => {
    const {inputs, problems} = read({'known-hosts': text})
    expect(problems).toEqual([])
    expect(inputs.knownHosts.map(({host: name}) => name)).toEqual([then])
  })

  test.each([
    {given: '`no`', text: 'no', says: /nobody has identified/},
    {given: 'an option of ssh', text: 'StrictHostKeyChecking no', says: /nobody has identified/},
    {given: '`accept-new`', text: 'StrictHostKeyChecking=accept-new', says: /nobody has identified/},
    {given: 'a fingerprint', text: 'git.acme.test SHA256:abc', says: /is a fingerprint/},
    {given: 'a marker', text: `@cert-authority ${SERVER}`, says: /@cert-authority/},
    {given: 'a key that is cut off', text: SERVER.slice(0, 60), says: /cut off/},
    {given: 'a key of another type', text: SERVER.replace('ssh-ed25519', 'ssh-rsa'), says: /not of the type/},
    {given: 'a private key', text: '-----BEGIN OPENSSH PRIVATE KEY-----', says: /holds a private key/}
  ])('given $given, it is an error', ({text, says}) => {
    const found = whatsOf(read({'known-hosts': text}))
    expect(found).toEqual([expect.stringMatching(/^input-invalid: /)])
    expect(found.join()).toMatch(says)
  })

  test.each(['ssh-strict', 'ssh-key', 'ssh-known-hosts'])(
    'given `%s`, as another action has it, then ours is named',
    name => {
      expect(read({[name]: 'x'}).problems[0]?.fix).toMatch(/`ssh-keys`|`known-hosts`/)
    }
  )
})
