import type {AdviceRule} from './advice-rule.ts'
import {splitDockerfile} from './dockerfile-lines.ts'

/** Which rules the author of a Dockerfile does not want to hear of, and where. */
export interface Silences {
  covers(rule: Pick<AdviceRule, 'name' | 'otherNames'>, line: number): boolean
  /** Names that stand in comments for us alone: those of hadolint and BuildKit are theirs to know. */
  readonly named: readonly {readonly name: string; readonly line: number; readonly isFirst: boolean}[]
}

interface Silence {
  readonly names: readonly string[]
  readonly from: number
  readonly to: number
}

/** `advice ignore=late-run,root-at-end — why`, and hadolint's own form; `global` for the whole file. */
const MARK = /^(?:advice|hadolint)\s+(?<global>global\s+)?ignore=(?<names>[\w-]+(?:\s*,\s*[\w-]+)*)/i
const OURS = /^advice\s/i
/** BuildKit's own, in the first lines of the file. */
const CHECK = /^check=(?:[^#]*;)?skip=(?<names>[\w-]+(?:\s*,\s*[\w-]+)*)/i

/**
 * Reads the comments by which rules are silenced.
 *
 * `# advice ignore=<rule>` right above an instruction counts for that instruction with all its lines;
 * `# advice global ignore=<rule>` anywhere counts for the file. What hadolint or BuildKit were told to pass over under
 * a name of theirs counts too, so that nobody says a thing twice.
 */
export function silencesIn(text: string, shown: string): Silences {
  const {instructions, comments} = splitDockerfile(text, shown)
  const everywhere = {from: 0, to: Number.POSITIVE_INFINITY}
  const ofFile = comments.flatMap(comment => {
    const groups = MARK.exec(comment.text)?.groups
    const names = groups?.global === undefined ? CHECK.exec(comment.text)?.groups?.names : groups.names
    return names === undefined ? [] : [{names: listed(names), ...everywhere}]
  })
  const ofInstructions = instructions.flatMap((instruction, at) => {
    const next = instructions[at + 1]?.line ?? Number.POSITIVE_INFINITY
    const names = instruction.comments.flatMap(comment => listed(MARK.exec(comment)?.groups?.names ?? ''))
    return [{names, from: instruction.line, to: next - 1}]
  })
  const named = comments.flatMap(({text: comment, line}) => {
    const names = OURS.test(comment) ? listed(MARK.exec(comment)?.groups?.names ?? '') : []
    return names.map((name, at) => ({name, line, isFirst: at === 0}))
  })
  const silences: readonly Silence[] = [...ofFile, ...ofInstructions]
  return {
    named,
    covers: ({name, otherNames = []}, line) => {
      const known = [name, ...otherNames].map(each => each.toLowerCase())
      return silences.some(
        ({names, from, to}) => from <= line && line <= to && names.some(each => known.includes(each))
      )
    }
  }
}

function listed(names: string): readonly string[] {
  return names
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '')
}
