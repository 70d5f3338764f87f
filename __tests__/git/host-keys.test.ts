import {describe, expect, test} from '@jest/globals'
import {fingerprintOf, hostName, isKeyOf, PINNED, REVOKED, revocationOf} from '../../src/git/host-keys.ts'

/** As GitHub publishes them on its page "GitHub's SSH key fingerprints". */
const PUBLISHED = {
  'ssh-ed25519': 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
  'ecdsa-sha2-nistp256': 'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM',
  'ssh-rsa': 'SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s'
}

describe('the host keys that come with the action', () => {
  test('are those of github.com, each with the published fingerprint', () => {
    const found = PINNED.filter(({host}) => host === 'github.com').map(({type, key}) => [type, fingerprintOf(key)])
    expect(Object.fromEntries(found)).toEqual(PUBLISHED)
    expect(PINNED).toHaveLength(3)
  })

  test.each(PINNED)('the $type key of $host names its own type, and is not revoked', ({type, key}) => {
    const bytes = Buffer.from(key, 'base64')
    expect(bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString()).toBe(type)
    expect(bytes.toString('base64')).toBe(key)
    expect(revocationOf(fingerprintOf(key))).toBeUndefined()
  })

  test('the key that leaked in 2023 is revoked, with its reason', () => {
    const [leaked] = REVOKED
    expect(leaked?.fingerprint).toBe('SHA256:nThbg6kX')
    expect(revocationOf('SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8')).toContain('2023')
  })
})

describe('isKeyOf', () => {
  const key = (host: string) => ({host, type: 'ssh-ed25519', key: 'AAAA'})
  // What `ssh-keygen -H` makes of git.acme.test.
  const HASHED = '|1|LPG/TTXHLmXQEw9HsOWlHh/345E=|Z6P8CTT0MvLNGptdmWa95CLyzDs='

  test.each([
    {host: 'git.acme.test', of: 'git.acme.test', then: true},
    {host: 'git.acme.test,10.0.0.7', of: '10.0.0.7', then: true},
    {host: '*.acme.test', of: 'git.acme.test', then: true},
    {host: '*.acme.test', of: 'git.evil.test', then: false},
    {host: '*.acme.test,!git.acme.test', of: 'git.acme.test', then: false},
    {host: '[git.acme.test]:2222', of: '[git.acme.test]:2222', then: true},
    {host: 'git.acme.test', of: '[git.acme.test]:2222', then: false},
    {host: 'gitxacme.test', of: 'git.acme.test', then: false},
    {host: HASHED, of: 'git.acme.test', then: true},
    {host: HASHED, of: 'github.com', then: false}
  ])('given $host, that it is one of $of is $then', ({host, of, then}) => {
    expect(isKeyOf(key(host), of)).toBe(then)
  })
})

describe('hostName', () => {
  test.each([
    {place: {hostname: 'github.com'}, then: 'github.com'},
    {place: {hostname: 'github.com', port: 22}, then: 'github.com'},
    {place: {hostname: 'git.acme.test', port: 2222}, then: '[git.acme.test]:2222'},
    {place: {hostname: '[::1]', port: 2222}, then: '[::1]:2222'}
  ])('$then', ({place, then}) => {
    expect(hostName(place)).toBe(then)
  })
})
