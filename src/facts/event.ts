import type {Origin, SecretSource} from '../model/event.ts'
import {isForeign, type Payload} from './payload.ts'

/** What an event is judged by. */
export interface EventSeen {
  readonly payload: Payload
  /** `GITHUB_REF`. */
  readonly ref: string
  /** Who caused the event (`GITHUB_ACTOR`), and who runs it, perhaps once more (`GITHUB_TRIGGERING_ACTOR`). */
  readonly actors: readonly string[]
  /** `github.secret_source`, empty where that is not known. */
  readonly secretSource: string
}

/** An origin, and the sentence that says why. */
export interface Judged {
  readonly origin: Origin
  readonly because: string
}

type Judge = (seen: EventSeen) => Judged

const DEPENDABOT = 'dependabot[bot]'

/** GitHub hands out the secrets of this store for nothing but what Dependabot started. */
const DEPENDABOTS_STORE: SecretSource = 'Dependabot'

/** Origins that stand for people of this repository, unless GitHub says that Dependabot is behind them. */
const OWN: readonly Origin[] = [
  'own-branch',
  'own-tag',
  'own-pull-request',
  'workflow-run',
  'dispatch',
  'schedule',
  'release',
  'merge-queue',
  'repository-dispatch'
]

/** Events after which a `workflow_run` may be as trusted as its own code: none of them runs what is not merged. */
const VOUCHED = ['push', 'schedule', 'workflow_dispatch', 'release', 'repository_dispatch']

const BYSTANDER = judgement('bystander', 'This event is not about code.')
const COMMENT = judgement('comment', 'Anyone may comment, and the commits are not in the event.')
const PULL_REQUEST: Judge = judgePullRequest

/**
 * One row for every event that can start a workflow, and a few that could once. A new event is a new row here.
 *
 * The origin never follows from the name alone where the payload can say otherwise.
 * Source: GitHub "Events that trigger workflows", read 2026-11.
 */
export const EVENTS: ReadonlyMap<string, Judge> = new Map([
  ['branch_protection_rule', BYSTANDER],
  ['check_run', BYSTANDER],
  ['check_suite', BYSTANDER],
  ['commit_comment', COMMENT],
  ['create', BYSTANDER],
  ['delete', BYSTANDER],
  ['deployment', BYSTANDER],
  ['deployment_status', BYSTANDER],
  ['discussion', BYSTANDER],
  ['discussion_comment', COMMENT],
  ['dynamic', BYSTANDER],
  ['fork', BYSTANDER],
  ['gollum', BYSTANDER],
  ['image_version', BYSTANDER],
  ['issue_comment', COMMENT],
  ['issues', BYSTANDER],
  ['label', BYSTANDER],
  ['member', BYSTANDER],
  ['merge_group', judgeMergeGroup],
  ['milestone', BYSTANDER],
  ['page_build', BYSTANDER],
  ['project', BYSTANDER],
  ['project_card', BYSTANDER],
  ['project_column', BYSTANDER],
  ['public', BYSTANDER],
  ['pull_request', PULL_REQUEST],
  ['pull_request_comment', COMMENT],
  ['pull_request_review', PULL_REQUEST],
  ['pull_request_review_comment', PULL_REQUEST],
  [
    'pull_request_target',
    judgement('pull-request-target', 'The event holds rights although its subject is a pull request.')
  ],
  ['push', judgePush],
  ['registry_package', BYSTANDER],
  ['release', judgeRelease],
  [
    'repository_dispatch',
    judgement('repository-dispatch', 'A program with write access asked for the default branch.')
  ],
  ['schedule', judgement('schedule', 'The default branch is built by the clock.')],
  ['status', BYSTANDER],
  ['watch', BYSTANDER],
  // A called workflow sees its caller's event; as an event of its own this name says nothing.
  ['workflow_call', judgement('unknown', 'A called workflow runs under the event of its caller, which is not named.')],
  ['workflow_dispatch', judgeDispatch],
  ['workflow_run', judgeWorkflowRun]
])

/** Who wrote the code of an event. What cannot be read, or has no row, is `unknown`. */
export function originOf(name: string, seen: EventSeen): Judged {
  const judge = EVENTS.get(name)
  if (judge === undefined) return unknown(`The event ${name} is not known to this version of the action.`)
  const judged = judge(seen)
  return seen.secretSource === DEPENDABOTS_STORE && OWN.includes(judged.origin) ? dependabot() : judged
}

/** Commits in a privileged event's payload that others wrote: they may not be built with its rights. */
export function foreignCommitsOf(name: string, payload: Payload): readonly string[] {
  const {pull_request: pull, workflow_run: run, repository} = payload
  const isPull = name === 'pull_request_target' && isForeign(pull?.head?.repo, repository)
  const isRun = name === 'workflow_run' && isForeign(run?.head_repository, repository)
  const ofPull = isPull ? [pull?.head?.sha, pull?.merge_commit_sha] : []
  const ofRun = isRun ? [run?.head_sha, run?.head_commit?.id] : []
  const found = [...ofPull, ...ofRun].flatMap(sha => (typeof sha === 'string' && sha !== '' ? [sha] : []))
  return [...new Set(found)]
}

