import type {
  Advice,
  BuildSecret,
  GitCredential,
  GpuReportFile,
  HostKey,
  ImageName,
  Mode,
  Origin,
  RegistryCredential,
  SshForward,
  SshKey,
  Trust
} from './facts.ts'
import type {DriverNeed, GpuTarget, TorchSet} from './pytorch.ts'
import type {SecretRef} from './secret.ts'
import type {PlannedCredential} from './token.ts'

/** What a run may be permitted to do. `plan/policy.ts` has a cell for each of them at each origin. */
export const PERMISSIONS = [
  'build',
  'private-code',
  'build-secrets',
  'push',
  'move-tags',
  'cache-read',
  'cache-write',
  'shared-store',
  'sign',
  'gpu'
] as const

/** An entry of `PERMISSIONS`. */
export type Permission = (typeof PERMISSIONS)[number]

/** Every answer a verdict can give, for workflows to branch on. The first two say yes. */
export const VERDICT_CODES = [
  'allowed',
  'unverified',
  'fork',
  'dependabot',
  'unmerged',
  'privileged-event',
  'foreign-run',
  'merge-queue',
  'comment',
  'bystander',
  'unknown-event',
  'deleted-branch',
  'foreign-code',
  'unknown-code',
  'self-hosted',
  'unprotected-ref',
  'fork-namespace',
  'not-asked',
  'nothing-to-do',
  'no-gpu',
  'push-denied',
  'private-cache',
  'cache-mode',
  'python-unknown'
] as const

/** An entry of `VERDICT_CODES`. */
export type VerdictCode = (typeof VERDICT_CODES)[number]

/** Whether something is permitted, always with its reason. */
export interface Verdict {
  readonly allowed: boolean
  readonly code: VerdictCode
  /** One sentence for people. */
  readonly because: string
}

/** The steps, in the order in which they run. The order is the safety argument. */
export const STEP_NAMES = [
  'git',
  'lock',
  'preflight',
  'builder',
  'runtime',
  'build',
  'validate',
  'promote',
  'cache'
] as const

/** An entry of `STEP_NAMES`. */
export type StepName = (typeof STEP_NAMES)[number]

/** What each step is to do: every path, tag, argument and rule; secrets by name. */
export interface Work {
  readonly git: GitWork
  readonly lock: LockWork
  readonly preflight: PreflightWork
  readonly builder: BuilderWork
  readonly runtime: RuntimeWork
  readonly build: BuildWork
  readonly validate: ValidateWork
  readonly promote: PromoteWork
  readonly cache: CacheWork
}

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
  /** One index for PyTorch's packages, one for all others; the same address where PyPI has the asked CUDA. */
  readonly indexes: {readonly torch: string; readonly others: string}
  /** For `index-url`, where it came with a login: what `NETRC` names. */
  readonly login?: SecretRef
  /** Certificates to trust instead of the machine's. */
  readonly caBundle?: string
  /** `3.12`. */
  readonly python: string
  readonly targets: readonly LockTargetWork[]
  /** What the lock must hold: PyTorch's packages by name, and the CUDA they are built for. */
  readonly expected: {readonly versions: Readonly<Record<string, string>>; readonly cuda?: string}
  /** Where packages cannot be resolved here (one must be built first): leave it to the build, or stop. */
  readonly onUnlockable: 'leave' | 'fail'
}

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

/** Ask each registry whether the push will be allowed. */
export interface PreflightWork {
  readonly images: readonly ImageAccess[]
  /** Where the layer cache is written, if that is a repository of its own: a denial takes the cache away, and nothing else. */
  readonly cache?: ImageAccess
  /** On a branch a denial is an error before the build; on a pull request the build goes on without pushing. */
  readonly onDenied: 'fail' | 'build-only'
  /** What comes before a denial is believed: nothing, or, where a push was asked for, a real upload of one byte. */
  readonly secondTry: 'none' | 'one-byte-upload'
  /** Tokens of GitHub's that this run uses: asked what they may do, and for how long. */
  readonly tokens: readonly Pick<PlannedCredential, 'token' | 'uses'>[]
  /** The repository of this run, and GitHub's registry as its server has it. */
  readonly pusher: {readonly owner: string; readonly name: string; readonly packages: string}
  /** Limit of the whole run, for tokens that end before it. */
  readonly limitMs?: number
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
  /** `door`: the builder holds no key. `direct`: it cannot reach the door, so it gets the credentials. */
  readonly reach: 'door' | 'direct'
  readonly routes: readonly DoorRoute[]
  /** Present where buildx is absent or too old: fetched into the tool cache. */
  readonly installBuildx?: {readonly version: string}
}

