import {strangerAt, tokenKindOf} from '../../identity/token-kinds.ts'
import {registryOf, tokenUserOf} from '../../image/registries.ts'
import {mayHoldToken} from '../../image/token-shapes.ts'
import type {GitCredential, RegistryCredential} from '../../model/credentials.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {keepToken} from './token-ref.ts'
import {faultOfToken, isTokenLike, TOKEN_USERS} from './tokens.ts'

/** What `registry-credentials` says: logins by host, or one token for every image. */
export interface RegistryLogins {
  readonly logins: readonly RegistryCredential[]
  /** The token's value lives only until the images are known: it decides the user name. */
  readonly bare?: string
}

interface Place {
  readonly host: string
  readonly path: string
}

interface Line extends Place {
  readonly user: string | undefined
  readonly token: string
}

const PLACE = /^(?<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)(?<path>(?:\/[\w.~+-]+)*)\/?$/i
const SCHEME = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i
const NEEDED = {git: '`host[:port][/path] [user] token`', registry: '`host[:port][/path] user token`'}

/** User names for HTTPS tokens by git host. GitHub, GitLab and Bitbucket document theirs; others take any. */
const GIT_USERS: readonly {readonly part: string; readonly user: string}[] = [
  {part: 'gitlab', user: 'oauth2'},
  {part: 'bitbucket', user: 'x-token-auth'}
]

/** `git-credentials`: one per line, `host[:port][/path] [user] token`; `#` begins a comment. */
export function parseGitCredentials(text: string, desk: Desk): readonly GitCredential[] {
  const found: GitCredential[] = []
  for (const fields of fieldsOf(text)) {
    const line = readLine(fields, 'git', desk)
    if (line === undefined) continue
    const {host, token, user = gitUserOf(host)} = line
    const path = line.path.replace(/\.git$/, '')
    found.push({host, path, user, token: keepToken(desk, nameOf(desk, {host, path}), token)})
  }
  return withoutDoubles(found, desk)
}

/** `registry-credentials`: one per line, `host[:port][/path] user token`; or one bare token for every image. */
export function parseRegistryCredentials(text: string, desk: Desk): RegistryLogins {
  const lines = fieldsOf(text)
  const [only = []] = lines
  const [word = ''] = only
  if (lines.length === 1 && only.length === 1 && !isPlace(word)) return readBareToken(word, desk)
  const logins: RegistryCredential[] = []
  for (const fields of lines) {
    const line = readLine(fields, 'registry', desk)
    if (line === undefined) continue
    const {token} = line
    const host = line.host === 'index.docker.io' ? 'docker.io' : line.host
    const path = line.path.toLowerCase()
    const user = line.user ?? userFor({host, path}, token, desk)
    logins.push({host, path, user, token: keepToken(desk, nameOf(desk, {host, path}), token)})
  }
  return {logins: withoutDoubles(logins, desk)}
}

function readBareToken(token: string, desk: Desk): RegistryLogins {
  desk.keep(desk.input, token)
  const fault = faultOfToken(token)
  if (fault === undefined) return {logins: [], bare: token}
  desk.fault(badToken(desk, fault))
  return {logins: []}
}

