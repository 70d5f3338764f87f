import type {GitCredential, HostKey, SshKey} from '../model/credentials.ts'
import type {Repository} from './repository.ts'
import {printSettings, type Setting} from './settings.ts'
import {makeSshFiles} from './ssh.ts'

/** What git calls of one run need to know about each other. */
export interface AccessRequest {
  /** Every repository that git may talk to, the superproject included. */
  readonly repositories: readonly Repository[]
  /** Private directory, absolute, where the files below will lie. */
  readonly directory: string
  /** Work trees that git may read although another user owns them, absolute. */
  readonly workTrees: readonly string[]
  /** Settings of the machine that say how to reach servers. */
  readonly machine: readonly Setting[]
  /** Public keys of ssh servers, beside those that come with the action. */
  readonly hostKeys: readonly HostKey[]
}

/** Files to write and variables to set, so that git reaches those repositories with those credentials and no others. */
export interface Access {
  readonly files: readonly {readonly path: string; readonly text: string}[]
  readonly tokenFiles: readonly {readonly path: string; readonly credential: GitCredential}[]
  readonly keyFiles: readonly {readonly path: string; readonly key: SshKey}[]
  readonly environment: Readonly<Record<string, string>>
}

/** Settings that hold whatever a repository's own configuration says. */
const FIRM: readonly Setting[] = [
  {section: 'core', name: 'hooksPath', value: '/dev/null'},
  {section: 'core', name: 'fsmonitor', value: 'false'},
  {section: 'core', name: 'askPass', value: ''},
  {section: 'protocol', subsection: 'file', name: 'allow', value: 'never'},
  {section: 'submodule', name: 'recurse', value: 'false'},
  {section: 'fetch', name: 'recurseSubmodules', value: 'false'},
  // Housekeeping would go on in the background after we have ended.
  {section: 'gc', name: 'auto', value: '0'},
  {section: 'maintenance', name: 'auto', value: 'false'},
  {section: 'advice', name: 'detachedHead', value: 'false'},
  // Clears every helper that a configuration named before; ours follow.
  {section: 'credential', name: 'helper', value: ''},
  {section: 'credential', name: 'interactive', value: 'false'},
  // git-lfs passes a repository's path to helpers only then.
  {section: 'credential', name: 'useHttpPath', value: 'true'}
]

/** Given way to by the machine's own settings. A transfer that stands still for two minutes is ended. */
const DEFAULTS: readonly Setting[] = [
  {section: 'http', name: 'lowSpeedLimit', value: '1'},
  {section: 'http', name: 'lowSpeedTime', value: '120'}
]

/**
 * The private git configuration for a set of repositories.
 *
 * Two files: the first takes the place of the user's configuration, so that among equal rewrites ours is read first and
 * wins; the second is read after everything, so that a header or helper that another action left in a repository's own
 * configuration (actions/checkout's `extraheader`) is cleared. No token stands in either: helpers read files of mode 0600.
 * Repositories with a key of their own are reached by an ssh configuration beside them.
 */
