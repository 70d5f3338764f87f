import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {checkMachine, machineOf} from '../../src/wheels/elf.ts'
import {elfHead} from '../support/elf.ts'

describe('the machine that a library is for', () => {
  test.each([
    {given: 'a library for x86-64', bytes: elfHead('x86_64'), then: 'x86_64'},
    {given: 'a library for arm64', bytes: elfHead('aarch64'), then: 'aarch64'},
    {
      given: 'a library in the middle of other memory',
      bytes: Buffer.concat([Buffer.alloc(3), elfHead('aarch64')]).subarray(3),
      then: 'aarch64'
    },
    {given: 'a program, as firmware is one', bytes: elfHead('arm', 'program'), then: undefined},
    {given: 'code for a GPU', bytes: elfHead('cuda'), then: undefined},
    {given: 'a header that is cut off', bytes: elfHead('x86_64').subarray(0, 19), then: undefined},
    {given: 'a script', bytes: Buffer.from('#!/usr/bin/env python3\nprint(1)\n'), then: undefined},
    {given: 'an empty file', bytes: Buffer.alloc(0), then: undefined}
  ])('$given: $then', ({bytes, then}) => {
    expect(machineOf(bytes)).toBe(then)
  })

  test('bytes of whatever kind behind the mark give a machine or none', () => {
    const any = fc.uint8Array({maxLength: 64}).map(bytes => Buffer.concat([elfHead('x86_64').subarray(0, 4), bytes]))
    fc.assert(fc.property(any, bytes => ['undefined', 'string'].includes(typeof machineOf(bytes))))
  })
})

describe('libraries against the name of their wheel', () => {
  const ARM = 'alpha-1.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl'

  test.each<{given: string; wheel: string; counts: readonly [string, number][]; then: number | string}>([
    {given: 'all for the machine of the name', wheel: ARM, counts: [['aarch64', 7]], then: 7},
    {given: 'no library at all', wheel: ARM, counts: [], then: 0},
    {
      given: 'some for another machine as well',
      wheel: ARM,
      counts: [
        ['x86_64', 3],
        ['aarch64', 1]
      ],
      then: 1
    },
    {given: 'all for another machine', wheel: ARM, counts: [['x86_64', 3]], then: 'wheel-invalid'},
    {
      given: 'a wheel for any machine that brings some along',
      wheel: 'alpha-1.0-py3-none-any.whl',
      counts: [['x86_64', 3]],
      then: 0
    },
    {
      given: 'a wheel for two machines',
      wheel: 'alpha-1.0-py3-none-manylinux2014_x86_64.manylinux2014_aarch64.whl',
      counts: [['x86_64', 3]],
      then: 0
    }
  ])('$given: $then', ({wheel, counts, then}) => {
    const check = () => checkMachine(wheel, new Map(counts))
    if (typeof then === 'number') expect(check()).toBe(then)
    else expect(check).toThrow(expect.objectContaining({code: then}))
  })
})
