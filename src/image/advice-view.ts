import type {Stage} from '../model/source.ts'
import {parseDockerfile} from './dockerfile.ts'
import {type Instruction, parseJsonForm, splitDockerfile, splitWords, unquote} from './dockerfile-lines.ts'
import {expandVariables} from './expansion.ts'
import {isRuntimeTaken, RUNTIME_CONTEXT} from './named-runtime.ts'
import {execCommand, type ShellCommand, shellCommands} from './shell-commands.ts'
import {stagesReached} from './stages.ts'

/** What a reader knows besides the text of a Dockerfile. */
export interface AdviceReading {
  readonly shown: string
  readonly args: Readonly<Record<string, string>>
  readonly target?: string
  /** Named contexts of the build, without the runtime: images of which nothing else is known. */
  readonly contexts: readonly string[]
}

/** A command with the line on which it stands. */
export interface PlacedCommand extends ShellCommand {
  readonly line: number
}

/** An instruction with the commands that it runs, now or when the image is started. */
export interface ViewedInstruction extends Instruction {
  readonly commands: readonly PlacedCommand[]
  /** The stage, image or context of `COPY --from`. */
  readonly from?: string
  /** What `COPY` and `ADD` take, in their order, without here-documents. */
  readonly sources: readonly string[]
  /** Where `COPY` and `ADD` put it. */
  readonly goal?: string
}

/** A stage with all that advice asks of it. */
export interface ViewedStage {
  readonly stage: Stage
  /** The image that it begins with, variables put in; undefined for another stage, a named context and the unknown. */
  readonly image?: string
  /** The stage that it begins with. */
  readonly parent?: ViewedStage
  readonly instructions: readonly ViewedInstruction[]
}

/** A Dockerfile as advice looks at it: only what the build executes. */
export interface AdviceView {
  readonly reading: AdviceReading
  /** `FROM runtime` means the runtime that this action lays. */
  readonly offersRuntime: boolean
  readonly stages: readonly ViewedStage[]
  /** From the stage with the outermost base to the one that is built: what ends up in the image. */
  readonly chain: readonly ViewedStage[]
}

const RUNS_COMMANDS = ['RUN', 'CMD', 'ENTRYPOINT']

/** Reads a Dockerfile for advice. Throws what `parseDockerfile` throws. */
export function viewDockerfile(text: string, given: AdviceReading): AdviceView {
  const parsed = parseDockerfile(text, given)
  const offersRuntime = !isRuntimeTaken([...parsed.stages.map(({name}) => name), ...given.contexts])
  const reading = offersRuntime ? {...given, contexts: [...given.contexts, RUNTIME_CONTEXT]} : given
  const {instructions} = splitDockerfile(text, reading.shown)
  const reached = stagesReached(parsed, reading.target, reading)
  const values = new Map<string, string>()
  for (const {name, value} of parsed.globals) {
    const known = reading.args[name] ?? expandVariables(value ?? '', other => values.get(other))
    if (known !== undefined) values.set(name, known)
  }
  const stages: ViewedStage[] = []
  for (const stage of parsed.stages) {
    const base = expandVariables(stage.from, name => values.get(name))
    const parent = stages.findLast(earlier => isNamed(earlier, base))
    const isImage = base !== undefined && parent === undefined && !reading.contexts.includes(base)
    stages.push({
      stage,
      ...(isImage && base !== '' ? {image: base} : {}),
      ...(parent === undefined ? {} : {parent}),
      instructions: ownInstructions(stage, parsed.stages, instructions).map(viewInstruction)
    })
  }
  const built = stages.filter(({stage}) => reached.includes(stage))
  const last = built.find(viewed => isNamed(viewed, reading.target)) ?? built.at(-1)
  return {reading, offersRuntime, stages: built, chain: chainOf(last)}
}

function isNamed({stage}: ViewedStage, name: string | undefined): boolean {
  return stage.name !== undefined && stage.name.toLowerCase() === name?.toLowerCase()
}

function chainOf(stage: ViewedStage | undefined): readonly ViewedStage[] {
  return stage === undefined ? [] : [...chainOf(stage.parent), stage]
}

function ownInstructions(stage: Stage, stages: readonly Stage[], all: readonly Instruction[]): readonly Instruction[] {
  const next = stages[stages.indexOf(stage) + 1]?.line ?? Number.POSITIVE_INFINITY
  return all.filter(({line}) => line > stage.line && line < next)
}

function viewInstruction(instruction: Instruction): ViewedInstruction {
  const {keyword, flags, rest} = instruction
  const commands = RUNS_COMMANDS.includes(keyword) ? commandsOf(instruction) : []
  if (keyword !== 'COPY' && keyword !== 'ADD') return {...instruction, commands, sources: []}
  const words = (parseJsonForm(rest) ?? splitWords(rest).map(unquote)).filter(word => !/^\d*<</.test(word))
  const from = flags.find(flag => flag.startsWith('--from='))?.slice('--from='.length)
  const goal = words.at(-1)
  return {
    ...instruction,
    commands,
    sources: words.slice(0, -1),
    ...(from === undefined ? {} : {from}),
    ...(goal === undefined ? {} : {goal})
  }
}

function commandsOf(instruction: Instruction): readonly PlacedCommand[] {
  const {rest, line, breaks, heredocs} = instruction
  const words = parseJsonForm(rest)
  if (words !== undefined) return execCommand(words).map(command => ({...command, line}))
  const [script] = heredocs
  if (script === undefined) {
    return shellCommands(rest).map(command => ({
      ...command,
      line: breaks.findLast(({at}) => at <= command.at)?.line ?? line
    }))
  }
  // `RUN <<EOF` and `RUN sh <<EOF` are scripts; a first line `#!` that names no shell makes it another language's.
  const isShell = /^(?:(?:ba|da|z)?sh(?:\s+-\S+)*\s+)?\d*<</.test(rest.replace(/^\S*\//, ''))
  const isOther = script.lines[0]?.startsWith('#!') && !/sh\b/.test(script.lines[0])
  if (!isShell || isOther) return []
  const text = script.lines.join('\n')
  return shellCommands(text).map(command => ({
    ...command,
    line: script.line + text.slice(0, command.at).split('\n').length - 1
  }))
}
