/** A kind of token that can be told by its prefix alone. Lengths are never checked: GitHub's own keep changing. */
export interface TokenShape {
  readonly kind: string
  readonly prefix: string
  /** How short a text behind the prefix may be, so that a word in prose is no token. */
  readonly shortestRest: number
}

/**
 * Prefixes by which services mark their tokens.
 *
 * Sources: GitHub "About authentication to GitHub", GitLab "Token overview", Docker "Access tokens", PyPI "API tokens",
 * Hugging Face "User access tokens", npm "About access tokens", AWS "IAM identifiers"; read 2026-11.
 */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  {kind: 'GitHub personal access token (classic)', prefix: 'ghp_', shortestRest: 16},
  {kind: 'GitHub fine-grained personal access token', prefix: 'github_pat_', shortestRest: 16},
  {kind: 'GitHub installation token', prefix: 'ghs_', shortestRest: 16},
  {kind: 'GitHub OAuth token', prefix: 'gho_', shortestRest: 16},
  {kind: 'GitHub App user token', prefix: 'ghu_', shortestRest: 16},
  {kind: 'GitHub refresh token', prefix: 'ghr_', shortestRest: 16},
  {kind: 'GitLab token', prefix: 'glpat-', shortestRest: 16},
  {kind: 'GitLab job token', prefix: 'glcbt-', shortestRest: 16},
  {kind: 'GitLab deploy token', prefix: 'gldt-', shortestRest: 16},
  {kind: 'Docker personal access token', prefix: 'dckr_pat_', shortestRest: 16},
  {kind: 'Docker organization access token', prefix: 'dckr_oat_', shortestRest: 16},
  {kind: 'PyPI API token', prefix: 'pypi-AgE', shortestRest: 16},
  {kind: 'Hugging Face token', prefix: 'hf_', shortestRest: 30},
  {kind: 'npm token', prefix: 'npm_', shortestRest: 30},
  {kind: 'AWS access key', prefix: 'AKIA', shortestRest: 16},
  {kind: 'private key', prefix: '-----BEGIN ', shortestRest: 16}
]

const REST = /^[A-Za-z0-9._~+/=-]*/
const SECRET_WORDS = [
  'TOKEN',
  'SECRET',
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'CREDENTIAL',
  'CREDENTIALS',
  'PAT',
  'APIKEY'
]
const KEY_OWNERS = ['API', 'ACCESS', 'PRIVATE', 'SECRET', 'SIGNING', 'ENCRYPTION', 'DEPLOY', 'SSH']

/** The kind of token that a text contains, if its prefix tells. */
export function tokenShapeIn(text: string): TokenShape | undefined {
  return TOKEN_SHAPES.find(shape => {
    const places = text.split(shape.prefix)
    const rests = places.slice(1)
    return rests.some((rest, index) => beginsWord(places[index] ?? '') && restOf(shape, rest) >= shape.shortestRest)
  })
}

/** Whether a token may be glued into a text, where a blank was forgotten: prefixes count inside of words too. */
export function mayHoldToken(text: string): boolean {
  return TOKEN_SHAPES.some(shape => {
    const rests = text.split(shape.prefix).slice(1)
    return rests.some(rest => restOf(shape, rest) >= shape.shortestRest)
  })
}

/**
 * Whether a variable's name says that its value is a secret: `PIP_TOKEN`, `API_KEY`, `DB_PASSWORD`.
 *
 * The last word decides, so that `TOKENIZER`, `MAX_TOKENS` and `TOKEN_FILE` are none.
 */
export function isSecretName(name: string): boolean {
  const words = name.toUpperCase().split(/[_.-]+/)
  const last = words.at(-1) ?? ''
  if (SECRET_WORDS.includes(last)) return true
  return last === 'KEY' && KEY_OWNERS.includes(words.at(-2) ?? '')
}

function restOf(shape: TokenShape, rest: string): number {
  return shape.kind === 'private key' ? rest.length : (REST.exec(rest)?.[0].length ?? 0)
}

function beginsWord(before: string): boolean {
  return !/[A-Za-z0-9]$/.test(before)
}
