import type {AdviceView, PlacedCommand, ViewedInstruction, ViewedStage} from './advice-view.ts'
import {splitWords, unquote} from './dockerfile-lines.ts'

/** A command of a stage that is built. */
export interface FoundCommand {
  readonly command: PlacedCommand
  readonly instruction: ViewedInstruction
  readonly stage: ViewedStage
}

/** A piece of text that configures something, with its line. */
export interface Phrase {
  readonly text: string
  readonly line: number
}

/** Every command that the build runs or the image starts. */
export function commandsIn({stages}: Pick<AdviceView, 'stages'>): readonly FoundCommand[] {
  return stages.flatMap(stage =>
    stage.instructions.flatMap(instruction => instruction.commands.map(command => ({command, instruction, stage})))
  )
}

/** Commands by their program; those of a list where there is one. */
export function callsOf(view: Pick<AdviceView, 'stages'>, ...programs: readonly string[]): readonly FoundCommand[] {
  return commandsIn(view).filter(({command}) => programs.includes(command.words[0] ?? ''))
}

/**
 * The texts by which settings are made: commands with their variables, what here-documents hold, and the values of `ENV`.
 *
 * Each is one command, one line of a file or one assignment, so that what is looked for in it stands together.
 */
export function phrasesIn(view: AdviceView): readonly Phrase[] {
  const said = view.stages.flatMap(({instructions}) => instructions.flatMap(phrasesOf))
  return said.filter(({text}) => text !== '')
}

function phrasesOf(instruction: ViewedInstruction): readonly Phrase[] {
  const {keyword, rest, line, heredocs, commands} = instruction
  if (keyword === 'ENV' || keyword === 'ARG') return splitAssignments(rest).map(text => ({text, line}))
  const ofCommands = commands.flatMap(({words, assignments, input, line}) => [
    ...assignments.map(text => ({text, line})),
    {text: words.join(' '), line},
    ...input.split('\n').map(text => ({text, line}))
  ])
  // The here-documents of a script were read as its commands already.
  const files = commands.length > 0 ? [] : heredocs
  const ofFiles = files.flatMap(({lines, line}) => lines.map((text, index) => ({text, line: line + index})))
  return [...ofCommands, ...ofFiles]
}

/** `A=1 B="2 3"`, or the old form `A 1 2`. */
function splitAssignments(rest: string): readonly string[] {
  const words = splitWords(rest)
  return words[0]?.includes('=') ? words.map(unquote) : [rest.replace(/\s+/, '=')]
}
