import type {WorkflowEvent} from './event.ts'
import {EVENTS, type EventName, type EventRow} from './event-table.ts'
import type {Subject} from './payload.ts'
import {idOf} from './payload.ts'

export {EVENT_NAMES, EVENTS, type EventName} from './event-table.ts'

/** What a caller may choose about an event; all of it has a sensible value of its own. */
export interface EventOptions extends Partial<Subject> {
  readonly ref?: string
  readonly isRefProtected?: boolean
  readonly runId?: string
  readonly runNumber?: number
  readonly runAttempt?: number
  readonly workflow?: string
  readonly workflowPath?: string
}

/** An event ready to be played. What is not chosen is made up, but always the same. */
export function makeEvent(name: EventName, options: EventOptions = {}): WorkflowEvent {
  const row: EventRow = EVENTS[name]
  const subject = subjectOf(row, options)
  const ref = options.ref ?? row.ref(subject)
  const isPullRequest = row.event.startsWith('pull_request')
  const runNumber = options.runNumber ?? 7
  return {
    name: row.event,
    payload: row.payload(subject),
    repository: subject.repository,
    repositoryId: idOf(subject.repository),
    ownerId: idOf(subject.repository.split('/')[0] ?? ''),
    sha: subject.sha,
    ref,
    headRef: isPullRequest ? subject.branch : '',
    baseRef: isPullRequest ? subject.defaultBranch : '',
    actor: subject.actor,
    actorId: idOf(subject.actor),
    isRefProtected: options.isRefProtected ?? false,
    runId: options.runId ?? String(8_000_000_000 + runNumber),
    runNumber,
    runAttempt: options.runAttempt ?? 1,
    workflow: options.workflow ?? 'image',
    workflowPath: options.workflowPath ?? '.github/workflows/image.yml',
    workflowSha: subject.sha,
    workflowRef: ref,
    serverUrl: subject.serverUrl,
    token: row.token ?? 'as-declared',
    secretSource: row.secretSource ?? 'Actions',
    mayMintIdToken: row.mayMintIdToken ?? true
  }
}

function subjectOf(row: EventRow, options: EventOptions): Subject {
  const defaultBranch = options.defaultBranch ?? 'main'
  const chosen = shortened(options.ref)
  return {
    repository: 'acme/vision',
    serverUrl: 'https://github.com',
    isPrivate: false,
    isFork: false,
    defaultBranch,
    branch: defaultBranch,
    tag: 'v1.2.3',
    sha: '4f6d2c1ab0e95d83724c6b1a9f0e3d5c7b8a9012',
    headSha: '9b1c0d2e3f4a5b6c7d8e9f00112233445566778a',
    beforeSha: '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567',
    number: 42,
    actor: 'octo-dev',
    forkOwner: 'drive-by',
    ...row.subject,
    ...chosen,
    ...options
  }
}

// `--ref refs/heads/x` has to show in the payload too, not only in GITHUB_REF.
function shortened(ref: string | undefined): Partial<Subject> {
  if (ref?.startsWith('refs/heads/')) return {branch: ref.slice('refs/heads/'.length)}
  if (ref?.startsWith('refs/tags/')) return {tag: ref.slice('refs/tags/'.length)}
  return {}
}
