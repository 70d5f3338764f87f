import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {copyHelp, parseCopy} from '../../scripts/copy/options.ts'
import {UsageError} from '../../scripts/runner/options.ts'

const ENVIRONMENT = {GHCR_TOKEN: ' ghp_0123456789abcdefghij \n', EMPTY: '', USER: 'ada'}

function faultOf(words: readonly string[]): string | undefined {
  try {
    parseCopy(words, ENVIRONMENT)
    return undefined
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

describe('copy FROM TO', () => {
  test('reads names, logins from variables, and tags', () => {
    const words = ['oldhome/app', 'ghcr.io/New-Home/app', '--to-token-env', 'GHCR_TOKEN', '--tags', '1.0, latest,1.0']
    expect(parseCopy(words, ENVIRONMENT)).toEqual({
      from: {image: {registry: 'docker.io', repository: 'oldhome/app'}},
      to: {
        image: {registry: 'ghcr.io', repository: 'new-home/app'},
        login: {user: 'ada', token: 'ghp_0123456789abcdefghij'}
      },
      tags: ['1.0', 'latest'],
      moves: false
    })
  })

  test('reads a token from a file, without its last line end', () => {
    const place = mkdtempSync(join(tmpdir(), 'copy-'))
    writeFileSync(join(place, 'token'), 'a-token\n')
    const words = ['a/b', 'ghcr.io/a/b', '--to-user', 'octo', '--to-token-file', join(place, 'token'), '--move']
    expect(parseCopy(words, ENVIRONMENT)).toMatchObject({to: {login: {user: 'octo', token: 'a-token'}}, moves: true})
    rmSync(place, {recursive: true})
  })

  test.each([
    {given: 'one name', words: ['ghcr.io/a/b'], says: /two names/},
    {given: 'three names', words: ['a/b', 'a/c', 'a/d'], says: /two names/},
    {given: 'the same name twice', words: ['a/b', 'docker.io/a/b'], says: /same name/},
    {given: 'a tag in a name', words: ['a/b:1.0', 'ghcr.io/a/b'], says: /--tags 1\.0/},
    {given: 'a login in a name', words: ['me:secret@docker.io/a/b', 'ghcr.io/a/b'], says: /login in it/},
    {given: 'no name at all', words: ['ä', 'ghcr.io/a/b'], says: /no image name/},
    {given: 'a misspelt option', words: ['a/b', 'ghcr.io/a/b', '--to-tokn-env', 'X'], says: /--to-token-env/},
    {
      given: 'a token on the command line',
      words: ['a/b', 'ghcr.io/a/b', '--to-token', 'x'],
      says: /no option --to-token/
    },
    {given: 'a variable that is empty', words: ['a/b', 'ghcr.io/a/b', '--to-token-env', 'EMPTY'], says: /EMPTY/},
    {given: 'a file that is not there', words: ['a/b', 'ghcr.io/a/b', '--to-token-file', '/no/such'], says: /ENOENT/},
    {given: 'a user without a token', words: ['a/b', 'ghcr.io/a/b', '--to-user', 'octo'], says: /needs a token/},
    {
      given: 'two tokens for one side',
      words: ['a/b', 'ghcr.io/a/b', '--to-token-env', 'GHCR_TOKEN', '--to-token-file', 'x'],
      says: /both given/
    }
  ])('$given is refused', ({words, says}) => {
    expect(faultOf(words)).toMatch(says)
  })

  test('help is asked for, and names every option', () => {
    expect(parseCopy(['--help'], {})).toBeUndefined()
    for (const option of ['--tags', '--from-token-env', '--to-token-file', '--move'])
      expect(copyHelp()).toContain(option)
  })
})
