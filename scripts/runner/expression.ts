/** A value of GitHub's expression language, or a context object of such values. */
export type ExpressionValue = string | number | boolean | null | ExpressionContext

/** Named values, for example everything under `github.`; names are looked up without regard to case. */
export interface ExpressionContext {
  readonly [name: string]: ExpressionValue
}

/** What expressions may name: contexts, and status functions such as `always`. */
export interface ExpressionScope {
  readonly contexts: ExpressionContext
  readonly functions?: Readonly<Record<string, (...values: readonly string[]) => ExpressionValue>>
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|(&&|\|\||==|!=|[!().,[\]])|([A-Za-z_][A-Za-z0-9_-]*))/y
const WORDS: Readonly<Record<string, ExpressionValue>> = {true: true, false: false, null: null}

const FUNCTIONS: Readonly<Record<string, (...values: readonly string[]) => ExpressionValue>> = {
  contains: (text, part) => lower(text).includes(lower(part)),
  startswith: (text, part) => lower(text).startsWith(lower(part)),
  endswith: (text, part) => lower(text).endsWith(lower(part)),
  format: (template, ...values) => (template ?? '').replace(/\{(\d+)\}/g, (_, index) => values[Number(index)] ?? '')
}

/** Replaces each `${{ … }}` in a text by its value, as the runner does for inputs and their defaults. */
export function expandText(text: string, scope: ExpressionScope): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => textOf(evaluate(expression, scope)))
}

/**
 * Evaluates one expression: literals, contexts by `.name` or `['name']`, `! == != && ||`, and a few functions.
 *
 * Throws for what it does not know, so that a misspelt context is seen and not silently empty.
 */
export function evaluate(expression: string, scope: ExpressionScope): ExpressionValue {
  const tokens = tokensOf(expression)
  const value = parseOr(tokens, scope)
  if (tokens.length > 0) throw new Error(`Unexpected ${tokens[0]?.text} in the expression ${expression.trim()}`)
  return value
}

interface Token {
  readonly kind: 'number' | 'string' | 'sign' | 'name'
  readonly text: string
}

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  const text = expression.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex
    const found = TOKEN.exec(text)
    if (found === null) throw new Error(`Cannot read the expression ${expression.trim()} from column ${start + 1}`)
    if (found[1] !== undefined) tokens.push({kind: 'number', text: found[1]})
    else if (found[2] !== undefined) tokens.push({kind: 'string', text: found[2].replaceAll("''", "'")})
    else if (found[3] !== undefined) tokens.push({kind: 'sign', text: found[3]})
    else tokens.push({kind: 'name', text: found[4] ?? ''})
  }
  return tokens
}

function parseOr(tokens: Token[], scope: ExpressionScope): ExpressionValue {
  let value = parseAnd(tokens, scope)
  while (take(tokens, '||')) {
    const right = parseAnd(tokens, scope)
    value = isTrue(value) ? value : right
  }
  return value
}

function parseAnd(tokens: Token[], scope: ExpressionScope): ExpressionValue {
  let value = parseEquality(tokens, scope)
  while (take(tokens, '&&')) {
    const right = parseEquality(tokens, scope)
    value = isTrue(value) ? right : value
  }
  return value
}

function parseEquality(tokens: Token[], scope: ExpressionScope): ExpressionValue {
  const left = parseUnary(tokens, scope)
  if (take(tokens, '==')) return areEqual(left, parseUnary(tokens, scope))
  if (take(tokens, '!=')) return !areEqual(left, parseUnary(tokens, scope))
  return left
}

function parseUnary(tokens: Token[], scope: ExpressionScope): ExpressionValue {
  if (take(tokens, '!')) return !isTrue(parseUnary(tokens, scope))
  if (take(tokens, '(')) {
    const value = parseOr(tokens, scope)
    demand(tokens, ')')
    return value
  }
  return parseOperand(tokens, scope)
}

function parseOperand(tokens: Token[], scope: ExpressionScope): ExpressionValue {
  const token = tokens.shift()
  if (token?.kind === 'number') return Number(token.text)
  if (token?.kind === 'string') return token.text
  if (token?.kind !== 'name') throw new Error(`A value is missing before ${token?.text ?? 'the end'}`)
  if (take(tokens, '(')) return call(token.text, tokens, scope)
  if (Object.hasOwn(WORDS, token.text)) return WORDS[token.text] ?? null
  const context = memberOf(scope.contexts, token.text)
  if (context === undefined) throw new Error(`Unrecognized named-value: '${token.text}'`)
  return parseMembers(context, tokens, scope)
}

function parseMembers(context: ExpressionValue, tokens: Token[], scope: ExpressionScope): ExpressionValue {
  let value = context
  for (;;) {
    if (take(tokens, '.')) value = memberOf(value, takeName(tokens)) ?? null
    else if (take(tokens, '[')) {
      value = memberOf(value, textOf(parseOr(tokens, scope))) ?? null
      demand(tokens, ']')
    } else return value
  }
}

function call(name: string, tokens: Token[], scope: ExpressionScope): ExpressionValue {
  const values: string[] = []
  while (!take(tokens, ')')) {
    values.push(textOf(parseOr(tokens, scope)))
    if (tokens[0]?.text !== ')') demand(tokens, ',')
  }
  const known = {...FUNCTIONS, ...scope.functions}[name.toLowerCase()]
  if (known === undefined) throw new Error(`Unrecognized function: '${name}'`)
  return known(...values)
}

function take(tokens: Token[], sign: string): boolean {
  if (tokens[0]?.kind !== 'sign' || tokens[0].text !== sign) return false
  tokens.shift()
  return true
}

function takeName(tokens: Token[]): string {
  const token = tokens.shift()
  if (token?.kind !== 'name') throw new Error(`A name is missing before ${token?.text ?? 'the end'}`)
  return token.text
}

function demand(tokens: Token[], sign: string): void {
  if (!take(tokens, sign)) throw new Error(`${sign} is missing before ${tokens[0]?.text ?? 'the end'}`)
}

function memberOf(value: ExpressionValue, name: string): ExpressionValue | undefined {
  if (value === null || typeof value !== 'object') return undefined
  const key = Object.keys(value).find(candidate => lower(candidate) === lower(name))
  return key === undefined ? undefined : value[key]
}

function areEqual(left: ExpressionValue, right: ExpressionValue): boolean {
  if (typeof left === 'string' && typeof right === 'string') return lower(left) === lower(right)
  return left === right || textOf(left) === textOf(right)
}

function isTrue(value: ExpressionValue): boolean {
  return value !== null && value !== false && value !== 0 && value !== ''
}

function textOf(value: ExpressionValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? 'Object' : String(value)
}

function lower(text: string | undefined): string {
  return (text ?? '').toLowerCase()
}
