import type {WorkflowEvent} from './event.ts'
import type {Payload, Subject} from './payload.ts'
import * as payload from './payload.ts'

/** One way in which a workflow can be started. */
export interface EventRow {
  /** Whose doing it is, in words. */
  readonly says: string
  readonly event: string
  readonly ref: (subject: Subject) => string
  readonly payload: (subject: Subject) => Payload
  /** What the row knows better than the general defaults. */
  readonly subject?: Partial<Subject>
  readonly token?: WorkflowEvent['token']
  readonly secretSource?: WorkflowEvent['secretSource']
  readonly mayMintIdToken?: boolean
}

const DEPENDABOT = 'dependabot[bot]'
const OF_BRANCH = (subject: Subject) => `refs/heads/${subject.branch}`
const OF_DEFAULT = (subject: Subject) => `refs/heads/${subject.defaultBranch}`
const OF_TAG = (subject: Subject) => `refs/tags/${subject.tag}`
const OF_MERGE = (subject: Subject) => `refs/pull/${subject.number}/merge`
/** What GitHub takes from a run whose code a stranger wrote. */
const STRANGER = {token: 'read-only', secretSource: 'None', mayMintIdToken: false} as const
const FROM_FORK = {branch: 'faster-kernel', actor: 'drive-by'}
const FROM_DEPENDABOT = {branch: 'dependabot/pip/torch-2.8.1', actor: DEPENDABOT}

