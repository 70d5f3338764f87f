import type {Problem} from '../model/problem.ts'
import {anchorOf} from './anchors.ts'
import {printable, printableLines} from './printable.ts'

const EVIDENCE_LINES = 40

/** A problem as the log shows it: what, why, what was seen, what to do, and where to read more. */
export function problemText(problem: Problem, docs: string): string {
  const seen = problem.evidence.flatMap(line => printableLines(line)).slice(-EVIDENCE_LINES)
  return [
    `${printable(problem.what)} (${problem.code})`,
    `Why: ${printable(problem.why)}`,
    ...(seen.length === 0 ? [] : ['Seen:', ...seen.map(line => `  │ ${line}`.trimEnd())]),
    ...fixLines(problem.fix),
    `More: ${anchorOf(problem.code, docs)}`
  ].join('\n')
}

// A fix may be a line to paste into a workflow, so its line breaks and its indentation stay.
function fixLines(fix: string): readonly string[] {
  const [head = '', ...rest] = printableLines(fix)
  return [`Fix: ${head}`, ...rest.map(line => `  ${line}`.trimEnd())]
}
