import type {Purpose} from '../model/token.ts'

/** What each purpose needs of a classic token. Any one of the list is enough. */
const NEEDED: Readonly<Record<Purpose, readonly string[]>> = {
  'read-code': ['repo'],
  'read-packages': ['read:packages', 'write:packages'],
  'push-image': ['write:packages'],
  'write-cache': ['write:packages']
}

/** Scopes that hold others: whoever has the first has the rest. Source: GitHub, "Scopes for OAuth apps"; read 2026-11. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  'write:packages': ['read:packages'],
  repo: ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events']
}

/** Scopes that let a token take apart more than a build could ever need. */
const DANGEROUS =
  /^(?:admin:|delete_repo$|delete:packages$|site_admin$|manage_(?:billing|runners):|write:org$|workflow$)/

/** A token's scopes, held against what it is used for. */
export interface ScopesJudged {
  /** Purposes for which it has no scope. */
  readonly lacking: readonly Purpose[]
  readonly surplus: readonly string[]
  /** Of the surplus, those that can do lasting harm. */
  readonly dangerous: readonly string[]
}

/** Judges the scopes of a classic token by what this run uses it for. */
export function judgeScopes(scopes: readonly string[], purposes: readonly Purpose[]): ScopesJudged {
  const has = new Set(scopes.flatMap(scope => [scope, ...(HOLDS[scope] ?? [])]))
  const needed = new Set(
    purposes.flatMap(purpose => NEEDED[purpose].flatMap(scope => [scope, ...(HOLDS[scope] ?? [])]))
  )
  const surplus = scopes.filter(scope => !needed.has(scope))
  return {
    lacking: purposes.filter(purpose => !NEEDED[purpose].some(scope => has.has(scope))),
    surplus,
    dangerous: surplus.filter(scope => DANGEROUS.test(scope))
  }
}
