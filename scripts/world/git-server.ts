import {mkdirSync, rmSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {digestOf} from './basic-auth.ts'
import type {GitAccounts, GitLogRow} from './git-http.ts'
import {commitFiles, type FileTable, makeRepository, type RepositoryOptions} from './git-repository.ts'
import {type Held, hold} from './holding.ts'
import {readJson, writeJson} from './json-file.ts'
import {stopProcess} from './processes.ts'
import {readRequests} from './request-log.ts'
import {type Say, sayOnStderr, timed} from './say.ts'
import {serviceAddress, startService} from './service.ts'
import {ensureTools} from './tools.ts'

/** A token and what it reaches. */
export interface GitToken {
  /** By which it is called in the log, which never holds the token. */
  readonly name: string
  readonly token: string
  /** `owner/name`, or the beginning of one with `*` as its end. */
  readonly repositories: readonly string[]
  /** Whether it may push; reading only where nothing is said. */
  readonly mayWrite?: boolean
}

/** Which git server is wanted. */
export interface GitServerOptions {
  /** The world's folder. */
  readonly folder: string
  /** Tells several git servers of one folder apart. */
  readonly name?: string
  readonly tokens: readonly GitToken[]
  /** Leaves it running when the script ends. */
  readonly keep?: boolean
  readonly say?: Say
}

/** A git server on 127.0.0.1 that tells who may read what as GitHub does. */
export interface GitServer {
  /** `http://127.0.0.1:port`; a repository is `<url>/owner/name`, with or without `.git`. */
  readonly url: string
  readonly folder: string
  /** Makes a repository with one commit on `main`; returns the commit's hash. */
  createRepository(path: string, files: FileTable, options?: RepositoryOptions): Promise<string>
  /** Adds a commit to a branch (`main` where none is named); returns its hash. */
  commit(path: string, files: FileTable, options?: RepositoryOptions & {readonly branch?: string}): Promise<string>
  /** Adds a token, or replaces the one of that name; counts from the next request on. */
  addToken(token: GitToken): void
  /** Every request so far, oldest first. */
  log(): GitLogRow[]
  /** Ends it and removes its repositories, unless it is kept or another living process uses it. */
  stop(): Promise<void>
}

/** A git server without the right to end it. */
export type SharedGitServer = Omit<GitServer, 'stop'>

/** Starts a git server over HTTP with its tokens and no repository yet; one of that name that runs is used, with the new tokens. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const worldFolder = resolve(options.folder)
  const say = options.say ?? sayOnStderr
  await ensureTools(worldFolder, ['git'], say)
  const held = heldGitServer(worldFolder, options.name ?? 'git')
  const {made: address, stop} = await hold(held, options.keep === true ? 'kept' : 'while-used', () =>
    timed(
      say,
      'Git server',
      () => {
        mkdirSync(join(held.place, 'repositories'), {recursive: true})
        const tokens = options.tokens.map(keptToken)
        writeAccounts(held.place, {tokens, public: readAccounts(held.place).public})
        return startService(held.place, 'git-server')
      },
      url => `http://${url}`
    )
  )
  return {...gitServerAt(held.place, address), stop}
}

/** The running git server of that name in the world's folder, as a process that did not start it may use it. */
export function attachGitServer(worldFolder: string, name = 'git'): SharedGitServer | undefined {
  const {place} = heldGitServer(resolve(worldFolder), name)
  const address = serviceAddress(place, 'git-server')
  return address === undefined ? undefined : gitServerAt(place, address)
}

/** A git server of the world's folder as something that may be shared; its repositories go with it. */
export function heldGitServer(worldFolder: string, name: string): Held {
  const place = join(worldFolder, 'git-servers', name)
  const end = async (): Promise<void> => {
    await stopProcess(place, 'git-server')
    rmSync(place, {recursive: true, force: true})
  }
  return {worldFolder, kind: 'git-server', name, place, end}
}

function gitServerAt(folder: string, address: string): SharedGitServer {
  return {
    url: `http://${address}`,
    folder,
    createRepository: async (path, files, options = {}) => {
      const hash = await makeRepository(folder, path, files, options)
      if (options.access === 'public') publish(folder, path)
      return hash
    },
    commit: (path, files, options = {}) => commitFiles(folder, path, files, options, 'Change', options.branch),
    addToken: token => {
      const {tokens, ...rest} = readAccounts(folder)
      writeAccounts(folder, {...rest, tokens: [...tokens.filter(({name}) => name !== token.name), keptToken(token)]})
    },
    log: () => readRequests<GitLogRow>(folder)
  }
}

function publish(folder: string, repository: string): void {
  const accounts = readAccounts(folder)
  writeAccounts(folder, {...accounts, public: [...accounts.public, repository.toLowerCase()]})
}

function keptToken({name, token, repositories, mayWrite}: GitToken): GitAccounts['tokens'][number] {
  return {name, tokenDigest: digestOf(token), repositories, mayWrite: mayWrite ?? false}
}

function readAccounts(folder: string): GitAccounts {
  return readJson(join(folder, 'accounts.json')) ?? {tokens: [], public: []}
}

function writeAccounts(folder: string, accounts: GitAccounts): void {
  writeJson(join(folder, 'accounts.json'), accounts)
}
