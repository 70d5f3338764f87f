import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import type {Plan} from '../../src/model/plan.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {ACTION} from '../support/built-action.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const BOTH = ['linux/amd64', 'linux/arm64']

function planOf(text: string | undefined, platforms: readonly string[], said: FactsSaid = {}): Plan {
  const dockerfile = text === undefined ? {} : {dockerfile: makeDockerfile(parseDockerfile(text))}
  return makePlan(makeFacts({...said, inputs: {...said.inputs, platforms}, source: {...said.source, ...dockerfile}}))
}

/** As the facts have it: the action's own file, read. */
const BUILT_IN = {
  ...parseDockerfile(readFileSync(join(ACTION, 'dockerfiles/pytorch-cuda.Dockerfile'), 'utf8')),
  source: 'built-in',
  path: join(ACTION, 'dockerfiles/pytorch-cuda.Dockerfile')
} as const

/** `linux/arm64 in line 2` for each platform that the plan speaks of. */
function toldOf({notices}: Plan): readonly string[] {
  return notices.flatMap(notice => {
    const [, line, platform] =
      /(?:, line (\d+),|built-in Dockerfile) runs commands for (\S+), .* takes QEMU/.exec(notice) ?? []
    return platform === undefined ? [] : [`${platform} in ${line === undefined ? 'the built-in one' : `line ${line}`}`]
  })
}

describe('which platforms take QEMU or a builder of their own', () => {
  test.each<{given: string; text?: string; platforms: readonly string[]; said?: FactsSaid; then: readonly string[]}>([
    {given: 'a RUN for this machine alone', text: 'FROM a\nRUN b', platforms: ['linux/amd64'], then: []},
    {given: 'no platform', text: 'FROM a\nRUN b', platforms: [], then: []},
    {given: 'a RUN for two platforms', text: 'FROM a\nRUN b', platforms: BOTH, then: ['linux/arm64 in line 2']},
    {
      given: 'a RUN for another one alone',
      text: 'FROM a\nRUN b',
      platforms: ['linux/arm64'],
      then: ['linux/arm64 in line 2']
    },
    {given: 'a variant of this machine’s', text: 'FROM a\nRUN b', platforms: ['linux/amd64/v3'], then: []},
    {given: 'no RUN at all', text: 'FROM a\nCOPY . /app', platforms: BOTH, then: []},
    {
      given: 'a stage on this machine, and a copy from it',
      text: 'FROM --platform=$BUILDPLATFORM a AS make\nRUN b\nFROM a\nCOPY --from=make /x /x',
      platforms: BOTH,
      then: []
    },
    {
      given: 'a stage upon one on this machine',
      text: 'FROM --platform=${BUILDPLATFORM} a AS make\nFROM make AS more\nRUN b\nFROM a\nCOPY --from=more /x /x',
      platforms: BOTH,
      then: []
    },
    {
      given: 'a stage that names a platform',
      text: 'FROM --platform=linux/arm64 a AS make\nRUN b\nFROM make',
      platforms: BOTH,
      then: ['linux/arm64 in line 2']
    },
    {
      given: 'a RUN in a stage that is not built',
      text: 'FROM a AS test\nRUN b\nFROM a\nCOPY . /app',
      platforms: BOTH,
      then: []
    },
    {
      given: 'a RUN in the stage for one architecture',
      text: 'FROM a AS for-amd64\nRUN b\nFROM a AS for-arm64\nFROM for-${TARGETARCH}',
      platforms: BOTH,
      then: []
    },
    {
      given: 'a stage for another platform below an image for this one',
      text: 'FROM --platform=linux/arm64 a AS make\nRUN b\nFROM a\nCOPY --from=make /x /x',
      platforms: [],
      then: ['linux/arm64 in line 2']
    },
    {
      given: 'the built-in image that its Dockerfile installs',
      platforms: ['linux/arm64'],
      said: {inputs: {cuda: 'cpu', aptPackages: ['git']}, source: {dockerfile: BUILT_IN}},
      then: ['linux/arm64 in the built-in one']
    },
    {
      given: 'a run that only writes a lock',
      platforms: ['linux/arm64'],
      said: {inputs: {cuda: 'cpu', mode: 'lock', lock: 'pylock.toml'}},
      then: []
    }
  ])('given $given: $then', ({text, platforms, said, then}) => {
    expect(toldOf(planOf(text, platforms, said))).toEqual(then)
  })
})
