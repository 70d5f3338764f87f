import {parse} from 'csv-parse/sync'
import type {Desk} from './desk.ts'

/** Entries separated by line ends or commas; empty ones and those that begin with `#` are left out. */
export function parseList(text: string): readonly string[] {
  return parseLines(text)
    .flatMap(line => line.split(','))
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
}

/** Lines, trimmed; empty ones and comments are left out. */
export function parseLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

/**
 * Entries as docker's actions read them: one per line, and one in double quotes may run over several lines, with `""`
 * for a quote in it.
 *
 * Never quotes a line in a fault: it may hold a secret.
 */
export function parseQuotedLines(text: string, desk: Desk): readonly string[] {
  try {
    const rows: string[][] = parse(text.trim(), {
      // Commas are part of a value here; nothing but the line end separates.
      delimiter: '\u0000',
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      comment: '#',
      comment_no_infix: true
    })
    return rows.map(fields => fields.join('').trim()).filter(entry => entry !== '')
  } catch {
    desk.fault({
      what: `An entry of \`${desk.input}\` opens a double quote and does not close it.`,
      why: 'Where one entry ends and the next begins cannot be told.',
      fix: 'Close the quote. Inside an entry in quotes write "" for a quote.'
    })
    return []
  }
}
