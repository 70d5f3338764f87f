/** A simple command of a shell script: a program and its words, quotes and escapes taken off. */
export interface ShellCommand {
  /** The program's own name first, without folders; wrappers such as `sudo`, `env` and `python -m` are taken off. */
  readonly words: readonly string[]
  /** Variables set for it alone, or by it: `NAME=value`. */
  readonly assignments: readonly string[]
  /** What a here-document or here-string gives it. */
  readonly input: string
  /** Offset in the script at which it begins. */
  readonly at: number
}

interface Scan {
  readonly text: string
  readonly shift: number
  readonly depth: number
  readonly found: ShellCommand[]
  at: number
  word: string | undefined
  words: string[]
  begin: number | undefined
  input: string
  /** Here-documents whose text begins at the next line end. */
  readonly awaited: {readonly name: string; readonly isTabbed: boolean}[]
  /** What the next word is, where that is no argument. */
  next: 'argument' | 'here-document' | 'tabbed here-document' | 'here-string'
}

const WRAPPERS = ['sudo', 'env', 'exec', 'command', 'nohup', 'time', 'eatmydata', 'nice']
const RESERVED = ['if', 'then', 'elif', 'else', 'do', 'while', 'until', '!', '{', '}', 'fi', 'done', 'esac']
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/
const SHELLS = ['sh', 'bash', 'dash', 'ash', 'zsh']
/** How many scripts within scripts are read. */
const DEEPEST = 16
const PYTHON = /^python[\d.]*$/

/**
 * The simple commands of a POSIX shell script in their order, those in substitutions and in `sh -c` included.
 *
 * It reads as far as advice needs it: nothing is expanded, and what cannot be a script yields what it can. Redirections
 * stay among the words (`>`, `/etc/motd`).
 */
export function shellCommands(text: string, shift = 0): readonly ShellCommand[] {
  return commandsIn(text, shift, 0)
}

function commandsIn(text: string, shift: number, depth: number): readonly ShellCommand[] {
  if (depth > DEEPEST) return []
  const scan: Scan = {
    text,
    shift,
    depth,
    found: [],
    at: 0,
    word: undefined,
    words: [],
    begin: undefined,
    input: '',
    awaited: [],
    next: 'argument'
  }
  while (scan.at < text.length) step(scan)
  endCommand(scan)
  return scan.found.flatMap(command => unwrapped(command, depth))
}

/** A command given as the words of an exec form. */
export function execCommand(words: readonly string[]): readonly ShellCommand[] {
  return unwrapped({words, assignments: [], input: '', at: 0}, 0)
}

function step(scan: Scan): void {
  const character = scan.text[scan.at] ?? ''
  if (character === '\n') endLine(scan)
  else if (/\s/.test(character)) {
    endWord(scan)
    scan.at += 1
  } else if (character === '#' && scan.word === undefined) skipComment(scan)
  else if ('<>'.includes(character) || scan.text.startsWith('&>', scan.at)) takeRedirection(scan)
  else if (';&|()'.includes(character)) {
    endCommand(scan)
    scan.at += 1
  } else takePart(scan, character)
}

function skipComment(scan: Scan): void {
  const end = scan.text.indexOf('\n', scan.at)
  scan.at = end === -1 ? scan.text.length : end
}

function takePart(scan: Scan, character: string): void {
  scan.begin ??= scan.at
  const {text, at} = scan
  if (character === "'") append(scan, text.slice(at + 1, closing(text, "'", at + 1)), 2)
  else if (character === '"') takeDoubleQuoted(scan)
  else if (character === '`' || text.startsWith('$(', at)) takeSubstitution(scan)
  else if (character !== '\\') append(scan, character, 0)
  else if (text[at + 1] === '\n') scan.at += 2
  else append(scan, text[at + 1] ?? '', 1)
}

/** Adds to the word what stands at the cursor, and passes over it and so many marks around it. */
function append(scan: Scan, part: string, marks: number): void {
  scan.word = (scan.word ?? '') + part
  scan.at += part.length + marks
}

function takeDoubleQuoted(scan: Scan): void {
  scan.word ??= ''
  scan.at += 1
  while (scan.at < scan.text.length && scan.text[scan.at] !== '"') {
    const character = scan.text[scan.at] ?? ''
    if (character === '`' || scan.text.startsWith('$(', scan.at)) takeSubstitution(scan)
    else if (character === '\\') append(scan, scan.text[scan.at + 1] ?? '', 1)
    else append(scan, character, 0)
  }
  scan.at += 1
}

