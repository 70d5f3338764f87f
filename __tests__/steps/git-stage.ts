import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join, resolve} from 'node:path'
import {type GitServer, startGitServer} from '../../scripts/world/git-server.ts'
import {ensureTools, worldPath} from '../../scripts/world/tools.ts'
import {openCommands} from '../../src/host/commands.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {GitCredential} from '../../src/model/credentials.ts'
import {problemsOf} from '../../src/model/problem.ts'
import type {GitWork} from '../../src/model/work-sources.ts'
import {fetchSubmodules} from '../../src/steps/git.ts'
import type {StepMade} from '../../src/steps/step.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'

/** Tokens of the git server by name. They look like nothing else, so that a search for them proves something. */
export const TOKENS = {
  acme: 'acme-token-5b1f0c93a7',
  kernels: 'kernels-token-e81d44c2f0',
  other: 'other-token-0a9b77d1c4',
  // What actions/checkout leaves behind: it reads the application and nothing else.
  checkout: 'checkout-token-93ffab1206',
  wrong: 'wrong-token-77cc01be42'
}

/** Programs that the machine lacks are unpacked here, once for all tests. */
const WORLD = resolve('.world')
const PATH = worldPath(WORLD)

/** A machine with a git server, a home with other people's logins, and workspaces to fetch submodules into. */
export interface GitStage {
  readonly server: GitServer
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly folder: string
  readonly home: string
  /** Clones a repository as actions/checkout would, one commit deep. */
  checkOut(repository: string, options?: {readonly whole?: boolean}): string
  /** Runs the step for a workspace, and returns all that can be seen of it. */
  fetch(workspace: string, said?: Said): Promise<Seen>
  /** Requests to the git server since the last call, one line each: `owner/name service user status`. */
  requests(): readonly string[]
  /** `git status --short` on a machine where git-lfs was set up; empty where nothing differs from the commit. */
  status(workspace: string): string
  end(): Promise<void>
}

/** What a test says of the work; the rest is a trusted, recursive fetch with the token `acme`. */
export interface Said {
  /** Credentials by place, without the host where it is this server: `{'acme': 'acme'}`. */
  readonly credentials?: Readonly<Record<string, keyof typeof TOKENS>>
  readonly work?: Partial<GitWork>
  readonly origin?: string
}

/** What came of the step. */
export interface Seen {
  readonly made?: StepMade
  readonly codes: readonly string[]
  /** What, why and fix of each problem, with the evidence. */
  readonly texts: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  readonly host: FakeHost
}

