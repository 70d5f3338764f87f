import {createPrivateKey, randomUUID, sign, X509Certificate} from 'node:crypto'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {run} from './command.ts'
import type {Say} from './say.ts'
import {ensureTools} from './tools.ts'

/** What a token permits: actions on one repository, as the registry's token specification writes it. */
export interface Access {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

/** Who made a token, for whom, and what it permits. */
export interface TokenRequest {
  readonly user: string
  readonly access: readonly Access[]
  readonly lifetimeSeconds: number
}

/** The name under which the token server signs, which the registry expects. */
export const ISSUER = 'world-token-server'

/** The name by which the registry calls itself when it asks for a token. */
export const SERVICE = 'world-registry'

/** Makes the key and the self-signed certificate by which a registry knows its token server. Returns the certificate's path. */
export async function makeSigningKey(folder: string, worldFolder: string, say: Say): Promise<string> {
  const certificate = join(folder, 'token.crt')
  if (existsSync(certificate)) return certificate
  const openssl = await ensureTools(worldFolder, ['openssl'], say)
  const settings = join(folder, 'openssl.cnf')
  writeFileSync(settings, '[req]\ndistinguished_name = name\n[name]\n')
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'token.key')]
  const subject = ['-subj', `/CN=${ISSUER}`, '-days', '3650']
  await run([openssl, 'req', '-x509', ...key, ...subject, '-config', settings, '-out', certificate])
  return certificate
}

/**
 * Signs a token that the registry of this folder accepts.
 *
 * Source: the token authentication specification of the distribution project: RS256, certificate in the `x5c` header.
 */
export function signToken(folder: string, {user, access, lifetimeSeconds}: TokenRequest): string {
  const certificate = new X509Certificate(readFileSync(join(folder, 'token.crt')))
  const now = Math.floor(Date.now() / 1000)
  const header = {typ: 'JWT', alg: 'RS256', x5c: [certificate.raw.toString('base64')]}
  const times = {exp: now + lifetimeSeconds, nbf: now - 10, iat: now}
  const claims = {iss: ISSUER, sub: user, aud: SERVICE, ...times, jti: randomUUID(), access}
  const body = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const key = createPrivateKey(readFileSync(join(folder, 'token.key')))
  return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`
}
