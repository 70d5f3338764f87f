import {type Arg, DockerfileParser, type Env, type From} from 'dockerfile-ast'
import type {Dockerfile, Mount, Stage, Variable} from '../model/source.ts'
import {type Instruction, parseJsonForm, type Script, splitDockerfile, splitWords, unquote} from './dockerfile-lines.ts'
import {type DockerfilePlace, invalidDockerfile} from './dockerfile-problem.ts'
import {expandVariables, type Lookup} from './expansion.ts'
import {mountsOf} from './mounts.ts'

export {stagesReached} from './stages.ts'

/** What the text of a Dockerfile says, wherever it lies. */
export type DockerfileText = Omit<Dockerfile, 'source' | 'path'>

/** What a reader knows besides the text. */
export interface DockerfileReading {
  /** How messages name the file. */
  readonly shown: string
  /** Values that the build gives to `ARG`s. */
  readonly args: Readonly<Record<string, string>>
}

const KEYWORDS = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR'
]
const STAGE_NAME = /^[a-z][a-z0-9_.-]*$/i
const DOCKERS_OWN_SYNTAX = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/
const REMOTE = /^(?:https?|git|ssh):\/\/|^git@/

/** Values of variables in a stage; an `ENV` beats an `ARG` of the same name. */
interface Scope {
  readonly env: Map<string, string>
  readonly args: Map<string, string>
}

interface OpenStage extends Stage {
  runsAt?: number
  unpacksAt?: number
  readonly reads: string[]
  readonly takes: string[]
  readonly mounts: Mount[]
  readonly variables: Variable[]
}

interface Parsing {
  readonly shown: string
  readonly given: Readonly<Record<string, string>>
  readonly escapeMark: string
  readonly isDockersSyntax: boolean
  readonly globals: Variable[]
  readonly globalScope: Scope
  readonly stages: {readonly stage: OpenStage; readonly scope: Scope}[]
}

/** What instructions inside a stage tell; the others tell nothing that decisions need. */
const IN_STAGE: ReadonlyMap<
  string,
  (instruction: Instruction, open: Parsing['stages'][number], parsing: Parsing) => void
> = new Map([
  ['ARG', takeArgs],
  ['ENV', takeEnvironment],
  ['RUN', takeRun],
  ['COPY', takeCopy],
  ['ADD', takeCopy]
])

/**
 * Reads a Dockerfile as far as decisions need it: stages, what they read, mounts and variables.
 *
 * `ONBUILD` says nothing about this build and is passed over. Throws `dockerfile-invalid` with the line at fault.
 */
export function parseDockerfile(text: string, reading: Partial<DockerfileReading> = {}): DockerfileText {
  const shown = reading.shown ?? 'Dockerfile'
  const script = splitDockerfile(text, shown)
  const parsing: Parsing = {
    shown,
    given: reading.args ?? {},
    escapeMark: script.escapeMark,
    isDockersSyntax: script.syntax === undefined || DOCKERS_OWN_SYNTAX.test(script.syntax),
    globals: [],
    globalScope: {env: new Map(), args: new Map()},
    stages: []
  }
  for (const instruction of script.instructions) take(instruction, parsing)
  if (parsing.stages.length === 0) throw invalidDockerfile({shown, line: 1}, 'it has no FROM')
  return dockerfileOf(parsing, script)
}

function dockerfileOf({shown, globals, stages}: Parsing, {syntax}: Script): DockerfileText {
  const told = {shown, globals, stages: stages.map(({stage}) => stage)}
  return syntax === undefined ? told : {...told, syntax}
}

function take(instruction: Instruction, parsing: Parsing): void {
  const place = {shown: parsing.shown, line: instruction.line}
  const {keyword} = instruction
  // Another frontend than docker's may have instructions of its own.
  if (!KEYWORDS.includes(keyword) && parsing.isDockersSyntax) {
    throw invalidDockerfile(place, `${keyword.slice(0, 40)} is no instruction`)
  }
  const open = parsing.stages.at(-1)
  if (keyword === 'FROM') parsing.stages.push(beginStage(instruction, parsing, place))
  else if (open === undefined) takeGlobal(instruction, parsing, place)
  else {
    if (needsFiles(instruction)) open.stage.unpacksAt ??= instruction.line
    IN_STAGE.get(keyword)?.(instruction, open, parsing)
  }
}

/** Whether an instruction needs the files of what is below it. A name in `--chown` is looked up there. */
function needsFiles({keyword, flags}: Instruction): boolean {
  if (keyword === 'RUN' || keyword === 'WORKDIR') return true
  if (keyword !== 'COPY' && keyword !== 'ADD') return false
  const isLinked = flags.some(flag => /^--link(?:=true)?$/i.test(flag))
  const owner = flagValue({flags}, 'chown')
  return !isLinked || (owner !== undefined && !/^\d+(?::\d+)?$/.test(owner))
}

