import type {
  BuildSecret,
  GitCredential,
  GitHubApp,
  HostKey,
  RegistryCredential,
  SshForward,
  SshKey
} from './credentials.ts'
import type {OptIn, SecretSource} from './event.ts'
import type {GpuTarget} from './pytorch.ts'
import type {SecretRef} from './secret.ts'
import type {TokenRef} from './token.ts'

/** An image name without tag and digest, for example `ghcr.io` and `acme/app`. */
export interface ImageName {
  /** Host with port where there is one; Docker Hub is `docker.io`. */
  readonly registry: string
  /** Path in the registry, lower case. */
  readonly repository: string
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

/** What has CUDA sources and is compiled in the build. */
export interface Extensions {
  /** Folders of the context, without a `./` before them. */
  readonly folders: readonly string[]
  /** Packages of the lock, by their normalized names (PEP 503). */
  readonly packages: readonly string[]
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
  readonly extensions: Extensions
  /** An image with the toolkit of CUDA by its digest, by which they are compiled. */
  readonly cudaDevel?: string
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
