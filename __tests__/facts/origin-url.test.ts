import {describe, expect, test} from '@jest/globals'
import {isRepository, withoutUserinfo} from '../../src/facts/origin-url.ts'

describe('isRepository', () => {
  test.each([
    {url: 'https://github.com/acme/app', then: true},
    {url: 'https://github.com/acme/app.git/', then: true},
    {url: 'https://x-access-token:t0k@github.com/Acme/App', then: true},
    {url: 'git@github.com:acme/app.git', then: true},
    {url: 'ssh://git@ssh.github.com:443/acme/app.git', then: true},
    {url: 'https://github.com/acme/app-private', then: false},
    {url: 'https://github.com.evil.test/acme/app', then: false},
    {url: 'https://evil.test/github.com/acme/app', then: false},
    {url: 'https://github.com@evil.test/acme/app', then: false},
    {url: '../app', then: false},
    {url: '', then: false}
  ])('$url: $then', ({url, then}) => {
    expect(isRepository(url, {serverUrl: 'https://github.com', name: 'Acme/App'})).toBe(then)
  })

  test('a server on a port is that server on that port', () => {
    const own = {serverUrl: 'http://127.0.0.1:3000', name: 'acme/app'}
    expect(isRepository('http://127.0.0.1:3000/acme/app.git', own)).toBe(true)
    expect(isRepository('http://127.0.0.1:3001/acme/app.git', own)).toBe(false)
  })
})

describe('withoutUserinfo', () => {
  test.each([
    {url: 'https://octo:hunter2@github.com/acme/app', then: 'https://github.com/acme/app'},
    {url: 'https://octo:hun/ter2@github.com/acme/app', then: 'https://github.com/acme/app'},
    {url: 'https://github.com/acme/app@v1', then: 'https://github.com/acme/app@v1'},
    {url: 'git@github.com:acme/app', then: 'git@github.com:acme/app'},
    {url: 'octo:hunter2@github.com:acme/app', then: 'github.com:acme/app'},
    {url: '/srv/app', then: '/srv/app'}
  ])('$url becomes $then', ({url, then}) => {
    expect(withoutUserinfo(url)).toBe(then)
  })
})
