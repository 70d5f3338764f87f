import {isTokenHost} from '../image/registries.ts'
import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import {collect} from './flow.ts'
import type {SecretsPort} from './host.ts'
import {mayLeadTo, originOf} from './registry-address.ts'
import {type Challenge, parseChallenge} from './registry-challenge.ts'
import {type Persistence, persistently} from './registry-retry.ts'
import {NoAnswer, type Outgoing, type Transport} from './registry-transport.ts'
import {type Words, wordsIn, wordsOf} from './registry-words.ts'

/** What requests are for: it decides what a token may do, and nothing else does. */
export interface Purpose {
  readonly image: ImageName
  readonly credential: RegistryCredential | null
  readonly actions: 'pull' | 'pull,push'
  /** Another repository of the same registry that a blob is mounted from. */
  readonly mountFrom?: string
}

/** A registry or its token service said no, or something that is no answer. */
export class Refusal extends Error {
  readonly status: number
  readonly words: Words

  constructor(status: number, words: Words) {
    super(`${status} ${words.text}`.trim())
    this.name = 'Refusal'
    this.status = status
    this.words = words
  }
}

/** Logins for requests, one token for each purpose. */
export interface Tokens {
  /** The `Authorization` header. Throws `Refusal` and `NoAnswer`. */
  headerFor(purpose: Purpose, persistence: Persistence): Promise<string | undefined>
  /** A request was refused although it had a login: the next one asks anew, as the refusal says. */
  renew(purpose: Purpose, challenge: string | undefined): void
}

/** How long a token lasts when its service does not say (distribution specification, token authentication). */
const DEFAULT_LIFE_S = 60

/** A token is not used in the last part of its life: the request still has to arrive. */
const USED_PART = 0.8

/** Docker's name for a login that is a refresh token ("identity token") and no password. */
const REFRESH_USER = '<token>'

const CLIENT = 'pytorch-cuda-image-action'

const TOKEN_LIMIT_BYTES = 256 * 1024
const ANSWER_MS = 15_000

interface Token {
  readonly header: Promise<string | undefined>
  /** On the clock of `performance.now()`; set once the token is there. */
  untilMs: number
}

