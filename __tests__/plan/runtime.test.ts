import {describe, expect, test} from '@jest/globals'
import {type Plan, stepOf} from '../../src/model/plan.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const GHCR = {registry: 'ghcr.io', repository: 'acme/app'}
const LOCK = {lock: {sha256: '5d'.repeat(32)}}

function planOf(said: FactsSaid = {}): Plan {
  return makePlan(makeFacts(said))
}

describe('whether wheels are laid as layers', () => {
  test.each<{given: string; said: FactsSaid; then: string}>([
    {given: 'a push of the built-in image', said: {}, then: 'allowed'},
    {
      given: 'a Dockerfile of one’s own',
      said: {source: {dockerfile: makeDockerfile({stages: [makeStage({})]})}},
      then: 'nothing-to-do'
    },
    {given: 'a pull request from a fork', said: {origin: 'fork-pull-request'}, then: 'fork'},
    {given: 'push: never', said: {inputs: {push: 'never'}}, then: 'not-asked'},
    {given: 'another platform', said: {inputs: {platforms: ['linux/arm64']}}, then: 'nothing-to-do'},
    {given: 'two platforms', said: {inputs: {platforms: ['linux/amd64', 'linux/arm64']}}, then: 'nothing-to-do'},
    {given: 'this machine’s platform by name', said: {inputs: {platforms: ['linux/amd64']}}, then: 'allowed'},
    {given: 'an image to load', said: {inputs: {load: true}}, then: 'nothing-to-do'},
    {given: 'a build argument', said: {inputs: {buildArgs: [{name: 'A', value: 'b'}]}}, then: 'nothing-to-do'},
    {given: 'gzip', said: {inputs: {compression: 'gzip'}}, then: 'allowed'}
  ])('given $given, then the verdict is $then', ({said, then}) => {
    expect(stepOf(planOf(said), 'runtime').verdict).toEqual({
      allowed: then === 'allowed',
      code: then,
      because: expect.stringMatching(/\.$/)
    })
  })

  test('the build on top takes the runtime by its digest, and gets nothing else of the Dockerfile', () => {
    const {argv, secrets, dockerfile} = stepOf(planOf(), 'build').work
    expect(argv).toEqual(
      expect.arrayContaining(['--build-context', 'runtime=docker-image://{door}/ghcr.io/acme/app@{runtime}'])
    )
    expect(argv).not.toContain('--build-arg')
    expect(argv).not.toContain('--cache-from')
    expect(secrets).toEqual([])
    expect(dockerfile.path).toMatch(/\/dockerfiles\/runtime\.Dockerfile$/)
  })

  test('the base image is built upon by the digest that was asked for', () => {
    const {foundation} = stepOf(planOf({inputs: {baseImage: 'docker.io/library/python:3.11-slim'}}), 'runtime').work
    expect(foundation.base).toMatchObject({text: 'docker.io/library/python:3.11-slim', reference: '3.11-slim'})
    expect(foundation.argv).toContain('BASE_IMAGE={base}')
  })

  test('the store is read and written by those who may read and write the cache', () => {
    const storeOf = (said: FactsSaid) => stepOf(planOf(said), 'runtime').work.store
    expect(storeOf({})).toMatchObject({mayRead: true, mayWrite: true})
    expect(storeOf({origin: 'fork-pull-request'})).toMatchObject({mayRead: false, mayWrite: false})
    expect(storeOf({inputs: {cache: {backend: 'none'}}})).toMatchObject({mayRead: false, mayWrite: false})
  })
})

describe('where wheels cannot be laid after all', () => {
  const plan = planOf()
  const byDockerfile = stepOf(plan, 'runtime').work.otherwise

  test.each([
    {given: 'packages that are resolved in the build', answers: {lock: {sha256: null}}},
    {
      given: 'a package without a wheel',
      answers: {...LOCK, runtime: {isLaid: false, because: 'flash-attn must be built'}}
    }
  ] as const)('given $given, then the Dockerfile installs, with its cache', ({answers}) => {
    const settled = settlePlan(plan, answers)
    const build = stepOf(settled, 'build').work
    expect(stepOf(settled, 'runtime').verdict.allowed).toBe(false)
    expect(build.dockerfile).toEqual(byDockerfile.dockerfile)
    expect(build.argv.filter(argument => !argument.includes('image.lock')).length).toBeGreaterThan(20)
    expect(build.argv.join(' ')).not.toContain('{runtime}')
    expect(build.output).toBe('candidate')
    expect(stepOf(settled, 'cache').verdict).toEqual(byDockerfile.cache)
  })

  test('given a push that is denied, then the Dockerfile installs, and nothing is kept', () => {
    const push = [{image: GHCR, result: 'denied', status: 403, evidence: 'denied', tokens: []}] as never
    const settled = settlePlan(plan, {...LOCK, push})
    expect(stepOf(settled, 'runtime').verdict.code).toBe('push-denied')
    expect(stepOf(settled, 'build').work).toMatchObject({output: 'discard', candidate: null})
    expect(stepOf(settled, 'build').work.argv.join(' ')).not.toContain('{runtime}')
  })

  test('wheels that were laid leave the plan as it is', () => {
    const settled = settlePlan(settlePlan(plan, LOCK), {...LOCK, runtime: {isLaid: true}})
    expect(settled).toEqual(settlePlan(plan, LOCK))
  })

  test('settling twice is settling once', () => {
    const answers = {...LOCK, runtime: {isLaid: false, because: 'flash-attn must be built'}} as const
    const once = settlePlan(plan, answers)
    expect(settlePlan(once, answers)).toEqual(once)
  })
})
