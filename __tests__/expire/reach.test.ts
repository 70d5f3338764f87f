import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {expiredOf, type Node, type Version} from '../../scripts/expire/reach.ts'

const BEFORE = new Date('2026-11-10T00:00:00Z')
const OLD = new Date('2026-11-01T00:00:00Z')
const YOUNG = new Date('2026-11-20T00:00:00Z')

interface Said extends Partial<Node> {
  readonly tags?: readonly string[]
  readonly changedAt?: Date
  readonly isUnread?: true
}

function expire(said: Readonly<Record<string, Said>>): readonly string[] {
  const versions: Version[] = Object.entries(said).map(([digest, {tags = [], changedAt = OLD}], id) => ({
    id,
    digest,
    tags,
    changedAt
  }))
  const nodes = Object.entries(said).flatMap(([digest, {isUnread, lists = [], subject, isOurs = false}]) =>
    isUnread === true ? [] : [[digest, {lists, isOurs, ...(subject === undefined ? {} : {subject})}] as const]
  )
  return expiredOf(versions, new Map<string, Node>(nodes), {before: BEFORE}).map(({digest}) => digest)
}

describe('candidates that expire', () => {
  test.each<{given: string; said: Readonly<Record<string, Said>>; then: readonly string[]}>([
    {given: 'an old candidate without a tag', said: {candidate: {isOurs: true}}, then: ['candidate']},
    {given: 'a young one', said: {candidate: {isOurs: true, changedAt: YOUNG}}, then: []},
    {given: 'one that was promoted', said: {candidate: {isOurs: true, tags: ['main']}}, then: []},
    {given: 'an untagged image of somebody else', said: {image: {}}, then: []},
    {
      given: 'one of several platforms, with what it lists',
      said: {index: {isOurs: true, lists: ['amd64', 'arm64']}, amd64: {}, arm64: {}},
      then: ['index', 'amd64', 'arm64']
    },
    {
      given: 'one that shares a platform with a published index',
      said: {
        index: {isOurs: true, lists: ['amd64', 'arm64']},
        amd64: {},
        arm64: {},
        published: {isOurs: true, tags: ['1.2.3'], lists: ['arm64']}
      },
      then: ['index', 'amd64']
    },
    {
      given: 'one that shares a platform with an untagged index of somebody else',
      said: {index: {isOurs: true, lists: ['amd64']}, amd64: {isOurs: true}, foreign: {lists: ['amd64']}},
      then: ['index']
    },
    {
      given: 'one with a signature',
      said: {candidate: {isOurs: true}, signature: {subject: 'candidate'}},
      then: ['signature', 'candidate']
    },
    {
      given: 'a published one with a signature and an attestation upon that',
      said: {
        published: {isOurs: true, tags: ['1.2.3']},
        signature: {isOurs: true, subject: 'published'},
        attestation: {isOurs: true, subject: 'signature'}
      },
      then: []
    },
    {
      given: 'one whose list of referrers stands under a tag',
      said: {candidate: {isOurs: true}, 'sha256-list': {tags: ['sha256-cand'], lists: ['signature']}, signature: {}},
      then: ['candidate']
    },
    {given: 'a manifest that could not be read', said: {candidate: {isOurs: true, isUnread: true}}, then: []}
  ])('given $given, then $then may go', ({said, then}) => {
    expect(expire(said)).toEqual(then)
  })

  test('for any registry, what stays names nothing that goes, and nothing with a tag goes', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const node = fc.record({
      tags: fc.subarray(['main'] as string[]),
      changedAt: fc.constantFrom(OLD, OLD, YOUNG),
      isOurs: fc.boolean(),
      lists: fc.subarray(names),
      subject: fc.option(fc.constantFrom(...names), {nil: undefined})
    })
    fc.assert(
      fc.property(fc.tuple(...names.map(() => node)), drawn => {
        const said = Object.fromEntries(names.map((name, at) => [name, drawn[at] as Said]))
        const gone = new Set(expire(said))
        for (const [name, {tags = [], changedAt, lists = [], subject}] of Object.entries(said)) {
          if (gone.has(name)) {
            expect(tags).toEqual([])
            expect(changedAt).toBe(OLD)
            // Nothing is cut off from a subject that stays.
            expect(subject === undefined || gone.has(subject)).toBe(true)
          } else {
            for (const other of [...lists, ...(subject === undefined ? [] : [subject])])
              expect(gone.has(other)).toBe(false)
          }
        }
      })
    )
  })
})
