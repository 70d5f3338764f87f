import {tokenKindOf} from '../../identity/token-kinds.ts'
import type {TokenRef} from '../../model/token.ts'
import type {Desk} from './desk.ts'

/** Keeps a token's value, and gives its name with the kind that its prefix tells. */
export function keepToken(desk: Pick<Desk, 'keep'>, name: string, token: string): TokenRef {
  const kind = tokenKindOf(token)
  const ref = desk.keep(name, token)
  return kind === undefined ? ref : {...ref, kind}
}
