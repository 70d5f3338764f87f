import {describe, expect, test} from '@jest/globals'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import {hasStage, platformArgs, type StageChoice, stagesReached} from '../../src/image/stages.ts'

const TEXT = `
ARG FLAVOR=slim
FROM python AS base
FROM base AS wheels
RUN true
FROM base AS docs
FROM alpine AS tools
FROM python AS python-slim
FROM python AS python-full
FROM python-\${FLAVOR} AS app
COPY --from=wheels /w /w
RUN --mount=type=bind,from=tools,target=/t true
FROM app AS test
COPY --from=docs /d /d
FROM app
`

const PLATFORMS = `
FROM scratch AS build-amd64
FROM scratch AS build-arm64
FROM scratch AS other
FROM build-\${TARGETARCH} AS last
`

function reached(text: string, target?: string, choice: StageChoice = {}): readonly string[] {
  return stagesReached(parseDockerfile(text), target, choice).map(({name}) => name ?? '(last)')
}

describe('stagesReached', () => {
  test.each<{given: string; target?: string; choice?: StageChoice; then: readonly string[]}>([
    {given: 'no target', then: ['base', 'wheels', 'tools', 'python-slim', 'app', '(last)']},
    {given: 'a stage alone', target: 'tools', then: ['tools']},
    {given: 'a target in capitals', target: 'TOOLS', then: ['tools']},
    {given: 'a number', target: '1', then: ['base', 'wheels']},
    {
      given: 'a stage that copies from another',
      target: 'test',
      then: ['base', 'wheels', 'docs', 'tools', 'python-slim', 'app', 'test']
    },
    {
      given: 'another base by argument',
      target: 'app',
      choice: {args: {FLAVOR: 'full'}},
      then: ['base', 'wheels', 'tools', 'python-full', 'app']
    },
    {
      given: 'a named context in a stage’s place',
      target: 'app',
      choice: {contexts: ['wheels']},
      then: ['tools', 'python-slim', 'app']
    },
    {given: 'a target that is no stage', target: 'nowhere', then: []}
  ])('$given: $then', ({target, choice, then}) => {
    expect(reached(TEXT, target, choice)).toEqual(then)
  })

  test.each([
    {given: 'the platform is known', args: platformArgs('linux/arm64'), then: ['build-arm64', 'last']},
    {given: 'the platform is not known', args: {}, then: ['build-amd64', 'build-arm64', 'last']}
  ])('where $given: $then', ({args, then}) => {
    expect(reached(PLATFORMS, undefined, {args})).toEqual(then)
  })

  test('a stage that is called as its own base stands for the image of that name', () => {
    expect(reached('FROM python AS python\nFROM python AS python\n')).toEqual(['python', 'python'])
    expect(reached('FROM python AS python\n')).toEqual(['python'])
  })

  test('stages that read from each other in a circle end', () => {
    expect(reached('FROM a AS one\nCOPY --from=two /x /\nFROM b AS two\nCOPY --from=one /x /\n')).toEqual([
      'one',
      'two'
    ])
  })
})

describe('hasStage', () => {
  test.each([
    {target: 'app', then: true},
    {target: 'App', then: true},
    {target: '0', then: true},
    {target: '99', then: false},
    {target: 'constructor', then: false}
  ])('$target: $then', ({target, then}) => {
    expect(hasStage(parseDockerfile(TEXT), target)).toBe(then)
  })
})
