import {describe, expect, test} from '@jest/globals'
import {type Ended, runOverLostLayer} from '../../src/steps/lost-layer.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {LAYER_LOST} from '../support/scripted-docker.ts'

const LOST = `Error response from daemon: ${LAYER_LOST}`
const WORKED: Ended = {exitCode: 0, words: []}

describe('a command that has the engine unpack an image', () => {
  test.each<{given: string; ends: readonly [Ended, ...Ended[]]; then: number}>([
    {given: 'that works', ends: [WORKED], then: 1},
    {given: 'whose layer is collected meanwhile', ends: [{exitCode: 1, words: ['Unpacking', LOST]}, WORKED], then: 2},
    {
      given: 'of which the snapshotter says so',
      ends: [
        {exitCode: 125, words: [`failed to create snapshot: missing parent "moby/4/sha256:22" bucket: not found`]},
        WORKED
      ],
      then: 2
    },
    {
      given: 'whose layer is collected again',
      ends: [{exitCode: 1, words: [LOST]}, {exitCode: 1, words: [LOST]}, WORKED],
      then: 2
    },
    {given: 'that fails for another reason', ends: [{exitCode: 1, words: ['manifest unknown']}, WORKED], then: 1},
    {given: 'that works, and prints such words', ends: [{exitCode: 0, words: [LOST]}], then: 1}
  ])('$given is run so often: $then', async ({ends, then}) => {
    let runs = 0
    const run = async () => ends[runs++] ?? WORKED
    const ended = await runOverLostLayer(run, {endOf: each => each, host: makeFakeHost()})
    expect(runs).toBe(then)
    expect(ended).toBe(ends[then - 1])
  })
})
