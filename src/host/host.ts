import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import type {Layer, LayerRecipe, MadeLayer, Packing} from '../model/layers.ts'
import type {Undo} from '../model/ledger.ts'
import type {PushAnswer} from '../model/plan.ts'
import type {Secret, SecretRef} from '../model/secret.ts'
import type {GitHubAnswer} from '../model/token.ts'
import type {DoorRoute} from '../model/work-build.ts'
import type {AppToken} from '../model/work-sources.ts'

/** The world as the rest of the action sees it. `runner.ts` is the real one; tests bring their own. */
export interface Host {
  /** The runner's variables without `INPUT_*`. Children get only what a command names. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly inputs: InputsPort
  readonly secrets: SecretsPort
  readonly commands: CommandsPort
  readonly files: FilesPort
  readonly log: LogPort
  readonly results: ResultsPort
  readonly ledger: LedgerPort
  readonly registry: RegistryPort
  readonly github: GitHubPort
  readonly apps: AppsPort
  readonly tools: ToolsPort
  readonly cache: CachePort
  readonly layers: LayersPort
  readonly clock: ClockPort
  /** The action's own directory, a name that no other run has, and with whom this run ends. */
  readonly place: {
    readonly action: string
    readonly runName: string
    readonly os: string
    readonly arch: string
    readonly owner: Owner
  }
  /** Aborts when the runner cancels the job or time is up; its reason is the signal's name, or `timeout`. */
  readonly cancelled: AbortSignal
  /** Aborts `cancelled` after so many milliseconds. */
  stopAfter(milliseconds: number): void
  /** Lets go of everything that would keep the process alive; the last call. */
  end(): void
  /** Opens the door on 127.0.0.1 that a builder pushes to and pulls from without holding a registry credential. */
  openDoor(routes: readonly DoorRoute[]): Promise<Door>
  /** Leads a socket of ours to the BuildKit inside a Docker engine, both given by absolute path. */
  openBridge(ends: {readonly engine: string; readonly socket: string}): Promise<Bridge>
}

/** The process that a job ends with. `machine` says where its number means anything. */
export interface Owner {
  readonly machine: string
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat: numbers of processes come again. */
  readonly startTime: string
}

/** Inputs as the runner hands them over. */
export interface InputsPort {
  /** Every `INPUT_*` that has a value, by the name in `action.yml` (lower case). Values may hold secrets. */
  raw(): Readonly<Record<string, string>>
}

/** Keeps secret values; everything else sees names. */
export interface SecretsPort {
  /** Takes a value in: it is masked in the log at once, with its encoded forms. */
  keep(name: string, value: string): SecretRef
  redeem(ref: SecretRef): Secret
  /** The secret that a text equals or contains, if it does (values of 8 and more characters). */
  find(text: string): SecretRef | undefined
  /** A text for people, with every form of every kept secret replaced by `***`. */
  cover(text: string): string
}

/** A program to run. Arguments are plain strings, so that a `Secret` among them does not compile. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** Added to the small base environment (PATH, HOME, locale, proxies, certificate bundles). */
  readonly env?: Readonly<Record<string, string | Secret>>
  readonly cwd?: string
  readonly stdin?: string | Secret
  readonly timeoutMs?: number
  /** Ends a followed program as a cancel does; how it ended is the answer. */
  readonly stopped?: AbortSignal
  /** How followed lines are handed over; `as-printed` for encoded ones, where the caller decodes and then covers them. */
  readonly lines?: 'covered' | 'as-printed'
}

/** What came of a program. */
export interface Ran {
  /** 127 where the program does not exist, 124 after a timeout. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandsPort {
  /** Runs a short program quietly and keeps what it prints. A non-zero exit is an answer, not an error. */
  ask(command: Command): Promise<Ran>
  /**
   * Runs a long program and hands over each line as it comes (standard error and output, secrets covered).
   *
   * On cancel the signal is forwarded at once, and the program's group is killed when it stays; then `Problem('cancelled')`.
   */
  follow(command: Command, onLine: (line: string, stream: 'stdout' | 'stderr') => void): Promise<Ran>
  /** Ends a process and its group if it is still the one that started at `startTime` (field 22 of /proc/<pid>/stat). */
  stop(pid: number, startTime: string): Promise<void>
  /** Whether a process is still the one that started then. */
  isAlive(pid: number, startTime: string): boolean
}

