import type {Lock} from './lock.ts'
import type {GpuTarget} from './pytorch.ts'
import type {SecretRef} from './secret.ts'
import type {TokenRef} from './token.ts'

/** Who wrote the code of this run, and through which door it came. `facts/event.ts` maps every GitHub event to one. */
export const ORIGINS = [
  'own-branch',
  'own-tag',
  'deleted-branch',
  'own-pull-request',
  'fork-pull-request',
  'dependabot',
  'pull-request-target',
  'workflow-run',
  'foreign-workflow-run',
  'dispatch',
  'schedule',
  'release',
  'merge-queue',
  'repository-dispatch',
  'comment',
  'bystander',
  'unknown'
] as const

/** An entry of `ORIGINS`. */
export type Origin = (typeof ORIGINS)[number]

/** What a workflow can ask for by name, of all that the policy allows on request only. */
export const OPT_INS = ['pr-push', 'pr-gpu', 'merge-queue', 'dependabot-read'] as const

/** An entry of `OPT_INS`. */
export type OptIn = (typeof OPT_INS)[number]

/** Which store the secrets of a run come from, as `github.secret_source` says. */
export const SECRET_SOURCES = ['None', 'Actions', 'Dependabot', 'Codespaces'] as const

/** An entry of `SECRET_SOURCES`. */
export type SecretSource = (typeof SECRET_SOURCES)[number]

/** What a run may do at GitHub's cache service, in the service's own words. */
export const CACHE_MODES = ['read', 'write', 'write-only', 'none'] as const

/** An entry of `CACHE_MODES`: `write` reads as well. */
export type CacheMode = (typeof CACHE_MODES)[number]

/** How far code is trusted: with all that the event may do, with less, or with nothing but being built. */
export type Trust = 'full' | 'limited' | 'none'

/** Everything that was found out before deciding. Absent things are absent; secrets stand by name; it can be printed. */
export interface Facts {
  readonly inputs: Inputs
  readonly event: EventFacts
  readonly roots: readonly InputRoot[]
  readonly machine: Machine
  readonly source: SourceFacts
  readonly paths: RunPaths
}

/** Directories of this run, all absolute. */
export interface RunPaths {
  /** The checked-out repository (`GITHUB_WORKSPACE`). */
  readonly workspace: string
  /** Ours alone (mode 0700, under `RUNNER_TEMP`): everything secret or temporary lies in it. */
  readonly run: string
  /** The action's own files (`dockerfiles/`, `dist/`). */
  readonly action: string
  /** Certificate bundles that programs of this machine were told to trust, as found in its environment. */
  readonly caBundle?: string
}

/** An image name without tag and digest, for example `ghcr.io` and `acme/app`. */
export interface ImageName {
  /** Host with port where there is one; Docker Hub is `docker.io`. */
  readonly registry: string
  /** Path in the registry, lower case. */
  readonly repository: string
}

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

/** A `name=value` line; `carriesSecret` names the secret that its value equals or contains. */
export interface BuildArg {
  readonly name: string
  readonly value: string
  readonly carriesSecret?: SecretRef
}

/** A `tags` entry: a tag for every image, or a full reference whose image is then one of those to push. */
export interface TagRequest {
  readonly image?: ImageName
  readonly tag: string
}

/** What a run does: everything, the plan alone, the build alone, the GPU validation alone, or the tags alone. */
export type Mode = 'auto' | 'plan' | 'build' | 'validate' | 'promote' | 'lock'

/** An entry of `gpu-report`. */
export interface GpuReportFile {
  readonly path: string
  /** `sha256:…` of the file, as it came by another way than the file did. */
  readonly sha256?: string
}

/** `cache`: which store keeps BuildKit's layer cache. */
export interface CacheRequest {
  readonly backend: 'auto' | 'registry' | 'gha' | 'local' | 'none'
  /** After the colon of `registry:ref` or `local:dir`. */
  readonly place?: string
}

