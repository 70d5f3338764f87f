import {describe, expect, test} from '@jest/globals'
import {digestOf, matchesDigest, parseAuthorization} from '../../scripts/world/basic-auth.ts'

describe('parseAuthorization', () => {
  test.each([
    {given: 'no header', header: undefined, then: undefined},
    {given: 'a scheme we do not speak', header: 'Digest abc', then: undefined},
    {given: 'user and password', header: basic('ada:lovelace'), then: {user: 'ada', password: 'lovelace'}},
    {given: 'a password with a colon', header: basic('ada:a:b'), then: {user: 'ada', password: 'a:b'}},
    {given: 'a user alone', header: basic('token'), then: {user: 'token', password: ''}},
    {given: 'a bearer token', header: 'bearer abc', then: {user: '', password: 'abc'}}
  ])('given $given, then it is read as such', ({header, then}) => {
    expect(parseAuthorization(header)).toEqual(then)
  })
})

test('given the digest of a password, then that password matches and another does not', () => {
  expect(matchesDigest('lovelace', digestOf('lovelace'))).toBe(true)
  expect(matchesDigest('', digestOf('lovelace'))).toBe(false)
})

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}
