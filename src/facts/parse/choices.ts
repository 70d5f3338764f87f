import {mayHoldToken} from '../../image/token-shapes.ts'
import {nearestOf} from '../../model/nearest.ts'
import type {Desk} from './desk.ts'

/** One of a few words; letter case does not matter. */
export function parseChoice<T extends string>(...choices: readonly T[]): (text: string, desk: Desk) => T | undefined {
  return (text, desk) => {
    const found = choices.find(choice => choice === text.toLowerCase())
    if (found !== undefined) return found
    desk.fault(notAChoice(text, choices, desk))
    return undefined
  }
}

/** `push`: docker's `true` and `false` mean `always` and `never`. */
export function parsePush(text: string, desk: Desk): 'auto' | 'always' | 'never' | undefined {
  const lower = text.toLowerCase()
  if (lower === 'true') return 'always'
  if (lower === 'false') return 'never'
  return parseChoice('auto', 'always', 'never')(lower, desk)
}

/** `true` or `false`. */
export function parseYesNo(text: string, desk: Desk): boolean | undefined {
  const word = parseChoice('true', 'false')(text, desk)
  return word === undefined ? undefined : word === 'true'
}

function notAChoice(text: string, choices: readonly string[], desk: Desk) {
  const nearest = nearestOf(text, choices)
  return {
    what: `\`${desk.input}: ${shownValue(text, desk)}\` is not understood.`,
    why: `It is one of ${choices.join(', ')}.`,
    fix: nearest === undefined ? `Set \`${desk.input}\` to one of them.` : `Did you mean \`${desk.input}: ${nearest}\`?`
  }
}

/** A value short and harmless enough to be quoted. */
export function shownValue(text: string, desk: Pick<Desk, 'find'>): string {
  if (desk.find(text) !== undefined || mayHoldToken(text)) return '(a secret)'
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 77)}...` : line
}
