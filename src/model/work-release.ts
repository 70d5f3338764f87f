import type {GpuReportFile, ImageName} from './inputs.ts'
import type {ImageAccess} from './work-build.ts'
import type {ContainerWork} from './work-container.ts'

/** Run the image on the GPU of this machine, by its digest, before any tag points to it. */
export interface ValidateWork extends ContainerWork {
  readonly image: ImageAccess | null
  /** Absent where it is what this run builds. */
  readonly digest?: string
  readonly level: 'quick' | 'standard' | 'full'
  /** GPUs of the machine by number or UUID; empty for all. */
  readonly devices: readonly string[]
  readonly injection: 'auto' | 'gpus' | 'cdi' | 'runtime'
  readonly floors: Readonly<Record<string, number>>
  /** Earlier reports, whose speed this one is compared with. */
  readonly compareWith: readonly string[]
  /**
   * `engine`: in a container of its own. `container`: the job itself runs in the image, and there is no engine. `cluster`: in a
   * Job of the cluster that kubectl speaks to.
   */
  readonly place: 'engine' | 'container' | 'cluster'
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
