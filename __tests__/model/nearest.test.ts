import {describe, expect, test} from '@jest/globals'
import {nearestOf} from '../../src/model/nearest.ts'

describe('nearestOf', () => {
  const known = ['event', 'input', 'inputs', 'temp', 'T1000', 'H100']

  test.each([
    {given: 'evnt', then: 'event'},
    {given: 'Inputs', then: 'inputs'},
    {given: 'tmp', then: 'temp'},
    {given: 'H1000', then: 'H100'},
    {given: 'something-else', then: undefined}
  ])('given $given, it is $then', ({given, then}) => {
    expect(nearestOf(given, known)).toBe(then)
  })
})
