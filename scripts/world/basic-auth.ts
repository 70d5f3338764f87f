import {createHash, timingSafeEqual} from 'node:crypto'

/** What a client sent to prove who it is. */
export interface SentCredential {
  readonly user: string
  readonly password: string
}

/** Reads `Authorization: Basic …` or `Bearer …` (a token without a user); undefined where nothing readable was sent. */
export function parseAuthorization(header: string | undefined): SentCredential | undefined {
  const [scheme = '', value = ''] = (header ?? '').split(' ')
  if (scheme.toLowerCase() === 'bearer') return {user: '', password: value}
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [user = '', password = ''] = Buffer.from(value, 'base64').toString().split(/:(.*)/s)
  return {user, password}
}

/** The form in which a server keeps a password: a search of its files for the password finds nothing. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Whether a secret is the one that a digest was made of. */
export function matchesDigest(secret: string, digest: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(secret)), Buffer.from(digest))
}
