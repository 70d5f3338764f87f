import {describe, expect, test} from '@jest/globals'
import type {WorkflowEvent} from '../../scripts/runner/event.ts'
import {EVENT_NAMES, EVENTS, makeEvent} from '../../scripts/runner/events.ts'
import {UNPROVEN_PULL_REQUESTS} from '../support/payloads/strange.ts'

interface Seen {
  readonly repository?: {id?: number; full_name?: string; fork?: boolean; private?: boolean; default_branch?: string}
  readonly pull_request?: {
    number: number
    user: {login: string}
    merge_commit_sha: string
    head: {sha: string; ref: string; repo: {id: number; full_name: string; fork: boolean} | null}
    base: {repo: {id: number}}
  }
  readonly workflow_run?: {event: string; head_sha: string; head_repository: {id: number}}
  readonly [name: string]: unknown
}

const seen = (event: WorkflowEvent) => event.payload as Seen

describe('every event', () => {
  test.each(EVENT_NAMES)('%s names its repository by id, and survives JSON', name => {
    const event = makeEvent(name)
    expect(seen(event).repository).toMatchObject({id: event.repositoryId, full_name: 'acme/vision'})
    expect(JSON.parse(JSON.stringify(event.payload))).toEqual(event.payload)
    expect(event.sha).toMatch(/^[0-9a-f]{40}$/)
    expect(event.ref).toMatch(/^refs\/(heads|tags|pull)\//)
  })

  test.each(EVENT_NAMES)('%s takes a repository, a commit and a server of choice', name => {
    const sha = 'a'.repeat(40)
    const event = makeEvent(name, {repository: 'Bee/Hive', sha, serverUrl: 'http://127.0.0.1:1'})
    expect(event).toMatchObject({repository: 'Bee/Hive', sha, serverUrl: 'http://127.0.0.1:1'})
    expect(JSON.stringify(event.payload)).not.toContain('acme')
  })

  test('two repositories never share an id, one has it in any spelling', () => {
    expect(makeEvent('push', {repository: 'acme/a'}).repositoryId).not.toBe(makeEvent('push').repositoryId)
    expect(makeEvent('push', {repository: 'ACME/Vision'}).repositoryId).toBe(makeEvent('push').repositoryId)
  })
})

describe('who wrote the code', () => {
  test.each([
    {name: 'pull-request', isSame: true},
    {name: 'pull-request-in-fork', isSame: true},
    {name: 'dependabot-pull-request', isSame: true},
    {name: 'fork-pull-request', isSame: false},
    {name: 'fork-pull-request-with-secrets', isSame: false},
    {name: 'fork-pull-request-target', isSame: false},
    {name: 'fork-pull-request-review', isSame: false}
  ] as const)('given $name, head and base are one repository: $isSame', ({name, isSame}) => {
    const {pull_request: pull, repository} = seen(makeEvent(name))
    expect(pull?.base.repo.id).toBe(repository?.id)
    expect(pull?.head.repo?.id === repository?.id).toBe(isSame)
  })

  test.each(['deleted-fork-pull-request', 'deleted-fork-pull-request-target'] as const)(
    'given %s, nothing is left of the head repository',
    name => expect(seen(makeEvent(name)).pull_request?.head.repo).toBeNull()
  )

  test.each(['dependabot-pull-request', 'dependabot-pull-request-target'] as const)('given %s, a bot asks', name => {
    const event = makeEvent(name)
    expect(event.actor).toBe('dependabot[bot]')
    expect(seen(event).pull_request?.user.login).toBe('dependabot[bot]')
  })

  test('given a run that follows a push or a fork, the payload tells them apart', () => {
    const own = seen(makeEvent('workflow-run'))
    const foreign = seen(makeEvent('fork-workflow-run'))
    expect(own.workflow_run).toMatchObject({event: 'push', head_repository: {id: own.repository?.id}})
    expect(foreign.workflow_run?.event).toBe('pull_request')
    expect(foreign.workflow_run?.head_repository.id).not.toBe(foreign.repository?.id)
  })
})

describe('what GitHub grants', () => {
  test.each(EVENT_NAMES.filter(name => EVENTS[name].event === 'pull_request' && /fork-pull-request$/.test(name)))(
    '%s gets no secret, no writing token and no identity',
    name => expect(makeEvent(name)).toMatchObject({token: 'read-only', secretSource: 'None', mayMintIdToken: false})
  )

  test.each(['fork-pull-request-target', 'fork-pull-request-with-secrets', 'fork-workflow-run'] as const)(
    '%s gets everything, which is why it is dangerous',
    name => expect(makeEvent(name)).toMatchObject({token: 'as-declared', secretSource: 'Actions'})
  )
})

describe('what a payload says', () => {
  test.each([
    {name: 'push', options: {ref: 'refs/heads/dev'}, then: {ref: 'refs/heads/dev', deleted: false}},
    {name: 'push', options: {branch: 'dev'}, then: {ref: 'refs/heads/dev'}},
    {name: 'push-tag', options: {tag: 'v9'}, then: {ref: 'refs/tags/v9'}},
    {name: 'push-deleted-branch', options: {}, then: {deleted: true, after: '0'.repeat(40), head_commit: null}},
    {name: 'release', options: {ref: 'refs/tags/v3'}, then: {action: 'published', release: {tag_name: 'v3'}}},
    {name: 'merge-group', options: {sha: 'b'.repeat(40)}, then: {merge_group: {head_sha: 'b'.repeat(40)}}},
    {name: 'pull-request', options: {number: 5}, then: {number: 5, pull_request: {number: 5}}},
    {name: 'pull-request-comment', options: {number: 5}, then: {issue: {number: 5, pull_request: {}}}},
    {name: 'schedule', options: {}, then: {schedule: '17 3 * * 1'}},
    {name: 'push-in-fork', options: {}, then: {repository: {fork: true}}},
    {name: 'push', options: {isPrivate: true}, then: {repository: {private: true, visibility: 'private'}}}
  ] as const)('given $name with $options, it holds $then', ({name, options, then}) => {
    expect(makeEvent(name, options).payload).toMatchObject(then)
  })
})

describe('strange payloads', () => {
  test.each(UNPROVEN_PULL_REQUESTS)('given $given, the code is not proven to be our own', ({payload}) => {
    const {repository, pull_request: pull} = JSON.parse(JSON.stringify(payload)) as Seen
    const head: unknown = pull?.head?.repo?.id
    expect(typeof head === 'number' && head === repository?.id).toBe(false)
  })
})
