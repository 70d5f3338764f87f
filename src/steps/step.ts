import type {Bridge, Door, Host} from '../host/host.ts'
import type {StepName, Work} from '../model/plan.ts'
import type {Problem} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import type {Secret} from '../model/secret.ts'

/** Handles that a step opens for those after it; the loop closes them at the end. */
export interface Resources {
  door?: Door
  bridge?: Bridge
  /** An image in the engine whose layers a later step needs; its compressed size. */
  held?: {readonly bytes: number; remove(): Promise<void>}
  /** For every docker command after the builder step. */
  docker: {file: string; environment: Record<string, string | Secret>}
}

/** What a step gets besides its work. */
export interface StepContext {
  readonly host: Host
  /** What earlier steps made. */
  readonly products: Products
  readonly resources: Resources
  /** Aborts when nobody wants the result any more, because something that was done beside it has failed. */
  readonly stopped?: AbortSignal
  /** Tells the reader of the run's page something worth knowing. */
  notice(text: string): void
  /** Tells of something that will hurt later. */
  warn(text: string): void
}

/** What came of a step: one line for people, and products for later steps and the report. */
export interface StepMade {
  readonly made: string
  readonly products?: Partial<Products>
  /** It failed, and what it made by then is worth keeping all the same. */
  readonly problems?: readonly Problem[]
}

/** A function that does the work of the step `N` and decides nothing. */
export type Step<N extends StepName> = (work: Work[N], context: StepContext) => Promise<StepMade>