/** Lay wheels as layers upon the base image, and put the image together without an engine. */
export interface RuntimeWork {
  /** The lock that the step before has written: the wheels to lay. */
  readonly lock: string
  /** `linux/amd64`. */
  readonly platform: string
  /** The repository that gets the layers; absent where nothing may be pushed. */
  readonly into: ImageAccess | null
  readonly foundation: FoundationWork
  readonly packing: {readonly format: 'zstd' | 'gzip'; readonly level: number}
  /** Private directory for wheels between download and layer. */
  readonly directory: string
  readonly bytecode: BytecodeWork
  /** The tag under which the repository remembers its layers, and what this event may do with it. */
  readonly store: {readonly tag: string; readonly mayRead: boolean; readonly mayWrite: boolean}
  readonly settings: {
    readonly user: string
    readonly workingDirectory: string
    readonly environment: Readonly<Record<string, string>>
    readonly path: {readonly before: string; readonly after: string}
    readonly command: readonly string[]
  }
  /** The build as it is where wheels cannot be laid after all: by the built-in Dockerfile. */
  readonly otherwise: Pick<BuildWork, 'argv' | 'buildArgs' | 'dockerfile' | 'secrets'> &
    Pick<Partial<BuildWork>, 'localCache' | 'runnerVariables'> & {readonly cache: Verdict}
}

/** Compile the Python sources of new layers, with the image's own Python. */
export interface BytecodeWork {
  /** Arguments after `docker`; `{door}` as in the build, `{foundation}` for the digest of the foundation. */
  readonly argv: readonly string[]
  /** Gets the Dockerfile, and the sources of each layer in `layers/<number>`. */
  readonly directory: string
  readonly metadataFile: string
}

