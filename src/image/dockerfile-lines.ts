import {invalidDockerfile} from './dockerfile-problem.ts'

/** One instruction with its continuation lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string
  /** `--name=value` words before the arguments, quotes taken off. */
  readonly flags: readonly string[]
  /** What follows the flags, without here-documents. */
  readonly rest: string
  /** Where it begins, counted from 1. */
  readonly line: number
  /** Offsets in `rest` from which on the text stood in a later line, in order. */
  readonly breaks: readonly LineBreak[]
  readonly heredocs: readonly Heredoc[]
  /** Comments directly above it, without their `#`. */
  readonly comments: readonly string[]
}

/** Where in a joined text a line of the file begins. */
export interface LineBreak {
  readonly at: number
  readonly line: number
}

/** A here-document of an instruction; `line` is that of its first line. */
export interface Heredoc {
  readonly name: string
  readonly lines: readonly string[]
  readonly line: number
}

/** A Dockerfile as a list of instructions, with what its first comments set. */
export interface Script {
  readonly escapeMark: string
  readonly syntax?: string
  readonly instructions: readonly Instruction[]
  /** Every comment outside of instructions, without its `#`. */
  readonly comments: readonly Comment[]
}

/** A line of its own that says nothing to the build. */
export interface Comment {
  readonly text: string
  readonly line: number
}

interface Reading {
  readonly lines: readonly string[]
  readonly shown: string
  readonly escapeMark: string
  readonly comments: Comment[]
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
  const reading: Reading = {lines, shown, escapeMark, comments: [], next: 0}
  const instructions: Instruction[] = []
  while (reading.next < lines.length) {
    const instruction = readInstruction(reading)
    if (instruction !== undefined) instructions.push(instruction)
  }
  const syntax = directives.get('syntax')
  return {escapeMark, instructions, comments: reading.comments, ...(syntax === undefined ? {} : {syntax})}
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
  const {text, breaks} = joinLines(reading)
  const joined = text.trim()
  if (joined === '') return undefined
  const [word = '', ...others] = joined.split(/(?<=^\S+)\s+/)
  const {flags, rest} = takeFlags(others.join(' '))
  const start = text.trimEnd().length - rest.length
  const instruction = {
    keyword: word.toUpperCase(),
    flags,
    rest,
    line,
    breaks: breaks.map(({at, line}) => ({at: Math.max(0, at - start), line})),
    comments: commentsAbove(line, reading)
  }
  return {...instruction, heredocs: takeHeredocs(instruction, joined, reading)}
}

function commentsAbove(line: number, {comments}: Reading): readonly string[] {
  const above: string[] = []
  for (const comment of comments.toReversed()) {
    if (comment.line !== line - 1 - above.length) break
    above.unshift(comment.text)
  }
  return above
}

function joinLines(reading: Reading): {readonly text: string; readonly breaks: readonly LineBreak[]} {
  let joined = ''
  const breaks: LineBreak[] = []
  for (let isFirst = true; reading.next < reading.lines.length; isFirst = false) {
    const line = reading.lines[reading.next] ?? ''
    reading.next += 1
    const isComment = line.trimStart().startsWith('#')
    if (isComment && isFirst) {
      reading.comments.push({text: line.trim().slice(1).trim(), line: reading.next})
      return {text: '', breaks: []}
    }
    // Comments and empty lines between continued lines do not end the instruction.
    if (isComment || (line.trim() === '' && !isFirst)) continue
    if (!isFirst) breaks.push({at: joined.length, line: reading.next})
    const content = withoutEscape(line, reading.escapeMark)
    joined += content ?? line
    if (content === undefined) break
  }
  return {text: joined, breaks}
}

function withoutEscape(line: string, mark: string): string | undefined {
  const trimmed = line.replace(/[ \t]+$/, '')
  return trimmed.endsWith(mark) ? trimmed.slice(0, -mark.length) : undefined
}

function takeHeredocs(
  instruction: Pick<Instruction, 'keyword' | 'rest' | 'line'>,
  joined: string,
  reading: Reading
): readonly Heredoc[] {
  return heredocsOf(instruction, joined).map(({name, isTabbed}) => {
    const plain = (line: string) => (isTabbed ? line.replace(/^\t+/, '') : line)
    const end = reading.lines.findIndex((line, index) => index >= reading.next && plain(line) === name)
    if (end === -1) {
      throw invalidDockerfile({shown: reading.shown, line: instruction.line}, `The here-document <<${name} has no end`)
    }
    const heredoc = {name, lines: reading.lines.slice(reading.next, end).map(plain), line: reading.next + 1}
    reading.next = end + 1
    return heredoc
  })
}

function heredocsOf(
  instruction: Pick<Instruction, 'keyword' | 'rest'>,
  joined: string
): readonly {name: string; isTabbed: boolean}[] {
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