export function makeAccess({repositories, directory, workTrees, machine, hostKeys}: AccessRequest): Access {
  const first = `${directory}/gitconfig`
  const last = `${directory}/gitconfig.last`
  const credentials = [...new Set(repositories.flatMap(({credential}) => credential ?? []))]
  const tokenFiles = credentials.map((credential, index) => ({path: `${directory}/token-${index}`, credential}))
  const fileOf = new Map(tokenFiles.map(({path, credential}) => [credential, path]))
  const ways = repositories.flatMap(({ssh}) => ssh ?? [])
  const ssh = makeSshFiles(ways, {directory, hostKeys})
  const byWeb = repositories.filter(repository => repository.ssh === undefined)
  return {
    files: [
      ...(ways.length === 0 ? [] : ssh.files),
      {path: first, text: printSettings([...DEFAULTS, ...rewrites(repositories), ...machine])},
      {
        path: last,
        text: printSettings([
          ...FIRM,
          ...headerResets(byWeb),
          ...helpers(byWeb, fileOf),
          ...workTrees.map(value => ({section: 'safe', name: 'directory', value}))
        ])
      }
    ],
    tokenFiles,
    keyFiles: ssh.keyFiles,
    environment: {
      // Also hides `.netrc`, whose logins curl would send before ours are asked for.
      HOME: `${directory}/home`,
      XDG_CONFIG_HOME: `${directory}/home/.config`,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: first,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'include.path',
      GIT_CONFIG_VALUE_0: last,
      GIT_ALLOW_PROTOCOL: protocolsOf(repositories),
      // A tree may send git-lfs to a server by ssh (`.lfsconfig`), which would log in with keys of the machine. Our own
      // configuration lets ssh go nowhere but to the servers that it names.
      GIT_SSH_COMMAND: ways.length === 0 ? 'false' : ssh.command,
      GIT_SSH_VARIANT: 'ssh',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      SSH_ASKPASS: '',
      GCM_INTERACTIVE: 'never',
      GIT_LFS_SKIP_SMUDGE: '1',
      // Messages are read for their causes.
      LC_ALL: 'C'
    }
  }
}

function protocolsOf(repositories: readonly Repository[]): string {
  const isUsed = (scheme: string) => repositories.some(({url}) => url.startsWith(`${scheme}:`))
  return ['https', ...['http', 'ssh'].filter(isUsed)].join(':')
}

/**
 * One rule per address, the whole address on both sides.
 *
 * Git takes the longest rule that is a prefix, so nothing beats these, and neighbours (`…/app`, `…/app-private`,
 * `github.com`, `github.com.evil.test`) cannot be caught by a rule that was meant for another.
 */
function rewrites(repositories: readonly Repository[]): readonly Setting[] {
  return unique(
    repositories.map(({written, url}) => ({section: 'url', subsection: url, name: 'insteadOf', value: written}))
  )
}

/** Clears headers at the most specific place there is: git keeps a header that was set for a longer address than its reset. */
function headerResets(repositories: readonly Repository[]): readonly Setting[] {
  const places = repositories.flatMap(({url}) => [originOf(url), ...spellings(url)])
  return unique(places.map(subsection => ({section: 'http', subsection, name: 'extraheader', value: ''})))
}

/** Helpers in the order in which git asks them: each repository's own, then by path for servers that redirect, longest first. */
function helpers(repositories: readonly Repository[], fileOf: ReadonlyMap<GitCredential, string>): readonly Setting[] {
  const places: {place: string; credential: GitCredential}[] = []
  for (const {url, credential} of repositories) {
    if (credential === undefined) continue
    places.push(...spellings(url).map(place => ({place, credential})))
  }
  const wide: typeof places = []
  for (const {url, credential} of repositories) {
    if (credential !== undefined) wide.push({place: `${originOf(url)}${credential.path}`, credential})
  }
  wide.sort((a, b) => b.credential.path.length - a.credential.path.length)
  return unique(
    [...places, ...wide].map(({place, credential}) => ({
      section: 'credential',
      subsection: place,
      name: 'helper',
      value: helper(fileOf.get(credential) ?? '')
    }))
  )
}

/** Answers `get` and ignores `store` and `erase`. */
function helper(file: string): string {
  return `!f() { test "$1" != get || cat -- '${file.replaceAll("'", `'\\''`)}'; }; f`
}

/** `https://host/`. */
function originOf(url: string): string {
  return url.replace(/^(https?:\/\/[^/]+\/).*$/, '$1')
}

/** A repository's address with and without `.git`: git-lfs adds it, servers redirect between the two. */
function spellings(url: string): readonly string[] {
  const bare = url.replace(/\.git$/i, '')
  return [bare, `${bare}.git`]
}

function unique(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map(setting => [printSettings([setting]), setting])).values()]
}
