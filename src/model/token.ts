import type {SecretRef} from './secret.ts'

/** Kinds of tokens that their prefix tells. Nothing else of a token is ever read: neither its length nor what it may hold. */
export const TOKEN_KINDS = [
  'github-classic',
  'github-fine-grained',
  'github-installation',
  'github-oauth',
  'github-app-user',
  'github-refresh',
  'gitlab',
  'docker'
] as const

/** An entry of `TOKEN_KINDS`. */
export type TokenKind = (typeof TOKEN_KINDS)[number]

/** The name of a token, with its kind where the prefix told it. */
export interface TokenRef extends SecretRef {
  readonly kind?: TokenKind
}

/** What a credential is for. Each purpose finds its credential by itself, and one credential may have several. */
export const PURPOSES = ['read-code', 'read-packages', 'push-image', 'write-cache'] as const

/** An entry of `PURPOSES`. */
export type Purpose = (typeof PURPOSES)[number]

/** One purpose of a credential, and the places (`host/path`) it is shown to for it. */
export interface CredentialUse {
  readonly purpose: Purpose
  readonly places: readonly string[]
}

/** A credential that was given: what this run does with it, or why it stays unused. */
export interface PlannedCredential {
  readonly token: TokenRef
  /** Absent for a token that was given as such. */
  readonly form?: 'ssh-key' | 'app-key' | 'app-token'
  /** Where it may be used at all: `host` or `host/path`. */
  readonly reach: readonly string[]
  readonly uses: readonly CredentialUse[]
  /** Why it is not used. */
  readonly unused?: string
}

/** What is worth knowing about a credential; a `warning` will hurt, a `remark` is for the table. */
export interface CredentialRemark {
  readonly weight: 'warning' | 'remark'
  readonly text: string
}

/** What was found out about a credential by asking. */
export interface CredentialAudit {
  readonly token: TokenRef
  /** RFC 3339; absent where the token has no end, or nobody told it. */
  readonly expiresAt?: string
  /** Scopes that the token has, where its kind has any. */
  readonly scopes?: readonly string[]
  readonly remarks: readonly CredentialRemark[]
}

/** GitHub's answer to a question that was asked with one token. */
export interface GitHubAnswer {
  /** 0 where no answer came. */
  readonly status: number
  /** GitHub's own words, shortened; empty where there are none. */
  readonly message: string
  readonly json: unknown
  /** `x-oauth-scopes`: only classic tokens have them. */
  readonly scopes?: readonly string[]
  /** `x-accepted-github-permissions`: what the question would have needed. */
  readonly accepted?: string
  /** `x-github-sso`, without the address in it, which may hold a request of its own. */
  readonly sso?: string
  /** `github-authentication-token-expiration` as RFC 3339. */
  readonly expiresAt?: string
}
