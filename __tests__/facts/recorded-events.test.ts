import {describe, expect, test} from '@jest/globals'
import {EVENTS} from '../../src/facts/event.ts'
import {readEvent} from '../../src/facts/read-event.ts'
import type {EventFacts, Origin, Trust} from '../../src/model/event.ts'
import {permit, trustOf} from '../../src/plan/permit.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {edited, type Recorded, recorded, without} from '../support/payloads/recorded.ts'

// Payloads that GitHub sent, as the runner puts them before a job: which origin they give, how far its code is trusted, and
// what becomes of a push. Where nothing of a kind was recorded, the row says what was edited.

const SHA = '0123456789abcdef0123456789abcdef01234567'
const FORK = ['pull_request', 'head', 'repo', 'id']
const DEPENDABOT = 'dependabot[bot]'

interface Row {
  readonly given: string
  readonly event: string
  /** The webhook that was recorded, where it is not named as the event. */
  readonly webhook?: string
  readonly action?: string
  /** Which of the recorded payloads are meant, where not all are. */
  readonly only?: (payload: Recorded) => boolean
  readonly edit?: (payload: Recorded) => Recorded
  /** `GITHUB_REF`. */
  readonly ref?: (payload: Recorded) => string
  readonly actor?: string
  /** Who runs it again. */
  readonly again?: string
  readonly secretSource?: string
  /** `image`, where the workflow names one; else it is the repository’s own name. */
  readonly image?: string
  readonly origin: Origin
  readonly trust: Trust
  /** The verdict on a push. */
  readonly push: string
}

const PUBLISHES = {trust: 'full', push: 'allowed'} as const
const UNMERGED = {origin: 'own-pull-request', trust: 'limited', push: 'unmerged'} as const
const FORKS = {origin: 'fork-pull-request', trust: 'none', push: 'fork'} as const
const DEPENDABOTS = {origin: 'dependabot', trust: 'none', push: 'dependabot'} as const
const PRIVILEGED = {origin: 'pull-request-target', trust: 'none', push: 'privileged-event'} as const
const FOREIGN_RUN = {origin: 'foreign-workflow-run', trust: 'none', push: 'foreign-run'} as const
const NOT_CODE = {origin: 'bystander', trust: 'none', push: 'bystander'} as const
const COMMENT = {origin: 'comment', trust: 'none', push: 'comment'} as const
const UNKNOWN = {origin: 'unknown', trust: 'none', push: 'unknown-event'} as const

const text = (payload: Recorded, ...path: readonly string[]) =>
  path.reduce<unknown>((at, name) => (at as Recorded | undefined)?.[name], payload)
const own = (payload: Recorded) => `refs/heads/${text(payload, 'repository', 'default_branch')}`
const pushed = (payload: Recorded) => (payload.deleted === true ? own(payload) : String(payload.ref))
const merge = (payload: Recorded) => `refs/pull/${text(payload, 'pull_request', 'number')}/merge`
const isTag = (payload: Recorded) => String(payload.ref).startsWith('refs/tags/')
const run = (name: string, value: unknown) => (payload: Recorded) => edited(payload, ['workflow_run', name], value)
const ownRun = (payload: Recorded) =>
  text(payload, 'workflow_run', 'head_repository', 'id') === text(payload, 'repository', 'id') &&
  text(payload, 'workflow_run', 'conclusion') === 'success'

