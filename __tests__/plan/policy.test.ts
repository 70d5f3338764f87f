import {describe, expect, test} from '@jest/globals'
import {type InputRoot, OPT_INS, type OptIn, ORIGINS, type Origin} from '../../src/model/event.ts'
import type {Facts} from '../../src/model/facts.ts'
import {PERMISSIONS, type Permission} from '../../src/model/verdict.ts'
import {permit, trustOf} from '../../src/plan/permit.ts'
import {POLICY, policyTable} from '../../src/plan/policy.ts'
import {makeFacts} from '../support/facts.ts'

const ALL = [
  'build',
  'private-code',
  'build-secrets',
  'push',
  'move-tags',
  'cache-read',
  'cache-write',
  'shared-store',
  'sign',
  'gpu'
] as const
/** What a branch may do for itself, without standing for the repository. */
const FOR_ITSELF = ['build', 'private-code', 'build-secrets', 'push', 'cache-read', 'cache-write', 'gpu'] as const
const UNPROTECTED = {ref: 'refs/heads/speed', refName: 'speed', isRefProtected: false}

interface Expected {
  readonly origin: Origin
  readonly on?: string
  readonly event?: Partial<Facts['event']>
  readonly trust: 'full' | 'limited' | 'none'
  readonly may: readonly Permission[]
  readonly elsewhere?: string
}

const TABLE: readonly Expected[] = [
  {origin: 'own-branch', on: ' on the default branch', trust: 'full', may: ALL},
  {
    origin: 'own-branch',
    on: ' on another branch',
    event: UNPROTECTED,
    trust: 'full',
    may: FOR_ITSELF,
    elsewhere: 'unprotected-ref'
  },
  {
    origin: 'own-branch',
    on: ' on a protected branch',
    event: {...UNPROTECTED, isRefProtected: true},
    trust: 'full',
    may: ALL
  },
  {
    origin: 'own-branch',
    on: ' where the default branch is not known',
    event: {repository: {owner: 'acme', name: 'app', isFork: false}, isRefProtected: false},
    trust: 'full',
    may: FOR_ITSELF,
    elsewhere: 'unprotected-ref'
  },
  {origin: 'own-tag', trust: 'full', may: ALL},
  {origin: 'workflow-run', trust: 'full', may: ALL},
  {origin: 'dispatch', on: ' on the default branch', trust: 'full', may: ALL},
  {
    origin: 'dispatch',
    on: ' on another branch',
    event: UNPROTECTED,
    trust: 'full',
    may: FOR_ITSELF,
    elsewhere: 'unprotected-ref'
  },
  {
    origin: 'dispatch',
    on: ' on a tag',
    event: {ref: 'refs/tags/v1', refName: 'v1', refType: 'tag', isRefProtected: false},
    trust: 'full',
    may: ALL
  },
  {origin: 'schedule', trust: 'full', may: ALL},
  {origin: 'release', trust: 'full', may: ALL},
  {origin: 'repository-dispatch', trust: 'full', may: ALL},
  {
    origin: 'own-pull-request',
    trust: 'limited',
    may: ['build', 'private-code', 'build-secrets', 'cache-read'],
    elsewhere: 'unmerged'
  },
  {
    origin: 'merge-queue',
    trust: 'limited',
    may: ['build', 'private-code', 'build-secrets', 'cache-read', 'gpu'],
    elsewhere: 'merge-queue'
  },
  {origin: 'deleted-branch', trust: 'none', may: [], elsewhere: 'deleted-branch'},
  {origin: 'fork-pull-request', trust: 'none', may: ['build'], elsewhere: 'fork'},
  {origin: 'dependabot', trust: 'none', may: ['build'], elsewhere: 'dependabot'},
  {origin: 'pull-request-target', trust: 'none', may: ['build'], elsewhere: 'privileged-event'},
  {origin: 'foreign-workflow-run', trust: 'none', may: ['build'], elsewhere: 'foreign-run'},
  {origin: 'comment', trust: 'none', may: ['build'], elsewhere: 'comment'},
  {origin: 'bystander', trust: 'none', may: ['build'], elsewhere: 'bystander'},
  {origin: 'unknown', trust: 'none', may: ['build'], elsewhere: 'unknown-event'}
].map(row => ({on: '', ...row}) as Expected)

const FOREIGN: InputRoot = {
  root: 'workspace',
  place: '/home/runner/work/app/app',
  holds: 'foreign',
  because: 'The head of a fork’s pull request is checked out.'
}