/** Starts the git server with its tokens. */
export async function openGitStage(): Promise<GitStage> {
  const folder = mkdtempSync(join(tmpdir(), 'git-stage-'))
  const home = join(folder, 'home')
  mkdirSync(home)
  const tokens = [
    {name: 'acme', token: TOKENS.acme, repositories: ['acme/*']},
    {name: 'kernels', token: TOKENS.kernels, repositories: ['acme/kernels']},
    {name: 'other', token: TOKENS.other, repositories: ['other/*']},
    {name: 'checkout', token: TOKENS.checkout, repositories: ['acme/app*']}
  ]
  const say = () => {}
  await ensureTools(WORLD, ['git', 'git-lfs'], say)
  const server = await startGitServer({folder: WORLD, name: basename(folder), tokens, say})
  const host = server.url.replace('http://', '')
  let seenRequests = 0
  let runs = 0
  const next = (kind: string) => {
    runs += 1
    return join(folder, `${kind}-${runs}`)
  }
  return {
    server,
    host,
    folder,
    home,
    checkOut: (repository, options = {}) => {
      const workspace = join(next('workspace'), 'work space')
      const header = `http.extraHeader=Authorization: Basic ${basic(TOKENS.acme)}`
      const depth = options.whole === true ? [] : ['--depth', '1']
      const url = `${server.url}/${repository}`
      execFileSync('git', ['-c', header, 'clone', '--quiet', ...depth, url, workspace], {
        env: {PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'}
      })
      seenRequests = server.log().length
      return workspace
    },
    requests: () => {
      const rows = server.log().slice(seenRequests)
      seenRequests += rows.length
      return rows.map(({repository, service, user, status}) => `${repository} ${service} ${user} ${status}`)
    },
    status: workspace => {
      const filter = ['-c', 'filter.lfs.process=git-lfs filter-process', '-c', 'filter.lfs.required=true']
      const env = {...process.env, PATH}
      return execFileSync('git', ['-C', workspace, ...filter, 'status', '--short'], {env, encoding: 'utf8'})
    },
    fetch: async (workspace, said = {}) => {
      const directory = join(next('run'), 'git')
      const commands = openCommands({
        ours: {PATH, HOME: home},
        cover: text => text,
        cancelled: new AbortController().signal
      })
      const fake = makeFakeHost({files: machineFiles, programs: commands})
      const work: GitWork = {
        workspace,
        directory,
        depth: 'recursive',
        credentials: credentialsOf(said.credentials ?? {acme: 'acme'}, host, fake),
        keys: [],
        hostKeys: [],
        checks: [],
        withheld: [],
        originUrl: said.origin ?? `${server.url}/acme/app`,
        onUnreadable: 'fail',
        ...said.work
      }
      for (const {key} of work.keys) fake.secrets.keep(key.secret, key.secret)
      const notices: string[] = []
      const warnings: string[] = []
      const context = {
        host: fake,
        products: {},
        resources: {docker: {file: 'docker', environment: {}}},
        notice: (text: string) => void notices.push(text),
        warn: (text: string) => void warnings.push(text)
      }
      try {
        const made = await fetchSubmodules(work, context)
        return {made, codes: [], texts: [], notices, warnings, host: fake}
      } catch (thrown) {
        const problems = problemsOf(thrown)
        if (problems.length === 0) throw thrown
        const texts = problems.map(({message, evidence}) => [message, ...evidence].join('\n'))
        return {codes: problems.map(({code}) => code), texts, notices, warnings, host: fake}
      } finally {
        commands.end()
        rmSync(join(directory, '..'), {recursive: true, force: true})
      }
    },
    end: async () => {
      await server.stop()
      rmSync(folder, {recursive: true, force: true})
    }
  }
}

/** The value of a `Basic` authorization header. */
export function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64')
}

/** Every file below a directory whose bytes hold one of the tokens, plain or as a Basic login. */
export function filesWithTokens(directory: string): readonly string[] {
  const forms = Object.values(TOKENS).flatMap(token => [token, basic(token)])
  return readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => {
      const text = readFileSync(path).toString('latin1')
      return forms.some(form => text.includes(form))
    })
}

/** Writes git configuration as a person or another action would. */
export function configure(file: string, key: string, value: string): void {
  execFileSync('git', ['config', '--file', file, '--add', key, value])
}

/** Replaces `.gitmodules` of a workspace. */
export function writeModules(workspace: string, text: string): void {
  writeFileSync(join(workspace, '.gitmodules'), text)
}

function credentialsOf(
  said: Readonly<Record<string, keyof typeof TOKENS>>,
  server: string,
  host: FakeHost
): readonly GitCredential[] {
  return Object.entries(said).map(([place, name]) => {
    const [first = '', ...rest] = place.split('/')
    const isHost = /[.:]/.test(first)
    return {
      host: isHost ? first : server,
      path: isHost ? rest.join('/') : place,
      user: 'x-access-token',
      token: host.secrets.keep(`${name.toUpperCase()}_TOKEN`, TOKENS[name])
    }
  })
}

/** Looks at the command lines of every process of this machine while something runs. */
export async function watchingCommandLines<T>(run: () => Promise<T>): Promise<{result: T; commandLines: string}> {
  const lines = new Set<string>()
  const watch = setInterval(() => collectCommandLines(lines), 2)
  try {
    return {result: await run(), commandLines: [...lines].join('\n')}
  } finally {
    clearInterval(watch)
  }
}

function collectCommandLines(into: Set<string>): void {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      into.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
    } catch {
      // It has ended meanwhile.
    }
  }
}
