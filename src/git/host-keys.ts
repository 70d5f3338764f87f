import {createHash, createHmac} from 'node:crypto'
import type {HostKey} from '../model/credentials.ts'

/**
 * Public keys of servers that everybody uses, so that nobody has to look them up.
 *
 * Source: GitHub's page "GitHub's SSH key fingerprints" and `ssh_keys` of https://api.github.com/meta. Checked on
 * 2026-11-24 against the published fingerprints, which a test computes anew; a host whose keys nobody checked stays out.
 */
export const PINNED: readonly HostKey[] = [
  {
    host: 'github.com',
    type: 'ssh-ed25519',
    key: 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
  },
  {
    host: 'github.com',
    type: 'ecdsa-sha2-nistp256',
    key: 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg='
  },
  {
    host: 'github.com',
    type: 'ssh-rsa',
    key: 'AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk='
  }
]

/** Keys that must never be trusted again, by how their fingerprint begins, with the reason. */
export const REVOKED: readonly {readonly fingerprint: string; readonly because: string}[] = [
  {
    fingerprint: 'SHA256:nThbg6kX',
    because: 'It is the RSA key that GitHub withdrew in March 2023, after its private half had been public.'
  }
]

/** `SHA256:…` of a public key, as ssh and GitHub show it. */
export function fingerprintOf(key: Uint8Array | string): string {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`
}

/** Why a key must not be trusted, if it must not. */
export function revocationOf(fingerprint: string): string | undefined {
  return REVOKED.find(revoked => fingerprint.startsWith(revoked.fingerprint))?.because
}

/** How `known_hosts` writes a host. */
export function hostName({hostname, port}: {readonly hostname: string; readonly port?: number}): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return port === undefined || port === 22 ? bare : `[${bare}]:${port}`
}

/** Whether a key is said to be one of this host. Hashed names and patterns are read as ssh reads them. */
export function isKeyOf(hostKey: HostKey, host: string): boolean {
  const names = hostKey.host.split(',')
  if (names.some(name => name.startsWith('!') && fits(name.slice(1), host))) return false
  return names.some(name => fits(name, host))
}

/** The lines of a `known_hosts` file. */
export function printHostKeys(keys: readonly HostKey[]): string {
  return keys.map(({host, type, key}) => `${host} ${type} ${key}\n`).join('')
}

function fits(name: string, host: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(name) ?? []
  if (salt !== undefined && hash !== undefined) {
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(host).digest('base64') === hash
  }
  const pattern = name
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`).test(host)
}
