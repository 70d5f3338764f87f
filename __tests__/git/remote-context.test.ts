import {describe, expect, test} from '@jest/globals'
import {isRemoteContext} from '../../src/git/remote-context.ts'

describe('isRemoteContext', () => {
  test.each([
    {given: 'https://github.com/acme/app.git#main', then: true},
    {given: 'ssh://git@github.com/acme/app.git', then: true},
    {given: 'git@github.com:acme/app.git', then: true},
    {given: 'deploy@git.acme.test:app.git', then: true},
    {given: 'github.com/acme/app', then: true},
    {given: '.', then: false},
    {given: 'images/app', then: false},
    {given: '/srv/app@2:old', then: false},
    {given: 'images/app@2:old', then: false},
    {given: 'my github.com/app', then: false}
  ])('$given: $then', ({given, then}) => {
    expect(isRemoteContext(given)).toBe(then)
  })
})
