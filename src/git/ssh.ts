import type {HostKey, SshKey, SshPlace} from '../model/credentials.ts'
import {hostName, isKeyOf, PINNED, printHostKeys} from './host-keys.ts'
import type {RemoteUrl} from './url.ts'

/** How a repository is reached by ssh with the one key that is for it. */
export interface SshWay {
  readonly key: SshKey
  readonly user: string
  readonly hostname: string
  readonly port: number
  /** The name by which `known_hosts` has the server's key. */
  readonly knownAs: string
  /** The name under which the server stands in our ssh configuration, one for each key. */
  readonly alias: string
}

/** Files of an ssh configuration that knows some servers and some keys, and nothing else of the machine. */
export interface SshFiles {
  readonly files: readonly {readonly path: string; readonly text: string}[]
  readonly keyFiles: readonly {readonly path: string; readonly key: SshKey}[]
  /** For `GIT_SSH_COMMAND`. */
  readonly command: string
}

const USUAL_PORT = 22
const SSH_URL = /^(?:ssh|git\+ssh|ssh\+git):\/\/(?:([\w.-]+)@)?([^/:@]+)(?::(\d+))?\//i
const LIKE_SCP = /^(?:([\w.-]+)@)?([^/:@]+):/

/** The key for a repository: the one whose line names it. Capitals make no difference. */
export function chooseKey(remote: Pick<RemoteUrl, 'scheme' | 'hostname' | 'port' | 'path'>, keys: readonly SshKey[]) {
  for (const key of keys) {
    const place = key.repositories.find(named => isMeant(named, remote))
    if (place !== undefined) return {key, place}
  }
  return undefined
}

/** The way to a repository with a key. What the user's line names counts before what the address says. */
export function sshWayOf(written: string, {key, place}: {readonly key: SshKey; readonly place: SshPlace}): SshWay {
  const [, urlUser, urlHost, urlPort] = SSH_URL.exec(written) ?? []
  const [, scpUser, scpHost] = SSH_URL.test(written) || written.includes('://') ? [] : (LIKE_SCP.exec(written) ?? [])
  const isPlain = place.port === undefined
  // An address through another door of the same service (`ssh.github.com:443`) is kept: port 22 may be closed here.
  const hostname = (isPlain ? (urlHost ?? scpHost) : undefined)?.toLowerCase() ?? place.hostname
  const port = place.port ?? Number(urlPort ?? USUAL_PORT)
  const door = port === USUAL_PORT ? hostname : `${hostname}-${port}`
  const alias = `${key.id}.${door}`.replaceAll(/[^\w.-]/g, '-')
  return {key, user: urlUser ?? scpUser ?? 'git', hostname, port, knownAs: hostName(place), alias}
}

/**
 * The private ssh configuration for some repositories.
 *
 * Each key is offered to its own server under its own name there, so that no server sees another key and a list of keys
 * is never tried one by one. No agent is asked, no file of the user is read, and a server that is not named, or whose
 * key is another than the one we know, is not talked to.
 */
export function makeSshFiles(
  ways: readonly SshWay[],
  {directory, hostKeys}: {readonly directory: string; readonly hostKeys: readonly HostKey[]}
): SshFiles {
  const config = `${directory}/ssh_config`
  const known = `${directory}/known_hosts`
  const keys = [...new Map(ways.map(({key}) => [key.id, key])).values()]
  const byAlias = [...new Map(ways.map(way => [way.alias, way])).values()]
  return {
    files: [
      {path: config, text: [...byAlias.map(way => sectionOf(way, directory)), lastSection(known)].join('\n')},
      {path: known, text: printHostKeys([...PINNED, ...hostKeys])}
    ],
    keyFiles: keys.map(key => ({path: keyFile(key, directory), key})),
    command: `ssh -F '${config.replaceAll("'", `'\\''`)}'`
  }
}

/** The host keys that these ways need, of those that are given. */
export function hostKeysFor(keys: readonly SshKey[], given: readonly HostKey[]): readonly HostKey[] {
  const hosts = keys.flatMap(({repositories}) => repositories.map(hostName))
  return given.filter(key => hosts.some(host => isKeyOf(key, host)))
}

function isMeant(named: SshPlace, remote: Pick<RemoteUrl, 'scheme' | 'hostname' | 'port' | 'path'>): boolean {
  if (named.hostname !== remote.hostname) return false
  if (named.path.toLowerCase() !== remote.path.replace(/\.git$/i, '').toLowerCase()) return false
  // The port of a web address says nothing about ssh.
  const port = remote.scheme === 'ssh' ? remote.port : undefined
  return port === undefined || Number(port) === (named.port ?? USUAL_PORT)
}

function sectionOf({alias, key, hostname, port, knownAs}: SshWay, directory: string): string {
  return `Host ${alias}
  HostName ${hostname.replace(/^\[(.*)\]$/, '$1')}
  Port ${port}
  HostKeyAlias ${knownAs}
  IdentityFile ${quoted(keyFile(key, directory))}
  ProxyCommand none
`
}

/** For all servers; for those without a section of their own it leaves no way to any. */
function lastSection(known: string): string {
  return `Host *
  ProxyCommand false
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile ${quoted(known)}
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
  CheckHostIP no
  CanonicalizeHostname no
  ForwardAgent no
  ClearAllForwardings yes
  ControlMaster no
  ControlPath none
  PermitLocalCommand no
  ConnectTimeout 20
  ServerAliveInterval 15
  ServerAliveCountMax 8
`
}

function keyFile({id}: SshKey, directory: string): string {
  return `${directory}/key-${id}`
}

/** A path as one word of an ssh configuration, where `%` begins a placeholder. */
function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%').replaceAll('"', '\\"')}"`
}
