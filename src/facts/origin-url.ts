import {isRefused, parseRemoteUrl, type RemoteUrl} from '../git/url.ts'

/** A repository on the server that the run belongs to. */
export interface ServedRepository {
  readonly serverUrl: string
  /** `owner/name`. */
  readonly name: string
}

/** The URL without a login. Where its parts cannot be told for certain, everything before the last `@` goes. */
export function withoutUserinfo(url: string): string {
  if (!url.includes('://')) return /^[^@/]*:[^@]*@/.test(url) ? url.replace(/^.*@/, '') : url
  return URL.canParse(url) ? url.replace(/^([^:]+:\/\/)[^/?#]*@/, '$1') : url.replace(/^([^:]+:\/\/).*@/, '$1')
}

/** Whether a URL is of that repository. GitHub does not tell letter case apart, and `.git` does not matter. */
export function isRepository(url: string, {serverUrl, name}: ServedRepository): boolean {
  const remote = parseRemoteUrl(withoutUserinfo(url))
  const own = parseRemoteUrl(`${serverUrl}/${name}`)
  if (isRefused(remote) || isRefused(own)) return false
  return remote.hostname === own.hostname && isSamePort(remote, own) && pathOf(remote) === pathOf(own)
}

/** Servers offer ssh on a port of its own, which says nothing about the repository. */
function isSamePort(remote: RemoteUrl, own: RemoteUrl): boolean {
  return remote.scheme === 'ssh' || remote.port === own.port
}

function pathOf({path}: RemoteUrl): string {
  return path.toLowerCase().replace(/\.git$/, '')
}
