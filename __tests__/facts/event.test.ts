import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {EVENTS, foreignCommitsOf, originOf} from '../../src/facts/event.ts'
import type {Payload} from '../../src/facts/payload.ts'
import {ORIGINS, type Origin} from '../../src/model/event.ts'

const OWN = {id: 1, full_name: 'acme/app'}
const FORK = {id: 2, full_name: 'mallory/app', fork: true}
const BOT = {login: 'dependabot[bot]'}

interface Given {
  readonly event: string
  readonly payload: unknown
  readonly ref?: string
  readonly actor?: string
  /** Who runs it, where that is another person: a re-run. */
  readonly again?: string
  readonly secretSource?: string
}

function originFor({event, payload, ref = '', actor = 'octo', again = actor, secretSource = ''}: Given): Origin {
  return originOf(event, {payload: payload as Payload, ref, actors: [actor, again], secretSource}).origin
}

function pull(head: unknown, user: object = {login: 'octo'}): object {
  return {repository: OWN, pull_request: {number: 7, user, head, base: {ref: 'main', repo: OWN}}}
}

function followed(run: object): object {
  const usual = {event: 'push', conclusion: 'success', head_repository: OWN, head_sha: 'a', actor: {login: 'octo'}}
  return {repository: OWN, workflow_run: {...usual, ...run}}
}

