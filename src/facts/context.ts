import {dirname} from 'node:path/posix'
import dockerignore from '@balena/dockerignore'
import {gitAddressesIn} from '../git/requirement.ts'
import type {Host} from '../host/host.ts'
import type {Extensions} from '../model/inputs.ts'
import type {Dockerfile, SourceFacts} from '../model/source.ts'
import {packagesNamedIn} from '../wheels/requirement-names.ts'
import {exposureOf} from './exposure.ts'

/** What `lookThrough` goes by. */
export interface ContextLook {
  /** The context's directory, absolute. */
  readonly directory: string
  readonly dockerfile: Pick<Dockerfile, 'source' | 'path'>
  /** Paths of the context that the build takes; `.` for all of it. */
  readonly takes: readonly string[]
  readonly requirements: readonly string[]
  readonly extensions: Extensions
  /** Folders whose files come later: submodules, absolute. */
  readonly fetchedLater: readonly string[]
}

/** How deep files are looked for. A bound, because a context may hold data sets. */
const DEPTH = 5

/** What the context brings along: the ignore lines in force, exposed credentials and missing requirement files. */
export async function lookThrough(
  look: ContextLook,
  host: Host
): Promise<
  Pick<SourceFacts, 'ignore' | 'exposed' | 'missingRequirements' | 'namedIndexes' | 'gitRequirements' | 'extensions'>
> {
  const ignore = await ignoreLines(look, host)
  const isIgnored = pathMatcher(ignore)
  const isTaken = look.takes.includes('.') ? () => true : pathMatcher(look.takes)
  const files = await host.files.list(look.directory, {depth: DEPTH}).catch(() => [])
  const sent = files.filter(path => !isIgnored(path) && isTaken(path))
  const found = await Promise.all(
    sent.map(async path => ({
      path,
      holds: await exposureOf(path, () => readQuietly(`${look.directory}/${path}`, host))
    }))
  )
  const missing = await Promise.all(
    look.requirements.map(async path => {
      const kind = await host.files.kindOf(`${look.directory}/${path}`)
      return kind === 'file' && !isIgnored(path.replace(/^\.\//, '')) ? [] : [path]
    })
  )
  const named = await Promise.all(look.requirements.map(path => indexesIn(path, look, host)))
  const byGit = await Promise.all(
    look.requirements.map(async path => {
      const text = await readWithin(look.directory, `${look.directory}/${path}`, host).catch(() => undefined)
      return gitAddressesIn(text ?? '').length > 0 ? [path] : []
    })
  )
  const extensions = await extensionFolders(look, files, host)
  return {
    ...(extensions === undefined ? {} : {extensions}),
    ...(byGit.flat().length === 0 ? {} : {gitRequirements: byGit.flat()}),
    ignore,
    exposed: found.flatMap(({path, holds}) => (holds === undefined ? [] : [{path, holds}])),
    missingRequirements: missing.flat(),
    namedIndexes: named.flat()
  }
}

/** Files that make a folder a Python project. */
const PROJECT_FILE = /^(.+)\/(?:setup\.py|pyproject\.toml)$/

/** A folder of a submodule may not be there yet: its files are fetched before the build. */
async function extensionFolders(
  {directory, requirements, extensions: {folders, packages}, fetchedLater}: ContextLook,
  files: readonly string[],
  host: Host
): Promise<SourceFacts['extensions']> {
  if (folders.length + packages.length === 0) return undefined
  const absent = await Promise.all(
    folders.map(async folder => {
      const path = `${directory}/${folder}`
      if (fetchedLater.some(later => `${path}/`.startsWith(`${later}/`))) return []
      return (await host.files.kindOf(path)) === 'directory' ? [] : [folder]
    })
  )
  const projects = files.flatMap(path => PROJECT_FILE.exec(path)?.[1] ?? [])
  const texts = await Promise.all(
    requirements.map(path => readWithin(directory, `${directory}/${path}`, host).catch(() => undefined))
  )
  const named = texts.flatMap(text => packagesNamedIn(text ?? ''))
  return {absent: absent.flat(), projects: [...new Set(projects)], packages: [...new Set(named)]}
}

/** Options of pip's requirement files by which packages come from one more place. */
const INDEX_OPTION = /^\s*(--extra-index-url|--index-url|--find-links|-i|-f)(?:[\s=]|$)/

/** Where requirement files name an index. The address is not told: there may be a login in it. */
async function indexesIn(path: string, {directory}: ContextLook, host: Host): Promise<SourceFacts['namedIndexes']> {
  const text = (await readWithin(directory, `${directory}/${path}`, host).catch(() => undefined)) ?? ''
  return text.split(/\r?\n/).flatMap((line, at) => {
    const option = INDEX_OPTION.exec(line)?.[1]
    return option === undefined ? [] : [{path, line: at + 1, option}]
  })
}

/**
 * The ignore lines in force, as BuildKit chooses them: `<Dockerfile>.dockerignore` beside the Dockerfile, else
 * `.dockerignore` of the context. The built-in Dockerfile adds its own behind the user's, so that they have the last word.
 */
async function ignoreLines({directory, dockerfile}: ContextLook, host: Host): Promise<readonly string[]> {
  const beside = await readWithin(dirname(dockerfile.path), `${dockerfile.path}.dockerignore`, host)
  const ofContext = await readWithin(directory, `${directory}/.dockerignore`, host)
  if (dockerfile.source === 'built-in') return [...linesOf(ofContext), ...linesOf(beside)]
  return linesOf(beside ?? ofContext)
}

/** A file that does not lead out of its folder: a link could put any file of the machine into the plan, as lines. */
async function readWithin(directory: string, path: string, host: Host): Promise<string | undefined> {
  const [root, real] = await Promise.all([host.files.realPath(directory), host.files.realPath(path)])
  if (root === undefined || real === undefined || !real.startsWith(`${root.replace(/\/$/, '')}/`)) return undefined
  return host.files.read(real)
}

function linesOf(text = ''): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

/** Docker's own patterns, which know letter case. */
function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const matcher = dockerignore.default({ignorecase: false}).add([...patterns])
  return path => matcher.ignores(path)
}

async function readQuietly(path: string, host: Host): Promise<string | undefined> {
  return host.files.read(path).catch(() => undefined)
}
