import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import type {Facts} from '../../src/model/facts.ts'
import {type Answers, type Plan, STEP_NAMES, stepOf} from '../../src/model/plan.ts'
import {Problems} from '../../src/model/problem.ts'
import {PERMISSIONS} from '../../src/model/verdict.ts'
import {permit} from '../../src/plan/permit.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type Cell, POLICY} from '../../src/plan/policy.ts'
import {makeFacts} from '../support/facts.ts'
import {anyFacts} from './arbitraries.ts'

const RUNS = {numRuns: 400}

describe('over all origins, inputs, input roots and machines', () => {
  test('a plan lists every step in order, and survives JSON', () => {
    forAnyPlan(plan => {
      expect(plan.steps.map(({name}) => name)).toEqual(STEP_NAMES)
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
    })
  })

  test('no input turns a no of the policy into a yes, but for the cells that offer just that', () => {
    let asked = 0
    fc.assert(
      fc.property(anyFacts, said => {
        const facts = makeFacts(said)
        const {images, tags, registryCredentials, secretSource} = facts.inputs
        // What images are called, and whose secrets there are, is no wish; all the rest is as if nothing were said.
        const told = {images, tags, registryCredentials, ...(secretSource === undefined ? {} : {secretSource})}
        const unasked = {...facts, inputs: {...makeFacts().inputs, ...told}}
        for (const permission of PERMISSIONS) {
          const {allowed} = permit(facts, permission)
          if (!allowed) continue
          const cell: Cell = POLICY[facts.event.origin][permission]
          expect(cell.answer).not.toBe('no')
          expect(permission === 'build' || facts.roots.every(({holds}) => holds === 'event')).toBe(true)
          if (permit(unasked, permission).allowed) continue
          expect(cell).toMatchObject({answer: 'opt-in', optIn: expect.any(String)})
          expect(cell.answer === 'opt-in' && facts.inputs.optIn.includes(cell.optIn)).toBe(true)
          asked += 1
        }
      }),
      RUNS
    )
    expect(asked).toBeGreaterThan(0)
  })

  test('code that is not merged writes no name but its own, and no cache that merged code reads', () => {
    forAnyPlan((plan, facts) => {
      const {promote, cache, builder} = stepsOf(plan)
      if (facts.event.origin !== 'own-pull-request' && facts.event.origin !== 'merge-queue') return
      const own = facts.event.origin === 'merge-queue' ? 'mq' : 'pr'
      for (const {tag} of promote.work.tags) expect(tag).toMatch(new RegExp(`^${own}-`))
      const written = builder.work.routes.flatMap(({tags}) => tags ?? [])
      for (const tag of written) expect(tag).toMatch(new RegExp(`-${own}-`))
      const places = cache.work.argv.filter(
        argument => /^type=(?:registry|gha),/.test(argument) && /mode=/.test(argument)
      )
      for (const place of places) expect(place).toMatch(new RegExp(`-${own}-`))
    })
  })

  test('a branch that does not stand for the repository moves no name but its own', () => {
    forAnyPlan((plan, facts) => {
      if (permit(facts, 'move-tags').code !== 'unprotected-ref') return
      for (const {tag, class: kind} of stepsOf(plan).promote.work.tags) {
        expect(kind === 'immutable' || /^(?:branch-)?speed(?:-|$)/.test(tag)).toBe(true)
      }
    })
  })

  test('what a plan does is what the policy permits', () => {
    forAnyPlan((plan, facts) => {
      const may = (permission: (typeof PERMISSIONS)[number]) => permit(facts, permission).allowed
      const {promote, preflight, cache, build, builder} = stepsOf(plan)
      expect(promote.verdict.allowed && !may('push')).toBe(false)
      expect(preflight.verdict.allowed).toBe(may('push') && may('build'))
      expect(cache.verdict.allowed && !may('cache-write')).toBe(false)
      expect(build.verdict.allowed).toBe(may('build'))
      expect(build.work.output === 'candidate' && !may('push')).toBe(false)
      const caches = build.work.argv.filter((_, at) => build.work.argv[at - 1] === '--cache-from')
      // Without the right to it, only as anyone may: by a builder that holds no login, and past the door.
      if (!may('cache-read')) for (const cache of caches) expect(cache).toMatch(/^type=registry,ref=[^{]/)
      const pushes = builder.work.routes.some(({actions}) => actions === 'pull,push')
      expect(pushes && !may('push') && !may('cache-write')).toBe(false)
    })
  })

  test('whether wheels are laid or installed, no right comes of it', () => {
    let laid = 0
    forAnyPlan((plan, facts) => {
      const may = (permission: (typeof PERMISSIONS)[number]) => permit(facts, permission).allowed
      const {verdict, work} = stepOf(plan, 'runtime')
      if (!verdict.allowed || work.into === null) return
      laid += 1
      const isFolder = work.into.image.registry.startsWith('oci-layout')
      expect(may('build')).toBe(true)
      expect(isFolder || may('push')).toBe(true)
      expect(isFolder && (work.into.credential !== null || work.store.mayWrite)).toBe(false)
      expect(work.store.mayWrite && !may('cache-write')).toBe(false)
      if (!may('cache-read')) expect(secretsIn([work.store])).toEqual([])
      const isShared = work.store.shared?.mayWrite === true
      expect(isShared && !(may('push') && may('cache-write') && may('shared-store'))).toBe(false)
      if (work.otherwise === null) return
      // The two ways get the same secrets or fewer, and the way in the place of the other pushes nothing that it does not.
      const {build} = stepsOf(plan)
      const allowed = work.otherwise.secrets.map(({id}) => id)
      expect(build.work.secrets.filter(({id}) => !allowed.includes(id))).toEqual([])
      const pushes = (argv: readonly string[]) => argv.filter(word => word.includes('push=true'))
      expect(pushes(build.work.argv)).toEqual(pushes(work.otherwise.argv))
    })
    expect(laid).toBeGreaterThan(0)
  })

  test('where nothing is trusted, no step gets a credential or a secret, and none has a way into a registry', () => {
    forAnyPlan((plan, facts) => {
      if (plan.trust !== 'none') return
      const {build, builder, git} = stepsOf(plan)
      // Dependabot's own tokens may read submodules where the workflow asks for it. The build gets none of them.
      const mayRead = permit(facts, 'private-code').allowed
      expect(secretsIn(plan.steps.filter(({name}) => name !== 'git' || !mayRead))).toEqual([])
      const uses = plan.credentials.flatMap(credential => credential.uses)
      expect(uses.filter(({purpose}) => purpose !== 'read-code' || !mayRead)).toEqual([])
      expect(build.work.ssh).toEqual([])
      expect(build.work.argv).not.toContain('--ssh')
      const {argv} = build.work
      expect(argv.includes('--no-cache') || argv.includes('--cache-from')).toBe(true)
      expect(build.work.argv.join('\n')).not.toMatch(/BUILDKIT_SYNTAX|--pull|--shm-size|--ulimit/)
      expect(builder.work).toMatchObject({use: 'create', driver: 'docker-container'})
      expect(builder.work.bridge).toBeUndefined()
      expect(argv).toContain(`BUILDKIT_CACHE_MOUNT_NS=${facts.paths.run.split('/').at(-1)}`)
      const inEngine = settlePlan(plan, {builder: {isFresh: false}})
      if (builder.work.otherwise === undefined) expect(inEngine).toEqual(plan)
      else expect(argvOf(inEngine).filter(word => /^--(?:no-cache|cache-from)/.test(word))).toEqual(['--no-cache'])
      // Only a fork's own job, which has no secrets, on a machine that is new for it.
      if (builder.work.otherwise !== undefined || builder.work.driverOptions.length > 0) {
        expect(facts.event.origin).toBe('fork-pull-request')
        expect(facts.machine.runner).toBe('github-hosted')
        expect(facts.inputs.secretSource ?? 'None').toBe('None')
      }
      expect(build.work.secrets.every(({id}) => id === 'ca-bundle')).toBe(true)
      expect(builder.work.routes).toEqual([])
      expect(builder.work.inheritsLogins).toBe(false)
      expect(git.work.onUnreadable).toBe(mayRead ? 'fail' : 'skip')
    })
  })

  test('no secret stands in an argument, whatever is trusted', () => {
    forAnyPlan(plan => {
      const {build, cache} = stepsOf(plan)
      for (const argument of [...build.work.argv, ...cache.work.argv]) expect(argument).not.toContain('[secret')
    })
  })

  test('settling takes away, and never gives', () => {
    const anyAnswer = fc.constantFrom('allowed' as const, 'denied' as const, 'unknown' as const)
    fc.assert(
      fc.property(anyFacts, anyAnswer, anyAnswer, (said, first, rest) => {
        const plan = planOf(makeFacts(said))
        if (plan === undefined) return
        const settled = settlePlan(plan, answersTo(plan, [first, rest]))
        expect(settled.pending).toEqual([])
        expect(JSON.parse(JSON.stringify(settled))).toEqual(settled)
        for (const step of settled.steps) {
          const isGiven = step.verdict.allowed && !stepOf(plan, step.name).verdict.allowed
          // Upon layers there is nothing to cache; the build by the Dockerfile brings its own verdict.
          const {otherwise} = stepOf(plan, 'runtime').work
          if (isGiven) expect([step.name, step.verdict]).toEqual(['cache', otherwise?.cache])
        }
        const isDenied = answersTo(plan, [first, rest]).push?.some(({result}) => result === 'denied')
        if (isDenied) {
          expect(JSON.stringify(settled.steps)).not.toContain('"pull,push"')
          expect(stepOf(settled, 'build').work.argv.join(' ')).not.toContain('push=true')
          expect(stepOf(settled, 'promote').verdict.allowed).toBe(false)
        }
      }),
      RUNS
    )
  })
})

function forAnyPlan(check: (plan: Plan, facts: Facts) => void): void {
  let plans = 0
  fc.assert(
    fc.property(anyFacts, said => {
      const facts = makeFacts(said)
      const plan = planOf(facts)
      if (plan === undefined) return
      plans += 1
      check(plan, facts)
    }),
    RUNS
  )
  // Inputs that contradict each other make no plan; if most did, nothing would be tested here.
  expect(plans).toBeGreaterThan(RUNS.numRuns / 3)
}

function argvOf(plan: Plan): readonly string[] {
  return stepOf(plan, 'build').work.argv
}

function planOf(facts: Facts): Plan | undefined {
  try {
    return makePlan(facts)
  } catch (thrown) {
    if (thrown instanceof Problems) return undefined
    throw thrown
  }
}

function stepsOf(plan: Plan) {
  return {
    git: stepOf(plan, 'git'),
    preflight: stepOf(plan, 'preflight'),
    builder: stepOf(plan, 'builder'),
    build: stepOf(plan, 'build'),
    promote: stepOf(plan, 'promote'),
    cache: stepOf(plan, 'cache')
  }
}

function answersTo(plan: Plan, results: readonly ('allowed' | 'denied' | 'unknown')[]): Answers {
  const {verdict, work} = stepOf(plan, 'preflight')
  const lock = {sha256: 'a'.repeat(64)}
  if (!verdict.allowed) return {lock, push: []}
  return {
    lock,
    push: work.images.map(({image}, at) => ({
      image,
      result: results[Math.min(at, results.length - 1)] ?? 'allowed',
      status: 403,
      evidence: 'denied'
    }))
  }
}

/** Names of all secrets that a value refers to. */
function secretsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'secret' in value && typeof value.secret === 'string' ? [value.secret] : []
  return [...own, ...Object.values(value).flatMap(secretsIn)]
}
