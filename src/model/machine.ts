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
  readonly disk?: MachineDisk
}

/** Where images are stored, or the workspace lies where no engine is here. */
export interface MachineDisk {
  readonly place: string
  readonly freeBytes: number
  /** What the run itself writes (`RUNNER_TEMP`) takes its room as well. */
  readonly holdsRun: boolean
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
