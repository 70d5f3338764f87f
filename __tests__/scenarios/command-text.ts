import type {Command} from '../../src/host/host.ts'
import {valuesOf} from './builds.ts'

const TAKES_NOTHING = /^--[^=]+=|^--(?:no-cache|bootstrap|force|push|load)$/

/** A long command with each option on a line of its own; annotations that only repeat the labels are told in one line. */
export function commandText(command: Command): string {
  const {file, args} = command
  const isOption = (at: number) => args[at]?.startsWith('--') === true
  const isValue = (at: number) => isOption(at - 1) && !isOption(at) && !TAKES_NOTHING.test(args[at - 1] ?? '')
  const isBehindOptions = (at: number) => args.slice(0, at).some((_, before) => isOption(before))
  const lines = [file]
  for (const [at, word] of args.entries()) {
    if (isValue(at) || !(isOption(at) || isBehindOptions(at))) lines.push(`${lines.pop()} ${quoted(word)}`)
    else lines.push(`    ${quoted(word)}`)
  }
  return `$ ${withoutRepeated(lines, valuesOf(command, '--label')).join('\n')}`
}

function withoutRepeated(lines: readonly string[], labels: readonly string[]): readonly string[] {
  const isRepeated = (line: string, level: string) =>
    labels.some(label => line === `    --annotation ${level}:${label}`)
  const levels = ['index', 'manifest'].filter(level => lines.some(line => isRepeated(line, level)))
  const first = lines.findIndex(line => levels.some(level => isRepeated(line, level)))
  return lines.flatMap((line, at) => {
    if (at === first) return [`    (--annotation ${levels.join(': and ')}: with each label)`]
    return levels.some(level => isRepeated(line, level)) ? [] : [line]
  })
}

function quoted(word: string): string {
  return word === '' || /\s/.test(word) ? `'${word}'` : word
}
