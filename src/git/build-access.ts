import type {GitCredential, HostKey} from '../model/credentials.ts'
import {PINNED, printHostKeys} from './host-keys.ts'
import {printSettings, type Setting} from './settings.ts'
import {isLoopback} from './url.ts'

/** A credential with its value. */
export interface OpenCredential extends GitCredential {
  readonly value: string
}

/** Forms in which a build step gets what reads private code, by the id of the secret that it mounts. */
export const BUILD_ACCESS = {
  /** A git configuration: each login stands in it, for its own path and for no other. */
  'git-credentials': ({credentials, isBySsh}: BuildAccess) => printSettings(configOf(credentials, isBySsh)),
  /** For programs that speak HTTP themselves. */
  netrc: ({credentials}: BuildAccess) => printNetrc(credentials),
  /** Public keys of the ssh servers. */
  'known-hosts': ({hostKeys}: BuildAccess) => printHostKeys([...PINNED, ...hostKeys])
} as const

/** A name of `BUILD_ACCESS`. */
export type BuildAccessForm = keyof typeof BUILD_ACCESS

/** What a build step may read private code with. */
export interface BuildAccess {
  readonly credentials: readonly OpenCredential[]
  readonly hostKeys: readonly HostKey[]
  /** Keys are mounted too: then ssh is told where the public keys of the servers are. */
  readonly isBySsh: boolean
}

const SECTION = 'build-access'
const SSH =
  'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/run/secrets/known-hosts -o GlobalKnownHostsFile=/dev/null'

/**
 * A git configuration that holds the logins itself, so that one mount is enough.
 *
 * Helpers read them back with `git config`: they stand in no command line, wherever the file is mounted, and a server
 * that redirects to another host gets none. Git asks helpers in the order of the file; longest paths come first.
 */
function configOf(credentials: readonly OpenCredential[], isBySsh: boolean): readonly Setting[] {
  const byLength = credentials.toSorted((one, other) => other.path.length - one.path.length)
  return [
    {section: 'credential', name: 'helper', value: ''},
    {section: 'credential', name: 'useHttpPath', value: 'true'},
    ...(isBySsh ? [{section: 'core', name: 'sshCommand', value: SSH}] : []),
    ...byLength.flatMap(({user, value}, index) => {
      const place = {section: SECTION, subsection: String(index), name: 'login'}
      return [
        {...place, value: `username=${user}`},
        {...place, value: `password=${value}`}
      ]
    }),
    ...byLength.flatMap((credential, index) =>
      spellingsOf(credential).map(subsection => ({
        section: 'credential',
        subsection,
        name: 'helper',
        value: `!f() { test "$1" != get || git config --get-all ${SECTION}.${index}.login; }; f`
      }))
    )
  ]
}

/** A repository is asked for with and without `.git`, which git takes for different paths. */
function spellingsOf({host, path}: GitCredential): readonly string[] {
  const scheme = isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https'
  const place = `${scheme}://${host}/${path}`
  return path.includes('/') ? [place, `${place}.git`] : [place.replace(/\/$/, '')]
}

/** A `.netrc` knows hosts and no paths: a host stands in it only where one login serves all that is known of it. */
function printNetrc(credentials: readonly OpenCredential[]): string {
  const lines = credentials.flatMap(credential => {
    const logins = new Set(credentials.filter(({host}) => host === credential.host).map(({value}) => value))
    if (logins.size > 1) return []
    return [`machine ${credential.host.replace(/:\d+$/, '')} login ${credential.user} password ${credential.value}\n`]
  })
  return [...new Set(lines)].join('')
}
