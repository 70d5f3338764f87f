import type {Verdict} from './verdict.ts'
import type {BuildWork, ImageAccess} from './work-build.ts'

/** Lay wheels as layers upon the base image, and put the image together without an engine. */
export interface RuntimeWork {
  /** One for each platform that is built for. */
  readonly images: readonly RuntimeImageWork[]
  /** The Python that the base image has by its name (`3.12`); where that tells nothing, it shows when its foundation is made. */
  readonly python?: string
  /** What gets the layers: a repository, or a folder (`layoutAt`) where nothing may be pushed; absent without an image. */
  readonly into: ImageAccess | null
  /** Whether all layers must lie there, those as well that lie in another place already. */
  readonly isWhole: boolean
  readonly packing: {readonly format: 'zstd' | 'gzip'; readonly level: number}
  /** Private directory for wheels between download and layer. */
  readonly directory: string
  /** Private directory for the Python sources of new layers, an archive for each, until they are compiled. */
  readonly sources: string
  /** The tag under which a repository remembers its layers, and what this event may do with it. */
  readonly store: {
    readonly tag: string
    /** The repository that remembers, where that is not the place of the runtime itself. */
    readonly elsewhere?: ImageAccess
    readonly mayRead: boolean
    readonly mayWrite: boolean
    /** A repository that several images share, under the same tag. */
    readonly shared?: SharedStoreWork
  }
  readonly settings: {
    readonly user: string
    readonly workingDirectory: string
    readonly environment: Readonly<Record<string, string>>
    readonly path: {readonly before: string; readonly after: string}
    /** `init` stands before the command where the lock brings it. Null where the flavour says what a container starts with. */
    readonly start: {readonly init: readonly string[]; readonly command: readonly string[]} | null
  }
  /**
   * The build as it is where wheels cannot be laid after all: by the built-in Dockerfile. Absent where the user's own
   * begins with the runtime.
   */
  readonly otherwise:
    | (Pick<BuildWork, 'argv' | 'buildArgs' | 'dockerfile' | 'secrets'> &
        Pick<Partial<BuildWork>, 'localCache' | 'runnerVariables'> & {readonly cache: Verdict})
    | null
}

/** The runtime of one platform. */
export interface RuntimeImageWork {
  /** `linux/amd64`. */
  readonly platform: string
  /** Programs of this platform do not run on this machine. */
  readonly isForeign: boolean
  /** The lock that the step before has written: the wheels to lay. */
  readonly lock: string
  readonly foundation: FoundationWork
  /** Absent where the image has nothing besides wheels. */
  readonly flavor: FlavorWork | null
  readonly bytecode: BytecodeWork
}

/** What this event may do with a store that several repositories share. */
export interface SharedStoreWork {
  readonly at: ImageAccess
  /** `protected`: the workflow says that protected refs alone can write to it, so all that it remembers is believed. */
  readonly kind: 'shared' | 'protected'
  readonly mayRead: boolean
  readonly mayWrite: boolean
}

/** A build of something that the runtime is made of, apart from the build of the image. */
export interface PartWork {
  /**
   * Arguments after `docker`; `{door}` as in the build, `{base}` for the base image with its digest, `{foundation}` for the
   * digest of the foundation.
   */
  readonly argv: readonly string[]
  /** Gets the Dockerfile. */
  readonly directory: string
  /** Where buildx writes what it has built. */
  readonly metadataFile: string
}

/**
 * Compile the Python sources of new layers, with the image's own Python: bytecode is the same on every architecture.
 *
 * Where the foundation does not run, this machine's own base image does it. Platforms of one Python have theirs compiled
 * together, by the work of one of them.
 */
export interface BytecodeWork extends PartWork {
  /** Private directory that gets an archive of bytecode for each of sources, under the same name. */
  readonly archives: string
}

/** Make the base image's environment, where the repository does not remember one. */
export interface FoundationWork extends PartWork {
  /** As it was asked for, and taken apart: its digest is asked before it is built upon. */
  readonly base: ImageAccess & {readonly text: string; readonly reference: string}
  /** The base image is read without a login, so the layer that is made upon it may go where others read. */
  readonly isPublic: boolean
  /** Path of the Dockerfile. */
  readonly dockerfile: string
}

/** Add what a flavour has besides wheels, and packages of the distribution, to a foundation. */
export interface FlavorWork extends PartWork {
  /** What decides, besides base image and Dockerfile, how it comes out: build arguments by name. */
  readonly arguments: Readonly<Record<string, string>>
  /** After so many days at most, the distribution is asked for its packages anew. */
  readonly keptDays: number
  /** It is asked now, whatever is remembered. */
  readonly isAskedAnew: boolean
  /** Path of the Dockerfile that has a stage for each flavour. */
  readonly dockerfile: string
}