export interface FilesPort {
  /** The text of a file, or undefined where there is none. Throws for anything else than absence. */
  read(path: string): Promise<string | undefined>
  /** Writes with mode 0600 into directories of mode 0700; a `Secret` is revealed here and nowhere else. */
  write(path: string, content: string | Secret): Promise<void>
  makeDirectory(path: string): Promise<void>
  remove(path: string): Promise<void>
  /** Paths below a directory, relative to it, files only, links not followed; empty where there is none. */
  list(path: string, options: {readonly depth: number}): Promise<readonly string[]>
  kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'absent'>
  /** `sha256:…` of the bytes of a file, however large; undefined where there is none. */
  digestOf(path: string): Promise<string | undefined>
  /** Resolves links; undefined where the path does not exist. */
  realPath(path: string): Promise<string | undefined>
  freeBytes(path: string): Promise<number | undefined>
  /** Whether two paths lie on one file system; false where one of them does not exist. */
  isSameDisk(one: string, other: string): Promise<boolean>
}

/** A line of a file of the repository, on which an annotation is shown. */
export interface AnnotatedLine {
  /** Relative to the workspace. */
  readonly file: string
  readonly line: number
}

export interface LogPort {
  info(text: string): void
  debug(text: string): void
  /** Annotations of the run; with a place they are shown beside that line of a pull request too. */
  notice(text: string, title?: string, place?: AnnotatedLine): void
  warning(text: string, title?: string, place?: AnnotatedLine): void
  error(text: string, title?: string, place?: AnnotatedLine): void
  group<T>(title: string, body: () => Promise<T>): Promise<T>
}

export interface ResultsPort {
  output(name: string, value: string): void
  summary(markdown: string): Promise<void>
}

/** The undo list of this run, kept in the runner's state for post. Write before the change. */
export interface LedgerPort {
  record(undo: Undo): void
  entries(): readonly Undo[]
}

