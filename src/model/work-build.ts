import type {BuildSecret, GitCredential, HostKey, RegistryCredential, SshForward} from './credentials.ts'
import type {ImageName} from './inputs.ts'
import type {SecretRef} from './secret.ts'
import type {PlannedCredential} from './token.ts'

/** Tokens of GitHub's that a run uses: GitHub is asked what they may do, and for how long. */
export interface AuditWork {
  readonly tokens: readonly Pick<PlannedCredential, 'token' | 'uses'>[]
  /** Limit of the whole run, for tokens that end before it. */
  readonly limitMs?: number
}

/** Ask each registry whether the push will be allowed. */
export interface PreflightWork extends AuditWork {
  readonly images: readonly ImageAccess[]
  /** Where the layer cache is written, if that is a repository of its own: a denial takes the cache away, and nothing else. */
  readonly cache?: ImageAccess
  /** On a branch a denial is an error before the build; on a pull request the build goes on without pushing. */
  readonly onDenied: 'fail' | 'build-only'
  /** What comes before a denial is believed: nothing, or, where a push was asked for, a real upload of one byte. */
  readonly secondTry: 'none' | 'one-byte-upload'
  /** The repository of this run, and GitHub's registry as its server has it. */
  readonly pusher: {readonly owner: string; readonly name: string; readonly packages: string}
}

/** An image and the login for it, if there is one. */
export interface ImageAccess {
  readonly image: ImageName
  readonly credential: RegistryCredential | null
}

/** One name that the door on 127.0.0.1 answers to, and where it leads. */
export interface DoorRoute {
  /** The name behind `127.0.0.1:<port>/`. */
  readonly local: string
  readonly image: ImageName
  readonly credential: RegistryCredential | null
  readonly actions: 'pull' | 'pull,push'
  /** Tags that a push may write as they are, for the layer cache. A manifest for any other is put by its digest alone. */
  readonly tags?: readonly string[]
}

/** Provide a builder. `environment` is for every docker command from here on. */
export interface BuilderWork {
  readonly use: 'adopt' | 'create'
  readonly name: string
  readonly driver: string
  readonly because: string
  /** The docker client, and the engine's endpoint where one answered. */
  readonly docker: string
  readonly endpoint?: string
  /** Options of `docker buildx create`. */
  readonly driverOptions: readonly string[]
  /** `DOCKER_CONFIG` of this run. */
  readonly directory: string
  /** Present on a machine that may have builders of runs that were cut off: they are looked for and removed. */
  readonly sweeps?: true
  /** The machine's own docker configuration is readable in this run (trusted code only). */
  readonly inheritsLogins: boolean
  /** The engine's own BuildKit is reached through a socket of ours (absolute path), not by buildx's docker driver. */
  readonly bridge?: {readonly engine: string; readonly socket: string}
  /** How the engine's own BuildKit is reached where the builder cannot be made; without it that ends the run. */
  readonly otherwise?: {readonly bridge: {readonly engine: string; readonly socket: string}}
  /** `door`: the builder holds no key. `direct`: it cannot reach the door, so it gets the credentials. */
  readonly reach: 'door' | 'direct'
  readonly routes: readonly DoorRoute[]
  /** Where no step before it asks GitHub about the tokens. */
  readonly audit?: AuditWork
  /** Present where buildx is absent or too old: fetched into the tool cache. */
  readonly installBuildx?: {readonly version: string}
}

/** Build, and end with a candidate: a digest that no tag points to. */
export interface BuildWork {
  /**
   * Arguments after `docker`. `{door}` stands for `127.0.0.1:<port>`, known only when the door is open; `{runtime}` for
   * the digest of the runtime that was assembled.
   */
  readonly argv: readonly string[]
  readonly workspace: string
  readonly directory: string
  /** Values of `--build-arg NAME`, by environment. */
  readonly buildArgs: Readonly<Record<string, string>>
  /** Variables of the runner that the command gets, by name: what its cache service needs, and an ssh agent’s socket. */
  readonly runnerVariables?: readonly string[]
  readonly secrets: readonly BuildSecret[]
  readonly ssh: readonly SshForward[]
  /** What steps that mount it may read private code with. */
  readonly access: {
    readonly credentials: readonly GitCredential[]
    readonly hostKeys: readonly HostKey[]
    readonly isBySsh: boolean
  }
  /** Keys that are written to files for it. */
  readonly keyFiles: readonly {readonly path: string; readonly key: SecretRef}[]
  readonly dockerfile: {readonly source: 'user' | 'built-in'; readonly path: string}
  /** Lines of the ignore file beside the built-in Dockerfile; the user's own come first. */
  readonly ignore: readonly string[]
  readonly metadataFile: string
  readonly output: 'candidate' | 'load' | 'discard'
  /** The budget for the layers of one platform, compressed. */
  readonly maxBytes?: number
  /** A moving tag of the candidate's image: what it stands on is what the candidate is compared with. */
  readonly compareWith?: string
  /** The image that the candidate is pushed to; absent where nothing is pushed. */
  readonly candidate: ImageAccess | null
  /** What the docker driver leaves in the engine's own store after a push; taken away again. `{door}` as in `argv`. */
  readonly leavesImage?: string
  /** Name under which the engine then has the image, where the workflow asked for that. */
  readonly loadAs?: string
  /** Where an earlier run's layer cache is put before the build. */
  readonly localCache?: LocalCache
}

/** A directory with the layer cache, and the names under which the runner's cache service keeps it between runs. */
export interface LocalCache {
  readonly directory: string
  /** Post removes it; a directory that the workflow names stays. */
  readonly isOurs: boolean
  /** Private directory for the archive on its way to and from the service. */
  readonly archive: string
  readonly key: string
  readonly restoreKeys: readonly string[]
}

/** Export the layer cache by a second, fully cached build. It never fails a run. */
export interface CacheWork {
  readonly backend: 'registry' | 'gha' | 'local' | 'none'
  readonly argv: readonly string[]
  /** As in the build: the same arguments give the same cached steps. */
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly runnerVariables?: readonly string[]
  readonly localCache?: LocalCache
}