/** The inputs of `action.yml`, parsed. Optional ones are absent when the user left them empty. */
export interface Inputs {
  readonly mode: Mode
  readonly push: 'auto' | 'always' | 'never'
  readonly optIn: readonly OptIn[]
  /** The first is the primary one. */
  readonly images: readonly ImageName[]
  readonly tags: readonly TagRequest[]
  readonly labels: readonly BuildArg[]
  readonly context: string
  readonly file?: string
  readonly target?: string
  readonly platforms: readonly string[]
  readonly buildArgs: readonly BuildArg[]
  readonly buildContexts: readonly {readonly name: string; readonly location: string}[]
  readonly secrets: readonly BuildSecret[]
  readonly ssh: readonly SshForward[]
  readonly load: boolean
  readonly builder?: string
  readonly driver: 'auto' | 'docker' | 'docker-container'
  /** Harmless flags of `docker buildx build`, each with its value in one argument. */
  readonly buildxArgs: readonly string[]
  /** A version, the beginning of one, a specifier, `latest`, `auto`; absent where nobody asked. */
  readonly torch?: string
  readonly cuda: string
  /** What pull requests from forks are built for: what `cuda` says, or `cpu`. */
  readonly forkCuda: 'as-asked' | 'cpu'
  /** `3.12`, `3.12.4`, `3.13t`; absent where the base image or the release decides. */
  readonly python?: string
  readonly gpuTargets: readonly GpuTarget[]
  /** The oldest NVIDIA driver that the image shall run on: `535`, `535.104.05`. */
  readonly driverFloor?: string
  readonly requirements: readonly string[]
  /** Path of the repository's own lock, from the workspace. */
  readonly lock?: string
  readonly indexUrl?: string
  /** The login that `index-url` came with, in the form of a netrc file. */
  readonly indexLogin?: SecretRef
  readonly baseImage?: string
  /** Folders of the context with CUDA sources. */
  readonly extensions: readonly string[]
  readonly flavor: 'runtime' | 'compile' | 'notebook' | 'ssh'
  readonly aptPackages: readonly string[]
  readonly token?: TokenRef
  readonly gitCredentials: readonly GitCredential[]
  readonly sshKeys: readonly SshKey[]
  /** Keys of servers beside those that come with the action. */
  readonly knownHosts: readonly HostKey[]
  readonly githubApp?: GitHubApp
  readonly submodules: 'auto' | 'true' | 'recursive' | 'false'
  readonly registryCredentials: readonly RegistryCredential[]
  readonly cache: CacheRequest
  /** Where repositories of one owner share layers. */
  readonly layerStore?: LayerStoreRequest
  /** Budget for the compressed image. */
  readonly maxSizeBytes?: number
  readonly compression: 'auto' | 'zstd' | 'gzip'
  readonly gpu: 'auto' | 'required' | 'never'
  readonly gpuTiers: 'quick' | 'standard' | 'full'
  /** By number or UUID; empty for all. */
  readonly gpuDevices: readonly string[]
  readonly gpuInjection: 'auto' | 'gpus' | 'cdi' | 'runtime' | 'kubernetes'
  /** Lowest acceptable figures by name. */
  readonly gpuFloors: Readonly<Record<string, number>>
  /** What `validate` and `promote` are about. */
  readonly digest?: string
  readonly gpuReports: readonly GpuReportFile[]
  readonly caBundle?: string
  /** Absent where the runner does not tell. */
  readonly secretSource?: SecretSource
  /** For the whole run, in milliseconds. */
  readonly timeoutMs?: number
  /** Names of the inputs that have a value of the user's: a default is no wish. */
  readonly given?: readonly string[]
  /** What was changed while reading, for example an image name put into lower case: told to the user. */
  readonly notices: readonly string[]
}

/** A repository with layers for several images. */
export interface LayerStoreRequest {
  readonly image: ImageName
  /** `protected`: protected refs alone can write to it. */
  readonly kind: 'shared' | 'protected'
}

/** What GitHub says about the event, from its payload and the runner's variables. */
export interface EventFacts {
  readonly name: string
  readonly action?: string
  readonly origin: Origin
  /** One sentence: what of the event decided its origin. */
  readonly originBecause?: string
  readonly repository: {
    readonly owner: string
    readonly name: string
    readonly id?: number
    /** Absent where the payload does not say. */
    readonly isPrivate?: boolean
    readonly isFork: boolean
    readonly defaultBranch?: string
  }
  readonly sha: string
  readonly ref: string
  readonly refName: string
  readonly refType: 'branch' | 'tag' | 'other'
  readonly isRefProtected: boolean
  readonly pullRequest?: {readonly number: number; readonly headSha?: string; readonly baseRef?: string}
  /** Commits that came from outside this repository although the event is privileged. */
  readonly foreignShas: readonly string[]
  readonly runId: string
  readonly runNumber: number
  readonly runAttempt: number
  /** What GitHub's cache service lets this run do (`ACTIONS_CACHE_MODE`); absent where the runner does not say. */
  readonly cacheMode?: CacheMode
  /** When this run began, RFC 3339. */
  readonly startedAt?: string
  readonly workflow: string
  readonly actor: string
  readonly serverUrl: string
  readonly apiUrl: string
}

/**
 * What one source of build input holds: the event's own code, someone else's, or something we cannot tell.
 *
 * `event` is as trusted as the event; the two others take every permission away.
 */
export interface InputRoot {
  readonly root: string
  readonly place: string
  readonly holds: 'event' | 'foreign' | 'unknown'
  readonly because: string
}

