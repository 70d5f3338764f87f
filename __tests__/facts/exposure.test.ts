import {describe, expect, test} from '@jest/globals'
import {EXPOSURE_RULES, exposureOf} from '../../src/facts/exposure.ts'

describe('files that hold credentials', () => {
  test.each(EXPOSURE_RULES.map(({holds, examples}) => ({holds, ...examples.caught})))(
    '$path holds $holds',
    async ({holds, path, text}) => {
      expect(await exposureOf(path, async () => text)).toBe(holds)
      expect(await exposureOf(`deep/er/${path}`, async () => text)).toBe(holds)
    }
  )

  test.each(EXPOSURE_RULES.map(({examples}) => examples.passed))('$path with harmless text passes', async passed => {
    expect(await exposureOf(passed.path, async () => passed.text)).toBeUndefined()
  })

  test.each([
    {
      given: 'a token in an origin',
      path: '.git/config',
      text: `[remote "origin"]\n\turl = https://ghp_${'a1'.repeat(18)}@github.com/a/b\n`
    },
    {
      given: 'a password in a submodule’s origin',
      path: '.git/modules/deep/er/config',
      text: '\turl = https://u:p@h.test/a\n'
    },
    {
      given: 'a helper’s own file',
      path: 'git-credentials-1234.config',
      text: '[http "https://github.com/"]\n\textraheader = x\n'
    }
  ])('$given is caught', async ({path, text}) => {
    expect(await exposureOf(path, async () => text)).toBeDefined()
  })

  test.each([
    {given: 'an origin without a login', path: '.git/config', text: '\turl = git@github.com:acme/app.git\n'},
    {given: 'a header that is none of authorization', path: '.git/config', text: '\textraheader = X-Trace: 1\n'},
    {given: 'a public key', path: 'id_ed25519.pub', text: '-----BEGIN OPENSSH PRIVATE KEY-----'},
    {given: 'a file that vanished', path: '.netrc', text: undefined}
  ])('$given passes', async ({path, text}) => {
    expect(await exposureOf(path, async () => text)).toBeUndefined()
  })

  test('a file that no rule is about is not even opened', async () => {
    await expect(exposureOf('src/app.py', () => Promise.reject(new Error('opened')))).resolves.toBeUndefined()
  })
})