/** A manifest as it stands in a registry, byte for byte. */
export interface Manifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** How one document of a registry names another. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** Something that is attached to a manifest, as the list of such things has it. */
export interface Referrer extends Descriptor {
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** A manifest that attaches blobs, which are there already, to another manifest. */
export interface Attachment {
  readonly subject: Descriptor
  readonly artifactType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  /** What can be read in the list alone, without the manifest. */
  readonly annotations: Readonly<Record<string, string>>
}

/** OCI distribution, as far as asking, promoting and reading back need it. Errors: `registry-refused`, `registry-unreachable`. */
export interface RegistryPort {
  /** Begins a blob upload and cancels it: the one question that tells whether a push will be allowed. */
  probePush(image: ImageName, credential: RegistryCredential | null): Promise<PushAnswer>
  /** The same by uploading one byte for real, which stays behind until the registry tidies up. */
  probeByUpload(image: ImageName, credential: RegistryCredential | null): Promise<PushAnswer>
  /** By tag or digest; undefined where the registry has none. */
  readManifest(
    image: ImageName,
    reference: string,
    credential: RegistryCredential | null
  ): Promise<Manifest | undefined>
  /** Puts the very bytes; returns the digest that the registry then gives for it. */
  writeManifest(
    image: ImageName,
    reference: string,
    manifest: Manifest,
    credential: RegistryCredential | null
  ): Promise<string>
  /** What of one kind is attached to a digest: by the tag `sha256-…`, else by the registry's own list. */
  listReferrers(
    image: ImageName,
    asked: {readonly subject: string; readonly artifactType: string},
    credential: RegistryCredential | null
  ): Promise<readonly Referrer[]>
  /** Attaches something to a manifest, and keeps whatever else is attached to it; returns its digest. */
  attach(image: ImageName, attachment: Attachment, credential: RegistryCredential | null): Promise<string>
  /** A small blob, such as an image configuration (at most 8 MiB). */
  readBlob(image: ImageName, digest: string, credential: RegistryCredential | null): Promise<Uint8Array>
  /** Whether a repository has a blob. */
  hasBlob(image: ImageName, digest: string, credential: RegistryCredential | null): Promise<boolean>
  /** Puts a small blob; returns its digest. */
  writeBlob(image: ImageName, bytes: Uint8Array, credential: RegistryCredential | null): Promise<string>
  /** Makes a blob of one image readable as a blob of another in the same registry or another one, and says how. */
  copyBlob(
    from: ImageName,
    to: ImageName,
    digest: string,
    credentials: {readonly from: RegistryCredential | null; readonly to: RegistryCredential | null}
  ): Promise<'there' | 'mounted' | 'copied'>
}

/** What passed through a door. */
export interface Door {
  /** `127.0.0.1:<port>`. */
  readonly address: string
  readonly user: string
  readonly password: Secret
  /** Bytes so far, those of repeated requests included, and how often a registry kept a request waiting until it was given up. */
  traffic(): {readonly pushedBytes: number; readonly pulledBytes: number; readonly stalls: number}
  close(): Promise<void>
}

/** A way to the engine's BuildKit that is open until it is closed. */
export interface Bridge {
  close(): Promise<void>
}

export interface GitHubPort {
  /** Reads something of GitHub's REST interface with one token, or with none; whatever goes wrong is an answer too. */
  ask(path: string, token: SecretRef | null): Promise<GitHubAnswer>
  /** How `head` stands to `base` in this repository's history; `unknown` where nobody can tell. */
  compareCommits(base: string, head: string): Promise<'ahead' | 'behind' | 'identical' | 'diverged' | 'unknown'>
}

/** A token that is asked of GitHub for an App. */
export interface AppTokenRequest extends Omit<AppToken, 'file'> {
  readonly apiUrl: string
  readonly id: string
  readonly key: SecretRef
}

/** A token of an App, kept under the name that was asked for. */
export interface MintedToken {
  readonly token: SecretRef
  readonly repositories: readonly string[]
  /** RFC 3339. */
  readonly expiresAt?: string
  /** How far our clock is behind GitHub's, where it is far enough to matter. */
  readonly skewSeconds?: number
}

export interface AppsPort {
  /** Undefined where the App is installed for none of the repositories. Throws `github-app-refused`. */
  mint(request: AppTokenRequest): Promise<MintedToken | undefined>
  /** Ends a token; harmless where it has ended already. */
  revoke({apiUrl, token}: {readonly apiUrl: string; readonly token: Secret}): Promise<void>
}

export interface ToolsPort {
  /** A checksum-verified buildx from the tool cache, fetched into a private directory where it is missing; returns the plugin's path. */
  buildx(version: string, directory: string): Promise<string>
  /** A checksum-verified uv, likewise; returns the program's path. */
  uv(version: string, directory: string): Promise<string>
}

/** Directories under a key. The service finds an entry only by the paths that it was saved from. */
export interface CacheEntry {
  readonly paths: readonly string[]
  readonly key: string
  /** Private directory for the archive on its way. */
  readonly archive: string
}

/** The runner's cache service; quiet where there is none. Holds bytes only, never anything that decides what is trusted. */
export interface CachePort {
  /** Restores directories; returns the key that matched, the newest that begins with a restore key in want of the key itself. */
  restore(entry: CacheEntry, restoreKeys: readonly string[]): Promise<string | undefined>
  save(entry: CacheEntry): Promise<boolean>
}

/** Layers to make of wheels and to send to a repository, or to write into a folder (`layoutAt`). */
export interface LayRequest {
  readonly recipes: readonly LayerRecipe[]
  readonly packing: Packing
  /** Private, for wheels between download and layer; removed at the end. */
  readonly directory: string
  readonly to: {readonly image: ImageName; readonly credential: RegistryCredential | null}
  readonly onProgress: (progress: LayProgress) => void
  /** Ends it, when it aborts: nobody wants the layers any more. */
  readonly stopped?: AbortSignal
}

/** What has been done since the last word. */
export type LayProgress =
  | {readonly fetchedBytes: number}
  | {readonly laidBytes: number}
  | {readonly pushedBytes: number}
  /** The Python sources of a recipe lie in its archive, long before its layer is done. */
  | {readonly sources: {readonly key: string; readonly count: number}}
  | {readonly made: MadeLayer}

/** Where the layer of an archive goes, and what people know it by. */
export type ArchiveRequest = Pick<LayRequest, 'to' | 'packing'> & {readonly title: string}

/** A layer that lies where it shall. */
export type PackedLayer = Pick<Layer, 'digest' | 'sizeBytes' | 'diffId' | 'mediaType'>

/** Whether the sources of a layer could be had. */
export type SourcesRead = {readonly isRead: true} | {readonly isRead: false; readonly because: string}

export interface LayersPort {
  /**
   * Fetches wheels, checks them, and sends them as layers; resolves with the layers in the order of the recipes.
   *
   * Throws `download-failed`, `wheel-mismatch`, `wheel-invalid`, `wheels-clash`, and the registry's problems. Nothing that is
   * half done can be referred to.
   */
  lay(request: LayRequest): Promise<readonly MadeLayer[]>
  /**
   * Puts the Python sources of a layer into an archive, from where the layer lies, and checks the layer on the way.
   *
   * Where that cannot be done it says why, and leaves no archive.
   */
  readSources(layer: Layer, from: LayRequest['to'], archive: string): Promise<SourcesRead>
  /**
   * Makes a layer of the bytecode in an archive that a builder gave.
   *
   * Throws the registry's problems, and an `Error` for what is no such archive.
   */
  layArchive(archive: string, request: ArchiveRequest): Promise<PackedLayer>
  /** A file of a small layer that was read from a registry; undefined where the layer does not hold it, or is none. */
  fileIn(layer: {readonly bytes: Uint8Array; readonly mediaType: string}, path: string): string | undefined
  /** The version of the library that packs layers in this Node: another one may give other bytes. */
  libraryOf(format: Packing['format']): string
}

export interface ClockPort {
  now(): Date
  /** Milliseconds since an arbitrary moment, never going back. */
  elapsedMs(): number
}
