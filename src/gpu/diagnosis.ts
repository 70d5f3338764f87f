import {CAUSES, type Cause, type Circumstances} from './causes.ts'
import {FINDING_CODES, type FindingCode} from './findings.ts'

/** What a text from a GPU container was found to say. */
export interface Diagnosis {
  /** A code of `CAUSES`, or `UNKNOWN`. */
  readonly code: string
  readonly cause: string
  readonly fix: string
  /** The page and heading that explain it, below the action's repository. */
  readonly anchor: string
  /** The line that told; the last lines of the text where nothing was known. */
  readonly evidence: readonly string[]
}

/** What there is no row for. */
export const UNKNOWN = 'UNKNOWN'

const PAGE = 'docs/gpu-diagnosis.md'
const SHOWN_LINES = 40

/** Finds the known cause of a failure in what was printed: the first row of `CAUSES` that one of the lines contains. */
export function diagnose(lines: readonly string[], circumstances: Circumstances = {}): Diagnosis {
  for (const cause of CAUSES) {
    if (cause.only !== undefined && circumstances[cause.only] !== true) continue
    const line = lines.find(text => isMatch(text, cause))
    if (line !== undefined) return {...told(cause), evidence: [line.trim()]}
  }
  return {
    code: UNKNOWN,
    cause: 'None of the known causes is in what was printed.',
    fix: 'Read the last lines below. If the cause is one that others will meet, report it with them.',
    anchor: anchorOf(UNKNOWN),
    evidence: lines.slice(-SHOWN_LINES)
  }
}

/** A diagnosis for a code that was measured, not read: the validator itself said what is wrong. */
export function diagnosisOf(code: string, evidence: readonly string[]): Diagnosis | undefined {
  const row = [...CAUSES, ...FINDING_CODES].find(known => known.code === code)
  return row === undefined ? undefined : {...told(row), evidence}
}

/** Where a code is explained. */
export function anchorOf(code: string): string {
  return `${PAGE}#${code.toLowerCase()}`
}

function told({code, cause, fix}: FindingCode): Omit<Diagnosis, 'evidence'> {
  return {code, cause, fix, anchor: anchorOf(code)}
}

function isMatch(line: string, {patterns}: Cause): boolean {
  const text = line.toLowerCase()
  return patterns.some(pattern => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)))
}
