import type {CredentialAudit, CredentialRemark, CredentialUse, GitHubAnswer, TokenRef} from '../model/token.ts'
import {judgeScopes} from './scopes.ts'
import {kindRow} from './token-kinds.ts'

const DAY_MS = 86_400_000
/** An end that is nearer than this is told in time to renew the token without a red run. */
const SOON_DAYS = 14
/** How long a job may last where the workflow does not say: GitHub's own limit. */
const JOB_LIMIT_MS = 6 * 3_600_000

/** A credential, what it is used for, and when the run must be over at the latest. */
export interface AuditRequest {
  readonly token: TokenRef
  readonly uses: readonly CredentialUse[]
  readonly now: Date
  readonly limitMs?: number
}

/** What GitHub's answer tells of a token: when it ends, and what it may do that this run never needs. */
export function auditOf(request: AuditRequest, answer: GitHubAnswer): CredentialAudit {
  const {token} = request
  const isPersonal = token.kind !== undefined && kindRow(token.kind).isPersonal
  const remarks = [
    ...rejection(request, answer),
    ...(answer.status === 200 && isPersonal ? ending(request, answer) : []),
    ...(answer.scopes === undefined || token.kind === undefined || !kindRow(token.kind).hasScopes
      ? []
      : scopeRemarks(request, answer.scopes))
  ]
  return {
    token,
    ...(answer.expiresAt === undefined ? {} : {expiresAt: answer.expiresAt}),
    ...(answer.scopes === undefined || answer.scopes.length === 0 ? {} : {scopes: answer.scopes}),
    remarks
  }
}

function rejection({token}: AuditRequest, {status, message}: GitHubAnswer): readonly CredentialRemark[] {
  if (status !== 401) return []
  const text = `\`${token.secret}\` is not accepted by GitHub (${message === '' ? 'HTTP 401' : message}): it is wrong, has expired, or was revoked. Put a new token into the secret.`
  return [{weight: 'warning', text}]
}

function ending({token, now, limitMs}: AuditRequest, {expiresAt}: GitHubAnswer): readonly CredentialRemark[] {
  const name = `\`${token.secret}\``
  if (expiresAt === undefined)
    return [{weight: 'remark', text: 'GitHub names no end of it: give it one, and a date to renew it'}]
  const leftMs = new Date(expiresAt).getTime() - now.getTime()
  const day = expiresAt.slice(0, 10)
  if (leftMs <= (limitMs ?? JOB_LIMIT_MS)) {
    const clock = `${day} ${expiresAt.slice(11, 16)} UTC`
    return [{weight: 'warning', text: `${name} expires at ${clock}, which may be before this job ends. Renew it now.`}]
  }
  if (leftMs >= SOON_DAYS * DAY_MS) return []
  const days = Math.floor(leftMs / DAY_MS)
  return [
    {weight: 'warning', text: `${name} expires on ${day}, in ${days} day${days === 1 ? '' : 's'}. Renew it before.`}
  ]
}

function scopeRemarks({token, uses}: AuditRequest, scopes: readonly string[]): readonly CredentialRemark[] {
  const {surplus, dangerous} = judgeScopes(
    scopes,
    uses.map(({purpose}) => purpose)
  )
  const quiet = surplus.filter(scope => !dangerous.includes(scope))
  const told: CredentialRemark[] = []
  if (dangerous.length > 0) {
    const list = dangerous.map(scope => `\`${scope}\``).join(', ')
    const text = `\`${token.secret}\` may do what this run never needs: ${list}. Whoever gets it can do that too; make one without.`
    told.push({weight: 'warning', text})
  }
  if (quiet.length > 0) told.push({weight: 'remark', text: `more than needed: ${quiet.join(', ')}`})
  return told
}

/** What the prefix alone tells, before anybody is asked. */
export function foreseenRemarks(token: TokenRef, uses: readonly CredentialUse[]): readonly CredentialRemark[] {
  const isForPackages = uses.some(({purpose, places}) => purpose !== 'read-code' && places.some(isGitHubsRegistry))
  if (!isForPackages || token.kind === undefined || kindRow(token.kind).onPackages !== 'no') return []
  const text = `\`${token.secret}\` is a ${kindRow(token.kind).name}, and GitHub’s container registry takes none. Use \`GITHUB_TOKEN\` with \`packages: write\`, or a classic token with \`write:packages\`.`
  return [{weight: 'warning', text}]
}

function isGitHubsRegistry(place: string): boolean {
  return place.startsWith('ghcr.io/') || place.startsWith('containers.')
}
