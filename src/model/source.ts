import type {Lock} from './lock.ts'
import type {SecretRef} from './secret.ts'

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
  /** Where `extensions` are asked for: which of their folders are not there, and what else could be meant. */
  readonly extensions?: {
    readonly absent: readonly string[]
    /** Folders of the context that hold a Python project. */
    readonly projects: readonly string[]
    /** Packages that requirement files name themselves. */
    readonly packages: readonly string[]
  }
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
