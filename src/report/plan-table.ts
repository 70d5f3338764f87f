import type {Plan, PlannedStep} from '../model/plan.ts'
import {setText} from '../pytorch/sets.ts'
import {kindText, usesText} from './credential-section.ts'
import {deedOf} from './deeds.ts'
import {ORIGIN_TEXTS} from './origins.ts'
import {printable} from './printable.ts'

const STEP_WIDTH = 10
const DEED_WIDTH = 50
const REASON_WIDTH = 54
const CREDENTIAL_WIDTH = 40
const TEXT_WIDTH = 118
const USE_WIDTH = 75

/**
 * The table that opens the log: where the run comes from, how far it is trusted, and each step with verdict, deed and reason.
 *
 * No line is wider than 120 columns, and none begins with text that came from outside.
 */
export function printPlan(plan: Plan): string {
  return [
    `Plan: this run comes from ${ORIGIN_TEXTS[plan.origin]}.`,
    `Origin ${plan.origin}, trust ${plan.trust}, mode ${plan.mode}.`,
    ...torchLines(plan),
    row('', 'step', 'what', 'why'),
    row('', '─'.repeat(STEP_WIDTH), '─'.repeat(DEED_WIDTH), '─'.repeat(REASON_WIDTH)),
    ...plan.steps.flatMap(stepRows),
    ...credentialRows(plan),
    ...pendingNotes(plan).map(note => `  ${note}`)
  ].join('\n')
}

/** What is known only after asking, in words. */
export function pendingNotes({pending}: Plan): readonly string[] {
  return pending.includes('registry') ? ['Not asked yet: whether the registry will take the push.'] : []
}

/** What the image will hold of PyTorch, and the driver that it needs with its reason. */
function torchLines({set, driver}: Plan): readonly string[] {
  return [
    ...(set === undefined ? [] : wrapped(`PyTorch: ${setText(set)}.`, TEXT_WIDTH)),
    ...(driver === undefined ? [] : wrapped(driver.because, TEXT_WIDTH))
  ]
}

/** The credentials by name, each with what it is used for: the second half of the plan. */
function credentialRows({credentials}: Plan): readonly string[] {
  if (credentials.length === 0) return []
  const line = (cells: readonly [string, string]) => `  ${cells[0].padEnd(CREDENTIAL_WIDTH)} ${cells[1]}`.trimEnd()
  const head = [line(['credential', 'what for']), line(['─'.repeat(CREDENTIAL_WIDTH), '─'.repeat(USE_WIDTH)])]
  const rows = credentials.flatMap(credential => {
    const {token, uses, unused} = credential
    const names = wrapped(token.secret, CREDENTIAL_WIDTH)
    const purpose = uses.length === 0 ? `nothing: ${unused}` : usesText(uses)
    const texts = wrapped(`${kindText(credential)}: ${purpose}`.replaceAll('`', ''), USE_WIDTH)
    const height = Math.max(names.length, texts.length)
    return Array.from({length: height}, (_, index) => line([names[index] ?? '', texts[index] ?? '']))
  })
  return [...head, ...rows]
}

function stepRows(step: PlannedStep): readonly string[] {
  const deeds = wrapped(deedOf(step), DEED_WIDTH)
  const reasons = wrapped(reasonOf(step), REASON_WIDTH)
  const height = Math.max(deeds.length, reasons.length)
  return Array.from({length: height}, (_, index) =>
    row(index === 0 ? markOf(step) : '', index === 0 ? step.name : '', deeds[index] ?? '', reasons[index] ?? '')
  )
}

/** `✔` for a step that will run, `✘` for one that may not, `–` for one that nothing asks for. */
export function markOf({verdict}: PlannedStep): string {
  if (verdict.allowed) return '✔'
  return verdict.code === 'nothing-to-do' || verdict.code === 'not-asked' ? '–' : '✘'
}

function reasonOf(step: PlannedStep): string {
  const {code, because} = step.verdict
  return code === 'allowed' ? because : `${because} (${code})`
}

function row(mark: string, step: string, deed: string, reason: string): string {
  return `${mark.padEnd(1)} ${step.padEnd(STEP_WIDTH)} ${deed.padEnd(DEED_WIDTH)} ${reason}`.trimEnd()
}

/** Text in lines of at most `width` characters, broken between words where that is possible. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text)
    .split(' ')
    .flatMap(long => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

function pieces(word: string, width: number): readonly string[] {
  return word.length <= width ? [word] : [word.slice(0, width), ...pieces(word.slice(width), width)]
}