/** The machine: everything asked once, absent where nothing answered. Versions are dotted numbers without a leading v. */
export interface Machine {
  readonly os: string
  readonly arch: string
  readonly runner: 'github-hosted' | 'self-hosted'
  /** The owner of a self-hosted machine says on its disk that it is thrown away after one job. */
  readonly isEphemeral: boolean
  /** We run inside a container, so that 127.0.0.1 is not the engine's. */
  readonly isContainer: boolean
  readonly git?: {readonly version: string; readonly hasLfs: boolean}
  /** Packages are resolved with it; its version is as it prints it. */
  readonly uv?: {readonly version: string}
  readonly docker?: {readonly path: string; readonly version?: string}
  readonly engine?: Engine
  readonly buildx?: {readonly version: string}
  readonly builders: readonly Builder[]
  readonly gpu?: {readonly driver: string; readonly names: readonly string[]}
  readonly disk?: {readonly place: string; readonly freeBytes: number}
}

/** A Docker engine that answered. */
export interface Engine {
  readonly version: string
  /** `unix:///var/run/docker.sock`, `tcp://…`. */
  readonly endpoint: string
  /** Its builders reach our 127.0.0.1. */
  readonly sharesLoopback: boolean
  readonly hasContainerdStore: boolean
  readonly storage: string
  readonly rootDir: string
}

/** A buildx builder that exists on this machine. */
export interface Builder {
  readonly name: string
  readonly driver: string
  readonly isCurrent: boolean
  /** Its BuildKit reaches our 127.0.0.1: the docker driver, or docker-container on the host's network. */
  readonly sharesLoopback: boolean
  readonly buildkit?: string
}

/** What the source tree says, read before anything runs. */
export interface SourceFacts {
  readonly dockerfile: Dockerfile
  readonly submodules: readonly Submodule[]
  /** `remote.origin.url` of the workspace, against which relative submodule URLs are read; without userinfo. */
  readonly originUrl?: string
  /** The subject's commit time, RFC 3339, for `org.opencontainers.image.created`. */
  readonly committedAt?: string
  /** Ignore lines in force for the context; with the built-in Dockerfile the user's come first, then its own. */
  readonly ignore: readonly string[]
  /** Files with credentials that the build context would send. */
  readonly exposed: readonly {readonly path: string; readonly holds: string}[]
  /** What could be better in the user's own Dockerfile, the gravest first. */
  readonly advice: readonly Advice[]
  /** What `requirements` names and the context lacks. */
  readonly missingRequirements: readonly string[]
  /** Options in requirement files that name a package index: one more place from which any package could come. */
  readonly namedIndexes: readonly {readonly path: string; readonly line: number; readonly option: string}[]
  /** The lock that the input `lock` names, read. */
  readonly lock?: {readonly path: string; readonly shown: string; readonly sha256: string; readonly lock: Lock}
  /** Files of `requirements` that name repositories of git; absent where none does. */
  readonly gitRequirements?: readonly string[]
}

/** Something to better in a Dockerfile. It never stops a run. */
export interface Advice {
  /** A name of `ADVICE_RULES`. */
  readonly rule: string
  readonly level: 'warning' | 'notice'
  /** As messages name it: relative to the workspace where it lies in it. */
  readonly file: string
  readonly line: number
  /** What was found, what it costs, and what to write instead. */
  readonly what: string
  readonly why: string
  readonly fix: string
}

/** One `[submodule]` section of `.gitmodules`. */
export interface Submodule {
  readonly name: string
  readonly path: string
  readonly url: string
}

/** A Dockerfile as far as decisions need it. */
export interface Dockerfile {
  readonly source: 'user' | 'built-in'
  /** Absolute. */
  readonly path: string
  /** How messages name it: relative to the workspace where it lies in it. */
  readonly shown: string
  readonly syntax?: string
  readonly globals: readonly Variable[]
  readonly stages: readonly Stage[]
}

/** A build stage. Lines count from 1. */
export interface Stage {
  readonly name?: string
  readonly from: string
  readonly line: number
  /** `--platform` of its FROM, as written. */
  readonly platform?: string
  /** The line of its first `RUN`; absent where it has none. */
  readonly runsAt?: number
  /** The line of its first instruction that needs the files below it; absent where none does, as with `COPY --link`. */
  readonly unpacksAt?: number
  /** Names or numbers of stages that `COPY --from` and `RUN --mount=from=` read. */
  readonly reads: readonly string[]
  /** Paths of the build context that `COPY`, `ADD` and bind mounts take; absent where that was not looked at. */
  readonly takes?: readonly string[]
  readonly mounts: readonly Mount[]
  readonly variables: readonly Variable[]
}

/** A `RUN --mount=type=secret|ssh`. */
export interface Mount {
  readonly type: 'secret' | 'ssh'
  readonly id: string
  readonly required: boolean
  readonly line: number
}

/** An `ARG` or `ENV`; `carriesSecret` names the secret that its value equals or contains. */
export interface Variable {
  readonly kind: 'ARG' | 'ENV'
  readonly name: string
  readonly value?: string
  readonly line: number
  readonly carriesSecret?: SecretRef
}
