import {generateKeyPairSync} from 'node:crypto'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {playBare, removeFolders} from '../support/bare-job.ts'
import {errorCodes, logOf, told} from '../support/built-action.ts'
import {BUILDABLE, expectRefused, type RefusedJob} from '../support/refused.ts'
import {makePairs} from '../support/ssh-pairs.ts'

// Faults of credentials, told before anybody is contacted, and credentials in events that may not have them.

jest.setTimeout(30_000)
afterAll(removeFolders)

const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ'
const APP_KEY = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey.export({
  type: 'pkcs1',
  format: 'pem'
}) as string

let deployKey: string

beforeAll(async () => {
  const {deploy} = await makePairs({deploy: ['-t', 'ed25519']})
  deployKey = deploy.privateKey
})

describe('credentials', () => {
  test.each<RefusedJob>([
    {
      given: 'an empty token of a registry',
      inputs: {'registry-credentials': 'ghcr.io robot ${{ secrets.MISSING }}'},
      codes: ['input-invalid'],
      says: /ghcr\.io has no token/
    },
    {
      given: 'an empty token of git',
      inputs: {'git-credentials': 'github.com/acme/kernels ${{ secrets.MISSING }}'},
      codes: ['input-invalid'],
      says: /github\.com\/acme\/kernels has no token/
    },
    {
      given: 'a token in the place of the host',
      inputs: {'git-credentials': '${{ secrets.TOKEN }}'},
      codes: ['input-invalid'],
      says: /does not begin with a host/
    },
    {
      given: 'a token over two lines',
      inputs: {'registry-credentials': 'ghcr.io robot ${{ secrets.BROKEN }}'},
      codes: ['input-invalid']
    },
    {
      given: 'the same place twice',
      inputs: {'git-credentials': 'github.com/a ${{ secrets.TOKEN }}\ngithub.com/a x1y2z3w4'},
      codes: ['input-invalid'],
      says: /two lines/
    },
    {
      given: 'a token with a blank',
      inputs: {token: 'not a token'},
      codes: ['input-invalid'],
      says: /`token` has a blank or a line end in it/
    },
    {
      given: 'a token with a line end in it',
      inputs: {token: '${{ secrets.BROKEN }}'},
      codes: ['input-invalid'],
      says: /`token` has a blank or a line end in it/
    },
    {
      given: 'a token of GitHub for Docker Hub',
      inputs: {'registry-credentials': 'docker.io acme ${{ secrets.TOKEN }}'},
      codes: ['input-invalid'],
      says: /docker\.io[^\n]*GitHub/
    },
    {
      given: 'a token of GitHub for GitLab',
      inputs: {'git-credentials': 'gitlab.com/acme ${{ secrets.TOKEN }}'},
      codes: ['input-invalid'],
      says: /gitlab\.com\/acme[^\n]*GitHub/
    },
    {
      given: 'two logins for one path of a registry',
      inputs: {'registry-credentials': 'ghcr.io/acme octo ${{ secrets.TOKEN }}\nghcr.io/Acme/ ada x1y2z3w4'},
      codes: ['input-invalid'],
      says: /two lines/
    },
    {
      given: 'a key for no repository',
      inputs: {'ssh-keys': '${{ secrets.DEPLOY }}'},
      codes: ['input-invalid'],
      says: /a key for no repository/
    },
    {
      given: 'a key for a server that nobody knows',
      inputs: {'ssh-keys': 'git.acme.test/acme/kernels\n${{ secrets.DEPLOY }}'},
      codes: ['input-invalid'],
      says: /git\.acme\.test[\s\S]*known-hosts/
    },
    {
      given: 'a client id in place of the App’s number',
      inputs: {'github-app': 'id: Iv23liABCDEF\nprivate-key: ${{ secrets.APP_KEY }}\nrepositories: acme/kernels'},
      codes: ['input-invalid'],
      says: /client id/
    },
    {
      given: 'an empty `token`',
      inputs: {token: '${{ secrets.MISSING }}'},
      codes: ['input-conflict'],
      says: /`token` is empty/
    }
  ])('given $given, the line is told and no token', row =>
    expectRefused({
      ...row,
      files: BUILDABLE,
      secrets: {TOKEN, BROKEN: 'first-half-of-it\nsecond-half-of-it', DEPLOY: deployKey, APP_KEY}
    })
  )
})

