import {parseArgs} from 'node:util'
import {imageText} from '../../src/image/reference.ts'
import {nearestOf} from '../../src/model/nearest.ts'
import {type Side, sideOf, type Values} from '../registry-login.ts'
import {UsageError} from '../runner/options.ts'

/** What the command does, in half a sentence. */
export const COPY_SAYS = 'copy tags from one registry to another, digests unchanged'

/** What to copy. */
export interface CopyRequest {
  readonly from: Side
  readonly to: Side
  /** Absent: all tags. */
  readonly tags?: readonly string[]
  /** Tags that stand on something else over there are moved. */
  readonly moves: boolean
}

const OPTIONS = {
  tags: {type: 'string', value: 'a,b,c', says: 'only these tags (all of them)'},
  'from-user': {type: 'string', value: 'name', says: 'user name for FROM (what goes with the token)'},
  'from-token-env': {type: 'string', value: 'NAME', says: 'the variable that holds the token for FROM'},
  'from-token-file': {type: 'string', value: 'file', says: 'or the file that holds it'},
  'to-user': {type: 'string', value: 'name', says: 'user name for TO (what goes with the token)'},
  'to-token-env': {type: 'string', value: 'NAME', says: 'the variable that holds the token for TO'},
  'to-token-file': {type: 'string', value: 'file', says: 'or the file that holds it'},
  move: {type: 'boolean', says: 'move tags that stand on another digest there (else they are refused)'},
  help: {type: 'boolean', says: 'print this'}
} as const

/** How the command is used. */
export function copyHelp(): string {
  const rows = Object.entries(OPTIONS).map(([name, row]) => [
    `--${name}${'value' in row ? ` <${row.value}>` : ''}`,
    row.says
  ])
  const width = Math.max(...rows.map(([option = '']) => option.length))
  return `Copies tags with all that they refer to: indexes with their images, signatures, attestations, SBOMs.
Digests are the same afterwards. What is there already is not sent again, so a copy that broke off is begun again.

usage: npm --prefix <action> run local -- copy FROM TO [options]

  npm run local -- copy docker.io/oldhome/app ghcr.io/new-home/app --to-token-env GHCR_TOKEN

${rows.map(([option = '', says]) => `  ${option.padEnd(width)}  ${says}`).join('\n')}

Tokens come from variables or files, never from the command line. Without a login, what anyone may read is read.
The exit code is 0 when every tag stands on the same digest on both sides, and 1 otherwise.
`
}

/** Reads the words behind `copy`; undefined where help was asked for. Throws `UsageError`. */
export function parseCopy(words: readonly string[], environment: Readonly<Record<string, string | undefined>>) {
  const {values, positionals} = parsed(words)
  if (values.help === true) return undefined
  const [from, to, ...rest] = positionals
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new UsageError(`copy takes two names, FROM and TO, and got ${positionals.length}. See copy --help.`)
  }
  const tags = tagsOf(values.tags)
  const request: CopyRequest = {
    from: sideOf('from-', from, {values, environment}),
    to: sideOf('to-', to, {values, environment}),
    moves: values.move === true,
    ...(tags === undefined ? {} : {tags})
  }
  if (imageText(request.from.image) === imageText(request.to.image)) {
    throw new UsageError('FROM and TO are the same name.')
  }
  return request
}

function parsed(words: readonly string[]): {values: Values; positionals: readonly string[]} {
  const options = Object.fromEntries(Object.entries(OPTIONS).map(([name, {type}]) => [name, {type}]))
  try {
    return parseArgs({args: [...words], options, allowPositionals: true}) as {values: Values; positionals: string[]}
  } catch (error) {
    const unknown = /Unknown option '--([^']+)'/.exec((error as Error).message)?.[1]
    if (unknown === undefined) throw new UsageError((error as Error).message)
    const nearest = nearestOf(unknown, Object.keys(OPTIONS))
    throw new UsageError(
      `copy has no option --${unknown}.${nearest === undefined ? '' : ` Did you mean --${nearest}?`}`
    )
  }
}

function tagsOf(text: string | boolean | undefined): readonly string[] | undefined {
  if (typeof text !== 'string') return undefined
  const tags = text.split(/[\s,]+/).filter(tag => tag !== '')
  if (tags.length === 0) throw new UsageError('--tags names no tag.')
  return [...new Set(tags)]
}