/** What runs inside is a command like any other; the word keeps it as it is written. */
function takeSubstitution(scan: Scan): void {
  const {text, at, shift, depth} = scan
  const isBackquoted = text[at] === '`'
  const from = at + (isBackquoted ? 1 : 2)
  const end = isBackquoted ? closing(text, '`', from) : closingParenthesis(text, from)
  for (const command of commandsIn(text.slice(from, end), shift + from, depth + 1)) scan.found.push(command)
  append(scan, text.slice(at, end + 1), 0)
}

function takeRedirection(scan: Scan): void {
  const [mark = '<'] = /^(?:&>>?|<<<|<<-?|<>|>>|>\||[<>]&?)/.exec(scan.text.slice(scan.at)) ?? []
  // A number right before it names the stream, and is no argument.
  if (scan.word !== undefined && /^\d+$/.test(scan.word)) scan.word = undefined
  endWord(scan)
  scan.at += mark.length
  if (mark === '<<<') scan.next = 'here-string'
  else if (mark === '<<') scan.next = 'here-document'
  else if (mark === '<<-') scan.next = 'tabbed here-document'
  else if (scan.begin !== undefined) scan.words.push(mark)
}

function endWord(scan: Scan): void {
  const {word, next} = scan
  if (word === undefined) return
  scan.word = undefined
  scan.next = 'argument'
  if (next === 'argument') scan.words.push(word)
  else if (next === 'here-string') scan.input += word
  else scan.awaited.push({name: word, isTabbed: next === 'tabbed here-document'})
}

function endLine(scan: Scan): void {
  endWord(scan)
  scan.at += 1
  for (const {name, isTabbed} of scan.awaited.splice(0)) {
    const lines = scan.text.slice(scan.at).split('\n')
    const end = lines.findIndex(line => (isTabbed ? line.replace(/^\t+/, '') : line) === name)
    const body = lines.slice(0, end === -1 ? lines.length : end)
    scan.input += body.join('\n')
    scan.at += [...body, ...(end === -1 ? [] : [lines[end] ?? ''])].join('\n').length + 1
  }
  endCommand(scan)
}

function endCommand(scan: Scan): void {
  endWord(scan)
  const {words, begin = 0, input, shift} = scan
  if (words.length > 0) scan.found.push({words, assignments: [], input, at: shift + begin})
  scan.words = []
  scan.begin = undefined
  scan.input = ''
}

function closing(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  return end === -1 ? text.length : end
}

function closingParenthesis(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === "'") at = closing(text, "'", at + 1)
    else if (text[at] === '(') depth += 1
    else if (text[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  return text.length
}

/** Takes off what only stands before a program, and reads what a shell is given to run. */
function unwrapped(command: ShellCommand, depth: number): readonly ShellCommand[] {
  const words = [...command.words]
  const assignments = [...command.assignments]
  while (words.length > 0) {
    const first = words[0] ?? ''
    if (ASSIGNMENT.test(first)) assignments.push(words.shift() ?? '')
    else if (RESERVED.includes(first)) words.shift()
    else if (WRAPPERS.includes(programName(first))) shiftWrapper(words)
    else break
  }
  const [first, ...rest] = words
  if (first === undefined) return assignments.length === 0 ? [] : [{...command, words: [], assignments}]
  const name = programName(first)
  if (SHELLS.includes(name)) {
    const script = scriptOf(rest) ?? command.input
    if (script !== '') return commandsIn(script, 0, depth + 1).map(inner => ({...inner, at: command.at}))
  }
  const module = PYTHON.test(name) ? rest.indexOf('-m') : -1
  const isModule = module !== -1 && rest.slice(0, module).every(word => word.startsWith('-'))
  const called = isModule ? rest.slice(module + 1) : [name, ...rest]
  return [{...command, words: called, assignments}]
}

function shiftWrapper(words: string[]): void {
  words.shift()
  while (words[0]?.startsWith('-')) words.shift()
}

/** What follows `-c`, alone or among other letters (`-lc`). */
function scriptOf(words: readonly string[]): string | undefined {
  const at = words.findIndex(word => /^-[a-z]*c$/.test(word))
  return at === -1 ? undefined : words[at + 1]
}

function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}
