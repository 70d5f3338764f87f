import {auditOf} from '../identity/audit.ts'
import type {CredentialAudit, GitHubAnswer, TokenRef} from '../model/token.ts'
import type {AuditWork} from '../model/work-build.ts'
import type {StepContext} from './step.ts'

/** Free of charge, and every answer tells of the token that asked. */
const ABOUT_TOKEN = '/rate_limit'

/** What GitHub says to each token of a run: asked once, whoever wants to know. */
export type Standings = ReadonlyMap<string, Promise<GitHubAnswer>>

/** Asks GitHub about every token at the same time, and waits for none. */
export function askAboutTokens({tokens}: AuditWork, context: StepContext): Standings {
  return new Map(tokens.map(({token}) => [token.secret, askAboutToken(token, context)]))
}

/** Asks GitHub about one token. */
export function askAboutToken(token: TokenRef, {host}: StepContext): Promise<GitHubAnswer> {
  return host.github.ask(ABOUT_TOKEN, token)
}

/** What the answers tell of the tokens; what will hurt is a warning. A token that nobody answered for is left out. */
export async function auditTokens(
  {tokens, limitMs}: AuditWork,
  {standings, context}: {standings: Standings; context: StepContext}
): Promise<{readonly audits?: readonly CredentialAudit[]}> {
  const now = context.host.clock.now()
  const audits: CredentialAudit[] = []
  for (const {token, uses} of tokens) {
    const answer = await standings.get(token.secret)
    if (answer === undefined || answer.status === 0) continue
    audits.push(auditOf({token, uses, now, ...(limitMs === undefined ? {} : {limitMs})}, answer))
  }
  for (const {text, weight} of audits.flatMap(({remarks}) => remarks)) if (weight === 'warning') context.warn(text)
  return audits.length === 0 ? {} : {audits}
}

/** Asks and judges, where nobody else is interested in the answers. */
export async function audit(
  work: AuditWork | undefined,
  context: StepContext
): Promise<{readonly audits?: readonly CredentialAudit[]}> {
  return work === undefined ? {} : auditTokens(work, {standings: askAboutTokens(work, context), context})
}
