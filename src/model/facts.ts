import type {EventFacts, InputRoot} from './event.ts'
import type {Inputs} from './inputs.ts'
import type {Machine} from './machine.ts'
import type {SourceFacts} from './source.ts'

/** Everything that was found out before deciding. Absent things are absent; secrets stand by name; it can be printed. */
export interface Facts {
  readonly inputs: Inputs
  readonly event: EventFacts
  readonly roots: readonly InputRoot[]
  readonly machine: Machine
  readonly source: SourceFacts
  readonly paths: RunPaths
}

/** Directories of this run, all absolute. */
export interface RunPaths {
  /** The checked-out repository (`GITHUB_WORKSPACE`). */
  readonly workspace: string
  /** Ours alone (mode 0700, under `RUNNER_TEMP`): everything secret or temporary lies in it. */
  readonly run: string
  /** The action's own files (`dockerfiles/`, `dist/`). */
  readonly action: string
  /** Certificate bundles that programs of this machine were told to trust, as found in its environment. */
  readonly caBundle?: string
}
