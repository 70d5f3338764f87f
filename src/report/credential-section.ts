import {kindRow} from '../identity/token-kinds.ts'
import type {Report} from '../model/report.ts'
import type {CredentialAudit, CredentialUse, PlannedCredential, Purpose, TokenRef} from '../model/token.ts'
import {code, escaped, first, prose, table} from './markdown.ts'

const MOST_ROWS = 100

/** Purposes in words that a list of places completes. */
const PURPOSE_TEXTS: Readonly<Record<Purpose, string>> = {
  'read-code': 'reads code of',
  'read-packages': 'pulls',
  'push-image': 'pushes',
  'write-cache': 'writes the layer cache in'
}

/** What a credential is used for, in one phrase. */
export function usesText(uses: readonly CredentialUse[]): string {
  return uses.map(({purpose, places}) => `${PURPOSE_TEXTS[purpose]} ${places.join(', ')}`).join('; ')
}

/** What its prefix tells about a token, in one phrase. */
export function kindText({kind}: TokenRef): string {
  return kind === undefined ? 'kind not told by its prefix' : kindRow(kind).name
}

/** The table of credentials: what each is for, how long it lives, and what it may do beyond that. */
export function credentialSection({outcome}: Report): string {
  const {credentials} = outcome.plan
  if (credentials.length === 0) return ''
  const audits = outcome.products.audits ?? []
  const {shown, left} = first(credentials, MOST_ROWS)
  const rows = shown.map(credential => rowOf(credential, audits))
  const more = left === 0 ? '' : `\n\n… and ${left} more`
  return `#### Credentials\n\n${table(['credential', 'kind', 'used for', 'lives', 'worth knowing'], rows)}${more}`
}

function rowOf({token, uses, unused}: PlannedCredential, audits: readonly CredentialAudit[]): readonly string[] {
  const audit = audits.find(({token: asked}) => asked.secret === token.secret)
  const remarks = audit?.remarks.map(({weight, text}) => `${weight === 'warning' ? '⚠️ ' : ''}${prose(text)}`) ?? []
  return [
    code(token.secret),
    prose(kindText(token)),
    uses.length === 0 ? `nothing: ${prose(unused ?? '')}` : escaped(usesText(uses)),
    prose(lifetimeOf(token, audit)),
    remarks.join('<br>')
  ]
}

function lifetimeOf({kind}: TokenRef, audit: CredentialAudit | undefined): string {
  if (audit?.expiresAt !== undefined) return `until ${audit.expiresAt.slice(0, 16).replace('T', ' ')} UTC`
  return kind === undefined ? '' : kindRow(kind).lifetime
}