/** Every event that can be played, by a name that says more than GitHub's. */
export const EVENTS = {
  push: {says: 'a push to a branch', event: 'push', ref: OF_BRANCH, payload: s => payload.pushPayload(s, OF_BRANCH(s))},
  'push-tag': {says: 'a pushed tag', event: 'push', ref: OF_TAG, payload: s => payload.pushPayload(s, OF_TAG(s))},
  'push-deleted-branch': {
    says: 'a branch that was deleted',
    event: 'push',
    // GitHub falls back to the default branch: the deleted one has no commit any more.
    ref: OF_DEFAULT,
    subject: {branch: 'old-kernel'},
    payload: s => ({
      ...payload.pushPayload(s, OF_BRANCH(s)),
      after: payload.ZERO_SHA,
      deleted: true,
      commits: [],
      head_commit: null
    })
  },
  'push-in-fork': {
    says: 'a push in a repository that is itself a fork',
    event: 'push',
    ref: OF_BRANCH,
    subject: {isFork: true},
    payload: s => payload.pushPayload(s, OF_BRANCH(s))
  },
  'dependabot-push': {
    says: 'a push by Dependabot',
    event: 'push',
    ref: OF_BRANCH,
    subject: FROM_DEPENDABOT,
    token: 'read-only',
    secretSource: 'Dependabot',
    payload: s => payload.pushPayload(s, OF_BRANCH(s))
  },
  'pull-request': {
    says: 'a pull request from a branch of the same repository',
    event: 'pull_request',
    ref: OF_MERGE,
    subject: {branch: 'faster-kernel'},
    payload: s => payload.pullRequestPayload(s, payload.repositoryOf(s), s.actor)
  },
  'fork-pull-request': {
    says: 'a pull request from a fork',
    event: 'pull_request',
    ref: OF_MERGE,
    subject: FROM_FORK,
    ...STRANGER,
    payload: s => payload.pullRequestPayload(s, payload.forkOf(s), s.forkOwner)
  },
  'fork-pull-request-with-secrets': {
    says: "a pull request from a private repository's fork, where the settings send it secrets and a writing token",
    event: 'pull_request',
    ref: OF_MERGE,
    subject: {...FROM_FORK, isPrivate: true},
    payload: s => payload.pullRequestPayload(s, payload.forkOf(s), s.forkOwner)
  },
  'deleted-fork-pull-request': {
    says: 'a pull request whose fork was deleted',
    event: 'pull_request',
    ref: OF_MERGE,
    subject: FROM_FORK,
    ...STRANGER,
    payload: s => payload.pullRequestPayload(s, null, s.forkOwner)
  },
  'pull-request-in-fork': {
    says: 'a pull request within a repository that is itself a fork',
    event: 'pull_request',
    ref: OF_MERGE,
    subject: {branch: 'faster-kernel', isFork: true},
    payload: s => payload.pullRequestPayload(s, payload.repositoryOf(s), s.actor)
  },
  'dependabot-pull-request': {
    says: 'a pull request by Dependabot',
    event: 'pull_request',
    ref: OF_MERGE,
    subject: FROM_DEPENDABOT,
    token: 'read-only',
    secretSource: 'Dependabot',
    payload: s => payload.pullRequestPayload(s, payload.repositoryOf(s), DEPENDABOT)
  },
  'pull-request-target': {
    says: 'pull_request_target for a branch of the same repository',
    event: 'pull_request_target',
    ref: OF_DEFAULT,
    subject: {branch: 'faster-kernel'},
    payload: s => payload.pullRequestPayload(s, payload.repositoryOf(s), s.actor)
  },
  'fork-pull-request-target': {
    says: 'pull_request_target for a fork: all rights, and a stranger asking',
    event: 'pull_request_target',
    ref: OF_DEFAULT,
    subject: FROM_FORK,
    payload: s => payload.pullRequestPayload(s, payload.forkOf(s), s.forkOwner)
  },
  'deleted-fork-pull-request-target': {
    says: 'pull_request_target for a fork that was deleted',
    event: 'pull_request_target',
    ref: OF_DEFAULT,
    subject: FROM_FORK,
    payload: s => payload.pullRequestPayload(s, null, s.forkOwner)
  },
  'dependabot-pull-request-target': {
    says: 'pull_request_target for a pull request by Dependabot',
    event: 'pull_request_target',
    ref: OF_DEFAULT,
    subject: FROM_DEPENDABOT,
    token: 'read-only',
    secretSource: 'Dependabot',
    payload: s => payload.pullRequestPayload(s, payload.repositoryOf(s), DEPENDABOT)
  },
  'pull-request-review': {
    says: 'a review of a pull request of the same repository',
    event: 'pull_request_review',
    ref: OF_MERGE,
    subject: {branch: 'faster-kernel', action: 'submitted'},
    payload: s => reviewPayload(s, payload.repositoryOf(s), s.actor)
  },
  'fork-pull-request-review': {
    says: "a review of a fork's pull request",
    event: 'pull_request_review',
    ref: OF_MERGE,
    subject: {...FROM_FORK, action: 'submitted'},
    ...STRANGER,
    payload: s => reviewPayload(s, payload.forkOf(s), s.forkOwner)
  },
  'workflow-dispatch': {
    says: 'someone started the workflow by hand',
    event: 'workflow_dispatch',
    ref: OF_BRANCH,
    payload: s => ({inputs: null, ref: OF_BRANCH(s), workflow: '.github/workflows/image.yml', ...payload.frameOf(s)})
  },
  schedule: {
    says: 'the clock',
    event: 'schedule',
    ref: OF_DEFAULT,
    payload: s => {
      const {repository, organization} = payload.frameOf(s)
      return {schedule: '17 3 * * 1', workflow: '.github/workflows/image.yml', repository, organization}
    }
  },
  release: {
    says: 'a published release',
    event: 'release',
    ref: OF_TAG,
    payload: s => ({
      action: s.action ?? 'published',
      release: {
        id: 3_300_100,
        tag_name: s.tag,
        target_commitish: s.defaultBranch,
        name: s.tag,
        draft: false,
        prerelease: false,
        author: payload.userOf(s.actor)
      },
      ...payload.frameOf(s)
    })
  },
  'merge-group': {
    says: 'the merge queue tries a pull request',
    event: 'merge_group',
    ref: s => queueRef(s),
    payload: s => ({
      action: 'checks_requested',
      merge_group: {
        head_sha: s.sha,
        head_ref: queueRef(s),
        base_sha: s.beforeSha,
        base_ref: OF_DEFAULT(s),
        head_commit: {id: s.sha, message: `Merge pull request #${s.number}`}
      },
      ...payload.frameOf(s)
    })
  },
  'workflow-run': {
    says: 'another workflow ended, which a push had started',
    event: 'workflow_run',
    ref: OF_DEFAULT,
    payload: s => payload.workflowRunPayload({...s, headSha: s.sha}, 'push', payload.repositoryOf(s))
  },
  'fork-workflow-run': {
    says: "another workflow ended, which a fork's pull request had started",
    event: 'workflow_run',
    ref: OF_DEFAULT,
    subject: FROM_FORK,
    payload: s => payload.workflowRunPayload(s, 'pull_request', payload.forkOf(s))
  },
  'repository-dispatch': {
    says: 'another system called',
    event: 'repository_dispatch',
    ref: OF_DEFAULT,
    payload: s => ({
      action: s.action ?? 'rebuild',
      branch: s.defaultBranch,
      client_payload: {reason: 'new base image'},
      ...payload.frameOf(s)
    })
  },
  'issue-comment': {
    says: 'a comment on an issue',
    event: 'issue_comment',
    ref: OF_DEFAULT,
    subject: {actor: 'drive-by'},
    payload: s => payload.commentPayload(s, {isPullRequest: false})
  },
  'pull-request-comment': {
    says: 'a comment on a pull request',
    event: 'issue_comment',
    ref: OF_DEFAULT,
    subject: {actor: 'drive-by'},
    payload: s => payload.commentPayload(s, {isPullRequest: true})
  },
  watch: {
    says: 'someone starred the repository',
    event: 'watch',
    ref: OF_DEFAULT,
    subject: {actor: 'drive-by'},
    payload: s => ({action: 'started', ...payload.frameOf(s)})
  },
  unheard: {
    says: 'an event that nobody has a row for',
    event: 'telepathy',
    ref: OF_DEFAULT,
    payload: s => payload.frameOf(s)
  }
} as const satisfies Readonly<Record<string, EventRow>>

/** A name of `EVENTS`. */
export type EventName = keyof typeof EVENTS

/** All names, in the order of the table. */
export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[]

function reviewPayload(subject: Subject, head: Payload, author: string): Payload {
  const {number: _, ...rest} = payload.pullRequestPayload(subject, head, author)
  return {...rest, review: {id: 6_600_100, state: 'approved', user: payload.userOf(subject.actor)}}
}

function queueRef(subject: Subject): string {
  return `refs/heads/gh-readonly-queue/${subject.defaultBranch}/pr-${subject.number}-${subject.beforeSha}`
}
