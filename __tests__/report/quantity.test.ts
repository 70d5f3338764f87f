import {describe, expect, test} from '@jest/globals'
import {bar, durationText, share, sizeText} from '../../src/report/quantity.ts'

describe('sizeText', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [48_213, '48.2 kB'],
    [999_999, '1.0 MB'],
    [3_905_048_836, '3.9 GB'],
    [5e15, '5000 TB']
  ])('%d bytes are %s', (bytes, then) => {
    expect(sizeText(bytes)).toBe(then)
  })
})

describe('durationText', () => {
  test.each([
    [0, '0.0 s'],
    [312, '0.3 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 min 0 s'],
    [200_000, '3 min 20 s'],
    [3_700_000, '1 h 1 min']
  ])('%d ms are %s', (ms, then) => {
    expect(durationText(ms)).toBe(then)
  })
})

describe('bars', () => {
  test.each([
    {given: 'nothing', drawn: bar(0, 10), then: 0},
    {given: 'a trace', drawn: bar(1, 1e9), then: 1},
    {given: 'the greatest', drawn: bar(10, 10), then: 32},
    {given: 'half', drawn: bar(5, 10), then: 16}
  ])('given $given, then the bar has $then blocks', ({drawn, then}) => {
    expect(drawn.length).toBe(then)
  })

  test('a share always has the same length', () => {
    for (const part of [0, 1, 7, 14]) expect(share(part, 14)).toHaveLength(32)
  })
})
