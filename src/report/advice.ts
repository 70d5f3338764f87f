import type {Host} from '../host/host.ts'
import type {Advice} from '../model/source.ts'
import {code, escaped, first, prose, table} from './markdown.ts'
import {printable} from './printable.ts'
import {countText} from './quantity.ts'

const PAGE = 'docs/dockerfile-advice.md'
/** GitHub shows ten warnings and ten notices of a step; what else there is to say shares them. */
const MOST_ANNOTATED = 5
const MOST_ROWS = 100

/** Shows the gravest advice beside the lines that it is about, each rule once; the rest stands in the job summary. */
export function annotateAdvice(advice: readonly Advice[], {log}: Pick<Host, 'log'>): void {
  const ofRules = advice.filter((each, at) => at === advice.findIndex(({rule}) => rule === each.rule))
  const shown = ofRules.slice(0, MOST_ANNOTATED)
  for (const {level, rule, file, line, what, why, fix} of shown) {
    log[level](printable(`${what} ${why} ${fix}`.replaceAll('`', '')), `Dockerfile: ${rule}`, {file, line})
  }
  const left = advice.length - shown.length
  if (left > 0) log.info(`… and ${left} more on the Dockerfile, in the job summary.`)
}

/** All advice as a table, folded: it waits until someone has time for it. */
export function adviceSection(advice: readonly Advice[], docs: string): string {
  if (advice.length === 0) return ''
  const {shown, left} = first(advice, MOST_ROWS)
  const rows = shown.map(({level, rule, file, line, what, fix}) => [
    level === 'warning' ? '⚠️' : 'ℹ️',
    `${escaped(file)}:${line}`,
    `[${code(rule)}](${docs}${PAGE}#${rule})`,
    `${prose(what)} ${prose(fix)}`
  ])
  const warnings = advice.filter(({level}) => level === 'warning').length
  const counted = `${countText(warnings, 'warning')}, ${countText(advice.length - warnings, 'notice')}`
  const more = left === 0 ? [] : [`… and ${left} more`]
  return [
    `<details><summary>Advice on the Dockerfile: ${counted}</summary>`,
    table(['', 'line', 'rule', 'what, and what to write instead'], rows),
    ...more,
    '</details>'
  ].join('\n\n')
}
