import {describe, expect, test} from '@jest/globals'
import {chooseParts, chooseRows, costOf} from '../../scripts/bench/choice.ts'
import type {Measured} from '../../scripts/bench/measure.ts'
import {measurementsOf, ROWS, rowOf} from '../../scripts/bench/rows.ts'
import {STORIES} from '../../scripts/bench/stories.ts'

const parts = STORIES.flatMap(story => story.parts)
const yielded = parts.flatMap(part => part.yields)

describe('rows and stories', () => {
  test('every measurement is made by exactly one part, and is used by a row', () => {
    expect(yielded.toSorted()).toEqual([...new Set(ROWS.flatMap(measurementsOf))].toSorted())
  })

  test.each(STORIES)('a part of the story "$name" stands only on earlier ones of it', ({parts}) => {
    for (const [index, part] of parts.entries()) {
      const earlier = parts.slice(0, index).map(({name}) => name)
      expect(earlier).toEqual(expect.arrayContaining([...part.after]))
    }
  })

  test('every row and every part has a name of its own', () => {
    for (const names of [ROWS.map(({name}) => name), parts.map(({name}) => name)]) {
      expect(names).toEqual([...new Set(names)])
    }
  })
})

describe('chooseRows', () => {
  test('takes all where none is named', () => {
    expect(chooseRows([], 'torch')).toEqual(ROWS)
  })

  test('leaves out what means nothing with tiny wheels, and limits that are said of PyTorch', () => {
    const rows = chooseRows([], 'tiny')
    expect(rows.filter(({limit}) => limit !== undefined)).toEqual([])
    expect(rows.map(({name}) => name)).toEqual(['no-op', 'cold', 'again', 'line', 'pull', 'size'])
  })

  test('keeps the order of the table', () => {
    expect(chooseRows(['line', 'cold'], 'torch').map(({name}) => name)).toEqual(['cold', 'line'])
  })

  test.each([
    {
      given: 'a misspelt name',
      names: ['secnod'],
      wheels: 'torch',
      then: 'There is no row secnod. Did you mean second?'
    },
    {given: 'a name that is like none', names: ['everything'], wheels: 'torch', then: 'There are: no-op, cold'},
    {given: 'a row of torch with tiny wheels', names: ['import'], wheels: 'tiny', then: 'means nothing with --quick'}
  ] as const)('refuses $given', ({names, wheels, then}) => {
    expect(() => chooseRows(names, wheels)).toThrow(then)
  })
})

describe('chooseParts', () => {
  const partsFor = (...names: readonly string[]) =>
    chooseParts(chooseRows(names, 'torch'), STORIES).flatMap(story => story.parts.map(({name}) => name))

  test.each([
    {row: 'no-op', then: ['no-op']},
    {row: 'memory', then: ['cold']},
    {row: 'line', then: ['usual-cold', 'usual-line', 'cold', 'line']},
    {row: 'second-copied', then: ['usual-cold', 'cold', 'share', 'second-copied']},
    {row: 'platforms', then: ['usual-platform', 'platforms']},
    {row: 'patch', then: ['patch-before', 'patch']},
    {row: 'import', then: ['usual-cold', 'usual-pull', 'cold', 'pull']}
  ])('for $row plays $then', ({row, then}) => {
    expect(partsFor(row)).toEqual(then)
  })

  test('plays everything for all rows', () => {
    expect(partsFor()).toEqual(parts.map(({name}) => name))
  })

  test('a row costs the parts it needs and the disk of its largest story', () => {
    const stories = chooseParts(chooseRows(['patch', 'no-op'], 'torch'), STORIES)
    expect(costOf(stories)).toEqual({seconds: 205, diskBytes: 25e9})
  })
})

describe('rowOf', () => {
  const usual: Measured = {seconds: 200, addedBytes: 4e9, fetchedBytes: 0, loadBefore: 0.1, imageBytes: 4e9}
  const ours: Measured = {...usual, seconds: 90, proofSeconds: 40, peakBytes: 6e8, sentBytes: 1e9, imageBytes: 4e9}
  const measured = new Map([
    ['usual-cold', usual],
    ['cold', ours],
    ['patch', ours]
  ])
  const row = (name: string) => rowOf(chooseRows([name], 'torch')[0] as (typeof ROWS)[number], measured)

  test.each([
    {name: 'cold', because: 'the proof is left out', then: {usualValue: 200, oursValue: 50, ratio: 0.25}},
    {name: 'patch', because: 'what moved is held against the whole', then: {oursValue: 1e9, ratio: 0.25}},
    {name: 'size', because: 'bytes of the two images are compared', then: {oursValue: 4e9, ratio: 1}},
    {name: 'memory', because: 'there is no usual way', then: {oursValue: 6e8}}
  ])('of $name: $because', ({name, then}) => {
    expect(row(name)).toMatchObject(then)
  })

  test('is none where a side was not measured', () => {
    expect(row('line')).toBeUndefined()
  })
})