function takeGlobal(instruction: Instruction, parsing: Parsing, place: DockerfilePlace): void {
  if (instruction.keyword !== 'ARG') {
    if (!parsing.isDockersSyntax) return
    throw invalidDockerfile(place, `${instruction.keyword} stands before the first FROM, where only ARG may stand`)
  }
  const lookup = lookupIn(parsing.globalScope)
  for (const {name, value} of propertiesOf(instruction, parsing)) {
    parsing.globals.push({kind: 'ARG', name, line: instruction.line, ...(value === undefined ? {} : {value})})
    const final = parsing.given[name] ?? (value === undefined ? undefined : expandVariables(value, lookup))
    if (final !== undefined) parsing.globalScope.args.set(name, final)
  }
}

function beginStage(
  instruction: Instruction,
  parsing: Parsing,
  place: DockerfilePlace
): {stage: OpenStage; scope: Scope} {
  const parsed = parseOne(instruction, parsing) as From
  const words = splitWords(instruction.rest)
  const from = words[0]
  const name = parsed.getBuildStage() ?? undefined
  const isWhole = words.length === 1 || (words.length === 3 && words[1]?.toUpperCase() === 'AS')
  if (from === undefined || !isWhole) {
    throw invalidDockerfile(place, `FROM takes an image and perhaps AS with a name, not ${words.length} words`)
  }
  if (name !== undefined && !STAGE_NAME.test(name)) throw invalidDockerfile(place, `${name} is no name for a stage`)
  const base = expandVariables(unquote(from), lookupIn(parsing.globalScope))?.toLowerCase()
  const parent = parsing.stages.findLast(({stage}) => stage.name?.toLowerCase() === base)
  const platform = flagValue(instruction, 'platform')
  const stage: OpenStage = {
    from: unquote(from),
    line: instruction.line,
    ...(platform === undefined ? {} : {platform}),
    reads: [],
    takes: [],
    mounts: [],
    variables: []
  }
  return {
    stage: name === undefined ? stage : {...stage, name},
    scope: {env: new Map(parent?.scope.env), args: new Map()}
  }
}

function takeArgs(instruction: Instruction, {stage, scope}: Parsing['stages'][number], parsing: Parsing): void {
  for (const {name, value} of propertiesOf(instruction, parsing)) {
    stage.variables.push({kind: 'ARG', name, line: instruction.line, ...(value === undefined ? {} : {value})})
    const own = value === undefined ? parsing.globalScope.args.get(name) : expandVariables(value, lookupIn(scope))
    const final = parsing.given[name] ?? own
    if (final !== undefined) scope.args.set(name, final)
  }
}

function takeEnvironment(instruction: Instruction, {stage, scope}: Parsing['stages'][number], parsing: Parsing): void {
  for (const {name, value = ''} of propertiesOf(instruction, parsing)) {
    stage.variables.push({kind: 'ENV', name, value, line: instruction.line})
    const final = expandVariables(value, lookupIn(scope))
    if (final === undefined) scope.env.delete(name)
    else scope.env.set(name, final)
  }
}

function takeRun(instruction: Instruction, {stage, scope}: Parsing['stages'][number], {shown}: Parsing): void {
  stage.runsAt ??= instruction.line
  const asked = mountsOf(instruction, lookupIn(scope), {shown, line: instruction.line})
  stage.mounts.push(...asked.mounts)
  stage.reads.push(...asked.reads)
  stage.takes.push(...asked.takes)
}

function takeCopy(instruction: Instruction, {stage, scope}: Parsing['stages'][number]): void {
  const from = flagValue(instruction, 'from')
  if (from !== undefined) return void stage.reads.push(from)
  const words = parseJsonForm(instruction.rest) ?? splitWords(instruction.rest)
  const sources = words.slice(0, -1).filter(word => !word.startsWith('<<') && !REMOTE.test(unquote(word)))
  for (const source of sources) stage.takes.push(contextPath(unquote(source), lookupIn(scope)))
}

function flagValue({flags}: Pick<Instruction, 'flags'>, name: string): string | undefined {
  return flags.find(flag => flag.toLowerCase().startsWith(`--${name}=`))?.slice(`--${name}=`.length)
}

/** A path below the context's root; what cannot be told stands for everything. */
function contextPath(source: string, lookup: Lookup): string {
  const parts = (expandVariables(source, lookup) ?? '.').split('/').filter(part => part !== '' && part !== '.')
  const below = parts.filter(part => part !== '..').join('/')
  return below === '' ? '.' : below
}

function propertiesOf(
  instruction: Instruction,
  parsing: Parsing
): readonly {name: string; value: string | undefined}[] {
  const place = {shown: parsing.shown, line: instruction.line}
  const properties = (parseOne(instruction, parsing) as Arg | Env).getProperties()
  if (properties.length === 0) throw invalidDockerfile(place, `${instruction.keyword} names no variable`)
  return properties.map(property => ({name: property.getName(), value: property.getValue() ?? undefined}))
}

/** Lets dockerfile-ast take a single instruction apart; it would read on into here-documents by rules of its own. */
function parseOne(instruction: Instruction, {escapeMark}: Parsing): unknown {
  const text = `${instruction.keyword} ${instruction.rest}`
  return DockerfileParser.parse(escapeMark === '\\' ? text : `# escape=${escapeMark}\n${text}`).getInstructions()[0]
}

function lookupIn(scope: Scope): Lookup {
  return name => scope.env.get(name) ?? scope.args.get(name)
}