/** Opens the store of tokens. They are opaque: never decoded, since what stands in them does not tell what they allow. */
export function openTokens({
  transport,
  secrets,
  mask,
  cancelled
}: {
  transport: Transport
  secrets: SecretsPort
  mask: (value: string) => void
  cancelled: AbortSignal
}): Tokens {
  const challenges = new Map<string, Challenge>()
  const tokens = new Map<string, Token>()

  async function headerFor(purpose: Purpose, persistence: Persistence): Promise<string | undefined> {
    const origin = originOf(purpose.image.registry)
    const challenge = challenges.get(origin) ?? (await ask(origin, persistence))
    challenges.set(origin, challenge)
    if (challenge.scheme === 'none') return undefined
    if (challenge.scheme === 'basic') return loginOf(purpose)
    const key = keyOf(purpose)
    const known = tokens.get(key)
    if (known !== undefined && performance.now() < known.untilMs) return known.header
    const token: Token = {header: fetchToken(purpose, {challenge, persistence}), untilMs: Number.POSITIVE_INFINITY}
    tokens.set(key, token)
    token.header.catch(() => tokens.delete(key))
    return token.header
  }

  async function ask(origin: string, persistence: Persistence): Promise<Challenge> {
    const answer = await persistently(
      remainingMs => transport.send({...get(new URL('/v2/', origin)), answerMs: Math.min(ANSWER_MS, remainingMs)}),
      persistence,
      cancelled
    )
    const status = answer.statusCode ?? 0
    if (status === 429 || status >= 500) throw new Refusal(status, await wordsOf(answer))
    answer.resume()
    return status === 401 ? parseChallenge(answer.headers['www-authenticate']) : {scheme: 'none'}
  }

  function loginOf({credential}: Purpose): string | undefined {
    if (credential === null) return undefined
    const login = `${credential.user}:${secrets.redeem(credential.token).reveal()}`
    return `Basic ${Buffer.from(login).toString('base64')}`
  }

  async function fetchToken(
    purpose: Purpose,
    {challenge, persistence}: {challenge: Extract<Challenge, {scheme: 'bearer'}>; persistence: Persistence}
  ): Promise<string> {
    const url = tokenUrl(purpose, challenge)
    const send = (outgoing: Outgoing) =>
      persistently(
        remainingMs => transport.send({...outgoing, answerMs: Math.min(ANSWER_MS, remainingMs)}),
        persistence,
        cancelled
      )
    const login = loginOf(purpose)
    const isRefresh = purpose.credential?.user === REFRESH_USER
    const asked = isRefresh
      ? await send(post(purpose, challenge, url))
      : await send(get(url, login === undefined ? {} : {authorization: login}))
    // A few services know only the newer way.
    const isPostOnly = asked.statusCode === 405 && !isRefresh && purpose.credential !== null
    if (isPostOnly) asked.resume()
    const answer = isPostOnly ? await send(post(purpose, challenge, url)) : asked
    if (answer.statusCode !== 200) throw new Refusal(answer.statusCode ?? 0, await wordsOf(answer))
    const body = await collect(answer, {limitBytes: TOKEN_LIMIT_BYTES, stallMs: ANSWER_MS}).catch((thrown: unknown) => {
      throw new NoAnswer(url, thrown)
    })
    const {token, lifeS} = tokenIn(body?.toString('utf8') ?? '')
    mask(token)
    const stored = tokens.get(keyOf(purpose))
    if (stored !== undefined) stored.untilMs = performance.now() + lifeS * 1000 * USED_PART
    return `Bearer ${token}`
  }

  /** OAuth2, as the distribution project's token specification has it: a refresh token, or the login as a form. */
  function post(purpose: Purpose, challenge: Extract<Challenge, {scheme: 'bearer'}>, url: URL): Outgoing {
    const {credential} = purpose
    const secret = credential === null ? '' : secrets.redeem(credential.token).reveal()
    const login: Record<string, string> =
      credential?.user === REFRESH_USER
        ? {grant_type: 'refresh_token', refresh_token: secret}
        : {grant_type: 'password', username: credential?.user ?? '', password: secret}
    const form = new URLSearchParams({
      ...login,
      client_id: CLIENT,
      service: challenge.service ?? '',
      scope: scopesOf(purpose).join(' ')
    })
    const bare = new URL(url)
    bare.search = ''
    const body = Buffer.from(form.toString())
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length)
    }
    return {method: 'POST', url: bare, headers, body}
  }

  return {
    headerFor,
    renew: (purpose, challenge) => {
      tokens.delete(keyOf(purpose))
      const told = parseChallenge(challenge)
      if (told.scheme !== 'none') challenges.set(originOf(purpose.image.registry), told)
    }
  }
}

function get(url: URL, headers: Readonly<Record<string, string>> = {}) {
  return {method: 'GET', url, headers: {accept: 'application/json', ...headers}}
}

function scopesOf({image, actions, mountFrom}: Purpose): readonly string[] {
  const own = `repository:${image.repository}:${actions}`
  return mountFrom === undefined ? [own] : [own, `repository:${mountFrom}:pull`]
}

function keyOf(purpose: Purpose): string {
  const {image, credential} = purpose
  const login = credential === null ? [] : [credential.user, credential.token.secret]
  return JSON.stringify([originOf(image.registry), ...scopesOf(purpose), ...login])
}

/** The address that the registry names for tokens, with a scope of our own making. */
function tokenUrl(purpose: Purpose, {realm, service}: Extract<Challenge, {scheme: 'bearer'}>): URL {
  const url = new URL(realm)
  const {registry} = purpose.image
  if (!mayLeadTo(new URL(originOf(registry)), url)) {
    throw new Refusal(401, wordsIn(`The registry sends logins to ${url.host} in clear text; nothing was sent there.`))
  }
  if (purpose.credential !== null && !isTokenHost(registry, url.host)) {
    throw new Refusal(
      401,
      wordsIn(`${registry} sends logins to ${url.host}, which is none of its hosts; nothing was sent there.`)
    )
  }
  url.username = ''
  url.password = ''
  url.searchParams.delete('scope')
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopesOf(purpose)) url.searchParams.append('scope', scope)
  return url
}

function tokenIn(body: string): {readonly token: string; readonly lifeS: number} {
  const json = parseToken(body)
  const token = json.token ?? json.access_token
  if (typeof token !== 'string' || token === '') throw new Refusal(200, wordsIn('The token service sent no token.'))
  const life = json.expires_in
  return {token, lifeS: typeof life === 'number' && life > 0 ? life : DEFAULT_LIFE_S}
}

function parseToken(body: string): {token?: unknown; access_token?: unknown; expires_in?: unknown} {
  try {
    return (JSON.parse(body) ?? {}) as {token?: unknown}
  } catch {
    return {}
  }
}