/** Make the base image's environment, where the repository does not remember one. */
export interface FoundationWork {
  /** As it was asked for, and taken apart: its digest is asked before it is built upon. */
  readonly base: ImageAccess & {readonly text: string; readonly reference: string}
  /** Path of the Dockerfile. */
  readonly dockerfile: string
  /** Arguments after `docker`; `{door}` as in the build, `{base}` for the base image with its digest. */
  readonly argv: readonly string[]
  /** Where buildx finds the Dockerfile, and nothing else. */
  readonly directory: string
  readonly metadataFile: string
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

/** Run the image on the GPU of this machine, by its digest, before any tag points to it. */
export interface ValidateWork {
  readonly image: ImageAccess | null
  /** Absent where it is what this run builds. */
  readonly digest?: string
  readonly level: 'quick' | 'standard' | 'full'
  readonly injection: 'auto' | 'gpus' | 'cdi' | 'runtime'
  readonly floors: Readonly<Record<string, number>>
  /** Earlier reports, whose speed this one is compared with. */
  readonly compareWith: readonly string[]
  /** `engine`: in a container of its own. `container`: the job itself runs in the image, and there is no engine. */
  readonly place: 'engine' | 'container'
  readonly docker: string
  readonly endpoint?: string
  /** `DOCKER_CONFIG` of the pull: the door's password and nothing else. */
  readonly directory: string
  /** The folder of the validator. */
  readonly validator: string
  readonly container: string
  /** `amd64`, `arm64`: which image of an index. */
  readonly platform: string
  readonly disk: string
  readonly reportFile: string
  readonly run: {readonly id: string; readonly attempt: number; readonly workflow: string; readonly revision: string}
  readonly runner: {readonly ephemeral: boolean; readonly kind: string}
}

/** Write tags onto the digest of the candidate, and read them back. */
export interface PromoteWork {
  /** Absent where it is what this run built. */
  readonly digest?: string
  /** Reports of a GPU validation, all of which must be about this digest, of this run, and pass. */
  readonly reports: readonly GpuReportFile[]
  readonly runId: string
  readonly images: readonly ImageAccess[]
  /** Immutable ones first, moving ones last. */
  readonly tags: readonly Tag[]
  /** `org.opencontainers.image.revision` and the number of this run: a moving tag never goes back behind them. */
  readonly revision: string
  /** `org.opencontainers.image.version`: a moving tag never goes back behind a higher one either. */
  readonly version?: string
  readonly runNumber: number
  readonly workflow: string
}

/** A tag to write. An immutable one is never moved to another digest; `image` narrows it to one image. */
export interface Tag {
  readonly tag: string
  readonly class: 'immutable' | 'moving'
  readonly image?: ImageName
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

/** What a build will take where the engine stores, and what is free there. */
export interface DiskForecast {
  readonly place: string
  readonly freeBytes: number
  readonly neededBytes: number
  readonly parts: readonly DiskPart[]
  /** The wheels' own weight is not known; that of a set like it was taken. */
  readonly isEstimate: boolean
}

/** One thing that takes room on the disk. */
export interface DiskPart {
  readonly what: string
  readonly bytes: number
}

/** A step with its verdict. Refused steps keep their work, so that a reader sees what would have been done. */
export type PlannedStep = {
  readonly [N in StepName]: {readonly name: N; readonly verdict: Verdict; readonly work: Work[N]}
}[StepName]

/** What is known only after asking. */
export type Pending = 'lock' | 'registry'

/** The whole decision. `JSON.parse(JSON.stringify(plan))` is the plan. */
export interface Plan {
  readonly schemaVersion: 1
  readonly mode: Mode
  /** Private directory of this run (0700): made first, removed last. */
  readonly directory: string
  /** Limit for the whole run. */
  readonly timeoutMs?: number
  readonly origin: Origin
  readonly trust: Trust
  /** The release of PyTorch and the CUDA it is built for, such as `2.8.0` and `cu128`, where the inputs say so. */
  readonly torch?: string
  readonly cuda?: string
  readonly python?: string
  /** All that belongs to this torch, known before anything is downloaded. */
  readonly set?: TorchSet
  readonly driver?: DriverNeed
  readonly gpuTargets: readonly GpuTarget[]
  /** What the build will take on the engine's disk, where that can be told. */
  readonly disk?: DiskForecast
  readonly pending: readonly Pending[]
  readonly steps: readonly PlannedStep[]
  /** Every credential that was given: what it is used for, or why it is not. */
  readonly credentials: readonly PlannedCredential[]
  /** Sentences for the reader of the run's page. */
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  /** What could be better in the user's own Dockerfile, the gravest first. */
  readonly advice: readonly Advice[]
}

/** What was found out on the way; `settlePlan` puts it into the plan. */
export interface Answers {
  readonly lock?: LockAnswer
  readonly push?: readonly PushAnswer[]
  /** Of the repository that the layer cache has to itself. */
  readonly cache?: PushAnswer
  readonly runtime?: RuntimeAnswer
}

/** Whether the wheels of the lock were laid, and why they could not be. */
export type RuntimeAnswer = {readonly isLaid: true} | {readonly isLaid: false; readonly because: string}

/** The hash by which the lock of this run is known; null where the build resolves by itself. */
export interface LockAnswer {
  /** Of the lock's bytes, 64 digits; of several locks, of their bytes one after another. */
  readonly sha256: string | null
}

/** One registry's answer to the upload probe. */
export interface PushAnswer {
  readonly image: ImageName
  readonly result: 'allowed' | 'denied' | 'unknown'
  /** HTTP status, 0 where no answer came. */
  readonly status: number
  /** The registry's own words, shortened; never a token. */
  readonly evidence: string
}

/** The step of a plan by name. */
export function stepOf<N extends StepName>(plan: Pick<Plan, 'steps'>, name: N): Extract<PlannedStep, {name: N}> {
  const step = plan.steps.find(candidate => candidate.name === name)
  if (step === undefined) throw new Error(`The plan has no step ${name}`)
  return step as Extract<PlannedStep, {name: N}>
}
