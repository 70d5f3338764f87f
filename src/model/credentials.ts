import type {SecretRef} from './secret.ts'
import type {TokenRef} from './token.ts'

/** A login for a registry; the longest `path` that leads an image's repository wins. */
export interface RegistryCredential {
  readonly host: string
  /** Leading path of repositories it is for; empty for the whole host. */
  readonly path: string
  readonly user: string
  readonly token: TokenRef
}

/** A token for HTTPS git; the longest `path` that leads a repository wins. */
export interface GitCredential {
  /** Host with port where there is one, lower case. */
  readonly host: string
  /** `owner` or `owner/repository`, without slashes at its ends; empty for the whole host. */
  readonly path: string
  readonly user: string
  readonly token: TokenRef
  /** The token is minted in this run: it exists only where the App may read the repository. */
  readonly isMinted?: true
}

/** A GitHub App that mints tokens for this run. */
export interface GitHubApp {
  readonly id: string
  readonly key: SecretRef
  /** Repositories beside those that the submodules need. */
  readonly repositories: readonly {readonly owner: string; readonly name: string}[]
  /** Whether the token may push images as well. */
  readonly packages: 'none' | 'write'
}

/** Where a repository is reached by ssh. */
export interface SshPlace {
  /** Lower case, without port. */
  readonly hostname: string
  /** Where the user names one. */
  readonly port?: number
  /** `owner/repository`, without `.git`. */
  readonly path: string
}

/** A private key for ssh, and the repositories that it is for. */
export interface SshKey {
  /** Its id for `RUN --mount=type=ssh`, made of the first repository's owner and name. */
  readonly id: string
  readonly repositories: readonly SshPlace[]
  readonly key: SecretRef
  /** `SHA256:…` of its public half, as GitHub shows it beside a deploy key; absent where the key's form hides it. */
  readonly fingerprint?: string
}

/** A public key by which a server proves who it is. */
export interface HostKey {
  /** As `known_hosts` has it: `host`, `[host]:port`, a pattern, or a hash of one. */
  readonly host: string
  readonly type: string
  /** The key itself, base64. */
  readonly key: string
}

/** What a `RUN --mount=type=secret,id=…` gets: an entry of `secrets`, or what reads private code, in a form of ours. */
export type BuildSecret = {readonly id: string} & (
  | {readonly from: 'value'; readonly value: SecretRef}
  | {readonly from: 'env'; readonly variable: string; readonly value: SecretRef}
  | {readonly from: 'file'; readonly path: string}
  | {readonly from: 'access'; readonly form: 'git-credentials' | 'netrc' | 'known-hosts'}
)

/** One entry of `ssh`, in docker's own form: `default`, or `id=socket-or-key[,key]`. */
export interface SshForward {
  readonly id: string
  readonly paths: readonly string[]
}
