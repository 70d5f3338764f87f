import {invalidDockerfile} from './dockerfile-problem.ts'

/** One instruction with its continuation lines joined; here-documents are left out. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string
  /** `--name=value` words before the arguments, quotes taken off. */
  readonly flags: readonly string[]
  /** What follows the flags. */
  readonly rest: string
  /** Where it begins, counted from 1. */
  readonly line: number
}

/** A Dockerfile as a list of instructions, with what its first comments set. */
export interface Script {
  readonly escapeMark: string
  readonly syntax?: string
  readonly instructions: readonly Instruction[]
}

interface Reading {
  readonly lines: readonly string[]
  readonly shown: string
  readonly escapeMark: string
  /** Index of the next line to read. */
  next: number
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const DIRECTIVES = ['escape', 'syntax', 'check']
const WITH_HEREDOCS = ['RUN', 'COPY', 'ADD']
const HEREDOC = /^\d*<<(-?)([^<]+)$/
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Splits a Dockerfile into instructions by BuildKit's rules for comments, continuation and here-documents.
 *
 * Throws `dockerfile-invalid` for a here-document without an end and an `escape` that is no escape.
 */
export function splitDockerfile(text: string, shown: string): Script {
  const lines = text.replace(BYTE_ORDER_MARK, '').split(/\r?\n/)
  const directives = readDirectives(lines)
  const escapeMark = directives.get('escape') ?? '\\'
  if (escapeMark !== '\\' && escapeMark !== '`') {
    throw invalidDockerfile({shown, line: 1}, `The escape character can be \\ or \`, not ${escapeMark}`)
  }
  const reading: Reading = {lines, shown, escapeMark, next: 0}
  const instructions: Instruction[] = []
  while (reading.next < lines.length) {
    const instruction = readInstruction(reading)
    if (instruction !== undefined) instructions.push(instruction)
  }
  const syntax = directives.get('syntax')
  return {escapeMark, instructions, ...(syntax === undefined ? {} : {syntax})}
}

function readDirectives(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = DIRECTIVE.exec(line.trimStart()) ?? []
    const key = name.toLowerCase()
    if (!DIRECTIVES.includes(key) || found.has(key)) break
    found.set(key, value)
  }
  return found
}

function readInstruction(reading: Reading): Instruction | undefined {
  const line = reading.next + 1
  const joined = joinLines(reading).trim()
  if (joined === '') return undefined
  const [word = '', ...others] = joined.split(/(?<=^\S+)\s+/)
  const {flags, rest} = takeFlags(others.join(' '))
  const instruction = {keyword: word.toUpperCase(), flags, rest, line}
  skipHeredocs(instruction, joined, reading)
  return instruction
}

function joinLines(reading: Reading): string {
  let joined = ''
  for (let isFirst = true; reading.next < reading.lines.length; isFirst = false) {
    const line = reading.lines[reading.next] ?? ''
    reading.next += 1
    const isComment = line.trimStart().startsWith('#')
    if (isComment && isFirst) return ''
    // Comments and empty lines between continued lines do not end the instruction.
    if (isComment || (line.trim() === '' && !isFirst)) continue
    const content = withoutEscape(line, reading.escapeMark)
    joined += content ?? line
    if (content === undefined) break
  }
  return joined
}

function withoutEscape(line: string, mark: string): string | undefined {
  const trimmed = line.replace(/[ \t]+$/, '')
  return trimmed.endsWith(mark) ? trimmed.slice(0, -mark.length) : undefined
}

function skipHeredocs(instruction: Instruction, joined: string, reading: Reading): void {
  for (const heredoc of heredocsOf(instruction, joined)) {
    const isEnd = (line: string) => (heredoc.isTabbed ? line.replace(/^\t+/, '') : line) === heredoc.name
    const end = reading.lines.findIndex((line, index) => index >= reading.next && isEnd(line))
    if (end === -1) {
      throw invalidDockerfile(
        {shown: reading.shown, line: instruction.line},
        `The here-document <<${heredoc.name} has no end`
      )
    }
    reading.next = end + 1
  }
}

function heredocsOf(instruction: Instruction, joined: string): readonly {name: string; isTabbed: boolean}[] {
  const inner = instruction.keyword === 'ONBUILD' ? (/^\S+/.exec(instruction.rest)?.[0] ?? '') : instruction.keyword
  if (!WITH_HEREDOCS.includes(inner.toUpperCase()) || parseJsonForm(instruction.rest) !== undefined) return []
  return splitWords(joined).flatMap(word => {
    const [, tab = '', raw = ''] = HEREDOC.exec(word) ?? []
    const name = unquote(raw)
    return name === '' ? [] : [{name, isTabbed: tab === '-'}]
  })
}

/** The words of an exec form, `["a", "b"]`; undefined for anything else. */
export function parseJsonForm(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) && parsed.every(word => typeof word === 'string') ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Splits at blanks outside quotes; quotes and escapes stay in the words. */
export function splitWords(text: string): readonly string[] {
  const words = text.match(/(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"?|'[^']*'?|[^\s"'\\]|\\$)+/g)
  return words ?? []
}

/** Takes quotes and escapes off a word. */
export function unquote(word: string): string {
  return word.replaceAll(/\\([\s\S])|"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'/g, (whole, escaped, double, single) => {
    if (escaped !== undefined) return escaped
    return double === undefined ? (single ?? whole) : double.replaceAll(/\\([\s\S])/g, '$1')
  })
}

function takeFlags(text: string): {flags: readonly string[]; rest: string} {
  const flags: string[] = []
  let rest = text.trimStart()
  while (rest.startsWith('--')) {
    const word = splitWords(rest)[0] ?? ''
    rest = rest.slice(word.length).trimStart()
    if (word === '--') break
    flags.push(unquote(word))
  }
  return {flags, rest}
}