const ROWS: readonly Row[] = [
  {
    given: 'a push to a branch',
    event: 'push',
    only: payload => !isTag(payload),
    ref: pushed,
    origin: 'own-branch',
    ...PUBLISHES
  },
  {
    given: 'a pushed tag',
    event: 'push',
    only: payload => isTag(payload) && payload.deleted !== true,
    ref: pushed,
    origin: 'own-tag',
    ...PUBLISHES
  },
  {
    given: 'a deleted tag, after which the run stands on the default branch',
    event: 'push',
    only: payload => payload.deleted === true,
    ref: pushed,
    origin: 'deleted-branch',
    trust: 'none',
    push: 'deleted-branch'
  },
  {
    given: 'a push inside a repository that is a fork itself (edited: `repository.fork`)',
    event: 'push',
    only: payload => !isTag(payload),
    edit: payload => edited(payload, ['repository', 'fork'], true),
    ref: pushed,
    origin: 'own-branch',
    ...PUBLISHES
  },
  {
    given: 'the same with the name that its workflow brought along from the original',
    event: 'push',
    only: payload => !isTag(payload),
    edit: payload => edited(payload, ['repository', 'fork'], true),
    ref: pushed,
    image: 'upstream/app',
    origin: 'own-branch',
    trust: 'full',
    push: 'fork-namespace'
  },
  {
    given: 'a push of Dependabot (edited: `pusher.name`) that a person runs again',
    event: 'push',
    only: payload => !isTag(payload),
    edit: payload => edited(payload, ['pusher', 'name'], DEPENDABOT),
    ref: pushed,
    again: 'octocat',
    ...DEPENDABOTS
  },
  {
    given: 'a push without a ref (edited: it is gone)',
    event: 'push',
    edit: payload => without(without(payload, ['ref']), ['deleted']),
    ref: own,
    ...UNKNOWN
  },
  ...['opened', 'synchronize', 'reopened', 'ready_for_review', 'closed', 'labeled'].flatMap((action): Row[] => [
    {
      given: `a pull request of the same repository, ${action}`,
      event: 'pull_request',
      action,
      ref: merge,
      ...UNMERGED
    },
    {
      given: `a pull request of a fork (edited: \`head.repo.id\`), ${action}`,
      event: 'pull_request',
      action,
      edit: payload => edited(payload, FORK, 4711),
      ref: merge,
      ...FORKS
    },
    {
      given: `a pull request whose fork is deleted (edited: \`head.repo\` is null), ${action}`,
      event: 'pull_request',
      action,
      edit: payload => edited(payload, ['pull_request', 'head', 'repo'], null),
      ref: merge,
      ...FORKS
    }
  ]),
  {
    given: 'a pull request with half a payload (edited: `head` is gone)',
    event: 'pull_request',
    edit: payload => without(payload, ['pull_request', 'head']),
    ref: merge,
    ...FORKS
  },
  {
    given: 'a pull request with half a payload (edited: `repository` is gone)',
    event: 'pull_request',
    edit: payload => without(payload, ['repository']),
    ref: merge,
    ...FORKS
  },
  {
    given: 'a pull request with half a payload (edited: it is gone itself)',
    event: 'pull_request',
    edit: payload => without(payload, ['pull_request']),
    ref: () => 'refs/pull/2/merge',
    ...UNKNOWN
  },
  {
    given: 'a pull request inside a repository that is a fork itself (edited: `fork`, on both sides)',
    event: 'pull_request',
    edit: payload =>
      edited(edited(payload, ['repository', 'fork'], true), ['pull_request', 'head', 'repo', 'fork'], true),
    ref: merge,
    ...UNMERGED
  },
  {
    given: 'a pull request by Dependabot (edited: its author)',
    event: 'pull_request',
    action: 'opened',
    edit: payload => edited(payload, ['pull_request', 'user', 'login'], DEPENDABOT),
    ref: merge,
    actor: DEPENDABOT,
    secretSource: 'Dependabot',
    ...DEPENDABOTS
  },
  {
    given: 'the same, run again by a person with the usual secrets: the author tells',
    event: 'pull_request',
    action: 'opened',
    edit: payload => edited(payload, ['pull_request', 'user', 'login'], DEPENDABOT),
    ref: merge,
    again: 'octocat',
    secretSource: 'Actions',
    ...DEPENDABOTS
  },
  {
    given: 'a person’s pull request that Dependabot started: the actor tells, also when a person runs it again',
    event: 'pull_request',
    action: 'synchronize',
    ref: merge,
    actor: DEPENDABOT,
    again: 'octocat',
    ...DEPENDABOTS
  },
  {
    given: 'a person’s pull request that sees Dependabot’s store: the secrets tell, also when run again',
    event: 'pull_request',
    action: 'synchronize',
    ref: merge,
    again: 'octocat',
    secretSource: 'Dependabot',
    ...DEPENDABOTS
  },
  {
    given: 'a pull request of the same repository that another person runs again',
    event: 'pull_request',
    action: 'synchronize',
    ref: merge,
    again: 'octocat',
    ...UNMERGED
  },
  {given: 'a review', event: 'pull_request_review', ref: merge, ...UNMERGED},
  {
    given: 'a review of a fork’s pull request (edited: `head.repo.id`)',
    event: 'pull_request_review',
    edit: payload => edited(payload, FORK, 4711),
    ref: merge,
    ...FORKS
  },
  {given: 'a comment of a review', event: 'pull_request_review_comment', ref: merge, ...UNMERGED},
  {
    given: 'pull_request_target of the same repository (recorded as pull_request, whose payload it has)',
    event: 'pull_request_target',
    webhook: 'pull_request',
    ref: own,
    ...PRIVILEGED
  },
  {
    given: 'pull_request_target of a fork (recorded as pull_request; edited: `head.repo.id`)',
    event: 'pull_request_target',
    webhook: 'pull_request',
    edit: payload => edited(payload, FORK, 4711),
    ref: own,
    ...PRIVILEGED
  },
  {
    given: 'a successful run of the repository’s own code',
    event: 'workflow_run',
    only: ownRun,
    ref: own,
    origin: 'workflow-run',
    ...PUBLISHES
  },
  {
    given: 'a run that was only requested, and has not ended',
    event: 'workflow_run',
    action: 'requested',
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a run whose code came from another repository, as it was recorded',
    event: 'workflow_run',
    only: payload =>
      text(payload, 'workflow_run', 'head_repository', 'id') !== undefined &&
      text(payload, 'workflow_run', 'head_repository', 'id') !== text(payload, 'repository', 'id'),
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a run after a fork’s pull request (edited: `head_repository.id` and `event`)',
    event: 'workflow_run',
    only: ownRun,
    edit: payload => edited(run('event', 'pull_request')(payload), ['workflow_run', 'head_repository', 'id'], 4711),
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a run after a deleted fork’s (edited: `head_repository` is null)',
    event: 'workflow_run',
    only: ownRun,
    edit: run('head_repository', null),
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a run after a pull request of the same repository (edited: `event`)',
    event: 'workflow_run',
    only: ownRun,
    edit: run('event', 'pull_request'),
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a run after one that failed (edited: `conclusion`)',
    event: 'workflow_run',
    only: ownRun,
    edit: run('conclusion', 'failure'),
    ref: own,
    ...FOREIGN_RUN
  },
  {
    given: 'a merge group',
    event: 'merge_group',
    ref: payload => String(text(payload, 'merge_group', 'head_ref')),
    origin: 'merge-queue',
    trust: 'limited',
    push: 'merge-queue'
  },
  {
    given: 'a dispatch',
    event: 'workflow_dispatch',
    ref: payload => String(payload.ref),
    origin: 'dispatch',
    ...PUBLISHES
  },
  {
    given: 'a dispatch that says another ref than the run',
    event: 'workflow_dispatch',
    ref: () => 'refs/heads/elsewhere',
    ...UNKNOWN
  },
  {
    given: 'a call of the API',
    event: 'repository_dispatch',
    ref: own,
    origin: 'repository-dispatch',
    ...PUBLISHES
  },
  {
    given: 'the clock (recorded as workflow_dispatch; edited: `schedule` in place of `inputs` and `ref`)',
    event: 'schedule',
    webhook: 'workflow_dispatch',
    edit: payload => edited(without(without(payload, ['inputs']), ['ref']), ['schedule'], '17 3 * * 1'),
    ref: own,
    origin: 'schedule',
    ...PUBLISHES
  },
  ...['published', 'created', 'edited', 'prereleased', 'released'].map(
    (action): Row => ({
      given: `a release that was ${action}`,
      event: 'release',
      action,
      ref: payload => `refs/tags/${text(payload, 'release', 'tag_name')}`,
      origin: 'release',
      ...PUBLISHES
    })
  ),
  {given: 'a release that was deleted', event: 'release', action: 'deleted', ref: own, ...NOT_CODE},
  {given: 'a comment on an issue', event: 'issue_comment', ref: own, ...COMMENT},
  {given: 'a comment on a commit', event: 'commit_comment', ref: own, ...COMMENT},
  {given: 'a comment in a discussion', event: 'discussion_comment', ref: own, ...COMMENT},
  ...[
    'branch_protection_rule',
    'check_run',
    'check_suite',
    'create',
    'delete',
    'deployment',
    'deployment_status',
    'discussion',
    'fork',
    'gollum',
    'issues',
    'label',
    'member',
    'milestone',
    'page_build',
    'project',
    'project_card',
    'project_column',
    'public',
    'status',
    'watch'
  ].map((event): Row => ({given: 'an event that is not about code', event, ref: own, ...NOT_CODE}))
]

