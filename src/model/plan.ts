import type {DiskForecast} from './disk.ts'
import type {Origin, Trust} from './event.ts'
import type {ImageName, Mode} from './inputs.ts'
import type {DriverNeed, GpuTarget, TorchSet} from './pytorch.ts'
import type {Advice} from './source.ts'
import type {PlannedCredential} from './token.ts'
import type {Verdict} from './verdict.ts'
import type {BuilderWork, BuildWork, CacheWork, PreflightWork} from './work-build.ts'
import type {ProveWork} from './work-proof.ts'
import type {PromoteWork, ValidateWork} from './work-release.ts'
import type {RuntimeWork} from './work-runtime.ts'
import type {GitWork, LockWork} from './work-sources.ts'

/** The steps, in the order in which they run; some go beside each other. The order is the safety argument. */
export const STEP_NAMES = [
  'git',
  'lock',
  'preflight',
  'builder',
  'runtime',
  'build',
  'prove',
  'validate',
  'promote',
  'cache'
] as const

/** An entry of `STEP_NAMES`. */
export type StepName = (typeof STEP_NAMES)[number]

/** What each step is to do: every path, tag, argument and rule; secrets by name. */
export interface Work {
  readonly git: GitWork
  readonly lock: LockWork
  readonly preflight: PreflightWork
  readonly builder: BuilderWork
  readonly runtime: RuntimeWork
  readonly build: BuildWork
  readonly prove: ProveWork
  readonly validate: ValidateWork
  readonly promote: PromoteWork
  readonly cache: CacheWork
}

/** A step with its verdict. Refused steps keep their work, so that a reader sees what would have been done. */
export type PlannedStep = {
  readonly [N in StepName]: {readonly name: N; readonly verdict: Verdict; readonly work: Work[N]}
}[StepName]

/** What is known only after asking. */
export type Pending = 'lock' | 'registry'

/** The whole decision. `JSON.parse(JSON.stringify(plan))` is the plan. */
export interface Plan {
  readonly schemaVersion: 1
  readonly mode: Mode
  /** Private directory of this run (0700): made first, removed last. */
  readonly directory: string
  /** Limit for the whole run. */
  readonly timeoutMs?: number
  readonly origin: Origin
  readonly trust: Trust
  /** The release of PyTorch and the CUDA it is built for, such as `2.8.0` and `cu128`, where the inputs say so. */
  readonly torch?: string
  readonly cuda?: string
  readonly python?: string
  /** All that belongs to this torch, known before anything is downloaded. */
  readonly set?: TorchSet
  readonly driver?: DriverNeed
  readonly gpuTargets: readonly GpuTarget[]
  /** What the build will take on the engine's disk, where that can be told. */
  readonly disk?: DiskForecast
  readonly pending: readonly Pending[]
  readonly steps: readonly PlannedStep[]
  /** Every credential that was given: what it is used for, or why it is not. */
  readonly credentials: readonly PlannedCredential[]
  /** Sentences for the reader of the run's page. */
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  /** What could be better in the user's own Dockerfile, the gravest first. */
  readonly advice: readonly Advice[]
}

/** What was found out on the way; `settlePlan` puts it into the plan. */
export interface Answers {
  readonly lock?: LockAnswer
  readonly push?: readonly PushAnswer[]
  /** Of the repository that the layer cache has to itself. */
  readonly cache?: PushAnswer
  readonly runtime?: RuntimeAnswer
  readonly builder?: BuilderAnswer
}

/** Whether the builder is one that nothing else was built in. */
export interface BuilderAnswer {
  readonly isFresh: boolean
}

/** Whether the wheels of the lock were laid, and why they could not be. */
export type RuntimeAnswer = {readonly isLaid: true} | {readonly isLaid: false; readonly because: string}

/** The hash by which the lock of this run is known; null where the build resolves by itself. */
export interface LockAnswer {
  /** Of the lock's bytes, 64 digits; of several locks, of their bytes one after another. */
  readonly sha256: string | null
  /** What all its files weigh, as far as it tells. */
  readonly downloadBytes?: number
  /** What must be built before it can be installed: `six 1.16.0 has no wheel and must be built`. */
  readonly mustBuild?: readonly string[]
}

/** One registry's answer to the upload probe. */
export interface PushAnswer {
  readonly image: ImageName
  readonly result: 'allowed' | 'denied' | 'unknown'
  /** HTTP status, 0 where no answer came. */
  readonly status: number
  /** The registry's own words, shortened; never a token. */
  readonly evidence: string
}

/** The step of a plan by name. */
export function stepOf<N extends StepName>(plan: Pick<Plan, 'steps'>, name: N): Extract<PlannedStep, {name: N}> {
  const step = plan.steps.find(candidate => candidate.name === name)
  if (step === undefined) throw new Error(`The plan has no step ${name}`)
  return step as Extract<PlannedStep, {name: N}>
}