function fieldsOf(text: string): readonly (readonly string[])[] {
  return text
    .split(/\r?\n/)
    .map(line => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter(line => line !== '')
    .map(line => line.split(/\s+/))
}

function readLine(fields: readonly string[], kind: 'git' | 'registry', desk: Desk): Line | undefined {
  // Whatever may be a secret is masked before anything is said about it.
  const [lead = ''] = fields
  const suspects = isPlace(lead) ? fields.slice(1) : fields
  for (const word of suspects.filter(isTokenLike)) desk.keep(desk.input, word)
  const [first = '', ...others] = fields
  const place = readPlace(first, desk)
  if (place === undefined) return undefined
  if (others.length > 2) return void desk.fault(malformed(desk, kind, place, `has ${fields.length} words`))
  const user = others.length === 2 ? others[0] : undefined
  if (mayHoldToken(user ?? '')) return void desk.fault(malformed(desk, kind, place, 'has a token in the user’s place'))
  const token = tokenOf(others, kind)
  if (token === undefined) return tellMissing(desk, kind, place)
  const fault = faultOfToken(token)
  if (fault !== undefined) return void desk.fault(badToken(desk, fault, place))
  const strange = strangerAt(place.host, tokenKindOf(token))
  if (strange !== undefined) return void desk.fault(wrongHost(desk, strange, place))
  return {...place, token, user}
}

/** The token among the words behind the place; undefined where only a user name stands there, or nothing. */
function tokenOf(words: readonly string[], kind: 'git' | 'registry'): string | undefined {
  const last = words.at(-1)
  if (last === undefined || words.length === 2) return last
  const isName = TOKEN_USERS.includes(last.toLowerCase()) || (kind === 'registry' && !isTokenLike(last))
  return isName ? undefined : last
}

function readPlace(word: string, desk: Desk): Place | undefined {
  const found = PLACE.exec(word)?.groups
  if (found !== undefined && isPlace(word)) {
    return {host: (found.host ?? '').toLowerCase(), path: (found.path ?? '').replace(/^\//, '')}
  }
  // It may be part of a secret: the second line of one, for example. Only what is plainly an address is shown.
  const isAddress = SCHEME.test(word) && !isTokenLike(word)
  const shown = isAddress ? shownValue(word, desk) : '(not shown: it may be part of a token)'
  desk.fault({
    what: `A line of \`${desk.input}\` does not begin with a host: ${shown}.`,
    why: isAddress
      ? 'It is written without a scheme.'
      : 'A credential is only ever used for the host that its line names.',
    fix: `Write ${isAddress ? word.replace(SCHEME, '').replace(/^.*@/, '') : 'for example github.com/acme'} and then the token.`
  })
  return undefined
}

function isPlace(word: string): boolean {
  const {host = '', path = ''} = PLACE.exec(word)?.groups ?? {}
  const isHost = host.includes('.') || host.includes(':') || host.toLowerCase() === 'localhost'
  // A blank forgotten before the token glues it to the path.
  return isHost && !mayHoldToken(word) && !path.split('/').some(part => part === '.' || part === '..')
}

function tellMissing(desk: Desk, kind: 'git' | 'registry', place: Place): undefined {
  const shown = placeText(place)
  if (desk.isWithoutSecrets) {
    return void desk.notice(`\`${desk.input}\` has no token for ${shown}: GitHub hands no secrets to this event.`)
  }
  desk.fault({
    what: `The line of \`${desk.input}\` for ${shown} has no token.`,
    why: 'An empty token opens nothing; most often the secret of that name does not exist, or this job may not see it.',
    fix: `Look at the secret's name in the workflow and at the repository's secrets. A line is ${NEEDED[kind]}.`
  })
}

function malformed(desk: Desk, kind: 'git' | 'registry', place: Place, fault: string) {
  return {
    what: `The line of \`${desk.input}\` for ${placeText(place)} ${fault}.`,
    why: `A line is ${NEEDED[kind]}.`,
    fix: 'Write one credential per line. A token has no blanks in it.'
  }
}

function badToken(desk: Desk, fault: string, place?: Place) {
  return {
    what: `The token in \`${desk.input}\`${place === undefined ? '' : ` for ${placeText(place)}`} ${fault}.`,
    why: 'It would be refused wherever it is shown.',
    fix: 'Store the bare token as a secret and name it as `${{ secrets.NAME }}`.'
  }
}

function wrongHost(desk: Desk, strange: string, place: Place) {
  return {
    what: `The token in \`${desk.input}\` for ${placeText(place)} ${strange}.`,
    why: 'It would be shown to a stranger, and refused.',
    fix: `Give ${place.host} a token of its own, and name the host in this line that the token is for.`
  }
}

function withoutDoubles<T extends Place>(found: readonly T[], desk: Desk): readonly T[] {
  const seen = new Set<string>()
  for (const place of found) {
    const key = placeText(place).toLowerCase()
    if (seen.has(key)) {
      desk.fault({
        what: `\`${desk.input}\` has two lines for ${placeText(place)}.`,
        why: 'Which of them is meant cannot be told.',
        fix: 'Keep one of them, or give each a longer path.'
      })
    }
    seen.add(key)
  }
  return found
}

function userFor({host, path}: Place, token: string, desk: Desk): string {
  const {matches: _, ...registry} = registryOf(host)
  return registry.tokenUser({image: {registry: host, repository: path}, token, actor: desk.actor})
}

/** The logins for every image that one bare token stands for, each for that image's repository alone. */
export function loginsOfBareToken(
  bare: string,
  images: readonly {readonly registry: string; readonly repository: string}[],
  desk: Desk
): readonly RegistryCredential[] {
  for (const {registry, repository} of images) {
    const strange = strangerAt(registry, tokenKindOf(bare))
    if (strange !== undefined) desk.fault(wrongHost(desk, strange, {host: registry, path: repository}))
  }
  return images.map(image => ({
    host: image.registry,
    path: image.repository,
    user: tokenUserOf({image, token: bare, actor: desk.actor}),
    token: keepToken(desk, 'registry-credentials', bare)
  }))
}

function gitUserOf(host: string): string {
  return GIT_USERS.find(({part}) => host.includes(part))?.user ?? 'x-access-token'
}

function nameOf(desk: Desk, place: Place): string {
  return `${desk.input} ${placeText(place)}`
}

function placeText({host, path}: Place): string {
  return path === '' ? host : `${host}/${path}`
}
