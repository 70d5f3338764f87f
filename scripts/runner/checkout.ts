import {spawnSync} from 'node:child_process'
import type {WorkflowEvent} from './event.ts'
import {EVENTS, type EventName, type EventOptions, makeEvent} from './events.ts'

/** What git says about a working tree; absent where it says nothing. */
export interface Checkout {
  readonly sha?: string
  /** What a pull request brought: the second parent of a merge commit, else the commit itself. */
  readonly headSha?: string
  readonly branch?: string
  /** `owner/name` and server of `origin`. */
  readonly repository?: string
  readonly serverUrl?: string
}

/** An event about a checkout: its commit, branch and origin are the event's, unless chosen otherwise. */
export function eventFor(name: EventName, workspace: string, options: EventOptions = {}): WorkflowEvent {
  const {branch, headSha, ...checkout} = readCheckout(workspace)
  const isBranchOwn = BRANCH_EVENTS.includes(name) && branch !== undefined
  const isHeadOwn = HEAD_EVENTS.includes(EVENTS[name].event) && headSha !== undefined
  return makeEvent(name, {
    ...checkout,
    ...(isBranchOwn ? {branch} : {}),
    ...(isHeadOwn ? {headSha} : {}),
    ...options
  })
}

// Events of the branch that is checked out; all others are about the default branch or bring their own.
const BRANCH_EVENTS: readonly EventName[] = ['push', 'workflow-dispatch']
// Only here does a plain checkout hold the pull request's own commits.
const HEAD_EVENTS: readonly string[] = ['pull_request', 'pull_request_review']

/** Asks git about a working tree. A folder without git gives nothing. */
export function readCheckout(workspace: string): Checkout {
  const sha = git(workspace, 'rev-parse', 'HEAD')
  const headSha = git(workspace, 'rev-parse', '--verify', '--quiet', 'HEAD^2') ?? sha
  const branch = git(workspace, 'symbolic-ref', '--short', 'HEAD')
  const origin = git(workspace, 'config', '--get', 'remote.origin.url')
  return {
    ...(sha === undefined ? {} : {sha}),
    ...(headSha === undefined ? {} : {headSha}),
    ...(branch === undefined ? {} : {branch}),
    ...(origin === undefined ? {} : originOf(origin))
  }
}

/** The top folder of the working tree that a folder lies in, or the folder itself outside of git. */
export function topOf(folder: string): string {
  return git(folder, 'rev-parse', '--show-toplevel') ?? folder
}

function originOf(url: string): Pick<Checkout, 'repository' | 'serverUrl'> {
  const found =
    /^(?<scheme>https?):\/\/(?:[^@/]*@)?(?<host>[^/]+)\/(?<path>[^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url) ??
    /^(?:ssh:\/\/)?(?:[^@/]+@)(?<host>[^:/]+)(?::\d+)?[:/](?<path>[^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)
  const {scheme = 'https', host, path} = found?.groups ?? {}
  return host === undefined || path === undefined ? {} : {repository: path, serverUrl: `${scheme}://${host}`}
}

// A checkout that belongs to someone else is read all the same: nothing of it is run.
function git(workspace: string, ...words: string[]): string | undefined {
  const asked = spawnSync('git', ['-C', workspace, ...words], {
    encoding: 'utf8',
    env: {...process.env, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*'}
  })
  const answer = asked.status === 0 ? asked.stdout.trim() : ''
  return answer === '' ? undefined : answer
}
