import type {Facts} from '../model/facts.ts'
import type {Machine} from '../model/machine.ts'

/** What a machine has seen before this job. */
export const MACHINE_KINDS = ['hosted', 'ephemeral', 'lasting'] as const

/** An entry of `MACHINE_KINDS`. */
export type MachineKind = (typeof MACHINE_KINDS)[number]

/** What the job holds that the code could not have without us. */
export const JOB_KINDS = ['without-rights', 'with-rights'] as const

/** An entry of `JOB_KINDS`. */
export type JobKind = (typeof JOB_KINDS)[number]

/** How a build without trust is kept from everything that other code left, and other code from it. */
export interface Isolation {
  /**
   * `fresh`: a builder that is made for this build, and destroyed with all it holds. `none`: nothing is built, as
   * `permit` has it.
   */
  readonly builder: 'fresh' | 'none'
  /** Where no builder can be made: the engine's own does the build, without its cache, or the run ends. */
  readonly otherwise: 'engine' | 'error'
  /** `host`: the builder reaches 127.0.0.1 of the machine, as every step of the job does. */
  readonly network: 'host' | 'own'
}

const FRESH: Isolation = {builder: 'fresh', otherwise: 'error', network: 'own'}
const REFUSED: Isolation = {builder: 'none', otherwise: 'error', network: 'own'}

/**
 * How code without trust is built, by the machine and by what the job holds.
 *
 * A hosted machine is new for every job, so all it holds came from earlier steps of this one. Where the job has no
 * rights those steps had nothing but what the code may have anyway, and whoever wrote the code wrote the steps, too:
 * only there the engine's own builder will do, and only there the host's network gives away nothing.
 */
export const ISOLATION: Readonly<Record<MachineKind, Readonly<Record<JobKind, Isolation>>>> = {
  hosted: {'without-rights': {builder: 'fresh', otherwise: 'engine', network: 'host'}, 'with-rights': FRESH},
  ephemeral: {'without-rights': FRESH, 'with-rights': FRESH},
  lasting: {'without-rights': REFUSED, 'with-rights': REFUSED}
}

/** The row for this run, where its code is not trusted. */
export function isolationOf(facts: Facts): Isolation {
  return ISOLATION[machineKindOf(facts.machine)][jobKindOf(facts)]
}

function machineKindOf({runner, isEphemeral}: Machine): MachineKind {
  if (runner === 'github-hosted') return 'hosted'
  return isEphemeral ? 'ephemeral' : 'lasting'
}

/**
 * GitHub gives a fork's pull request no secrets and a token that only reads, unless the repository's settings hand them
 * out all the same. Dependabot's has those of a store of its own, with which an earlier step may have logged in.
 */
function jobKindOf({event, inputs}: Facts): JobKind {
  const hasSecrets = (inputs.secretSource ?? 'None') !== 'None'
  return event.origin === 'fork-pull-request' && !hasSecrets ? 'without-rights' : 'with-rights'
}
