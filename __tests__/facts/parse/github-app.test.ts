import {generateKeyPairSync} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {type InputsRead, readInputs} from '../../../src/facts/read-inputs.ts'
import {makeFacts} from '../../support/facts.ts'
import {makeFakeHost} from '../../support/fake-host.ts'

const rsa = generateKeyPairSync('rsa', {modulusLength: 2048})
const PEM = rsa.privateKey.export({type: 'pkcs1', format: 'pem'}) as string
const PKCS8 = rsa.privateKey.export({type: 'pkcs8', format: 'pem'}) as string
const PUBLIC = rsa.publicKey.export({type: 'spki', format: 'pem'}) as string
const EC = generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey.export({type: 'sec1', format: 'pem'}) as string
const LOCKED = rsa.privateKey.export({type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x'}) as string

function read(text: string, origin: 'own-branch' | 'fork-pull-request' = 'own-branch'): InputsRead {
  const host = makeFakeHost({inputs: {token: `ghs_${'1'.repeat(36)}`, 'github-app': text}})
  return readInputs(host, makeFacts({origin}).event)
}

describe('github-app', () => {
  test.each([
    {given: 'all of it', text: `id: 77\nprivate-key: ${PEM}\nrepositories: acme/kernels, Acme/data.git`},
    {
      given: 'the key on lines of its own',
      text: `id: 77\nprivate-key:\n${PKCS8}\nrepositories:\nacme/kernels\nAcme/data`
    },
    {
      given: '`\\n` written out in the key',
      text: `id: 77\nprivate-key: ${PEM.replaceAll('\n', '\\n')}\nrepositories: acme/kernels Acme/data`
    }
  ])('given $given, it is read', ({text}) => {
    const {inputs, problems} = read(text)
    expect(problems).toEqual([])
    expect(inputs.githubApp).toEqual({
      id: '77',
      key: {secret: 'github-app'},
      repositories: [
        {owner: 'acme', name: 'kernels'},
        {owner: 'Acme', name: 'data'}
      ],
      packages: 'none'
    })
  })

  test.each([
    {given: 'a client id', text: `id: Iv23liABCDEF\nprivate-key: ${PEM}`, says: /client id/},
    {given: 'a name as id', text: `id: my-app\nprivate-key: ${PEM}`, says: /no number/},
    {given: 'no id', text: `private-key: ${PEM}`, says: /has no id/},
    {given: 'no key', text: 'id: 77\nprivate-key:', says: /has no private-key/},
    {given: 'the public key', text: `id: 77\nprivate-key: ${PUBLIC}`, says: /is a public key/},
    {given: 'a key with a passphrase', text: `id: 77\nprivate-key: ${LOCKED}`, says: /is encrypted/},
    {given: 'a key that is not RSA', text: `id: 77\nprivate-key: ${EC}`, says: /not the key of an App/},
    {given: 'a whole owner', text: `id: 77\nprivate-key: ${PEM}\nrepositories: acme/*`, says: /not `owner\/name`/},
    {
      given: 'another permission',
      text: `id: 77\nprivate-key: ${PEM}\npackages: admin`,
      says: /neither `write` nor `none`/
    },
    {given: 'a line twice', text: `id: 77\nid: 78\nprivate-key: ${PEM}`, says: /two lines `id`/}
  ])('given $given, it is named', ({text, says}) => {
    const {problems} = read(text)
    expect(problems.map(({code}) => code)).toEqual(['input-invalid'])
    expect(problems.map(({what}) => what).join()).toMatch(says)
  })

  test('given several faults, all are told at once, and nothing of the key', () => {
    const {problems} = read(`id: Iv1.abc\nprivate-key: ${LOCKED}\nrepositories: kernels\npackages: read`)
    expect(problems).toHaveLength(4)
    expect(problems.map(({message}) => message).join()).not.toContain(LOCKED.split('\n')[1])
  })

  test('given a fork, whose secrets are empty, it is nobody’s mistake', () => {
    expect(read('id:\nprivate-key:', 'fork-pull-request').problems).toEqual([])
  })
})
