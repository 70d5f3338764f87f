import type {GitCredential, HostKey, SshKey} from './credentials.ts'
import type {DiskForecast} from './disk.ts'
import type {SecretRef} from './secret.ts'
import type {AuditWork} from './work-build.ts'

/** Fetch submodules, each credential only towards its own path. */
export interface GitWork {
  readonly workspace: string
  /** The private directory for configuration and token files. */
  readonly directory: string
  readonly depth: 'none' | 'top' | 'recursive'
  readonly credentials: readonly GitCredential[]
  /** Tokens that a GitHub App gives us for this run. */
  readonly app?: AppWork
  readonly keys: readonly SshKey[]
  /** Public keys of the ssh servers, beside those that come with the action. */
  readonly hostKeys: readonly HostKey[]
  /** Repositories that the credentials were given for: each is asked whether it may be read, before anything is built. */
  readonly checks: readonly RepositoryCheck[]
  /** Repositories (`host/path`) that only a dropped credential could read: left out, with a notice. */
  readonly withheld: readonly string[]
  readonly originUrl: string
  /** Where the registries are not asked, this step asks GitHub about the tokens of the run. */
  readonly audit?: AuditWork
  /** Whether a submodule that cannot be read stops the run, or is left out because this event may not read it. */
  readonly onUnreadable: 'fail' | 'skip'
}

/** Resolve every package of the image once, with the hash of every file; or take the lock that the repository holds. */
export interface LockWork {
  /** Private directory for uv's project and its cache. */
  readonly directory: string
  /** The folder that the build gets as the context `pylock`. */
  readonly output: string
  /** The repository's own lock, which has been read and fits: nothing is resolved. */
  readonly committed?: {readonly path: string; readonly sha256: string}
  /** The file of the workspace that `mode: lock` writes. */
  readonly writeTo?: string
  /** To be fetched where the machine has none of this version. */
  readonly uv: {readonly version: string; readonly install: boolean}
  /** The context's directory, from which requirement files are read. */
  readonly context: string
  readonly requirements: readonly RequirementFile[]
  /** What is resolved besides the requirements: `torch==2.8.0`. */
  readonly packages: readonly string[]
  /**
   * The init of a container, `dumb-init==1.2.5.post1`: resolved as well, but for where the index does not have it or the
   * requirements want another one.
   */
  readonly init: string
  /** One index for PyTorch's packages, one for all others; the same address where PyPI has the asked CUDA. */
  readonly indexes: {readonly torch: string; readonly others: string}
  /** For `index-url`, where it came with a login: what `NETRC` names. */
  readonly login?: SecretRef
  /** Certificates to trust instead of the machine's. */
  readonly caBundle?: string
  /** Where requirements name repositories of git: what they are read with. */
  readonly git?: LockGitWork
  /** Packages of the lock that are compiled with CUDA in the build. */
  readonly extensions?: LockExtensionsWork
  /** `3.12`. */
  readonly python: string
  readonly targets: readonly LockTargetWork[]
  /** What the lock must hold: PyTorch's packages by name, and the CUDA they are built for. */
  readonly expected: {readonly versions: Readonly<Record<string, string>>; readonly cuda?: string}
  /** What the lock's real sizes are held against before anything is downloaded. */
  readonly room?: {readonly forecast: DiskForecast; readonly onShort: 'fail' | 'warn'}
  /** Where packages cannot be resolved here (one must be built first): leave it to the build, or stop. */
  readonly onUnlockable: 'leave' | 'fail'
}

/** Packages of the lock that the build compiles with CUDA: locked as sources, whatever wheels there are. */
export interface LockExtensionsWork {
  readonly packages: readonly string[]
  /** A PyTorch without CUDA goes without them: they are taken out of the lock. */
  readonly isWithout: boolean
  /** Folders of the context that hold a Python project: what a name that is none may have meant. */
  readonly projects: readonly string[]
}

/** What requirements from git are read with. */
export type LockGitWork = Pick<GitWork, 'directory' | 'credentials' | 'keys' | 'hostKeys' | 'onUnreadable'>

/** A file that names packages. */
export interface RequirementFile {
  /** As the input `requirements` names it, from the context. */
  readonly path: string
  /** `project-lock` is a `uv.lock`, whose versions are taken over. */
  readonly kind: 'requirements' | 'constraints' | 'project-lock'
}

/** A platform to resolve for. */
export interface LockTargetWork {
  /** `linux/amd64`. */
  readonly platform: string
  /** The same in uv's words: `x86_64-manylinux_2_28`. */
  readonly uvPlatform: string
  /** The name of its lock in `output`: `pylock.toml`, or `pylock.amd64.toml` where there are several. */
  readonly file: string
}

/** Mint tokens of a GitHub App, one for each owner, narrowed to what this run needs. */
export interface AppWork {
  readonly id: string
  readonly key: SecretRef
  readonly apiUrl: string
  readonly tokens: readonly AppToken[]
}

/** A token to mint. */
export interface AppToken {
  /** The name under which its value is kept. */
  readonly secret: string
  readonly owner: string
  /** Those that the input does not list are left out where the App is not installed. */
  readonly repositories: readonly {readonly name: string; readonly isListed: boolean}[]
  readonly permissions: {readonly contents: 'read'} | {readonly packages: 'write'}
  /** Where its value lies for post, which revokes it. */
  readonly file: string
}

/** A repository that a credential names, and what it means when it cannot be read. */
export interface RepositoryCheck {
  readonly url: string
  /** The build needs it, or nobody knows of anything that does. */
  readonly onUnreadable: 'fail' | 'warn'
}
