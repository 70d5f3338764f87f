/** A repository's address, taken apart. Everything in it was checked; nothing in it is secret. */
export interface RemoteUrl {
  /** The absolute address as git sees it, before any rewriting. */
  readonly written: string
  readonly scheme: 'https' | 'http' | 'ssh' | 'git'
  /** Lower case, without port; a literal IPv6 address stands in brackets. */
  readonly hostname: string
  /** Only where it is not the scheme's own. */
  readonly port?: number
  /** Without slashes at its ends, in the spelling of the address, `.git` included. */
  readonly path: string
}

/** Why an address is not used, in words for people; never with the secret that it may hold. */
export interface RefusedUrl {
  readonly refused: string
  readonly fix: string
}

const SCHEMES: Readonly<Record<string, {readonly scheme: RemoteUrl['scheme']; readonly port: number}>> = {
  https: {scheme: 'https', port: 443},
  http: {scheme: 'http', port: 80},
  ssh: {scheme: 'ssh', port: 22},
  'git+ssh': {scheme: 'ssh', port: 22},
  'ssh+git': {scheme: 'ssh', port: 22},
  git: {scheme: 'git', port: 9418}
}

/** Names that serve the same repositories as another, so that one credential is enough. */
const SAME_HOST: Readonly<Record<string, {readonly hostname: string; readonly port?: number}>> = {
  'www.github.com': {hostname: 'github.com'},
  // Ssh through the port of HTTPS, for networks that block port 22.
  'ssh.github.com': {hostname: 'github.com', port: 443},
  'altssh.gitlab.com': {hostname: 'gitlab.com', port: 443},
  'altssh.bitbucket.org': {hostname: 'bitbucket.org', port: 443}
}

const WITH_SCHEME = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)?$/is
// Git takes `host:path` for ssh as long as no slash stands before the colon.
const LIKE_SCP = /^([^/:[\]]+|[^/:[\]]*\[[0-9a-f:]+\]):(.+)$/is
const AUTHORITY = /^(?:(.*)@)?(\[[0-9a-f:]+\]|[^:@[\]]*)(?::(\d*))?$/is
const HOSTNAME = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]|%(?:[01][0-9a-f]|7f)/i
// Greedy on purpose: a password may hold slashes and at-signs, and none of it may be printed.
const WITH_USER = /^([a-z][a-z0-9+.-]*:\/\/|)(.*)@(.*)$/is
/** User names that are tokens: GitHub's and GitLab's prefixes, or one word too long for a person. */
const TOKEN = /^(?:gh[pousr]_|github_pat_|gl(?:pat|dt|cbt|ptt|ft|soat)-|[a-z0-9_]{30,}$)/i

/**
 * Takes an absolute repository address apart: `https://`, `http://`, `ssh://`, `git+ssh://`, `git://` and `git@host:path`.
 *
 * Addresses that could mislead git, the shell or the server, and those that carry a credential, are refused with a reason.
 */
export function parseRemoteUrl(text: string): RemoteUrl | RefusedUrl {
  const refused = refuseText(text)
  if (refused !== undefined) return refused
  const [, word, authority = '', rest = ''] = WITH_SCHEME.exec(text) ?? []
  if (word !== undefined) return parseParts({written: text, word: word.toLowerCase(), authority, rest})
  const [, address, path = ''] = LIKE_SCP.exec(text) ?? []
  if (address === undefined) return {refused: 'It is a path on this machine.', fix: FIX_ADDRESS}
  if (path.startsWith(':')) {
    return {refused: `It asks git to run the transport helper \`${address}\`.`, fix: FIX_ADDRESS}
  }
  if (path.includes('@')) return embedded(text)
  if (/^[a-z]$/i.test(address)) return {refused: 'It is a path on a Windows drive.', fix: FIX_ADDRESS}
  return parseParts({written: text, word: 'ssh', authority: address, rest: path})
}

/** Whether an address was refused. */
export function isRefused<T extends object>(parsed: T | RefusedUrl): parsed is RefusedUrl {
  return 'refused' in parsed
}

const FIX_ADDRESS = 'Write the address as `https://host/owner/repository.git`.'

function refuseText(text: string): RefusedUrl | undefined {
  if (text === '') return {refused: 'It is empty.', fix: FIX_ADDRESS}
  if (CONTROL.test(text)) {
    return {refused: 'It contains a control character, plain or percent-encoded.', fix: FIX_ADDRESS}
  }
  if (text.startsWith('-')) return {refused: 'It begins with a dash, as an option of git does.', fix: FIX_ADDRESS}
  if (text.includes('\\'))
    return {refused: 'It contains a backslash, which programs read differently.', fix: FIX_ADDRESS}
  return undefined
}

