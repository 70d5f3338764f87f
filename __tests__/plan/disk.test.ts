import {describe, expect, test} from '@jest/globals'
import {stepOf} from '../../src/model/plan.ts'
import {Problems} from '../../src/model/problem.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const free = (freeBytes: number) => ({disk: {place: '/var/lib/docker', freeBytes, holdsRun: true}})

function codesOf(said: FactsSaid): readonly string[] {
  try {
    makePlan(makeFacts(said))
    return []
  } catch (thrown) {
    if (thrown instanceof Problems) return thrown.problems.map(({code}) => code)
    throw thrown
  }
}

describe('the forecast of the disk', () => {
  test('adds up the base, the wheels as installed and the layers as packed', () => {
    const {disk} = makePlan(makeFacts())
    expect(disk?.parts.map(({what}) => what)).toEqual(['base image', 'wheels, installed', 'layers, compressed'])
    expect(disk?.neededBytes).toBe(disk?.parts.reduce((sum, {bytes}) => sum + bytes, 0))
    expect(disk?.neededBytes).toBeGreaterThan(11e9)
    expect(disk?.neededBytes).toBeLessThan(14e9)
    expect(disk?.isEstimate).toBe(false)
  })

  test.each<{given: string; said: FactsSaid; then: readonly string[]}>([
    {
      given: 'a run that pushes nothing',
      said: {inputs: {push: 'never'}},
      then: ['wheels, as fetched', 'layers, in a folder of this run']
    },
    {
      given: 'a pull request from a fork',
      said: {origin: 'fork-pull-request'},
      then: ['wheels, as fetched', 'layers, in a folder of this run']
    },
    {
      given: 'one that is loaded as well',
      said: {origin: 'fork-pull-request', inputs: {load: true}},
      then: ['wheels, as fetched', 'layers, in a folder of this run', 'the image in the engine (load)']
    },
    {
      given: 'one whose folder lies on another disk than the engine’s',
      said: {origin: 'fork-pull-request', machine: {disk: {...free(80e9).disk, holdsRun: false}}},
      then: []
    },
    {
      given: 'one that the Dockerfile installs',
      said: {inputs: {push: 'never', target: 'image'}},
      then: ['wheels, installed']
    },
    {
      given: 'load beside a push',
      said: {inputs: {load: true}},
      then: ['wheels, installed', 'layers, compressed', 'the image in the engine (load)']
    }
  ])('given $given, then the parts follow', ({said, then}) => {
    expect(makePlan(makeFacts(said)).disk?.parts.map(({what}) => what)).toEqual(['base image', ...then])
  })

  test.each<{given: string; said: FactsSaid}>([
    {given: 'a CPU build', said: {inputs: {cuda: 'cpu'}}},
    {given: 'a variant that is not on PyPI', said: {inputs: {cuda: 'cu126'}}}
  ])('given $given, then it is an estimate', ({said}) => {
    expect(makePlan(makeFacts(said)).disk?.isEstimate).toBe(true)
  })

  test.each<{given: string; said: FactsSaid}>([
    {given: 'a Dockerfile of one’s own', said: {source: {dockerfile: makeDockerfile()}}},
    {
      given: 'an engine whose disk was not asked',
      said: {machine: {disk: {place: '/home/runner', freeBytes: 1e9, holdsRun: true}}}
    },
    {given: 'a disk that did not answer', said: {machine: {disk: undefined}}}
  ])('given $given, then there is none', ({said}) => {
    expect(makePlan(makeFacts(said)).disk).toBeUndefined()
  })

  test.each<{given: string; said: FactsSaid; codes: readonly string[]; warns: boolean}>([
    {given: 'enough', said: {machine: free(14e9)}, codes: [], warns: false},
    {given: 'too little, and a cache that may spare the work', said: {machine: free(6e9)}, codes: [], warns: true},
    {
      given: 'too little, and no cache',
      said: {machine: free(6e9), inputs: {cache: {backend: 'none'}}},
      codes: ['disk-too-small'],
      warns: false
    },
    {
      given: 'too little, no cache, but a builder that may hold the layers',
      said: {machine: {...free(6e9), runner: 'self-hosted', isEphemeral: false}, inputs: {cache: {backend: 'none'}}},
      codes: [],
      warns: true
    },
    {
      given: 'little, but enough for CPU',
      said: {machine: free(3e9), inputs: {cuda: 'cpu', cache: {backend: 'none'}}},
      codes: [],
      warns: false
    }
  ])('given $given: $codes', ({said, codes, warns}) => {
    expect(codesOf(said)).toEqual(codes)
    if (codes.length > 0) return
    const {warnings} = makePlan(makeFacts(said))
    expect(warnings.some(text => /needs \d+\.\d GB .* \d+\.\d GB are free/.test(text))).toBe(warns)
  })
})

describe('what the lock weighs', () => {
  const room = (said: FactsSaid) => stepOf(makePlan(makeFacts(said)), 'lock').work.room

  test.each<{given: string; said: FactsSaid; then: 'fail' | 'warn' | undefined}>([
    {given: 'a cache that may spare the work', said: {}, then: 'warn'},
    {given: 'no cache', said: {inputs: {cache: {backend: 'none'}}}, then: 'fail'},
    {given: 'too little room, which has been told', said: {machine: free(6e9)}, then: undefined},
    {given: 'no forecast', said: {machine: {disk: undefined}}, then: undefined}
  ])('given $given: $then', ({said, then}) => {
    expect(room(said)?.onShort).toBe(then)
  })

  test('takes the place of what was known before', () => {
    const plan = makePlan(makeFacts())
    const settled = settlePlan(plan, {lock: {sha256: 'ab'.repeat(32), downloadBytes: 10e9}})
    expect(settled.disk?.parts).toEqual([
      {what: 'base image', bytes: 350e6},
      {what: 'wheels, installed', bytes: 20.5e9, perWheelByte: 2.05},
      {what: 'layers, compressed', bytes: 10.6e9, perWheelByte: 1.06}
    ])
    expect(settled.disk?.neededBytes).toBe(31.45e9)
  })
})
