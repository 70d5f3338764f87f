import {generateKeyPairSync} from 'node:crypto'
import {beforeAll, describe, expect, test} from '@jest/globals'
import {readPrivateKey} from '../../src/git/private-key.ts'
import {makePairs, type Pair} from '../support/ssh-pairs.ts'

const WANTED = {
  ed25519: ['-t', 'ed25519'],
  ecdsa: ['-t', 'ecdsa'],
  rsa: ['-t', 'rsa', '-b', '2048'],
  pem: ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
  pkcs8: ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
  locked: ['-t', 'ed25519', '-N', 'a passphrase'],
  lockedPem: ['-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'a passphrase'],
  lockedPkcs8: ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', 'a passphrase']
} as const
type Name = keyof typeof WANTED

let pairs: Record<Name, Pair>
beforeAll(async () => {
  pairs = await makePairs(WANTED)
})

function faultOf(text: string): string {
  const read = readPrivateKey(text)
  return 'fault' in read ? read.fault : 'none'
}

describe('a private key of ssh-keygen', () => {
  test.each(['ed25519', 'ecdsa', 'rsa', 'pem', 'pkcs8'] as const)(
    'given %s, then it is read, with the fingerprint that ssh-keygen shows',
    name => {
      const {privateKey, fingerprint} = pairs[name]
      expect(readPrivateKey(privateKey)).toEqual({text: privateKey, fingerprint})
    }
  )

  test.each([
    {given: 'line ends of Windows', change: (text: string) => text.replaceAll('\n', '\r\n'), repaired: /Windows/},
    {given: '`\\n` written out', change: (text: string) => text.replaceAll('\n', '\\n'), repaired: /written out/},
    {given: 'no last line end', change: (text: string) => text.trimEnd(), repaired: undefined},
    {given: 'blanks before each line', change: (text: string) => text.replaceAll(/^/gm, '  '), repaired: undefined}
  ])('given $given, then it is mended', ({change, repaired}) => {
    const read = readPrivateKey(change(pairs.ed25519.privateKey))
    expect(read).toMatchObject({text: pairs.ed25519.privateKey, fingerprint: pairs.ed25519.fingerprint})
    if (repaired === undefined) expect(read).not.toHaveProperty('repaired')
    else expect(read).toMatchObject({repaired: expect.stringMatching(repaired)})
  })
})

describe('what is no usable key is named', () => {
  test.each([
    {given: 'a passphrase', text: () => pairs.locked.privateKey, then: /is encrypted/},
    {given: 'a passphrase, in PEM', text: () => pairs.lockedPem.privateKey, then: /is encrypted/},
    {given: 'a passphrase, in PKCS#8', text: () => pairs.lockedPkcs8.privateKey, then: /is encrypted/},
    {given: 'the public half', text: () => pairs.ed25519.publicKey, then: /is a public key/},
    {
      given: 'a public key in PEM',
      text: () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      then: /is a public key/
    },
    {
      given: 'a certificate',
      text: () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      then: /certificate/
    },
    {
      given: "PuTTY's format",
      text: () => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n',
      then: /format that OpenSSH does not read/
    },
    {
      given: 'a DSA key',
      text: () => '-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----',
      then: /DSA/
    },
    {
      given: 'a key without its end',
      text: () => pairs.ed25519.privateKey.replace(/-----END[\s\S]*/, ''),
      then: /damaged/
    },
    {
      given: 'a key with a line missing',
      text: () => pairs.ed25519.privateKey.split('\n').toSpliced(2, 1).join('\n'),
      then: /damaged/
    },
    {given: 'a damaged PEM', text: () => pairs.pem.privateKey.split('\n').toSpliced(5, 3).join('\n'), then: /damaged/},
    {
      given: 'Ed25519 in PKCS#8',
      text: () => generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}) as string,
      then: /PKCS#8/
    },
    {given: 'a word', text: () => 'hunter2', then: /is no key/}
  ])('given $given', ({text, then}) => {
    expect(faultOf(text())).toMatch(then)
  })
})
