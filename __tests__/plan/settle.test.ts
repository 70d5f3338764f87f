import {describe, expect, test} from '@jest/globals'
import {type Answers, type Plan, type PushAnswer, stepOf} from '../../src/model/plan.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const GHCR = {registry: 'ghcr.io', repository: 'acme/app'}
const HUB = {registry: 'docker.io', repository: 'acme/app'}

function answers(...results: readonly [PushAnswer['result'], PushAnswer['result']]): Answers {
  return {
    push: [GHCR, HUB].map((image, at) => ({
      image,
      result: results[at] ?? 'allowed',
      status: results[at] === 'unknown' ? 0 : 403,
      evidence: 'denied: permission_denied: write_package'
    }))
  }
}

function planOf(said: FactsSaid = {}): Plan {
  return makePlan(makeFacts({...said, inputs: {images: [GHCR, HUB], ...said.inputs}}))
}

describe('settling a plan', () => {
  test('given that every registry will take the push, then the plan stands, and only the lock is pending', () => {
    const plan = planOf()
    expect(settlePlan(plan, answers('allowed', 'allowed'))).toEqual({...plan, pending: ['lock']})
  })

  test('given a lock, then its hash stands in every label of it, and nothing else changes', () => {
    const plan = planOf()
    const sha256 = '5d'.repeat(32)
    const settled = settlePlan(plan, {lock: {sha256}})
    expect(settled.pending).toEqual(['registry'])
    const label = `dev.pytorch-cuda-image.lock=${sha256}`
    const {argv} = stepOf(settled, 'build').work
    expect(argv).toEqual(expect.arrayContaining([label, `index:${label}`, `manifest:${label}`]))
    expect(JSON.parse(JSON.stringify(settled).replaceAll(sha256, '{lock}')).steps).toEqual(plan.steps)
  })

  test('given that the build resolves by itself, then no label speaks of a lock', () => {
    const plan = planOf()
    const settled = settlePlan(plan, {lock: {sha256: null}})
    // The build is then the one by the Dockerfile.
    const before = {build: stepOf(plan, 'runtime').work.otherwise?.argv ?? [], cache: stepOf(plan, 'cache').work.argv}
    for (const name of ['build', 'cache'] as const) {
      const after = stepOf(settled, name).work.argv
      expect(after).toEqual(
        before[name].filter((text, at) => ![text, before[name][at + 1]].some(one => one?.endsWith('={lock}')))
      )
      expect(after.join(' ')).not.toContain('image.lock')
      expect(after.length).toBeLessThan(before[name].length)
    }
  })

  test('given an answer that could not be had, then the push is tried, and the verdict names it', () => {
    const settled = settlePlan(planOf(), answers('allowed', 'unknown'))
    expect(stepOf(settled, 'promote').verdict).toEqual({
      allowed: true,
      code: 'unverified',
      because: expect.stringContaining('docker.io/acme/app')
    })
    expect(stepOf(settled, 'build').work.output).toBe('candidate')
  })

  test('given one image of two that is refused, then nothing is pushed at all, and the verdict names it', () => {
    const settled = settlePlan(planOf(), answers('allowed', 'denied'))
    expect(stepOf(settled, 'promote').verdict).toEqual({
      allowed: false,
      code: 'push-denied',
      because: expect.stringContaining('docker.io/acme/app')
    })
    expect(stepOf(settled, 'cache').verdict.code).toBe('push-denied')
    const {work} = stepOf(settled, 'build')
    expect(work).toEqual(expect.objectContaining({output: 'discard', candidate: null}))
    expect(work.leavesImage).toBeUndefined()
    expect(stepOf(settled, 'builder').work.routes.map(({actions}) => actions)).toEqual(['pull'])
  })

  test('given a refused push, then the build ends like one that never meant to push', () => {
    const refused = stepOf(settlePlan(planOf(), answers('denied', 'denied')), 'build').work
    const never = stepOf(planOf({inputs: {push: 'never'}}), 'build').work
    const ends = (argv: readonly string[]) =>
      argv.filter(
        (argument, at) => argument.startsWith('--provenance') || /^--(output|annotation)$/.test(argv[at - 1] ?? '')
      )
    expect(ends(refused.argv).map(sorted)).toEqual(ends(never.argv).map(sorted))
  })

  test('given a refused push of an image that is to be loaded, then it is loaded', () => {
    const settled = settlePlan(planOf({inputs: {load: true}}), answers('denied', 'denied'))
    const {work} = stepOf(settled, 'build')
    expect(work.output).toBe('load')
    expect(work.argv.filter((_, at) => work.argv[at - 1] === '--output')).toEqual([
      'type=docker,name=ghcr.io/acme/app:main'
    ])
  })

  test('given a cache elsewhere than in a registry, then it is written all the same', () => {
    const settled = settlePlan(planOf({inputs: {cache: {backend: 'local'}}}), answers('denied', 'denied'))
    expect(stepOf(settled, 'cache').verdict.allowed).toBe(true)
  })

  test('given an event that does not push, then answers change nothing', () => {
    const plan = planOf({origin: 'own-pull-request'})
    expect(settlePlan(plan, answers('denied', 'denied'))).toEqual(plan)
  })

  describe('where the layer cache has a repository of its own', () => {
    const CACHE = {registry: 'ghcr.io', repository: 'acme/app-cache'}
    const plan = planOf({
      // With a build argument it is the Dockerfile that installs, and a cache is worth keeping.
      inputs: {
        buildArgs: [{name: 'MODE', value: 'fast'}],
        cache: {backend: 'registry', place: 'ghcr.io/acme/app-cache'}
      }
    })
    const cacheAnswer = (result: PushAnswer['result']): PushAnswer => ({
      image: CACHE,
      result,
      status: 403,
      evidence: 'denied'
    })
    const routeOf = (settled: Plan) =>
      stepOf(settled, 'builder').work.routes.find(({image}) => image.repository === CACHE.repository)

    test('then it is asked as well', () => {
      expect(stepOf(plan, 'preflight').work.cache?.image).toEqual(CACHE)
      expect(stepOf(planOf(), 'preflight').work.cache).toBeUndefined()
    })

    test('given that it is refused, then the cache is read as before and not written, and the push stands', () => {
      const settled = settlePlan(plan, {...answers('allowed', 'allowed'), cache: cacheAnswer('denied')})
      expect(stepOf(settled, 'cache').verdict).toMatchObject({allowed: false, code: 'push-denied'})
      expect(stepOf(settled, 'promote').verdict).toEqual(stepOf(plan, 'promote').verdict)
      expect(stepOf(settled, 'build').work).toEqual(stepOf(plan, 'build').work)
      expect(routeOf(plan)).toMatchObject({actions: 'pull,push', tags: [expect.any(String)]})
      expect(routeOf(settled)).toMatchObject({actions: 'pull'})
      expect(routeOf(settled)).not.toHaveProperty('tags')
    })

    test('given that nobody knows, then it is tried', () => {
      const settled = settlePlan(plan, {...answers('allowed', 'allowed'), cache: cacheAnswer('unknown')})
      expect(stepOf(settled, 'cache').verdict.allowed).toBe(true)
    })
  })
})

function sorted(argument: string): string {
  return argument.split(',').toSorted().join(',')
}