/** The facts that a recorded payload gives, with the variables that the runner sets for it. */
function factsOf(payload: Recorded, row: Row): Promise<EventFacts> {
  const {event, ref = own, actor = text(payload, 'sender', 'login') ?? 'octo', again = actor, secretSource = ''} = row
  const path = '/temp/event.json'
  const host = makeFakeHost({
    files: {[path]: JSON.stringify(payload)},
    inputs: {'secret-source': secretSource},
    env: {
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: path,
      // A payload that names no repository is a payload of this one as far as anyone can tell.
      GITHUB_REPOSITORY: String(text(payload, 'repository', 'full_name') ?? 'octo-org/octo-repo'),
      GITHUB_SHA: SHA,
      GITHUB_REF: ref(payload),
      GITHUB_ACTOR: String(actor),
      GITHUB_TRIGGERING_ACTOR: String(again),
      GITHUB_RUN_ID: '4711',
      GITHUB_RUN_ATTEMPT: row.again === undefined ? '1' : '2'
    }
  })
  return readEvent(host)
}

describe('a payload that GitHub sent', () => {
  test.each(ROWS)('$event, $given: $origin, trust $trust, push $push', async row => {
    const payloads = recorded(row.webhook ?? row.event, row.action).filter(row.only ?? (() => true))
    expect(payloads.length).toBeGreaterThan(0)
    for (const payload of payloads.map(row.edit ?? (given => given))) {
      const event = await factsOf(payload, row)
      expect(event).toMatchObject({origin: row.origin, originBecause: expect.stringMatching(/^\S.*\.$/)})
      const {owner, name} = event.repository
      const images = [{registry: 'ghcr.io', repository: row.image ?? `${owner}/${name}`.toLowerCase()}]
      const facts = makeFacts({event, inputs: {images}})
      expect({trust: trustOf(facts), push: permit(facts, 'push').code}).toEqual({trust: row.trust, push: row.push})
    }
  })

  test('every event that can start a workflow has a row, or was never recorded', () => {
    const rows = new Set(ROWS.map(({event}) => event))
    const missing = [...EVENTS.keys()].filter(event => !rows.has(event))
    expect(missing).toEqual(['dynamic', 'image_version', 'pull_request_comment', 'registry_package', 'workflow_call'])
    expect(missing.flatMap(event => recorded(event))).toEqual([])
  })

  test('what a workflow that others call sees is its caller’s event, and nothing else of it is believed', async () => {
    const row = {event: 'workflow_call', given: '', ...UNKNOWN}
    for (const payload of recorded('push')) {
      expect(await factsOf(payload, {...row, ref: pushed})).toMatchObject({origin: 'unknown'})
    }
  })
})
