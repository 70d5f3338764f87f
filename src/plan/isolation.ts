import type {Facts, Origin} from '../model/facts.ts'
import {trustOf} from './permit.ts'

/**
 * How far a build is kept from what other code left on this machine.
 *
 * - `shared`: code that is trusted uses what is there, and leaves its results for the next.
 * - `apart`: the engine's own builder, answering nothing from its cache, with cache mounts of this run alone.
 * - `fresh`: a builder that is made for this build, and destroyed with all it holds.
 */
export type Isolation = 'shared' | 'apart' | 'fresh'

/**
 * Events whose jobs hold nothing that the code could not have without us: GitHub gives them no secrets and a token that
 * only reads, or those that were meant for code nobody has read, and the whole workflow file is the proposal's own.
 *
 * The machine is thrown away after them (on any other the build is refused), so the machine is what keeps them apart.
 */
const WITHOUT_RIGHTS: readonly Origin[] = ['fork-pull-request', 'dependabot']

/** How far this run's build is kept apart: the less its code is trusted and the more its job holds, the further. */
export function isolationOf(facts: Facts): Isolation {
  if (trustOf(facts) !== 'none') return 'shared'
  return WITHOUT_RIGHTS.includes(facts.event.origin) ? 'apart' : 'fresh'
}
