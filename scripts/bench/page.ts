import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {plotOf} from './plot.ts'
import type {Row} from './rows.ts'

const PAGE = 'docs/performance.md'
const PLOT = 'docs/performance.svg'
const MARKS = {begin: '<!-- bench: begin -->', end: '<!-- bench: end -->'} as const

/** Puts the table between the marks of the page about speed and draws its plot; returns what was written. */
export function rewritePage(root: string, {rows, table}: {rows: readonly Row[]; table: string}): readonly string[] {
  const page = join(root, PAGE)
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(MARKS.begin) + MARKS.begin.length, text.indexOf(MARKS.end)]
  writeFileSync(page, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`)
  writeFileSync(join(root, PLOT), plotOf(rows))
  return [PAGE, PLOT]
}
