import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {isLoopback, isRefused, parseRemoteUrl, resolveAgainst, shownUrl} from '../../src/git/url.ts'

describe('parseRemoteUrl', () => {
  test.each([
    {given: 'https', url: 'https://github.com/acme/app.git', then: 'https github.com acme/app.git'},
    {given: 'https with a slash at the end', url: 'https://github.com/acme/app/', then: 'https github.com acme/app'},
    {given: 'capitals in scheme and host', url: 'HTTPS://GitHub.com/Acme/App', then: 'https github.com Acme/App'},
    {given: 'the usual port', url: 'https://github.com:443/acme/app', then: 'https github.com acme/app'},
    {given: 'another port', url: 'https://git.corp:8443/acme/app', then: 'https git.corp:8443 acme/app'},
    {given: 'a user name without password', url: 'https://octo@github.com/acme/app', then: 'https github.com acme/app'},
    {given: 'a host before the @', url: 'https://github.com@evil.test/acme/app', then: 'https evil.test acme/app'},
    {given: 'http', url: 'http://git.corp/acme/app', then: 'http git.corp acme/app'},
    {given: 'the git protocol', url: 'git://github.com/acme/app', then: 'git github.com acme/app'},
    {given: 'ssh', url: 'ssh://git@github.com/acme/app.git', then: 'ssh github.com acme/app.git'},
    {given: 'ssh with its usual port', url: 'ssh://git@github.com:22/acme/app', then: 'ssh github.com acme/app'},
    {given: 'ssh with another port', url: 'ssh://git@git.corp:2222/acme/app', then: 'ssh git.corp:2222 acme/app'},
    {given: 'ssh without user', url: 'ssh://github.com/acme/app', then: 'ssh github.com acme/app'},
    {given: 'git+ssh', url: 'git+ssh://git@github.com/acme/app', then: 'ssh github.com acme/app'},
    {given: 'the form of scp', url: 'git@github.com:acme/app.git', then: 'ssh github.com acme/app.git'},
    {given: 'the form of scp without user', url: 'github.com:acme/app', then: 'ssh github.com acme/app'},
    {given: 'the form of scp with a root', url: 'git@git.corp:/acme/app', then: 'ssh git.corp acme/app'},
    {given: "an organisation's own ssh user", url: 'org-1234@github.com:acme/app', then: 'ssh github.com acme/app'},
    {given: "GitHub's ssh by port 443", url: 'ssh://git@ssh.github.com:443/acme/app', then: 'ssh github.com acme/app'},
    {given: "GitHub's www name", url: 'https://www.github.com/acme/app', then: 'https github.com acme/app'},
    {given: 'IPv6', url: 'https://[::1]:8443/acme/app', then: 'https [::1]:8443 acme/app'},
    {given: 'a path with a space', url: 'https://git.corp/acme/my app', then: 'https git.corp acme/my app'},
    {given: 'a deep path', url: 'https://gitlab.com/a/b/c/d.git', then: 'https gitlab.com a/b/c/d.git'}
  ])('given $given, then its parts are told', ({url, then}) => {
    const parsed = parseRemoteUrl(url)
    if (isRefused(parsed)) throw new Error(parsed.refused)
    const port = parsed.port === undefined ? '' : `:${parsed.port}`
    expect(`${parsed.scheme} ${parsed.hostname}${port} ${parsed.path}`).toBe(then)
    expect(parsed.written).toBe(url)
  })

  test.each([
    {given: 'nothing', url: '', because: /empty/},
    {given: 'a line break', url: 'https://github.com/acme/app\nhost=evil', because: /control character/},
    {given: 'a carriage return', url: 'https://github.com/acme/app\r', because: /control character/},
    {given: 'an encoded line break', url: 'https://github.com/acme%0ahost=evil/app', because: /control character/},
    {given: 'an encoded carriage return', url: 'https://github.com/acme%0Dapp', because: /control character/},
    {given: 'an encoded zero', url: 'https://github.com/acme/app%00', because: /control character/},
    {given: 'an option', url: '--upload-pack=touch /tmp/x', because: /dash/},
    {given: 'a host that is an option', url: 'ssh://-oProxyCommand=x/acme/app', because: /not a host name/},
    {given: 'a backslash', url: 'https://github.com\\@evil.test/acme/app', because: /backslash/},
    {given: 'no host', url: 'https:///acme/app', because: /no host/},
    {given: 'no repository', url: 'https://github.com/', because: /no repository/},
    {given: 'two at-signs', url: 'https://a@github.com@evil.test/acme/app', because: /more than one/},
    {given: 'an encoded slash in the host', url: 'https://github.com%2f.evil.test/acme/app', because: /not a host/},
    {given: 'a password', url: 'https://octo:hunter2@github.com/acme/app', because: /password or token/},
    {given: 'a token as user', url: 'https://ghp_abcdefghijkl@github.com/acme/app', because: /password or token/},
    {given: 'a token as password', url: 'https://x-access-token:ghs_a.b-c@github.com/acme/app', because: /password or/},
    {given: 'a password for ssh', url: 'ssh://git:hunter2@github.com/acme/app', because: /password or token/},
    {given: 'a password in the form of scp', url: 'git:hunter2@github.com:acme/app', because: /password or token/},
    {given: 'a file address', url: 'file:///srv/git/app', because: /protocol `file`/},
    {given: 'a transport helper', url: 'ext::sh -c "touch /tmp/x"', because: /transport helper/},
    {given: 'a protocol that nobody knows', url: 'ftp://github.com/acme/app', because: /protocol `ftp`/},
    {given: 'a protocol named like an inherited property', url: 'constructor://github.com/a/b', because: /protocol/},
    {given: 'a path on this machine', url: '/srv/git/app', because: /on this machine/},
    {given: 'a Windows drive', url: 'C:/git/app', because: /Windows/},
    {given: 'a path that climbs', url: 'https://github.com/acme/../evil/app', because: /climbs/},
    {given: 'a path that climbs in hiding', url: 'https://github.com/acme/%2e%2E/evil/app', because: /climbs/},
    {given: 'a query', url: 'https://github.com/acme/app?access_token=hunter2', because: /query/},
    {given: 'a port that cannot be', url: 'https://github.com:99999/acme/app', because: /not a port/}
  ])('given $given, then it is refused', ({url, because}) => {
    const parsed = parseRemoteUrl(url)
    expect(isRefused(parsed) ? parsed.refused : 'accepted').toMatch(because)
    expect(JSON.stringify(parsed)).not.toMatch(/hunter2|ghp_|ghs_/)
  })

  test('given an embedded token, then the fix is the address without it', () => {
    const parsed = parseRemoteUrl('https://x-access-token:ghp_abcdefghijkl@github.com/acme/app.git')
    expect(parsed).toMatchObject({fix: expect.stringContaining('`https://github.com/acme/app.git`')})
  })
})

