import {OPT_INS, type OptIn, SECRET_SOURCES, type SecretSource} from '../../model/event.ts'
import {nearestOf} from '../../model/nearest.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseList} from './lists.ts'

/** `opt-in`: names of `OPT_INS`, separated by commas or line ends. */
export function parseOptIn(text: string, desk: Desk): readonly OptIn[] {
  const found = parseList(text).flatMap(entry => {
    const name = OPT_INS.find(each => each === entry.toLowerCase())
    if (name !== undefined) return [name]
    const nearest = nearestOf(entry, OPT_INS)
    desk.fault({
      what: `\`opt-in\` names ${shownValue(entry, desk)}, which the policy does not offer.`,
      why: `It offers ${OPT_INS.join(', ')}, and nothing else can be asked for.`,
      fix: nearest === undefined ? 'Name one of these, or leave `opt-in` out.' : `Did you mean \`opt-in: ${nearest}\`?`
    })
    return []
  })
  return [...new Set(found)]
}

/** `secret-source`: what GitHub says. A store that it adds later is none that we know. */
export function parseSecretSource(text: string): SecretSource | undefined {
  return SECRET_SOURCES.find(source => source === text)
}
