import type {AdviceView} from './advice-view.ts'

/** Something to better in a Dockerfile, before the rule's own words are put to it. */
export interface AdviceFound {
  readonly line: number
  /** What was found, in one sentence. */
  readonly what: string
  /** What to write instead. */
  readonly fix: string
}

/** A mistake that is made again and again in Dockerfiles for PyTorch. */
export interface AdviceRule {
  readonly name: string
  /** A warning for what will hurt: time on every run, an open door. A notice for what may. */
  readonly level: 'warning' | 'notice'
  /** What it costs, in one or two sentences. */
  readonly why: string
  /** Names by which hadolint and BuildKit know it: who silenced it there has silenced it here. */
  readonly otherNames?: readonly string[]
  readonly find: (view: AdviceView) => readonly AdviceFound[]
  /** A Dockerfile in which it is found, and the same one mended. */
  readonly examples: {readonly found: string; readonly mended: string}
}
