import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {auditOf, foreseenRemarks} from '../../src/identity/audit.ts'
import {judgeScopes} from '../../src/identity/scopes.ts'
import {KIND_ROWS, strangerAt, tokenKindOf} from '../../src/identity/token-kinds.ts'
import {TOKEN_KINDS, type TokenKind} from '../../src/model/token.ts'

describe('tokenKindOf', () => {
  test.each([
    {token: 'ghp_x', kind: 'github-classic'},
    {token: 'github_pat_11A_x', kind: 'github-fine-grained'},
    {token: `ghs_${'a'.repeat(36)}`, kind: 'github-installation'},
    {token: `ghs_12345_${'eyJ.'.repeat(120)}`, kind: 'github-installation'},
    {token: 'gho_x', kind: 'github-oauth'},
    {token: 'ghu_x', kind: 'github-app-user'},
    {token: 'ghr_x', kind: 'github-refresh'},
    {token: 'glpat-x', kind: 'gitlab'},
    {token: 'dckr_oat_x', kind: 'docker'},
    {token: '0123456789abcdef0123456789abcdef01234567', kind: undefined},
    {token: 'my-ghp_token', kind: undefined}
  ])('$token is $kind', ({token, kind}) => {
    expect(tokenKindOf(token)).toBe(kind)
  })

  test('whatever stands behind a prefix, the kind is the same: nothing is decoded, no length counts', () => {
    const rows = fc.constantFrom(...KIND_ROWS.flatMap(({kind, prefixes}) => prefixes.map(prefix => ({kind, prefix}))))
    fc.assert(fc.property(rows, fc.string(), ({kind, prefix}, rest) => tokenKindOf(`${prefix}${rest}`) === kind))
  })

  test('every kind has one row', () => {
    expect(KIND_ROWS.map(({kind}) => kind)).toEqual(TOKEN_KINDS)
  })
})

describe('strangerAt', () => {
  test.each<{host: string; kind: TokenKind | undefined; isStranger: boolean}>([
    {host: 'ghcr.io', kind: 'github-classic', isStranger: false},
    {host: 'containers.acme.ghe.com', kind: 'github-installation', isStranger: false},
    {host: 'git.acme.test', kind: 'github-classic', isStranger: false},
    {host: '127.0.0.1:3000', kind: 'gitlab', isStranger: false},
    {host: 'docker.io', kind: 'docker', isStranger: false},
    {host: 'docker.io', kind: undefined, isStranger: false},
    {host: 'docker.io', kind: 'github-installation', isStranger: true},
    {host: 'gitlab.com', kind: 'github-fine-grained', isStranger: true},
    {host: 'ghcr.io', kind: 'gitlab', isStranger: true},
    {host: 'ghcr.io', kind: 'docker', isStranger: true},
    {host: '123456789012.dkr.ecr.eu-central-1.amazonaws.com', kind: 'github-classic', isStranger: true},
    {host: 'acme.azurecr.io', kind: 'gitlab', isStranger: true}
  ])('$kind at $host: $isStranger', ({host, kind, isStranger}) => {
    expect(strangerAt(host, kind) !== undefined).toBe(isStranger)
  })
})

describe('judgeScopes', () => {
  test.each([
    {given: 'just what pushing needs', scopes: ['write:packages'], then: {lacking: [], surplus: [], dangerous: []}},
    {
      given: 'what a browser ticks along with it',
      scopes: ['repo', 'write:packages'],
      then: {lacking: [], surplus: ['repo'], dangerous: []}
    },
    {
      given: 'an administrator’s token',
      scopes: ['admin:org', 'delete_repo', 'write:packages', 'workflow', 'gist'],
      then: {
        lacking: [],
        surplus: ['admin:org', 'delete_repo', 'workflow', 'gist'],
        dangerous: ['admin:org', 'delete_repo', 'workflow']
      }
    },
    {
      given: 'only reading',
      scopes: ['read:packages'],
      then: {lacking: ['push-image'], surplus: [], dangerous: []}
    },
    {given: 'none', scopes: [], then: {lacking: ['push-image'], surplus: [], dangerous: []}}
  ])('pushing with $given', ({scopes, then}) => {
    expect(judgeScopes(scopes, ['push-image'])).toEqual(then)
  })

  test('reading code needs repo, and nothing of packages', () => {
    expect(judgeScopes(['repo', 'write:packages'], ['read-code'])).toEqual({
      lacking: [],
      surplus: ['write:packages'],
      dangerous: []
    })
  })
})

describe('auditOf', () => {
  const now = new Date('2026-11-20T09:30:00Z')
  const token = {secret: 'git-credentials github.com', kind: 'github-fine-grained'} as const
  const uses = [{purpose: 'read-code', places: ['github.com']}] as const
  const texts = (expiresAt: string | undefined, limitMs?: number) => {
    const answer = {status: 200, message: '', json: undefined, ...(expiresAt === undefined ? {} : {expiresAt})}
    return auditOf({token, uses, now, ...(limitMs === undefined ? {} : {limitMs})}, answer).remarks
  }

  test.each([
    {given: 'an end before the job’s', expiresAt: '2026-11-20T12:00:00.000Z', then: /before this job ends/},
    {given: 'an end in thirteen days', expiresAt: '2026-12-04T09:00:00.000Z', then: /in 13 days/},
    {given: 'an end tomorrow', expiresAt: '2026-11-21T10:00:00.000Z', then: /in 1 day\./}
  ])('$given is a warning', ({expiresAt, then}) => {
    expect(texts(expiresAt)).toEqual([{weight: 'warning', text: expect.stringMatching(then)}])
  })

  test('the run’s own limit counts where there is one', () => {
    expect(texts('2026-11-20T12:00:00.000Z', 3_600_000)[0]?.text).toMatch(/in 0 days/)
  })

  test('no end at all is a remark, and a far one is nothing', () => {
    expect(texts(undefined)).toEqual([{weight: 'remark', text: expect.stringContaining('no end')}])
    expect(texts('2027-06-01T00:00:00.000Z')).toEqual([])
  })

  test('the token of the job has its end by itself, and is not told', () => {
    const answer = {status: 200, message: '', json: undefined}
    expect(auditOf({token: {secret: 'token', kind: 'github-installation'}, uses, now}, answer).remarks).toEqual([])
  })

  test('a token that GitHub does not know is a warning', () => {
    const answer = {status: 401, message: 'Bad credentials', json: undefined}
    expect(auditOf({token, uses, now}, answer).remarks[0]?.text).toContain('Bad credentials')
  })
})

test('a fine-grained token for GitHub’s registry is foreseen, for code it is not', () => {
  const token = {secret: 'registry-credentials ghcr.io', kind: 'github-fine-grained'} as const
  expect(foreseenRemarks(token, [{purpose: 'push-image', places: ['ghcr.io/acme/app']}])).toHaveLength(1)
  expect(foreseenRemarks(token, [{purpose: 'read-code', places: ['github.com/acme']}])).toEqual([])
})
