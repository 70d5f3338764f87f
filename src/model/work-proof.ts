import type {GpuTarget} from './pytorch.ts'
import type {ImageAccess} from './work-build.ts'
import type {ContainerWork} from './work-container.ts'

/** Run the built image without a GPU, and hold what is in it against what was asked for, before any tag points to it. */
export interface ProveWork extends ContainerWork {
  /** The image that the candidate was pushed to; null where nothing is pushed. */
  readonly image: ImageAccess | null
  /** What is run where there is a runtime: it alone if nothing but code lies upon it, else the image as it was built. */
  readonly subject: 'runtime' | 'image'
  /** The name under which the engine has the image already: nothing is pulled. */
  readonly loadedAs?: string
  /** `validate` pulls the image after this: its layers stay in the engine until the run ends. */
  readonly isPulledAgain: boolean
  readonly expected: ProofExpectation
  /** What was proven once, beside the image in its own repository, and what this event may do with it. */
  readonly memory: {readonly mayRead: boolean; readonly mayWrite: boolean}
  /** By which a reader finds the run that proved something. */
  readonly run: string
}

/** What an image shall hold, as far as somebody said so. */
export interface ProofExpectation {
  /** `2.8.0` */
  readonly torch?: string
  /** `cu128`, `cpu`. */
  readonly cuda?: string
  readonly gpus: readonly GpuTarget[]
  /** What the label names, as torch writes it: `sm_80`, `compute_90`. */
  readonly archList: readonly string[]
}