describe('resolveAgainst', () => {
  test.each([
    {base: 'https://github.com/acme/app', url: '../kernels.git', then: 'https://github.com/acme/kernels.git'},
    {base: 'https://github.com/acme/app/', url: '../kernels', then: 'https://github.com/acme/kernels'},
    {base: 'https://github.com/acme/app.git', url: '../../other/tools', then: 'https://github.com/other/tools'},
    {base: 'https://github.com/acme/app', url: './inner/', then: 'https://github.com/acme/app/inner'},
    {base: 'git@github.com:acme/app.git', url: '../kernels.git', then: 'git@github.com:acme/kernels.git'},
    {base: 'git@github.com:acme/app.git', url: '../../other/tools', then: 'git@github.com:other/tools'},
    {base: 'ssh://git@git.corp:2222/acme/app', url: '../kernels', then: 'ssh://git@git.corp:2222/acme/kernels'},
    {base: 'https://github.com/acme/app', url: 'https://gitlab.com/a/b', then: 'https://gitlab.com/a/b'}
  ])('given $url beside $base, then it is $then, as git has it', ({base, url, then}) => {
    expect(resolveAgainst(base, url)).toBe(then)
  })

  test.each([
    {given: 'that climbs past the host', base: 'https://github.com/acme/app', url: '../../../evil.test/x'},
    {given: 'that climbs past the host of an scp form', base: 'git@github.com:app', url: '../../evil.test/x'},
    {given: 'without a remote', base: '', url: '../kernels'}
  ])('given a relative address $given, then it is refused', ({base, url}) => {
    expect(resolveAgainst(base, url)).toHaveProperty('refused')
  })
})

describe('shownUrl', () => {
  test.each([
    {url: 'https://github.com/acme/app', then: 'https://github.com/acme/app'},
    {url: 'git@github.com:acme/app', then: 'git@github.com:acme/app'},
    {url: 'https://octo@github.com/acme/app', then: 'https://octo@github.com/acme/app'},
    {url: 'https://octo:hunter2@github.com/acme/app', then: 'https://***@github.com/acme/app'},
    {url: 'https://octo:hunt/er2@github.com/acme/app', then: 'https://***@github.com/acme/app'},
    {url: 'https://octo:hunt@er2@github.com/acme/app', then: 'https://***@github.com/acme/app'},
    {url: 'https://github_pat_11AAAA@github.com/acme/app', then: 'https://***@github.com/acme/app'},
    {url: 'https://0123456789abcdef0123456789abcdef01234567@h/a/b', then: 'https://***@h/a/b'},
    {url: 'git:hunter2@github.com:acme/app', then: '***@github.com:acme/app'},
    {url: 'https://h/a/b?token=hunter2', then: 'https://h/a/b'},
    {url: 'https://h/a\u001b[2Jb', then: 'https://h/a?[2Jb'}
  ])('given $url, then $then is shown', ({url, then}) => {
    expect(shownUrl(url)).toBe(then)
  })
})

test('a password that begins with two slashes makes its user no protocol', () => {
  expect(shownUrl('octo://hunter22@github.com:acme/app')).toBe('***@github.com:acme/app')
})

test('given any password in an address, then it is refused and never shown', () => {
  const password = fc.string({minLength: 8, unit: fc.constantFrom(...'abcXYZ019@:/?#%&=.-_~[]')})
  const form = fc.constantFrom(
    (user: string) => `https://${user}@github.com/acme/app`,
    (user: string) => `ssh://${user}@git.corp:2222/acme/app.git`,
    (user: string) => `${user}@github.com:acme/app`
  )
  fc.assert(
    fc.property(password, form, (secret, write) => {
      const url = write(`octo:${secret}`)
      const parsed = parseRemoteUrl(url)
      expect(isRefused(parsed)).toBe(true)
      expect(shownUrl(url)).not.toContain(secret)
      expect(JSON.stringify(parsed)).not.toContain(secret)
    }),
    {numRuns: 500}
  )
})

test('given any text, then reading it as an address never throws', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), fc.string(), (base, url) => {
      const written = resolveAgainst(base, url)
      if (typeof written === 'string') parseRemoteUrl(written)
    })
  )
})

test.each([
  {host: 'localhost', then: true},
  {host: '127.0.0.1', then: true},
  {host: '127.1.2.3', then: true},
  {host: '[::1]', then: true},
  {host: '127.0.0.1.evil.test', then: false},
  {host: 'localhost.evil.test', then: false},
  {host: '10.0.0.1', then: false}
])('given the host $host, then being this machine is $then', ({host, then}) => {
  expect(isLoopback(host)).toBe(then)
})
