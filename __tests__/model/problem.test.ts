import {describe, expect, test} from '@jest/globals'
import {Problem, Problems, problemsOf} from '../../src/model/problem.ts'

const DENIED = new Problem('push-denied', {what: 'a', why: 'b', fix: 'c'})

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it was not written, write`), {code})
}

describe('problemsOf', () => {
  test.each([
    {given: 'a problem', thrown: DENIED, then: ['push-denied']},
    {given: 'several problems', thrown: new Problems([DENIED, DENIED]), then: ['push-denied', 'push-denied']},
    {given: 'a full disk', thrown: systemError('ENOSPC'), then: ['disk-full']},
    {given: 'a share of the disk that is used up', thrown: systemError('EDQUOT'), then: ['disk-full']},
    {given: 'another error of the system', thrown: systemError('EISDIR'), then: []},
    {given: 'a mistake of ours', thrown: new TypeError('x is not a function'), then: []},
    {given: 'something that is no error', thrown: 'ENOSPC', then: []}
  ])('given $given, then $then', ({thrown, then}) => {
    expect(problemsOf(thrown).map(({code}) => code)).toEqual(then)
  })
})
