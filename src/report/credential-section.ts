import {kindRow} from '../identity/token-kinds.ts'
import type {Report} from '../model/report.ts'
import type {CredentialUse, PlannedCredential, Purpose} from '../model/token.ts'
import {code, escaped, first, prose, table} from './markdown.ts'

const MOST_ROWS = 100

/** Purposes in words that a list of places completes. */
const PURPOSE_TEXTS: Readonly<Record<Purpose, string>> = {
  'read-code': 'reads code of',
  'read-packages': 'pulls',
  'push-image': 'pushes',
  'write-cache': 'writes the layer cache in'
}

const FORM_TEXTS = {
  'ssh-key': {kind: 'ssh key', lives: 'until it is taken off the repository'},
  'app-key': {kind: 'private key of a GitHub App', lives: 'until it is deleted on the page of the App'},
  'app-token': {kind: 'token that the GitHub App mints for this run', lives: 'until the job ends, one hour at most'}
} as const

/** What a credential is used for, in one phrase. */
export function usesText(uses: readonly CredentialUse[]): string {
  return uses.map(({purpose, places}) => `${PURPOSE_TEXTS[purpose]} ${places.join(', ')}`).join('; ')
}

/** What kind of credential it is, in one phrase: its form, or what a token's prefix tells. */
export function kindText({form, token: {kind}}: Pick<PlannedCredential, 'form' | 'token'>): string {
  if (form !== undefined) return FORM_TEXTS[form].kind
  return kind === undefined ? 'kind not told by its prefix' : kindRow(kind).name
}

/** The table of credentials: what each is for, how long it lives, and what it may do beyond that. */
export function credentialSection({outcome}: Report): string {
  const {credentials} = outcome.plan
  if (credentials.length === 0) return ''
  const {audits = [], appTokens = []} = outcome.products
  const {shown, left} = first(credentials, MOST_ROWS)
  const rows = shown.map(credential => rowOf(credential, {audits, appTokens}))
  const more = left === 0 ? '' : `\n\n… and ${left} more`
  return `#### Credentials\n\n${table(['credential', 'kind', 'used for', 'lives', 'worth knowing'], rows)}${more}`
}

/** What the run found out about credentials, on which the table builds. */
type Found = Required<Pick<Report['outcome']['products'], 'audits' | 'appTokens'>>

function rowOf(credential: PlannedCredential, {audits, appTokens}: Found): readonly string[] {
  const {token, uses, unused} = credential
  const audit = audits.find(({token: asked}) => asked.secret === token.secret)
  const expiresAt = audit?.expiresAt ?? appTokens.find(({secret}) => secret === token.secret)?.expiresAt
  const remarks = audit?.remarks.map(({weight, text}) => `${weight === 'warning' ? '⚠️ ' : ''}${prose(text)}`) ?? []
  return [
    code(token.secret),
    prose(kindText(credential)),
    uses.length === 0 ? `nothing: ${prose(unused ?? '')}` : escaped(usesText(uses)),
    prose(lifetimeOf(credential, expiresAt)),
    remarks.join('<br>')
  ]
}

function lifetimeOf({form, token: {kind}}: PlannedCredential, expiresAt: string | undefined): string {
  const end = expiresAt === undefined ? undefined : `until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC`
  if (form === 'app-token' && end !== undefined) return `${end}, and not beyond the job`
  if (form !== undefined) return FORM_TEXTS[form].lives
  if (end !== undefined) return end
  return kind === undefined ? '' : kindRow(kind).lifetime
}
