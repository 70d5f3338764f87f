import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../src/model/problem.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const free = (freeBytes: number) => ({disk: {place: '/var/lib/docker', freeBytes}})

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

  test.each<{given: string; said: FactsSaid; more: string | undefined}>([
    {given: 'a run that pushes nothing', said: {inputs: {push: 'never'}}, more: undefined},
    {given: 'load', said: {inputs: {load: true}}, more: 'the image in the engine (load)'}
  ])('given $given, then the parts follow', ({said, more}) => {
    const parts = makePlan(makeFacts(said)).disk?.parts.map(({what}) => what) ?? []
    expect(parts.at(-1)).toBe(more ?? 'wheels, installed')
  })

  test.each<{given: string; said: FactsSaid}>([
    {given: 'a CPU build', said: {inputs: {cuda: 'cpu'}}},
    {given: 'a variant that is not on PyPI', said: {inputs: {cuda: 'cu126'}}}
  ])('given $given, then it is an estimate', ({said}) => {
    expect(makePlan(makeFacts(said)).disk?.isEstimate).toBe(true)
  })

  test.each<{given: string; said: FactsSaid}>([
    {given: 'a Dockerfile of one’s own', said: {source: {dockerfile: makeDockerfile()}}},
    {given: 'an engine whose disk was not asked', said: {machine: {disk: {place: '/home/runner', freeBytes: 1e9}}}},
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