describe('the policy', () => {
  test('has a row in this test for each origin', () => {
    expect([...new Set(TABLE.map(({origin}) => origin))].toSorted()).toEqual([...ORIGINS].toSorted())
  })

  test.each(TABLE)('gives $origin$on the trust $trust and permits $may', ({origin, event = {}, trust, may}) => {
    const facts = makeFacts({origin, event})
    expect(trustOf(facts)).toBe(trust)
    expect(PERMISSIONS.filter(permission => permit(facts, permission).allowed)).toEqual(may)
  })

  test.each(TABLE.filter(({elsewhere}) => elsewhere !== undefined))(
    'refuses everything else of $origin$on as $elsewhere, and a cache that may be private as such',
    ({origin, event = {}, may, elsewhere}) => {
      const refused = PERMISSIONS.filter(permission => !(may as readonly string[]).includes(permission))
      for (const permission of refused) {
        const verdict = permit(makeFacts({origin, event}), permission)
        expect([elsewhere, 'private-cache']).toContain(verdict.code)
        expect(verdict.because).toMatch(/\.$/)
      }
    }
  )

  test('offers an opt-in only where a workflow may ask for more', () => {
    const optIns = policyTable().flatMap(({origin, cells}) =>
      PERMISSIONS.flatMap(permission => {
        const cell = cells[permission]
        return cell.answer === 'opt-in' ? [`${origin} ${permission}: ${cell.optIn}`] : []
      })
    )
    expect(optIns).toEqual([
      'own-pull-request push: pr-push',
      'own-pull-request cache-write: pr-push',
      'own-pull-request gpu: pr-gpu',
      'dependabot private-code: dependabot-read',
      'merge-queue push: merge-queue',
      'merge-queue cache-write: merge-queue'
    ])
  })

  test('is printed whole, in the order of the origins', () => {
    expect(policyTable().map(({origin}) => origin)).toEqual(ORIGINS)
    expect(policyTable().every(({origin, cells}) => cells === POLICY[origin])).toBe(true)
  })
})

describe('asking for more', () => {
  test.each<{optIn: OptIn; origin: Origin; gives: readonly Permission[]}>([
    {optIn: 'pr-push', origin: 'own-pull-request', gives: ['push', 'cache-write']},
    {optIn: 'pr-gpu', origin: 'own-pull-request', gives: ['gpu']},
    {optIn: 'merge-queue', origin: 'merge-queue', gives: ['push', 'cache-write']},
    {optIn: 'dependabot-read', origin: 'dependabot', gives: ['private-code']}
  ])('$optIn gives $gives to $origin and nothing to any other event', ({optIn, origin, gives}) => {
    for (const each of ORIGINS) {
      const without = makeFacts({origin: each, inputs: {secretSource: 'Dependabot'}})
      const asked = makeFacts({origin: each, inputs: {optIn: [optIn], secretSource: 'Dependabot'}})
      const more = PERMISSIONS.filter(
        permission => permit(asked, permission).allowed && !permit(without, permission).allowed
      )
      expect(more).toEqual(each === origin ? gives : [])
      expect(trustOf(asked)).toBe(trustOf(without))
    }
  })

  test.each(OPT_INS)('the refusal that %s would lift names it', optIn => {
    const refusals = ORIGINS.flatMap(origin =>
      PERMISSIONS.map(permission => permit(makeFacts({origin}), permission)).filter(({allowed}) => !allowed)
    )
    expect(refusals.some(({because}) => because.includes(`\`opt-in: ${optIn}\``))).toBe(true)
  })

  test.each([{secretSource: 'Actions'}, {secretSource: 'None'}, {secretSource: undefined}] as const)(
    'dependabot-read takes no token of another store: $secretSource',
    ({secretSource}) => {
      const facts = makeFacts({origin: 'dependabot', inputs: {optIn: ['dependabot-read'], secretSource}})
      expect(permit(facts, 'private-code')).toMatchObject({allowed: false, code: 'dependabot'})
    }
  )

  test('nothing that is asked for helps code of a stranger', () => {
    const facts = makeFacts({origin: 'own-pull-request', inputs: {optIn: OPT_INS}, roots: [FOREIGN]})
    expect(PERMISSIONS.filter(permission => permit(facts, permission).allowed)).toEqual(['build'])
  })
})

