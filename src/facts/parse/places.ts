import {parseReference} from '../../image/reference.ts'
import type {SshForward} from '../../model/credentials.ts'
import type {CacheRequest} from '../../model/inputs.ts'
import {nearestOf} from '../../model/nearest.ts'
import type {SecretRef} from '../../model/secret.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseList, parseQuotedLines} from './lists.ts'

const BACKENDS = ['auto', 'registry', 'gha', 'local', 'none'] as const
const BUILDER = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const TARGET = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const SSH_ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** A single path as it stands. */
export function parsePath(text: string, desk: Desk): string | undefined {
  if (!/[\r\n\0]/.test(text)) return text
  return void desk.fault({
    what: `\`${desk.input}\` has more than one line.`,
    why: 'It is one path.',
    fix: 'Write one path on one line.'
  })
}

/** Several paths, one per line or separated by commas. */
export function parsePaths(text: string): readonly string[] {
  return [...new Set(parseList(text))]
}

/** A path to a certificate bundle; not the certificate itself. */
export function parseCaBundle(text: string, desk: Desk): string | undefined {
  if (!text.includes('-----BEGIN')) return parsePath(text, desk)
  return void desk.fault({
    what: '`ca-bundle` holds a certificate.',
    why: 'It is the path of a file on the runner.',
    fix: 'Write the certificate to a file in an earlier step and give its path, for example /etc/ssl/certs/ca-certificates.crt.'
  })
}

/** The name of a stage, or its number. */
export function parseTarget(text: string, desk: Desk): string | undefined {
  return parseName(text, TARGET, 'a stage', desk)
}

/** The name of a buildx builder. */
export function parseBuilder(text: string, desk: Desk): string | undefined {
  return parseName(text, BUILDER, 'a builder', desk)
}

/** `ssh`: `default`, or `id=path[,path]`, one per line. */
export function parseSsh(text: string, desk: Desk): readonly SshForward[] {
  const found: SshForward[] = []
  for (const entry of parseQuotedLines(text, desk)) {
    const [id = '', ...rest] = entry.split('=')
    const paths = rest
      .join('=')
      .split(',')
      .filter(path => path !== '')
    if (!SSH_ID.test(id) || entry.includes('-----BEGIN')) desk.fault(faultOfSsh(desk))
    else if (found.some(forward => forward.id === id)) desk.fault(twice(id))
    else found.push({id, paths})
  }
  return found
}

/** `index-url`, taken apart: the address stands in plan, log and history, the login in none of them. */
export interface IndexAddress {
  readonly url: string
  /** One line of a netrc file. */
  readonly login?: SecretRef
}

/** `index-url`: where packages come from, perhaps with a login in it (`https://user:token@…`, or `https://token@…`). */
export function parseIndexUrl(text: string, desk: Desk): IndexAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url !== undefined && isWeb && url.username === '' && url.password === '') return {url: text}
  if (url !== undefined && isWeb) return withoutLogin(url, desk)
  return void desk.fault({
    what: `\`index-url: ${shownValue(text, desk)}\` is no web address.`,
    why: 'Packages are fetched from an index over HTTPS.',
    fix: 'Write for example `index-url: https://download.pytorch.org/whl/cu126`.'
  })
}

/** `cache`: `auto`, `registry[:ref]`, `gha`, `local[:dir]` or `none`. */
export function parseCache(text: string, desk: Desk): CacheRequest | undefined {
  const cut = text.indexOf(':')
  const word = (cut === -1 ? text : text.slice(0, cut)).toLowerCase()
  const place = cut === -1 ? undefined : text.slice(cut + 1)
  const backend = BACKENDS.find(name => name === word)
  if (backend === undefined) {
    const nearest = nearestOf(word, BACKENDS)
    return void desk.fault({
      what: `\`cache: ${shownValue(text, desk)}\` names no cache.`,
      why: 'It is auto, registry, registry:REFERENCE, gha, local, local:FOLDER or none.',
      fix: nearest === undefined ? 'Choose one of them.' : `Did you mean \`cache: ${nearest}\`?`
    })
  }
  if (place === undefined) return {backend}
  const fault = faultOfPlace(backend, place)
  if (fault === undefined) return {backend, place: backend === 'registry' ? lowerName(place) : place}
  return void desk.fault({
    what: `\`cache: ${shownValue(text, desk)}\` ${fault}.`,
    why: '`registry` takes an image reference behind the colon, `local` a folder, and the others nothing.',
    fix: 'Write for example `cache: registry:ghcr.io/owner/name:cache`.'
  })
}

/** A token alone is the user's name to an index (RFC 3986 has no other place for it), with an empty password. */
function withoutLogin(url: URL, desk: Desk): IndexAddress | undefined {
  const [user, password] = [decoded(url.username), decoded(url.password)]
  desk.keep(desk.input, password === '' ? user : password)
  if (/\s/.test(user + password)) {
    return void desk.fault({
      what: 'The login in `index-url` has a space in it.',
      why: 'Programs that fetch packages read it from a netrc file, which takes none.',
      fix: 'Use a token without spaces.'
    })
  }
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  const line = `machine ${url.hostname} login ${user === '' ? '__token__' : user} password ${password}`
  return {url: bare.href, login: desk.keep(`${desk.input} login`, line)}
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function faultOfPlace(backend: CacheRequest['backend'], place: string): string | undefined {
  if (place === '') return 'has nothing behind the colon'
  if (backend === 'local') return undefined
  if (backend !== 'registry') return `has a place, which ${backend} does not take`
  const reference = parseReference(place)
  if (reference === undefined) return 'names no image reference'
  return reference.digest === undefined ? undefined : 'names a digest, and a cache is written to a tag'
}

function lowerName(reference: string): string {
  const slash = reference.lastIndexOf('/')
  const colon = reference.indexOf(':', slash)
  return colon === -1 ? reference.toLowerCase() : reference.slice(0, colon).toLowerCase() + reference.slice(colon)
}

function parseName(text: string, pattern: RegExp, thing: string, desk: Desk): string | undefined {
  if (pattern.test(text)) return text
  return void desk.fault({
    what: `\`${desk.input}: ${shownValue(text, desk)}\` is no name of ${thing}.`,
    why: 'A name has letters, digits, `.`, `_` and `-`, and begins with a letter or digit.',
    fix: `Set \`${desk.input}\` to such a name, or leave it empty.`
  })
}

function faultOfSsh(desk: Desk) {
  return {
    what: `An entry of \`${desk.input}\` is neither an id nor \`id=path\`.`,
    why: 'Keys are given by the path of a file or of an agent’s socket, never by value.',
    fix: 'Write `default`, or `id=path` with the path of a private key on the runner.'
  }
}

function twice(id: string) {
  return {
    what: `\`ssh\` has two entries with the id \`${id}\`.`,
    why: 'Which of them a `RUN --mount=type=ssh` would get cannot be told.',
    fix: 'Keep one, with its paths separated by commas.'
  }
}