function parseParts(given: {
  readonly written: string
  readonly word: string
  readonly authority: string
  readonly rest: string
}): RemoteUrl | RefusedUrl {
  const protocol = Object.hasOwn(SCHEMES, given.word) ? SCHEMES[given.word] : undefined
  if (protocol === undefined) {
    return {
      refused: `The protocol \`${given.word}\` is not one of ${Object.keys(SCHEMES).join(', ')}.`,
      fix: FIX_ADDRESS
    }
  }
  const [, user = '', host = '', port = ''] = AUTHORITY.exec(given.authority) ?? []
  // In `user:pass/word@host` the slash ends the host too early, and the password looks like port and path.
  const isTorn = given.authority.includes(':') && !given.authority.includes('@') && given.rest.includes('@')
  if (holdsSecret(user) || isTorn) return embedded(given.written)
  if (user.includes('@'))
    return {refused: 'It has more than one `@`, which programs read differently.', fix: FIX_ADDRESS}
  if (host === '') return {refused: 'It names no host.', fix: FIX_ADDRESS}
  const hostname = host.toLowerCase()
  if (!HOSTNAME.test(hostname)) return {refused: `\`${host}\` is not a host name.`, fix: FIX_ADDRESS}
  if (/[?#]/.test(given.rest)) return {refused: 'It has a query or a fragment.', fix: FIX_ADDRESS}
  const parts = given.rest.split('/').filter(part => part !== '')
  if (parts.length === 0) return {refused: 'It names a host, but no repository.', fix: FIX_ADDRESS}
  if (parts.some(part => /^(?:\.|%2e){1,2}$/i.test(part))) {
    return {
      refused: 'Its path climbs with `.` or `..`, so that it would end elsewhere than it seems.',
      fix: FIX_ADDRESS
    }
  }
  if (Number(port) > 65535) return {refused: `${port} is not a port.`, fix: FIX_ADDRESS}
  return {
    written: given.written,
    scheme: protocol.scheme,
    ...mainHost(hostname, port === '' ? protocol.port : Number(port), protocol.port),
    path: parts.join('/')
  }
}

function holdsSecret(user: string): boolean {
  return user.includes(':') || TOKEN.test(user)
}

function embedded(written: string): RefusedUrl {
  return {
    refused: 'It carries a password or token, which everyone who can read the repository can read too.',
    fix: `Write it as \`${withoutUser(written)}\`, revoke the token, and give a new one with the input \`git-credentials\`.`
  }
}

function mainHost(hostname: string, port: number, usual: number): {readonly hostname: string; readonly port?: number} {
  const main = Object.hasOwn(SAME_HOST, hostname) ? SAME_HOST[hostname] : undefined
  const isUsual = port === usual || port === main?.port
  return {hostname: main?.hostname ?? hostname, ...(isUsual ? {} : {port})}
}

/**
 * The absolute address that a submodule's `./…` or `../…` means beside its superproject's own address, as git computes it.
 *
 * Other addresses are returned as they are. One that climbs past the host is refused: it would name another host.
 */
export function resolveAgainst(base: string, url: string): string | RefusedUrl {
  if (!/^\.{1,2}\//.test(url)) return url
  if (base === '') {
    return {
      refused: 'It is relative, and the checked-out repository has no remote that it could be relative to.',
      fix: FIX_ADDRESS
    }
  }
  const root = rootLength(base)
  let place = base.replace(/\/+$/, '')
  let separator = '/'
  let rest = url
  for (let step = /^(\.{1,2})\/+/.exec(rest); step !== null; step = /^(\.{1,2})\/+/.exec(rest)) {
    rest = rest.slice(step[0].length)
    if (step[1] === '.') continue
    const cut = place.lastIndexOf('/')
    if (place.length <= root) {
      return {
        refused: `It climbs higher than the repository's own address \`${shownUrl(base)}\` goes.`,
        fix: 'Take away a `../`, or write the whole address.'
      }
    }
    separator = cut < root ? ':' : '/'
    place = place.slice(0, Math.max(cut, root))
  }
  return separator === ':' ? `${place}:${rest}` : `${place}/${rest}`.replace(/\/+$/, '')
}

/** How much of an address is its host: up to the slash or colon before the path. */
function rootLength(url: string): number {
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]*:\/\/)([^/]*)/i.exec(url) ?? []
  if (scheme !== undefined) return scheme.length + (authority ?? '').length
  return Math.max(url.indexOf(':'), 0)
}

/** An address as it may be printed: without a query, and with stars where a password or token stands before an `@`. */
export function shownUrl(url: string): string {
  const [, scheme = '', user = '', rest = ''] = WITH_USER.exec(url) ?? []
  // What looks like a protocol nobody knows is a user, with a password that begins with two slashes.
  const isProtocol = scheme === '' || Object.hasOwn(SCHEMES, scheme.slice(0, -'://'.length).toLowerCase())
  const shown = !isProtocol ? `***@${rest}` : holdsSecret(user) ? `${scheme}***@${rest}` : url
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return shown.replace(/\?.*$/s, '').replace(/[\u0000-\u001f\u007f]/g, '?')
}

function withoutUser(url: string): string {
  const [, scheme = '', , rest = ''] = WITH_USER.exec(url) ?? []
  return shownUrl(`${scheme}${rest}`)
}

/** Whether a host is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
