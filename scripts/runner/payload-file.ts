import {readFileSync} from 'node:fs'
import {basename} from 'node:path'
import type {WorkflowEvent} from './event.ts'
import {EVENT_NAMES, EVENTS, type EventName, type EventOptions, makeEvent} from './events.ts'
import {UsageError} from './options.ts'

/** The parts of a payload that say which event it is. */
interface AnyPayload {
  readonly ref?: string
  readonly after?: string
  readonly deleted?: boolean
  readonly number?: number
  readonly repository?: {id?: number; full_name?: string; default_branch?: string; private?: boolean; fork?: boolean}
  readonly sender?: {login?: string}
  readonly release?: {tag_name?: string}
  readonly pull_request?: {
    number?: number
    merge_commit_sha?: string | null
    user?: {login?: string}
    head?: {ref?: string; sha?: string; repo?: {id?: number} | null}
    base?: {ref?: string}
  }
}

/** Which key of a payload belongs to which event; the first that is there counts. */
const TELLING_KEYS: readonly (readonly [string, string])[] = [
  ['workflow_run', 'workflow_run'],
  ['merge_group', 'merge_group'],
  ['review', 'pull_request_review'],
  ['pull_request', 'pull_request'],
  ['comment', 'issue_comment'],
  ['release', 'release'],
  ['client_payload', 'repository_dispatch'],
  ['schedule', 'schedule'],
  ['pusher', 'push'],
  ['inputs', 'workflow_dispatch']
]

/**
 * Reads a payload as a file, for example one saved from `$GITHUB_EVENT_PATH`.
 *
 * The event's name comes from `name`, else from the file's name where it is one of GitHub's, else from what the payload
 * holds. Throws `UsageError` where it cannot be told.
 */
export function readPayloadFile(path: string, name: string | undefined, options: EventOptions): WorkflowEvent {
  const payload = parsePayload(path)
  const event = name ?? nameOf(path, payload)
  const chosen = {...optionsOf(payload), ...options}
  return {...makeEvent(rowFor(event, payload), chosen), name: event, payload}
}

function parsePayload(path: string): AnyPayload {
  const text = readText(path)
  try {
    const payload: unknown = JSON.parse(text)
    if (payload !== null && typeof payload === 'object' && !Array.isArray(payload)) return payload
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}`)
  }
  throw new UsageError(`${path} holds no JSON object.`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`The payload file cannot be read: ${(error as Error).message}`)
  }
}

function nameOf(path: string, payload: AnyPayload): string {
  const stem = basename(path).replace(/\.[^.]*$/, '')
  if (EVENT_NAMES.some(row => EVENTS[row].event === stem)) return stem
  const telling = TELLING_KEYS.find(([key]) => Object.hasOwn(payload, key))
  if (telling !== undefined) return telling[1]
  throw new UsageError(`${path} does not tell which event it is of. Say it with --event-name.`)
}

// The row decides what GitHub would grant: a stranger's pull request must not get secrets because a file was given.
function rowFor(event: string, payload: AnyPayload): EventName {
  const {pull_request: pull, repository} = payload
  const rows = EVENT_NAMES.filter(name => EVENTS[name].event === event)
  const wanted = (prefix: string) => rows.find(name => name.startsWith(prefix))
  if (pull?.user?.login === 'dependabot[bot]') return wanted('dependabot') ?? 'unheard'
  const isForeign = pull !== undefined && (pull.head?.repo?.id === undefined || pull.head.repo.id !== repository?.id)
  if (isForeign) return wanted('fork') ?? 'unheard'
  if (event === 'push' && payload.deleted === true) return 'push-deleted-branch'
  if (event === 'push' && payload.ref?.startsWith('refs/tags/') === true) return 'push-tag'
  return rows[0] ?? 'unheard'
}

function optionsOf(payload: AnyPayload): EventOptions {
  const {pull_request: pull, repository} = payload
  const isRefOwn = payload.ref?.startsWith('refs/') === true && payload.deleted !== true
  return dropAbsent({
    repository: repository?.full_name,
    defaultBranch: pull?.base?.ref ?? repository?.default_branch,
    isPrivate: repository?.private,
    isFork: repository?.fork,
    actor: payload.sender?.login,
    number: payload.number ?? pull?.number,
    branch: pull?.head?.ref,
    headSha: pull?.head?.sha,
    sha: pull?.merge_commit_sha ?? (payload.deleted === true ? undefined : payload.after),
    tag: payload.release?.tag_name,
    ref: isRefOwn ? payload.ref : undefined
  })
}

type Loose<T> = {[K in keyof T]: T[K] | undefined}

function dropAbsent(options: Loose<EventOptions>): EventOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