describe('whose code an event is about', () => {
  test.each<Given & {given: string; then: Origin}>([
    {given: 'a push to a branch', event: 'push', payload: {ref: 'refs/heads/main'}, then: 'own-branch'},
    {given: 'a push of a tag', event: 'push', payload: {ref: 'refs/tags/v1'}, then: 'own-tag'},
    {given: 'a deleted branch', event: 'push', payload: {ref: 'refs/heads/x', deleted: true}, then: 'deleted-branch'},
    {given: 'a push without a ref', event: 'push', payload: {}, then: 'unknown'},
    {given: 'a push of something else', event: 'push', payload: {ref: 'refs/notes/x'}, then: 'unknown'},
    {
      given: 'a push whose payload is about another branch',
      event: 'push',
      payload: {ref: 'refs/heads/main'},
      ref: 'refs/heads/other',
      then: 'unknown'
    },
    {
      given: 'a push by Dependabot',
      event: 'push',
      payload: {ref: 'refs/heads/dependabot/x'},
      actor: 'dependabot[bot]',
      then: 'dependabot'
    },
    {
      given: 'a push by Dependabot that a person runs again',
      event: 'push',
      payload: {ref: 'refs/heads/dependabot/x', pusher: {name: 'dependabot[bot]'}},
      then: 'dependabot'
    },
    {
      given: 'a push by a person that Dependabot’s secrets are given to',
      event: 'push',
      payload: {ref: 'refs/heads/main'},
      secretSource: 'Dependabot',
      then: 'dependabot'
    },
    {
      given: 'a push that GitHub’s usual secrets are given to',
      event: 'push',
      payload: {ref: 'refs/heads/main'},
      secretSource: 'Actions',
      then: 'own-branch'
    },
    {
      given: 'a push by a person that Dependabot runs again',
      event: 'push',
      payload: {ref: 'refs/heads/main'},
      again: 'dependabot[bot]',
      then: 'dependabot'
    },
    {
      given: 'Dependabot’s pull request that a person runs again',
      event: 'pull_request',
      payload: pull({repo: OWN}, BOT),
      actor: 'octo',
      secretSource: 'Actions',
      then: 'dependabot'
    },
    {
      given: 'a pull request by a person that Dependabot’s secrets are given to',
      event: 'pull_request',
      payload: pull({repo: OWN}),
      secretSource: 'Dependabot',
      then: 'dependabot'
    },
    {
      given: 'a fork’s pull request, whatever secrets it is given',
      event: 'pull_request',
      payload: pull({repo: FORK}),
      secretSource: 'Actions',
      then: 'fork-pull-request'
    },
    {
      given: 'a schedule that Dependabot’s secrets are given to',
      event: 'schedule',
      payload: {},
      secretSource: 'Dependabot',
      then: 'dependabot'
    },
    {
      given: 'a merge group that Dependabot’s secrets are given to',
      event: 'merge_group',
      payload: {merge_group: {head_sha: 'a'}},
      secretSource: 'Dependabot',
      then: 'dependabot'
    },
    {
      given: 'a store of secrets that GitHub may add one day',
      event: 'push',
      payload: {ref: 'refs/heads/main'},
      secretSource: 'Organization',
      then: 'own-branch'
    },
    {given: 'an own pull request', event: 'pull_request', payload: pull({repo: OWN}), then: 'own-pull-request'},
    {
      given: 'an own pull request in a repository that was renamed meanwhile',
      event: 'pull_request',
      payload: pull({repo: {id: 1, full_name: 'acme/old-name'}}),
      then: 'own-pull-request'
    },
    {
      given: 'an own pull request inside a repository that is a fork itself',
      event: 'pull_request',
      payload: {...pull({repo: {...OWN, fork: true}}), repository: {...OWN, fork: true}},
      then: 'own-pull-request'
    },
    {
      given: 'a pull request from a fork',
      event: 'pull_request',
      payload: pull({repo: FORK}),
      then: 'fork-pull-request'
    },
    {
      given: 'a pull request from a fork with the same name',
      event: 'pull_request',
      payload: pull({repo: {id: 2, full_name: 'acme/app'}}),
      then: 'fork-pull-request'
    },
    {
      given: 'a pull request whose fork was deleted',
      event: 'pull_request',
      payload: pull({repo: null}),
      then: 'fork-pull-request'
    },
    {
      given: 'a pull request without a head',
      event: 'pull_request',
      payload: pull(undefined),
      then: 'fork-pull-request'
    },
    {
      given: 'a pull request where neither side has an id',
      event: 'pull_request',
      payload: {repository: {full_name: 'Acme/App'}, pull_request: {head: {repo: {full_name: 'acme/app'}}}},
      then: 'own-pull-request'
    },
    {
      given: 'a pull request where nothing is named',
      event: 'pull_request',
      payload: {repository: {}, pull_request: {head: {repo: {}}}},
      then: 'fork-pull-request'
    },
    {given: 'a pull request without itself', event: 'pull_request', payload: {repository: OWN}, then: 'unknown'},
    {given: 'Dependabot’s pull request', event: 'pull_request', payload: pull({repo: OWN}, BOT), then: 'dependabot'},
    {
      given: 'a person’s pull request that Dependabot runs',
      event: 'pull_request',
      payload: pull({repo: OWN}),
      actor: 'dependabot[bot]',
      then: 'dependabot'
    },
    {
      given: 'a fork’s pull request by Dependabot',
      event: 'pull_request',
      payload: pull({repo: FORK}, BOT),
      then: 'fork-pull-request'
    },
    {
      given: 'a review of a fork’s pull request',
      event: 'pull_request_review',
      payload: pull({repo: FORK}),
      then: 'fork-pull-request'
    },
    {
      given: 'a privileged event about an own pull request',
      event: 'pull_request_target',
      payload: pull({repo: OWN}),
      then: 'pull-request-target'
    },
    {
      given: 'a privileged event about a fork',
      event: 'pull_request_target',
      payload: pull({repo: FORK}),
      then: 'pull-request-target'
    },
    {given: 'a run after a push', event: 'workflow_run', payload: followed({}), then: 'workflow-run'},
    {
      given: 'a run after a fork’s',
      event: 'workflow_run',
      payload: followed({event: 'pull_request', head_repository: FORK}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after a push in a fork',
      event: 'workflow_run',
      payload: followed({head_repository: FORK}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after a deleted fork’s',
      event: 'workflow_run',
      payload: followed({head_repository: null}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after an own pull request, which is not merged',
      event: 'workflow_run',
      payload: followed({event: 'pull_request'}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after a privileged event',
      event: 'workflow_run',
      payload: followed({event: 'pull_request_target'}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after one that failed',
      event: 'workflow_run',
      payload: followed({conclusion: 'failure'}),
      then: 'foreign-workflow-run'
    },
    {
      given: 'a run after Dependabot’s',
      event: 'workflow_run',
      payload: followed({triggering_actor: BOT}),
      then: 'foreign-workflow-run'
    },
    {given: 'a run after nothing', event: 'workflow_run', payload: {repository: OWN}, then: 'unknown'},
    {given: 'a dispatch', event: 'workflow_dispatch', payload: {ref: 'refs/heads/main'}, then: 'dispatch'},
    {
      given: 'a dispatch with a short ref',
      event: 'workflow_dispatch',
      payload: {ref: 'main'},
      ref: 'refs/heads/main',
      then: 'dispatch'
    },
    {
      given: 'a dispatch of another ref',
      event: 'workflow_dispatch',
      payload: {ref: 'refs/heads/a'},
      ref: 'refs/heads/b',
      then: 'unknown'
    },
    {given: 'a schedule', event: 'schedule', payload: {schedule: '0 4 * * *'}, then: 'schedule'},
    {
      given: 'a published release',
      event: 'release',
      payload: {action: 'published', release: {tag_name: 'v1'}},
      then: 'release'
    },
    {
      given: 'a deleted release',
      event: 'release',
      payload: {action: 'deleted', release: {tag_name: 'v1'}},
      then: 'bystander'
    },
    {given: 'a release without itself', event: 'release', payload: {}, then: 'unknown'},
    {given: 'the merge queue', event: 'merge_group', payload: {merge_group: {head_sha: 'a'}}, then: 'merge-queue'},
    {given: 'a queue without a group', event: 'merge_group', payload: {}, then: 'unknown'},
    {given: 'a call from outside', event: 'repository_dispatch', payload: {action: 'x'}, then: 'repository-dispatch'},
    {given: 'a comment', event: 'issue_comment', payload: {}, then: 'comment'},
    {given: 'a star', event: 'watch', payload: {}, then: 'bystander'},
    {given: 'the name of a called workflow', event: 'workflow_call', payload: {}, then: 'unknown'},
    {given: 'an event that nobody wrote a row for', event: 'full_moon', payload: {}, then: 'unknown'},
    {given: 'a name that every object has', event: 'constructor', payload: {}, then: 'unknown'},
    {given: 'another such name', event: '__proto__', payload: {}, then: 'unknown'}
  ])('$given: $then', ({then, ...given}) => {
    expect(originFor(given)).toBe(then)
  })

  test.each([...EVENTS.keys()])('%s without a payload gives an origin and a sentence', name => {
    const {origin, because} = originOf(name, {payload: {}, ref: '', actors: [], secretSource: ''})
    expect(ORIGINS).toContain(origin)
    expect(because).toMatch(/^\S.*\.$/)
  })

  test('no store of secrets makes an origin more trusted', () => {
    const sources = fc.constantFrom('', 'None', 'Actions', 'Dependabot', 'Codespaces', 'Later')
    fc.assert(
      fc.property(fc.constantFrom(...EVENTS.keys()), fc.object(), sources, (event, payload, secretSource) => {
        const judged = originFor({event, payload, secretSource})
        expect([originFor({event, payload}), 'dependabot']).toContain(judged)
      })
    )
  })

  test('no payload makes it fail, and none turns a foreign pull request into an own one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVENTS.keys()), fc.object(), fc.string(), (event, payload, ref) => {
        expect(ORIGINS).toContain(originFor({event, payload, ref}))
      })
    )
    fc.assert(
      fc.property(fc.object(), fc.object(), (extra, user) => {
        expect(originFor({event: 'pull_request', payload: {...extra, ...pull({repo: FORK}, user)}})).toBe(
          'fork-pull-request'
        )
      })
    )
  })
})

describe('foreign commits in privileged events', () => {
  test.each([
    {
      given: 'a fork’s pull request',
      event: 'pull_request_target',
      payload: {repository: OWN, pull_request: {merge_commit_sha: 'm', head: {sha: 'h', repo: FORK}}},
      then: ['h', 'm']
    },
    {
      given: 'a deleted fork’s pull request',
      event: 'pull_request_target',
      payload: {repository: OWN, pull_request: {merge_commit_sha: null, head: {sha: 'h', repo: null}}},
      then: ['h']
    },
    {
      given: 'an own pull request',
      event: 'pull_request_target',
      payload: {repository: OWN, pull_request: {merge_commit_sha: 'm', head: {sha: 'h', repo: OWN}}},
      then: []
    },
    {
      given: 'a run after a fork’s',
      event: 'workflow_run',
      payload: {repository: OWN, workflow_run: {head_sha: 'h', head_commit: {id: 'h'}, head_repository: FORK}},
      then: ['h']
    },
    {
      given: 'a fork’s pull request on the event made for it',
      event: 'pull_request',
      payload: {repository: OWN, pull_request: {head: {sha: 'h', repo: FORK}}},
      then: []
    }
  ])('$given: $then', ({event, payload, then}) => {
    expect(foreignCommitsOf(event, payload as Payload)).toEqual(then)
  })
})
