import {kindRow} from '../../identity/token-kinds.ts'
import {mayHoldToken} from '../../image/token-shapes.ts'
import type {TokenRef} from '../../model/token.ts'
import type {Desk} from './desk.ts'
import {keepToken} from './token-ref.ts'

/** User names that stand beside tokens; where one stands in the token's place, the token is missing. */
export const TOKEN_USERS = [
  'x-access-token',
  'oauth2',
  'oauth2accesstoken',
  'gitlab-ci-token',
  'x-token-auth',
  '_json_key',
  '_json_key_base64',
  '$oauthtoken',
  'aws'
]

const LONG_ENOUGH = 20

/** What is wrong with a token, as a clause, if its form shows it. Neither its length nor its letters are judged. */
export function faultOfToken(token: string): string | undefined {
  if (/\s/.test(token)) return 'has a blank or a line end in it'
  if (/^["'].*["']$/.test(token)) return 'stands in quotes, which would be part of it'
  if (/^\*+$/.test(token)) return "is the log's mask, not a token"
  if (token.includes('${{')) return 'is an expression that was not evaluated'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f-\uffff]/.test(token)) return 'has characters in it that no token has'
  if (token.startsWith('ghr_')) return 'is a refresh token, which opens nothing by itself'
  return undefined
}

/** Whether a word is more likely a token than a name. */
export function isTokenLike(word: string): boolean {
  return mayHoldToken(word) || (word.length >= LONG_ENOUGH && /\d/.test(word) && /[a-z]/i.test(word))
}

/** `token` goes to GitHub alone. */
function strangeKind({kind}: TokenRef): string | undefined {
  if (kind === undefined) return undefined
  const {name, service} = kindRow(kind)
  return service === 'GitHub' ? undefined : `is a ${name} of ${service}, and \`token\` goes to GitHub alone`
}

/** `token`: one token, alone. */
export function parseToken(text: string, desk: Desk): TokenRef | undefined {
  const ref = keepToken(desk, 'token', text)
  const fault = faultOfToken(text) ?? strangeKind(ref)
  if (fault === undefined) return ref
  return void desk.fault({
    what: `The input \`token\` ${fault}.`,
    why: 'It would be refused wherever it is shown.',
    fix: 'Leave `token` out, or set it to `${{ github.token }}` or to a secret that holds nothing but the token.'
  })
}
