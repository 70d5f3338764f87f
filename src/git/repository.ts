import type {GitCredential, SshKey} from '../model/credentials.ts'
import {chooseKey, type SshWay, sshWayOf} from './ssh.ts'
import {isLoopback, isRefused, parseRemoteUrl, type RefusedUrl, type RemoteUrl, resolveAgainst} from './url.ts'

/** A repository and how it is reached. */
export interface Repository {
  /** The address as it stands in `.gitmodules` or the remote, made absolute. */
  readonly written: string
  /** The one address that git talks to: HTTPS (HTTP on this machine itself) without user and credential, or ssh. */
  readonly url: string
  /** With the port where it is not 443, as credentials name it. */
  readonly host: string
  /** `owner/repository`, without `.git`. */
  readonly path: string
  readonly credential?: GitCredential
  /** With a key of its own: then `url` is the address under which our ssh configuration knows the server. */
  readonly ssh?: SshWay
}

/** What an address is read against. */
export interface Surroundings {
  /** Remote address of the superproject. */
  readonly origin: string
  readonly credentials: readonly GitCredential[]
  readonly keys?: readonly SshKey[]
}

/** The repository that a submodule's address names, or why the address is refused. */
export function locateRepository(url: string, surroundings: Surroundings): Repository | RefusedUrl {
  const {origin, credentials, keys = []} = surroundings
  const written = resolveAgainst(origin, url)
  if (typeof written !== 'string') return written
  const remote = parseRemoteUrl(written)
  if (isRefused(remote)) return remote
  const base = baseOf(remote, {origin, credentials})
  const path = remote.path.replace(/\.git$/i, '')
  const credential = chooseCredential({host: base.host, path}, credentials)
  const chosen = chooseKey(remote, keys)
  if (chosen !== undefined && (remote.scheme === 'ssh' || !isFor(credential, path))) {
    const ssh = sshWayOf(written, chosen)
    return {written, url: `ssh://${ssh.user}@${ssh.alias}/${remote.path}`, host: base.host, path, ssh}
  }
  return {
    written,
    url: `${base.scheme}://${base.host}/${remote.path}`,
    host: base.host,
    path,
    ...(credential === undefined ? {} : {credential})
  }
}

/** The credential for a repository: of those whose path leads it, part by part, the longest. Capitals make no difference. */
export function chooseCredential(
  repository: {readonly host: string; readonly path: string},
  credentials: readonly GitCredential[]
): GitCredential | undefined {
  const fitting = credentials.filter(
    credential => hostOf(credential) === repository.host && isWithin(repository.path, credential.path)
  )
  return longest(fitting)
}

/** A token for the very repository, beside a key for it: then the form of the address decides. */
function isFor(credential: GitCredential | undefined, path: string): boolean {
  return credential !== undefined && plain(credential.path) === plain(path)
}

/** Whether a repository's path is the leading path itself or lies below it. `acme` leads `acme/app`, not `acme2/app`. */
export function isWithin(path: string, leading: string): boolean {
  const inner = plain(path)
  const outer = plain(leading)
  return outer === '' || inner === outer || inner.startsWith(`${outer}/`)
}

function plain(path: string): string {
  return path
    .toLowerCase()
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
}

function longest(credentials: readonly GitCredential[]): GitCredential | undefined {
  return credentials.toSorted((a, b) => plain(b.path).length - plain(a.path).length)[0]
}

function hostOf(credential: GitCredential): string {
  return credential.host.toLowerCase().replace(/:443$/, '')
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

interface Base {
  readonly scheme: 'https' | 'http'
  readonly host: string
}

/** Where a repository is reached by HTTPS. Plain HTTP stays only on this machine, where nobody listens in between. */
function baseOf(remote: RemoteUrl, surroundings: Surroundings): Base {
  const host = remote.port === undefined ? remote.hostname : `${remote.hostname}:${remote.port}`
  if (remote.scheme === 'https') return {scheme: 'https', host}
  if (remote.scheme === 'http') return {scheme: isLoopback(remote.hostname) ? 'http' : 'https', host}
  return webBaseOf(remote, surroundings)
}

/**
 * The HTTPS side of a host that was named for ssh or the git protocol, whose port says nothing about it.
 *
 * A credential names it, else the superproject's own address, else it is the usual port.
 */
function webBaseOf(remote: RemoteUrl, {origin, credentials}: Surroundings): Base {
  const own = parseRemoteUrl(origin)
  const isOwn = !isRefused(own) && own.hostname === remote.hostname && /^https?$/.test(own.scheme)
  const ownHost = isOwn && own.port !== undefined ? `${own.hostname}:${own.port}` : remote.hostname
  const named = credentials.filter(credential => nameOf(hostOf(credential)) === remote.hostname)
  const fitting = longest(named.filter(credential => isWithin(remote.path, credential.path)))
  const [any] = isOwn ? [] : named
  const host = fitting !== undefined ? hostOf(fitting) : any !== undefined ? hostOf(any) : ownHost
  const isPlain = isLoopback(remote.hostname) && !(isOwn && own.scheme === 'https')
  return {scheme: isPlain ? 'http' : 'https', host}
}
