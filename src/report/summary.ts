import type {Problem} from '../model/problem.ts'
import type {Report, StepResult} from '../model/report.ts'
import {adviceSection} from './advice.ts'
import {anchorOf} from './anchors.ts'
import {credentialSection} from './credential-section.ts'
import {deedOf} from './deeds.ts'
import {endingOf} from './ending.ts'
import {gpuSection} from './gpu-section.ts'
import {block, code, escaped, first, prose, shortDigests, table} from './markdown.ts'
import {ORIGIN_TEXTS} from './origins.ts'
import {markOf, pendingNotes} from './plan-table.ts'
import {builtSection} from './product-section.ts'
import {proofSection} from './proof-section.ts'
import {bar, durationText} from './quantity.ts'
import {diskSection, torchSection} from './torch-section.ts'

// GitHub drops a step's summary above 1 MiB without a word to the reader; text elsewhere in the job needs some room too.
const MOST_BYTES = 1_000_000
const MOST_ROWS = 100
const EVIDENCE_LINES = 40

/** The job summary in Markdown: the verdict first, then what went wrong, the plan, what was made and the times. */
export function summaryOf(report: Report, docs: string): string {
  const {plan, problems, notices, warnings} = report.outcome
  const ending = endingOf(report)
  return limited([
    `### ${ending.mark} ${prose(ending.sentence)}`,
    `From ${escaped(ORIGIN_TEXTS[plan.origin])} · origin ${code(plan.origin)} · trust ${code(plan.trust)} · mode ${code(plan.mode)}`,
    ...problems.map(problem => problemSection(problem, docs)),
    remarks('⚠️', [...plan.warnings, ...warnings]),
    remarks('ℹ️', [...plan.notices, ...notices]),
    `#### Plan\n\n${planTable(report)}`,
    ...proofSection(report.outcome.products),
    ...gpuSection(report.outcome.products, docs),
    credentialSection(report),
    ...torchSection(plan),
    diskSection(plan),
    ...builtSection(report),
    adviceSection(plan.advice, docs),
    timesSection(report.outcome.results)
  ])
}

/** The job summary of a run that a mistake of ours ended. */
export function bugSummary(issues: string): string {
  return `### ❌ The action itself failed\n\nThis is no fault of the workflow. The log has the details; please report it at ${issues}.\n`
}

/** The job summary of a run that ended before it had a plan. */
export function failureSummary(problems: readonly Problem[], docs: string): string {
  const [head] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return limited([
    `### ❌ Nothing was touched: ${prose(head?.what ?? 'the action failed.')}${more}`,
    ...problems.map(problem => problemSection(problem, docs))
  ])
}

function problemSection(problem: Problem, docs: string): string {
  const evidence = problem.evidence.flatMap(line => line.split('\n')).slice(-EVIDENCE_LINES)
  const isLine = !problem.fix.includes('\n')
  return [
    `#### ${escaped(problem.code)}`,
    `${prose(problem.what)} ${prose(problem.why)}`,
    ...(evidence.length === 0 ? [] : [block(evidence.map(line => line.slice(0, 500)))]),
    isLine ? `**To fix:** ${prose(problem.fix)}` : `**To fix:**\n\n${block(problem.fix.split('\n'))}`,
    `[What ${code(problem.code)} means](${anchorOf(problem.code, docs)})`
  ].join('\n\n')
}

function remarks(mark: string, texts: readonly string[]): string {
  const {shown, left} = first([...new Set(texts)], MOST_ROWS)
  return [...shown.map(text => `- ${mark} ${prose(text)}`), ...andMore(left)].join('\n')
}

function planTable(report: Report): string {
  const {plan, results} = report.outcome
  const rows = plan.steps.map(step => {
    const result = results.find(({name}) => name === step.name)
    const verdict = step.verdict.code === 'allowed' ? '' : ` (${code(step.verdict.code)})`
    return [
      `${markOf(step)}&nbsp;${step.name}`,
      escaped(deedOf(step)),
      `${prose(step.verdict.because)}${verdict}`,
      resultCell(result)
    ]
  })
  // A run that stopped at the registry's answer has asked; its plan was never settled with it.
  const isAsked = results.some(({name, state}) => name === 'preflight' && (state === 'done' || state === 'failed'))
  const notes = isAsked ? [] : pendingNotes(plan)
  return [table(['step', 'what', 'why', 'result'], rows), ...notes.map(escaped)].join('\n\n')
}

const STATES: Readonly<Record<StepResult['state'], string>> = {
  done: '✅',
  failed: '❌',
  skipped: 'left out',
  'not-reached': 'not reached'
}

function resultCell(result: StepResult | undefined): string {
  if (result === undefined) return ''
  const made = result.state === 'done' || result.state === 'failed' ? ` ${prose(shortDigests(result.made))}` : ''
  return `${STATES[result.state]}${made}`
}

function timesSection(results: readonly StepResult[]): string {
  const timed = results.filter(({state}) => state === 'done' || state === 'failed')
  if (timed.length === 0) return ''
  const longest = Math.max(...timed.map(({durationMs}) => durationMs))
  const lines = timed.map(
    ({name, durationMs}) => `${name.padEnd(10)}${durationText(durationMs).padStart(13)}  ${bar(durationMs, longest)}`
  )
  return `#### Times\n\n${block(lines)}`
}

function andMore(left: number): readonly string[] {
  return left === 0 ? [] : [`- … and ${left} more`]
}

/** Sections in order, as many as the limit takes; each is whole, so that no table or block is cut open. */
function limited(sections: readonly string[]): string {
  const kept: string[] = []
  let bytes = 0
  for (const section of sections.filter(text => text !== '')) {
    bytes += Buffer.byteLength(section) + 2
    if (bytes > MOST_BYTES)
      return `${[...kept, '_The rest is too long for a job summary; see the report file._'].join('\n\n')}\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}
