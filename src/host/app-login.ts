import {createSign} from 'node:crypto'

/** So long before now a login is dated, for clocks that are a little ahead. GitHub's own advice. */
const BACKDATED_S = 60
/** GitHub takes ten minutes at most. */
const VALID_S = 540

/** The login of a GitHub App: a JWT signed with its key (RS256), good for nine minutes. */
export function appLogin({
  id,
  key,
  nowMs
}: {
  readonly id: string
  readonly key: string
  readonly nowMs: number
}): string {
  const now = Math.floor(nowMs / 1000)
  const claims = {iat: now - BACKDATED_S, exp: now + VALID_S, iss: id}
  const body = [{alg: 'RS256', typ: 'JWT'}, claims]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`
}
