import type {Registry} from '../world/registry.ts'
import type {Say} from '../world/say.ts'
import type {Measured} from './measure.ts'
import type {Stand} from './stand.ts'

/** What everything is measured with. */
export interface Bench {
  readonly stand: Stand
  /** Packages in place of PyTorch's own. */
  readonly packages?: string
  readonly say: Say
}

/** Where a story plays: a registry that began empty, and a checkout. */
export interface Scene extends Bench {
  readonly registry: Registry
  readonly workspace: string
}

/** A piece of a story, played on an engine that was emptied before. */
export interface Part {
  readonly name: string
  /** Parts of the same story that must have been played: what they pushed is still there. */
  readonly after: readonly string[]
  /** The names of what it measures. */
  readonly yields: readonly string[]
  /** What it takes on two quiet cores, with PyTorch. */
  readonly seconds: number
  play(scene: Scene): Promise<Readonly<Record<string, Measured>>>
}

/** Parts that share one registry, in order. */
export interface Story {
  readonly name: string
  /** What registry and engine hold at most while it plays, with PyTorch. */
  readonly diskBytes: number
  readonly parts: readonly Part[]
}
