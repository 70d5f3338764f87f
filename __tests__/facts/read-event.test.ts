import {describe, expect, test} from '@jest/globals'
import {EVENT_NAMES, type EventName, makeEvent} from '../../scripts/runner/events.ts'
import {readEvent} from '../../src/facts/read-event.ts'
import type {EventFacts, Origin} from '../../src/model/event.ts'
import {makeFakeHost} from '../support/fake-host.ts'

const PATH = '/temp/event.json'

function eventOf(name: EventName, env: Record<string, string> = {}): Promise<EventFacts> {
  const event = makeEvent(name, {repository: 'Acme/Vision'})
  const host = makeFakeHost({
    files: {[PATH]: JSON.stringify(event.payload ?? {})},
    env: {
      GITHUB_EVENT_NAME: event.name,
      GITHUB_EVENT_PATH: PATH,
      GITHUB_REPOSITORY: event.repository,
      GITHUB_SHA: event.sha,
      GITHUB_REF: event.ref,
      GITHUB_ACTOR: event.actor,
      GITHUB_RUN_ID: event.runId,
      GITHUB_RUN_NUMBER: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_SERVER_URL: `${event.serverUrl}/`,
      ...env
    }
  })
  return readEvent(host)
}

const PLAYED: readonly {name: EventName; origin: Origin}[] = [
  {name: 'push', origin: 'own-branch'},
  {name: 'push-tag', origin: 'own-tag'},
  {name: 'push-deleted-branch', origin: 'deleted-branch'},
  {name: 'push-in-fork', origin: 'own-branch'},
  {name: 'dependabot-push', origin: 'dependabot'},
  {name: 'pull-request', origin: 'own-pull-request'},
  {name: 'fork-pull-request', origin: 'fork-pull-request'},
  {name: 'fork-pull-request-with-secrets', origin: 'fork-pull-request'},
  {name: 'deleted-fork-pull-request', origin: 'fork-pull-request'},
  {name: 'pull-request-in-fork', origin: 'own-pull-request'},
  {name: 'dependabot-pull-request', origin: 'dependabot'},
  {name: 'pull-request-target', origin: 'pull-request-target'},
  {name: 'fork-pull-request-target', origin: 'pull-request-target'},
  {name: 'deleted-fork-pull-request-target', origin: 'pull-request-target'},
  {name: 'dependabot-pull-request-target', origin: 'pull-request-target'},
  {name: 'pull-request-review', origin: 'own-pull-request'},
  {name: 'fork-pull-request-review', origin: 'fork-pull-request'},
  {name: 'workflow-dispatch', origin: 'dispatch'},
  {name: 'schedule', origin: 'schedule'},
  {name: 'release', origin: 'release'},
  {name: 'merge-group', origin: 'merge-queue'},
  {name: 'workflow-run', origin: 'workflow-run'},
  {name: 'fork-workflow-run', origin: 'foreign-workflow-run'},
  {name: 'repository-dispatch', origin: 'repository-dispatch'},
  {name: 'issue-comment', origin: 'comment'},
  {name: 'pull-request-comment', origin: 'comment'},
  {name: 'watch', origin: 'bystander'},
  {name: 'unheard', origin: 'unknown'}
]

describe('readEvent', () => {
  test.each(PLAYED)('GitHub’s own payload of $name gives $origin', async ({name, origin}) => {
    expect((await eventOf(name)).origin).toBe(origin)
  })

  test('every event that the runner plays is among them', () => {
    expect(PLAYED.map(({name}) => name).toSorted()).toEqual([...EVENT_NAMES].toSorted())
  })

  test('a push is told with everything that tags and labels need', async () => {
    expect(await eventOf('push', {GITHUB_REF_PROTECTED: 'true', GITHUB_WORKFLOW: 'image'})).toMatchObject({
      name: 'push',
      repository: {owner: 'Acme', name: 'Vision', isFork: false, isPrivate: false, defaultBranch: 'main'},
      ref: 'refs/heads/main',
      refName: 'main',
      refType: 'branch',
      isRefProtected: true,
      runNumber: 7,
      runAttempt: 2,
      workflow: 'image',
      serverUrl: 'https://github.com',
      startedAt: '2026-11-20T09:30:00.000Z'
    })
  })

  test('a pull request is told with its number and commits, and its ref is no branch', async () => {
    expect(await eventOf('pull-request')).toMatchObject({
      pullRequest: {number: 42, headSha: expect.stringMatching(/^[0-9a-f]{40}$/), baseRef: 'main'},
      refType: 'other'
    })
  })

  test('a payload about another repository says nothing about this run', async () => {
    const event = await eventOf('push', {GITHUB_REPOSITORY: 'acme/other'})
    expect(event).toMatchObject({origin: 'unknown', repository: {owner: 'acme', name: 'other'}})
  })

  test.each([
    {given: 'no name', env: {GITHUB_EVENT_NAME: ''}},
    {given: 'no path', env: {GITHUB_EVENT_PATH: ''}},
    {given: 'a path to nothing', env: {GITHUB_EVENT_PATH: '/temp/none.json'}},
    {given: 'no repository', env: {GITHUB_REPOSITORY: ''}},
    {given: 'a repository without an owner', env: {GITHUB_REPOSITORY: 'vision'}},
    {given: 'no commit', env: {GITHUB_SHA: ''}},
    {given: 'a commit that is none', env: {GITHUB_SHA: 'main'}}
  ])('$given cannot be decided on', async ({env}) => {
    await expect(eventOf('push', env)).rejects.toMatchObject({code: 'event-unreadable'})
  })

  test.each([
    {given: 'half a file', text: '{"ref": "refs/he'},
    {given: 'an empty file', text: ''},
    {given: 'a list', text: '[]'},
    {given: 'nothing', text: 'null'}
  ])('$given in the event’s file cannot be decided on', async ({text}) => {
    const env = {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: PATH,
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_SHA: '0'.repeat(40)
    }
    const host = makeFakeHost({env, files: {[PATH]: text}})
    await expect(readEvent(host)).rejects.toMatchObject({code: 'event-unreadable'})
  })
})
