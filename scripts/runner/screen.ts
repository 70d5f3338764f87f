import {makeMasks} from './masks.ts'
import type {LogLine, RunResult} from './result.ts'

/** Where to show a job, and how. */
export interface Screen {
  write(text: string): void
  /** ANSI colours and markers may be used. */
  readonly isColoured: boolean
}

/** Whether a stream wants colours: a terminal does, unless `NO_COLOR` is set to anything or the terminal is dumb. */
export function wantsColour(
  stream: {isTTY?: boolean},
  environment: Readonly<Record<string, string | undefined>>
): boolean {
  return stream.isTTY === true && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb'
}

const STYLES = {
  error: {prefix: 'Error: ', code: '31'},
  warning: {prefix: 'Warning: ', code: '33'},
  notice: {prefix: 'Notice: ', code: '36'},
  debug: {prefix: 'Debug: ', code: '35'},
  group: {prefix: '▾ ', code: '1'},
  text: {prefix: '', code: ''}
} as const

const ENDINGS = {
  success: {says: 'succeeded', code: '32'},
  failure: {says: 'failed', code: '31'},
  cancelled: {says: 'was cancelled', code: '31'}
} as const

const LONGEST_OUTPUT = 160

/** Shows lines as they come: groups are headed and indented, annotations marked. */
export function makeLineView(screen: Screen): (line: LogLine) => void {
  let depth = 0
  return line => {
    if (line.kind === 'endgroup') {
      depth = 0
      return
    }
    // Groups do not nest on the run's page either: a new one ends the one before.
    if (line.kind === 'group') depth = 0
    const style = STYLES[line.kind]
    const indent = '  '.repeat(depth)
    const text = `${style.prefix}${line.text}`.replaceAll('\n', `\n${indent}`)
    screen.write(`${indent}${paint(text, style.code, screen)}\n`)
    if (line.kind === 'group') depth = 1
  }
}

/** Shows what remains of a job: outputs, summary, leftovers, and how it ended. */
export function showEnd(result: RunResult, screen: Screen): void {
  const masks = makeMasks(result.masks)
  heading('Outputs', screen)
  screen.write(`${outputTable(result.outputs, text => masks.apply(text))}\n`)
  if (result.summary.trim() !== '') {
    heading('Summary', screen)
    screen.write(`${result.summary.trimEnd()}\n`)
  }
  for (const sentence of leftovers(result))
    screen.write(`${paint(`Warning: ${sentence}`, STYLES.warning.code, screen)}\n`)
  const seconds = (result.durationMs / 1000).toFixed(1)
  const ending = ENDINGS[result.conclusion]
  screen.write(`\n${paint(`The job ${ending.says} after ${seconds} s.`, ending.code, screen)}\n`)
}

function leftovers(result: RunResult): readonly string[] {
  const masks = makeMasks(result.masks)
  return [
    ...result.orphans.map(left => `process ${left.pid} was left running and was ended: ${left.commandLine.join(' ')}`),
    ...result.leftInTemp.map(file => `left in RUNNER_TEMP: ${file.path}`)
  ].map(sentence => masks.apply(sentence))
}

function outputTable(outputs: RunResult['outputs'], mask: (text: string) => string): string {
  const rows = Object.entries(outputs)
  if (rows.length === 0) return '(none)'
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${shorten(mask(value))}`).join('\n')
}

function shorten(value: string): string {
  const line = value.replaceAll('\n', '⏎')
  if (line.length <= LONGEST_OUTPUT) return line
  return `${line.slice(0, LONGEST_OUTPUT)}… (${value.length} characters)`
}

function heading(text: string, screen: Screen): void {
  screen.write(`\n${paint(`── ${text} ──`, '1', screen)}\n`)
}

function paint(text: string, code: string, screen: Screen): string {
  return screen.isColoured && code !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
}
