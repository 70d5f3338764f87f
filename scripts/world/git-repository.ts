import {chmodSync, existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {run} from './command.ts'
import {repositoryFolder} from './git-http.ts'
import {storeLfsObject} from './git-lfs.ts'
import {worldPathOf} from './tools.ts'

/** Files by path; a text that begins with `#!` becomes executable. */
export type FileTable = Readonly<Record<string, string | Buffer>>

/** What a new repository has beside its files. */
export interface RepositoryOptions {
  /** Submodules by path: the address for `.gitmodules`, and the commit to point to. */
  readonly submodules?: Readonly<Record<string, {readonly url: string; readonly commit: string}>>
  /** Paths of `files` that are kept in LFS. */
  readonly lfs?: readonly string[]
  /** Whether anyone may read it. */
  readonly access?: 'private' | 'public'
}

// A fixed identity and date: the same files make the same commit on every machine and every day.
const GIT_ENV = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'World',
  GIT_AUTHOR_EMAIL: 'world@example.com',
  GIT_COMMITTER_NAME: 'World',
  GIT_COMMITTER_EMAIL: 'world@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z'
}

// What GitHub allows its clients to ask for: any commit by its hash, and partial clones.
const SERVER_SETTINGS = ['uploadpack.allowAnySHA1InWant', 'uploadpack.allowFilter']

/** Makes a repository of the git server with one commit on `main`, and returns the commit's hash. */
export async function makeRepository(
  folder: string,
  repository: string,
  files: FileTable,
  options: RepositoryOptions
): Promise<string> {
  const work = workFolder(folder, repository)
  const bare = repositoryFolder(folder, repository)
  if (!/^[^/]+\/[^/]+$/.test(repository)) throw new Error(`${repository} is no repository: write owner/name.`)
  if (existsSync(bare)) throw new Error(`${repository} exists already on this git server; give it another name.`)
  mkdirSync(work, {recursive: true})
  await git(work, 'init', '--quiet', '--initial-branch=main')
  await git(work, 'init', '--quiet', '--bare', '--initial-branch=main', bare)
  for (const setting of SERVER_SETTINGS) await git(bare, 'config', setting, 'true')
  return commitFiles(folder, repository, files, options, 'Begin')
}

/** Adds one commit to a branch of a repository of the git server, and returns the commit's hash. */
export async function commitFiles(
  folder: string,
  repository: string,
  files: FileTable,
  options: RepositoryOptions,
  message: string,
  branch = 'main'
): Promise<string> {
  const work = workFolder(folder, repository)
  if (branch !== 'main') await git(work, 'switch', '--quiet', '--force-create', branch)
  const attributes = (options.lfs ?? []).map(path => `${path} filter=lfs diff=lfs merge=lfs -text\n`).join('')
  if (attributes !== '') writeFileSync(join(work, '.gitattributes'), attributes)
  for (const [path, content] of Object.entries(files)) {
    const isLarge = options.lfs?.includes(path) ?? false
    writeTracked(join(work, path), isLarge ? storeLfsObject(folder, Buffer.from(content)) : content)
  }
  await addSubmodules(work, options.submodules ?? {})
  await git(work, 'add', '--all', '--force')
  await git(work, 'commit', '--quiet', '--allow-empty', '--message', message)
  await git(work, 'push', '--quiet', '--force', repositoryFolder(folder, repository), branch)
  const hash = (await git(work, 'rev-parse', 'HEAD')).trim()
  if (branch !== 'main') await git(work, 'switch', '--quiet', 'main')
  return hash
}

// The commit of a submodule is an entry of the index: nothing is cloned, hence any address can be written.
async function addSubmodules(work: string, submodules: NonNullable<RepositoryOptions['submodules']>): Promise<void> {
  for (const [path, {url, commit}] of Object.entries(submodules)) {
    await git(work, 'config', '--file', '.gitmodules', `submodule.${path}.path`, path)
    await git(work, 'config', '--file', '.gitmodules', `submodule.${path}.url`, url)
    mkdirSync(join(work, path), {recursive: true})
    await git(work, 'update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  }
}

function writeTracked(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), {recursive: true})
  writeFileSync(file, content)
  if (typeof content === 'string' && content.startsWith('#!')) chmodSync(file, 0o755)
}

function git(folder: string, ...argv: readonly string[]): Promise<string> {
  // Both kinds of folder are `<server>/<kind>/<owner>/<name>`.
  const env = {...process.env, ...GIT_ENV, PATH: worldPathOf(resolve(folder, '..', '..', '..'))}
  return run(['git', '-C', folder, ...argv], {env})
}

function workFolder(folder: string, repository: string): string {
  return join(folder, 'work', repository.toLowerCase())
}