describe('faults of several credentials', () => {
  const LITERAL = APP_KEY.trim().replaceAll('\n', '\\n')

  test('are all told at once, each by its line, before anything is touched', async () => {
    const wrong = {
      token: 'a token with blanks',
      'git-credentials': [
        'gitlab.com/acme ${{ secrets.TOKEN }}',
        'github.com/acme/data ${{ secrets.TOKEN }}',
        'github.com/acme/data x1y2z3w4'
      ].join('\n'),
      'registry-credentials': 'docker.io acme ${{ secrets.TOKEN }}',
      'ssh-keys': '${{ secrets.DEPLOY }}\ngit.acme.test/acme/kernels\n${{ secrets.DEPLOY }}',
      'known-hosts': 'StrictHostKeyChecking no',
      'github-app': 'id: Iv23liABCDEF\nprivate-key: ${{ secrets.APP_KEY }}\nrepositories: acme/*'
    }
    const result = await playBare({
      inputs: wrong,
      files: BUILDABLE,
      secrets: {TOKEN, DEPLOY: deployKey, APP_KEY: LITERAL}
    })
    const page = told(result, 'error').join('\n')
    for (const part of [
      /`token`/,
      /gitlab\.com\/acme/,
      /two lines for github\.com\/acme\/data|github\.com\/acme\/data[^\n]*two lines/,
      /docker\.io/,
      /a key for no repository/,
      /git\.acme\.test/,
      /nobody has identified/,
      /client id/,
      /not `owner\/name`/
    ]) {
      expect(page).toMatch(part)
    }
    expect(new Set(errorCodes(result))).toEqual(new Set(['input-invalid']))
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
    expect(logOf(result)).not.toMatch(/^(?:git|preflight|builder): /m)
  })

  test('a key of an App with `\\n` written out is mended, and that is told', async () => {
    const result = await playBare({
      inputs: {mode: 'plan', 'github-app': 'id: 77\nprivate-key: ${{ secrets.APP_KEY }}\nrepositories: acme/kernels'},
      files: BUILDABLE,
      secrets: {APP_KEY: LITERAL}
    })
    expect(errorCodes(result)).toEqual([])
    expect(told(result, 'notice').join('\n')).toMatch(/github-app.*mended/)
  })
})

describe('a key of ssh with `\\n` written out', () => {
  test('is mended, and that is told', async () => {
    const result = await playBare({
      inputs: {mode: 'plan', 'ssh-keys': 'github.com/acme/kernels\n${{ secrets.DEPLOY }}'},
      files: BUILDABLE,
      secrets: {DEPLOY: deployKey.trim().replaceAll('\n', '\\n')}
    })
    expect(errorCodes(result)).toEqual([])
    expect(told(result, 'notice').join('\n')).toMatch(/ssh-keys.*mended/)
  })
})

describe('credentials in an event that may not have them', () => {
  const given = {
    'registry-credentials': 'registry.acme.test robot ${{ secrets.LOGIN }}',
    'git-credentials': 'github.com/acme/kernels ${{ secrets.TOKEN }}',
    'ssh-keys': 'github.com/acme/data\n${{ secrets.DEPLOY }}',
    'github-app': 'id: 77\nprivate-key: ${{ secrets.APP_KEY }}\nrepositories: acme/models',
    secrets: 'api=${{ secrets.API }}'
  }
  const secrets = () => ({LOGIN: 'login-of-the-robot-551', TOKEN, DEPLOY: deployKey, APP_KEY, API: 'api-value-9981'})
  const EVENTS = [
    'fork-pull-request-with-secrets',
    'fork-pull-request-target',
    'fork-workflow-run',
    'issue-comment'
  ] as const

  test.each(EVENTS)('%s: each is named and dropped, and the run is green', async event => {
    const inputs = {mode: 'plan', image: 'registry.acme.test/acme/app', ...given}
    const result = await playBare({event, inputs, files: BUILDABLE, secrets: secrets()})
    expect(errorCodes(result)).toEqual([])
    expect(result).toMatchObject({conclusion: 'success', outputs: {trust: 'none', pushed: 'false'}})
    const page = [...told(result, 'notice'), ...told(result, 'warning')].join('\n')
    for (const name of ['registry.acme.test', 'github.com/acme/kernels', 'acme/data', 'github-app', 'api']) {
      expect(page).toContain(name)
    }
  })

  test.each(EVENTS)('%s with `push: always`: it is an error, and nothing is done', async event =>
    expectRefused({
      given: event,
      event,
      inputs: {image: 'registry.acme.test/acme/app', push: 'always', ...given},
      files: BUILDABLE,
      secrets: secrets(),
      // This machine has no engine either, and all faults are told at once.
      codes: ['push-forbidden', 'engine-missing']
    })
  )
})
