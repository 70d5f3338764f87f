import {describe, expect, test} from '@jest/globals'
import {type InputRoot, ORIGINS, type Origin} from '../../src/model/facts.ts'
import {PERMISSIONS, type Permission} from '../../src/model/plan.ts'
import {permit, trustOf} from '../../src/plan/permit.ts'
import {POLICY, policyTable} from '../../src/plan/policy.ts'
import {makeFacts} from '../support/facts.ts'

const ALL = ['build', 'private-code', 'build-secrets', 'push', 'cache-read', 'cache-write'] as const

interface Expected {
  readonly origin: Origin
  readonly trust: 'full' | 'limited' | 'none'
  readonly may: readonly Permission[]
  readonly elsewhere?: string
}

const TABLE: readonly Expected[] = [
  {origin: 'own-branch', trust: 'full', may: ALL},
  {origin: 'own-tag', trust: 'full', may: ALL},
  {origin: 'workflow-run', trust: 'full', may: ALL},
  {origin: 'dispatch', trust: 'full', may: ALL},
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
    may: ['build', 'private-code', 'build-secrets', 'cache-read'],
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
]

const FOREIGN: InputRoot = {
  root: 'workspace',
  place: '/home/runner/work/app/app',
  holds: 'foreign',
  because: 'The head of a fork’s pull request is checked out.'
}

describe('the policy', () => {
  test('has a row in this test for each origin', () => {
    expect(TABLE.map(({origin}) => origin).toSorted()).toEqual([...ORIGINS].toSorted())
  })

  test.each(TABLE)('gives $origin the trust $trust and permits $may', ({origin, trust, may}) => {
    const facts = makeFacts({origin})
    expect(trustOf(facts)).toBe(trust)
    expect(PERMISSIONS.filter(permission => permit(facts, permission).allowed)).toEqual(may)
  })

  test.each(TABLE.filter(({elsewhere}) => elsewhere !== undefined))(
    'refuses everything else of $origin as $elsewhere, and a cache that may be private as such',
    ({origin, may, elsewhere}) => {
      const refused = PERMISSIONS.filter(permission => !(may as readonly string[]).includes(permission))
      for (const permission of refused) {
        const verdict = permit(makeFacts({origin}), permission)
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
