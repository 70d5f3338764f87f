import {nearestOf} from '../../src/model/nearest.ts'

/** A command line that cannot be understood. The message is for the person who typed it. */
export class UsageError extends Error {}

interface OptionRow {
  /** What stands after the option, in words; absent for a switch. */
  readonly value?: string
  readonly says: string
}

/** Every option of `npm run local`. */
export const OPTIONS = {
  event: {value: 'name or payload.json', says: 'the event to play (push); --help lists the names'},
  'event-name': {value: 'name', says: "GitHub's name of the event in a payload file, where the file does not tell"},
  input: {value: 'name=value', says: 'an input of the action; may be repeated'},
  inputs: {value: 'file.yml', says: 'inputs from a file: a with: block, ${{ secrets.NAME }} and the like included'},
  'secret-env': {value: 'NAME', says: 'secrets.NAME is what this variable holds; may be repeated'},
  'token-env': {value: 'NAME', says: 'github.token is what this variable holds'},
  ref: {value: 'ref', says: 'branch, tag (refs/tags/…) or full ref of the event (the branch checked out)'},
  repository: {value: 'owner/name', says: "the repository (what the checkout's origin says)"},
  temp: {value: 'folder', says: "the runner's work folder, kept between runs; only _temp in it is emptied"},
  keep: {says: 'leave RUNNER_TEMP and the work folder for a look at them'},
  'self-hosted': {says: 'be a self-hosted runner instead of a GitHub-hosted one'},
  debug: {says: 'show debug lines, as ACTIONS_STEP_DEBUG does'},
  help: {says: 'print this'}
} as const satisfies Readonly<Record<string, OptionRow>>

/** A name of `OPTIONS`. */
export type OptionName = keyof typeof OPTIONS

/** What was typed: each option with its values in order; a switch has one empty value. */
export type TypedOptions = Readonly<Partial<Record<OptionName, readonly string[]>>>

const REPEATABLE: readonly OptionName[] = ['input', 'secret-env']
const NAMES = Object.keys(OPTIONS) as readonly OptionName[]

/** Reads `--name value`, `--name=value` and switches. Throws `UsageError` for anything else. */
export function parseOptions(words: readonly string[]): TypedOptions {
  const typed: Partial<Record<OptionName, string[]>> = {}
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const {name, value} = parseOption(word, rest)
    const values = typed[name] ?? []
    if (values.length > 0 && !REPEATABLE.includes(name)) throw new UsageError(`--${name} is given twice.`)
    typed[name] = [...values, value]
  }
  return typed
}

/** Splits a `name=value` word. */
export function parseAssignment(word: string, option: OptionName): readonly [string, string] {
  const sign = word.indexOf('=')
  if (sign > 0) return [word.slice(0, sign), word.slice(sign + 1)]
  throw new UsageError(`--${option} ${word} has no "=". Write --${option} name=value.`)
}

/** The options as a table of text. */
export function printOptions(): string {
  const rows = NAMES.map(name => {
    const row: OptionRow = OPTIONS[name]
    return [`--${name}${row.value === undefined ? '' : ` <${row.value}>`}`, row.says] as const
  })
  const width = Math.max(...rows.map(([option]) => option.length))
  return rows.map(([option, says]) => `  ${option.padEnd(width)}  ${says}`).join('\n')
}

function parseOption(word: string, rest: string[]): {name: OptionName; value: string} {
  const [, text = '', , attached] = /^--([^=]+)(=(.*))?$/s.exec(word) ?? []
  if (text === '') throw new UsageError(`Nothing is known to do with "${word}". Options begin with --; see --help.`)
  const name = NAMES.find(candidate => candidate === text)
  if (name === undefined) throw new UsageError(`There is no option --${text}.${suggestion(text, NAMES, '--')}`)
  const row: OptionRow = OPTIONS[name]
  if (row.value === undefined) {
    if (attached !== undefined) throw new UsageError(`--${name} takes no value.`)
    return {name, value: ''}
  }
  const value = attached ?? rest.shift()
  if (value === undefined) throw new UsageError(`--${name} needs a value: --${name} <${row.value}>.`)
  return {name, value}
}

/** A sentence that offers the nearest known name, or nothing. */
export function suggestion(name: string, known: readonly string[], prefix: string): string {
  const nearest = nearestOf(name, known)
  return nearest === undefined ? ' See --help.' : ` Did you mean ${prefix}${nearest}?`
}
