import type {Persistence} from '../../src/host/registry-retry.ts'
import {openSession, type Session} from '../../src/host/registry-session.ts'
import {openTokens} from '../../src/host/registry-token.ts'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import type {ImageName} from '../../src/model/inputs.ts'
import type {Reply, Seen} from './scripted-server.ts'

export const TOKEN = 'ghs_the-very-registry-token'
export const BEARER = 'bearer-from-the-token-service'

/** Fast, and as many tries as the real one. */
export const QUICK: Persistence = {tries: 4, firstMs: 5, longestMs: 50, totalMs: 2_000}

/** A session with one credential; `close` it so that the test can end. */
export function openTestSession({
  stallMs = 500,
  answerMs = 500,
  cancelled = new AbortController().signal
}: {
  stallMs?: number
  answerMs?: number
  cancelled?: AbortSignal
} = {}) {
  const masks: string[] = []
  const mask = (form: string) => void masks.push(form)
  const secrets = openSecrets({mask, say: () => {}})
  const token = secrets.keep('registry token', TOKEN)
  const transport = openTransport({environment: {}, cancelled, stallMs, answerMs})
  const tokens = openTokens({transport, secrets, mask, cancelled})
  const session: Session = openSession({transport, tokens, cancelled})
  const credentialFor = (host: string): RegistryCredential => ({host, path: '', user: 'x-access-token', token})
  return {session, secrets, masks, credentialFor, close: () => transport.close()}
}

export function imageAt(registry: string, repository = 'acme/app'): ImageName {
  return {registry, repository}
}

/** A registry's login by token: the challenge, and the token service under `/token` of the same server. */
export function tokenLogin({path, headers}: Seen, host: string): Reply | undefined {
  if (path.startsWith('/token')) return {status: 200, body: JSON.stringify({token: BEARER})}
  if (headers.authorization === `Bearer ${BEARER}`) return undefined
  const challenge = `Bearer realm="http://${host}/token",service="test.registry",scope="repository:user/image:pull"`
  return {status: 401, headers: {'www-authenticate': challenge}, body: '{"errors":[{"code":"UNAUTHORIZED"}]}'}
}

export const errorBody = (code: string, message: string) => JSON.stringify({errors: [{code, message}]})