function judgePush(seen: EventSeen): Judged {
  const {payload, ref} = seen
  if (typeof payload.ref !== 'string') return unknown('The payload of this push names no branch or tag.')
  if (payload.deleted === true) return {origin: 'deleted-branch', because: `${payload.ref} was deleted.`}
  if (ref !== '' && payload.ref !== ref) return unknown(`The payload is about ${payload.ref}, the run about ${ref}.`)
  if (isDependabots(seen, payload.pusher?.name, payload.sender?.login)) return dependabot()
  if (payload.ref.startsWith('refs/tags/')) return {origin: 'own-tag', because: 'A tag of this repository was pushed.'}
  if (!payload.ref.startsWith('refs/heads/')) return unknown(`${payload.ref} is neither a branch nor a tag.`)
  return {origin: 'own-branch', because: 'A branch of this repository was pushed.'}
}

function judgePullRequest(seen: EventSeen): Judged {
  const {payload} = seen
  const pull = payload.pull_request
  if (pull === undefined || pull === null) return unknown('The payload has no pull request.')
  const base = payload.repository
  if (pull.head?.repo === null) return {origin: 'fork-pull-request', because: 'The fork that it came from was deleted.'}
  const isFork = isForeign(pull.head?.repo, base) || (pull.base?.repo != null && isForeign(pull.base.repo, base))
  if (isFork) return {origin: 'fork-pull-request', because: 'The pull request comes from another repository.'}
  if (isDependabots(seen, pull.user?.login)) return dependabot()
  return {origin: 'own-pull-request', because: 'The pull request comes from a branch of this repository.'}
}

function judgeMergeGroup({payload}: EventSeen): Judged {
  if (typeof payload.merge_group?.head_sha !== 'string') return unknown('The payload has no merge group.')
  return {origin: 'merge-queue', because: 'The merge queue tries commits before they are merged.'}
}

function judgeRelease({payload}: EventSeen): Judged {
  if (typeof payload.release?.tag_name !== 'string') return unknown('The payload has no release.')
  const isGone = payload.action === 'deleted' || payload.action === 'unpublished'
  if (isGone) return {origin: 'bystander', because: `The release ${payload.release.tag_name} was ${payload.action}.`}
  return {origin: 'release', because: `The release ${payload.release.tag_name} of this repository is built.`}
}

function judgeDispatch(seen: EventSeen): Judged {
  const {payload, ref} = seen
  if (isDependabots(seen)) return dependabot()
  if (typeof payload.ref === 'string' && ref !== '' && !isSameRef(payload.ref, ref)) {
    return unknown(`The payload is about ${payload.ref}, the run about ${ref}.`)
  }
  return {origin: 'dispatch', because: 'Someone with write access started it by hand.'}
}

function judgeWorkflowRun({payload}: EventSeen): Judged {
  const run = payload.workflow_run
  const foreign = (because: string): Judged => ({origin: 'foreign-workflow-run', because})
  if (run === undefined || run === null) return unknown('The payload has no workflow run.')
  if (isForeign(run.head_repository, payload.repository)) {
    return foreign('The run that it follows built the code of another repository.')
  }
  if ([run.actor?.login, run.triggering_actor?.login].includes(DEPENDABOT)) {
    return foreign('The run that it follows was Dependabot’s.')
  }
  if (!VOUCHED.includes(run.event ?? '')) {
    return foreign(
      `The run that it follows was started by ${run.event ?? 'an unnamed event'}, whose code need not be merged.`
    )
  }
  if (run.conclusion !== 'success')
    return foreign(`The run that it follows ended with ${run.conclusion ?? 'no result'}.`)
  return {origin: 'workflow-run', because: 'It follows a successful run of this repository’s own code.'}
}

/**
 * Whether Dependabot wrote it or started it. The third sign, whose secrets the run sees, holds for every event.
 *
 * No sign does alone: a person may run Dependabot's work again, and then only the author and the store tell.
 */
function isDependabots({actors}: EventSeen, ...authors: readonly (string | undefined)[]): boolean {
  return [...actors, ...authors].includes(DEPENDABOT)
}

/** A dispatch's payload may have the short name of a ref. */
function isSameRef(one: string, other: string): boolean {
  return [one, `refs/heads/${one}`, `refs/tags/${one}`].includes(other)
}

function dependabot(): Judged {
  return {origin: 'dependabot', because: 'Dependabot wrote the commits.'}
}

function unknown(because: string): Judged {
  return {origin: 'unknown', because}
}

function judgement(origin: Origin, because: string): Judge {
  return () => ({origin, because})
}
