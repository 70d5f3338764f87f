/**
 * Every way in which a run can be stopped, by code.
 *
 * Each code has an anchor of the same name in `docs/troubleshooting.md`; a test compares the two lists.
 */
export const PROBLEM_CODES = [
  'input-unknown',
  'input-invalid',
  'input-conflict',
  'no-such-set',
  'event-unreadable',
  'runner-unsupported',
  'workspace-missing',
  'engine-missing',
  'engine-too-old',
  'builder-unsuitable',
  'builder-failed',
  'dockerfile-missing',
  'dockerfile-invalid',
  'context-missing',
  'context-holds-credential',
  'secret-missing',
  'secret-in-build-arg',
  'secret-in-dockerfile',
  'submodule-unreadable',
  'submodule-url-refused',
  'submodule-config-invalid',
  'repository-unreadable',
  'ssh-key-refused',
  'host-key-changed',
  'github-app-refused',
  'push-forbidden',
  'push-denied',
  'registry-unreachable',
  'registry-refused',
  'digest-mismatch',
  'tag-immutable',
  'disk-full',
  'disk-too-small',
  'image-too-large',
  'emulation-missing',
  'engine-lost',
  'build-failed',
  'timeout',
  'cancelled',
  'download-failed',
  'lock-invalid',
  'wheel-invalid',
  'wheel-mismatch',
  'wheels-clash',
  'torch-is-cpu-build',
  'torch-not-as-asked',
  'gpu-without-kernels',
  'cuda-library-double',
  'cuda-library-foreign',
  'runtime-unavailable',
  'requirement-broken',
  'torchvision-mismatched',
  'numpy-too-new',
  'proof-failed',
  'gpu-missing',
  'gpu-cluster',
  'gpu-failed',
  'gpu-report-missing',
  'gpu-report-unreadable',
  'gpu-report-changed',
  'gpu-report-mismatch',
  'gpu-report-failed',
  'gpu-report-stale',
  'extension-unknown',
  'lock-unfit',
  'lock-conflict',
  'lock-failed',
  'index-ambiguous',
  'index-unauthorized'
] as const

/** A code of `PROBLEM_CODES`. */
export type ProblemCode = (typeof PROBLEM_CODES)[number]

/** What a reader needs in order to mend a problem, in their words; never a secret. */
export interface Explanation {
  /** What happened: one sentence that names the input and quotes the value. */
  readonly what: string
  /** Why that stops us: one sentence. */
  readonly why: string
  /** What to do: the exact line, setting or command. */
  readonly fix: string
  /** What was seen: lines of an answer, a path with a line number, a version. */
  readonly evidence?: readonly string[]
}

/** Something the user can mend that stops the run. Anything else that is thrown is a bug of ours. */
export class Problem extends Error implements Explanation {
  readonly code: ProblemCode
  readonly what: string
  readonly why: string
  readonly fix: string
  readonly evidence: readonly string[]

  constructor(code: ProblemCode, explanation: Explanation, options?: {cause?: unknown}) {
    super(`${explanation.what} ${explanation.why} ${explanation.fix}`, options)
    this.name = 'Problem'
    this.code = code
    this.what = explanation.what
    this.why = explanation.why
    this.fix = explanation.fix
    this.evidence = explanation.evidence ?? []
  }
}

/** Several problems found together, so that nobody has to mend inputs one run at a time. */
export class Problems extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(problem => problem.message).join('\n'))
    this.name = 'Problems'
    this.problems = problems
  }
}

/** What the system says when nothing more can be written: a full disk, or a user's share of it. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** Whether a thrown value says that nothing more can be written. */
export function isDiskFull(thrown: unknown): thrown is Error {
  return Error.isError(thrown) && 'code' in thrown && FULL.has(thrown.code)
}

/** The problems that a thrown value carries, or none when it is a bug of ours. */
export function problemsOf(thrown: unknown): readonly Problem[] {
  if (thrown instanceof Problems) return thrown.problems
  if (thrown instanceof Problem) return [thrown]
  return isDiskFull(thrown) ? [diskFull(thrown)] : []
}

function diskFull(error: Error): Problem {
  return new Problem(
    'disk-full',
    {
      what: 'The disk of this machine is full.',
      why: 'The action could not write a file that it needs.',
      fix: 'Free some space before this step, or use a runner with a larger disk.',
      evidence: [error.message]
    },
    {cause: error}
  )
}