describe('a run inside a fork’s own repository', () => {
  const event = {repository: {owner: 'Mallory', name: 'app', isFork: true, defaultBranch: 'main'}}
  const GHCR_OWN = {registry: 'ghcr.io', repository: 'mallory/app'}
  const GHCR_PARENT = {registry: 'ghcr.io', repository: 'acme/app'}
  const GHCR_NEIGHBOUR = {registry: 'ghcr.io', repository: 'mallory-labs/app'}
  const HUB = {registry: 'docker.io', repository: 'acme/app'}
  const login = {host: 'docker.io', path: '', user: 'mallory', token: {secret: 'hub'}}
  test.each([
    {given: 'its owner’s name', inputs: {images: [GHCR_OWN]}, then: 'allowed'},
    {given: 'its parent’s name', inputs: {images: [GHCR_PARENT]}, then: 'fork-namespace'},
    {given: 'a name that only begins alike', inputs: {images: [GHCR_NEIGHBOUR]}, then: 'fork-namespace'},
    {given: 'both', inputs: {images: [GHCR_OWN, GHCR_PARENT]}, then: 'fork-namespace'},
    {
      given: 'its parent’s name in a tag',
      inputs: {images: [GHCR_OWN], tags: [{tag: 'edge', image: GHCR_PARENT}]},
      then: 'fork-namespace'
    },
    {given: 'another registry without a login', inputs: {images: [HUB]}, then: 'fork-namespace'},
    {given: 'another registry with a login', inputs: {images: [HUB], registryCredentials: [login]}, then: 'allowed'}
  ] as const)('given $given, its writes are $then', ({inputs, then}) => {
    for (const permission of ['push', 'move-tags', 'cache-write', 'shared-store', 'sign'] as const) {
      expect(permit(makeFacts({event, inputs}), permission).code).toBe(then)
    }
    expect(permit(makeFacts({event, inputs}), 'private-code').allowed).toBe(true)
  })
})

describe('permit', () => {
  test.each(ORIGINS.filter(origin => origin !== 'deleted-branch'))(
    'given %s with code of a stranger, then it may build and nothing else',
    origin => {
      const facts = makeFacts({origin, roots: [FOREIGN]})
      expect(PERMISSIONS.filter(permission => permit(facts, permission).allowed)).toEqual(['build'])
      expect(trustOf(facts)).toBe('none')
    }
  )

  test.each([
    {given: 'code of a stranger', holds: 'foreign', then: 'foreign-code'},
    {given: 'code that nobody can tell', holds: 'unknown', then: 'unknown-code'}
  ] as const)('given a push with $given, then the push is refused as $then', ({holds, then}) => {
    const verdict = permit(makeFacts({roots: [{...FOREIGN, holds}]}), 'push')
    expect(verdict).toEqual(expect.objectContaining({allowed: false, code: then}))
  })

  test.each([
    {
      given: 'a fork on a self-hosted machine',
      origin: 'fork-pull-request',
      machine: {isEphemeral: false},
      then: 'self-hosted'
    },
    {
      given: 'a fork on a machine that is thrown away',
      origin: 'fork-pull-request',
      machine: {isEphemeral: true},
      then: 'allowed'
    },
    {
      given: 'an own pull request on a self-hosted machine',
      origin: 'own-pull-request',
      machine: {isEphemeral: false},
      then: 'allowed'
    },
    {given: 'a push to a self-hosted machine', origin: 'own-branch', machine: {isEphemeral: false}, then: 'allowed'}
  ] as const)('given $given, then building is $then', ({origin, machine, then}) => {
    const facts = makeFacts({origin, machine: {runner: 'self-hosted', ...machine}})
    expect(permit(facts, 'build').code).toBe(then)
  })

  test('given code of a stranger on a self-hosted machine, then even a push is not built', () => {
    const machine = {runner: 'self-hosted', isEphemeral: false} as const
    expect(permit(makeFacts({machine, roots: [FOREIGN]}), 'build').code).toBe('self-hosted')
  })

  test.each([
    {given: 'push: never', inputs: {push: 'never'}, permission: 'push'},
    {given: 'cache: none', inputs: {cache: {backend: 'none'}}, permission: 'cache-read'},
    {given: 'cache: none', inputs: {cache: {backend: 'none'}}, permission: 'cache-write'}
  ] as const)('given $given, then $permission is not asked for', ({inputs, permission}) => {
    expect(permit(makeFacts({inputs}), permission).code).toBe('not-asked')
  })
})
