import type {GpuCheck} from '../model/gpu-report.ts'
import {Problem, type ProblemCode} from '../model/problem.ts'
import {diagnose, diagnosisOf, UNKNOWN} from './diagnosis.ts'
import {PULL} from './judgement.ts'

/** Why a failed check of the proof stops a run, and what mends it. */
interface ProofCause {
  /** As the check names what it found; absent for whatever has no row of its own. */
  readonly found?: string
  readonly code: ProblemCode
  readonly why: string
  /** Absent where it is that of the finding. */
  readonly fix?: string
}

const REST = {
  code: 'proof-failed',
  why: 'What does not even start without a GPU does not work with one.',
  fix: 'Read the evidence: it ends with what torch, or the engine, said itself.'
} as const satisfies ProofCause

const CAUSES: readonly ProofCause[] = [
  {
    found: 'CPU_BUILD',
    code: 'torch-is-cpu-build',
    why: 'It would never touch a GPU, under a name that promises CUDA.'
  },
  {
    found: 'WRONG_VARIANT',
    code: 'torch-not-as-asked',
    why: 'Labels and tags would name a torch that is not in the image.',
    fix: 'Look which package or line replaced torch, or set the inputs `torch` and `cuda` to what the image shall hold.'
  },
  {
    found: 'ARCH_MISSING',
    code: 'gpu-without-kernels',
    why: 'There the first use of the GPU ends with “no kernel image is available for execution on the device”.',
    fix: 'Take the GPU out of `gpu-targets`, or choose a `torch` and `cuda` whose wheels are compiled for it (docs/versions.md), such as `cuda: cu126` for GPUs before Turing.'
  },
  {
    found: 'DOUBLE_LIBRARY',
    code: 'cuda-library-double',
    why: 'Which of two copies a process gets depends on what it imports first, and torch refuses a cuDNN that is not its own.'
  },
  {
    found: 'FOREIGN_LIBRARY',
    code: 'cuda-library-foreign',
    why: 'The version that torch was tested with lies beside it and is not the one that is used.'
  },
  {
    found: 'REQUIREMENT_UNMET',
    code: 'requirement-broken',
    why: 'The packages of the image do not fit each other, which shows where one of them is used.'
  },
  {
    found: 'VISION_OPERATORS',
    code: 'torchvision-mismatched',
    why: 'Its operators, `nms` among them, are compiled for one release and one CUDA of torch.'
  },
  {
    found: 'NUMPY_ABI',
    code: 'numpy-too-new',
    why: 'This torch was compiled against NumPy 1, and turns no tensor into an array of NumPy 2.'
  }
]

/** The problems that a proof ends with, one for each cause, each with the checks that found it. */
export function problemsOfProof(checks: readonly GpuCheck[], place: string): readonly Problem[] {
  const failed = checks.filter(({status}) => status === 'fail')
  const causes = [...new Set(failed.map(causeOf))]
  return causes.map(cause => problemOf(cause, {checks: failed.filter(check => causeOf(check) === cause), place}))
}

function problemOf(cause: ProofCause, {checks, place}: {checks: readonly GpuCheck[]; place: string}): Problem {
  const [first] = checks
  // A text that names a known cause says more than the check that met it.
  const isTransfer = checks.some(({id}) => id === PULL)
  const read = diagnose(
    checks.flatMap(({evidence, message}) => [...evidence, message]),
    {isTransfer}
  )
  const known = read.code === UNKNOWN ? diagnosisOf(first?.code ?? '', []) : read
  const {why, fix} = cause === REST && known !== undefined ? {why: known.cause, fix: known.fix} : cause
  return new Problem(cause.code, {
    what: `The image does not hold what it must: ${first?.message ?? 'the proof failed.'}`,
    why: `${why} No tag was moved; ${place}.`,
    fix: fix ?? diagnosisOf(cause.found ?? '', [])?.fix ?? REST.fix,
    evidence: checks.flatMap(({id, message, evidence, measured, threshold}) => [
      `${id}: ${message}`,
      ...figuresOf('found', measured),
      ...figuresOf('asked', threshold),
      ...evidence.slice(-8)
    ])
  })
}

function causeOf({code}: GpuCheck): ProofCause {
  return CAUSES.find(({found}) => found !== undefined && found === code) ?? REST
}

function figuresOf(word: string, figures: GpuCheck['measured']): readonly string[] {
  const told = Object.entries(figures).filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  return told.length === 0 ? [] : [`${word}: ${told.map(([name, value]) => `${name} ${value}`).join(', ')}`]
}
