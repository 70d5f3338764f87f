import {isSecretName, tokenShapeIn} from '../../image/token-shapes.ts'
import type {BuildArg, Inputs} from '../../model/inputs.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseQuotedLines} from './lists.ts'

const ARG_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const LABEL_NAME = /^[^\s=]+$/
const CONTEXT_NAME = /^[a-z0-9][a-z0-9._/:-]*$/i
const SHORTEST_SECRET = 8
// A reference to another variable, a sentence, a path or an address.
const NO_SECRET = /[\s$]|^[./~]|:\/\//

/** `build-args`: `NAME=value`, or `NAME` alone for the variable of that name in the step's environment. */
export function parseBuildArgs(text: string, desk: Desk): readonly BuildArg[] {
  return readAll(text, ARG_NAME, desk).flatMap(({name, value = desk.env[name]}) => {
    if (value !== undefined) return [coverSecret(name, value, desk)]
    desk.fault({
      what: `\`build-args\` names ${name} without a value, and the step's environment has no such variable.`,
      why: 'A name alone takes its value from the environment.',
      fix: `Write \`${name}=value\`, or set ${name} in the step's \`env\`.`
    })
    return []
  })
}

/** `labels`: `name=value`. */
export function parseLabels(text: string, desk: Desk): readonly BuildArg[] {
  return readAll(text, LABEL_NAME, desk).map(({name, value = ''}) => coverSecret(name, value, desk))
}

/** `build-contexts`: `name=location`. */
export function parseBuildContexts(text: string, desk: Desk): Inputs['buildContexts'] {
  return readAll(text, CONTEXT_NAME, desk).flatMap(({name, value = ''}) => {
    if (value !== '') return [{name, location: value}]
    desk.fault({
      what: `\`build-contexts\` gives no place for ${name}.`,
      why: 'An entry is `name=location`.',
      fix: `Write \`${name}=./folder\`, or \`${name}=docker-image://image@sha256:…\`.`
    })
    return []
  })
}

/**
 * An assignment whose value is not told where it is a secret: one that we hold, one that has a token's form, or one
 * whose name says so. Facts are printed.
 */
export function coverSecret(name: string, value: string, desk: Pick<Desk, 'find' | 'keep' | 'input'>): BuildArg {
  const held = desk.find(value)
  if (held !== undefined) return {name, value: '', carriesSecret: held}
  const isNamed = isSecretName(name) && value.length >= SHORTEST_SECRET && !NO_SECRET.test(value)
  if (!isNamed && tokenShapeIn(value) === undefined) return {name, value}
  return {name, value: '', carriesSecret: desk.keep(`${desk.input} ${name}`, value)}
}

function readAll(text: string, pattern: RegExp, desk: Desk): readonly {name: string; value: string | undefined}[] {
  const found: {name: string; value: string | undefined}[] = []
  for (const entry of parseQuotedLines(text, desk)) {
    const cut = entry.indexOf('=')
    const name = (cut === -1 ? entry : entry.slice(0, cut)).trim()
    if (!pattern.test(name)) {
      desk.fault({
        what: `\`${desk.input}\` has an entry that does not begin with a name: ${shownValue(name, desk)}.`,
        why: 'An entry is `name=value`, one per line.',
        fix: 'Put the name and `=` before the value; a value over several lines stands in double quotes with its name.'
      })
    } else if (found.some(other => other.name === name)) {
      desk.fault({
        what: `\`${desk.input}\` sets ${name} twice.`,
        why: 'Which of the values is meant cannot be told.',
        fix: 'Keep one of them.'
      })
    } else found.push({name, value: cut === -1 ? undefined : entry.slice(cut + 1)})
  }
  return found
}
