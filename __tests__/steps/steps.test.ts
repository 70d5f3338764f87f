import {readFileSync} from 'node:fs'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {describe, expect, test} from '@jest/globals'
import {type Plan, STEP_NAMES, type StepName} from '../../src/model/plan.ts'
import type {Outcome} from '../../src/model/report.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {carryOut} from '../../src/steps/steps.ts'
import {makeFacts} from '../support/facts.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'

const LOCK = readFileSync(new URL('../wheels/locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')
const UV = '/tools/uv/0.13.8/uv'
const NO_WHEEL = 'hint: Wheels are required for `antlr4` because building from source is disabled'
const CONFLICT =
  'Because xformers==0.0.28 depends on torch==2.4.1 and image depends on xformers==0.0.28, your requirements are unsatisfiable.'

/** A plan of the steps that go beside each other, and of none that builds. */
function planOf(): Plan {
  const plan = makePlan(makeFacts({inputs: {torch: '2.8.0'}}))
  const names: readonly StepName[] = ['lock', 'preflight', 'builder']
  const verdict = {allowed: false, code: 'nothing-to-do', because: 'This story is not about it.'} as const
  return {...plan, steps: plan.steps.map(step => (names.includes(step.name) ? step : {...step, verdict}))}
}

/** Which of the two is kept waiting until the other has done something: a deed that begins so. */
interface Told {
  readonly uvWaitsFor?: string
  readonly registryWaitsFor?: string
  /** uv's words, where it finds no set. */
  readonly unresolved?: string
  readonly isDenied?: boolean
  /** Cancels the job when uv is asked for. */
  readonly isCancelled?: boolean
}

async function carriedOut({uvWaitsFor, registryWaitsFor, unresolved, isDenied = false, isCancelled = false}: Told) {
  const host: FakeHost = makeFakeHost({
    programs: {
      [UV]: ({args}) => {
        ;(host.stored as Map<string, string>).set(args[args.indexOf('--output-file') + 1] ?? '', LOCK)
        return unresolved === undefined ? '' : {exitCode: 1, stderr: unresolved}
      },
      '/usr/bin/docker': ''
    },
    tools: {
      uv: async () => {
        await untilDone(uvWaitsFor)
        if (isCancelled) host.cancel('SIGTERM')
        if (isCancelled) throw new Error('The job was cancelled.')
        return UV
      },
      buildx: async () => ''
    },
    registry: {
      ...makeMemoryRegistry(),
      probePush: async image => {
        await untilDone(registryWaitsFor)
        if (host.cancelled.aborted) throw new Error('The job was cancelled.')
        return {image, result: isDenied ? 'denied' : 'allowed', status: isDenied ? 403 : 202, evidence: ''}
      }
    }
  })
  async function untilDone(beginning: string | undefined): Promise<void> {
    const isDone = () => beginning === undefined || host.deeds.some(deed => deed.startsWith(beginning))
    while (!host.cancelled.aborted && !isDone()) await nextTurn()
  }
  return {outcome: await carryOut(planOf(), host, settlePlan), host}
}

function statesOf({results}: Outcome): Record<string, string> {
  return Object.fromEntries(results.map(({name, state}) => [name, state]))
}

describe('steps beside each other', () => {
  test.each([
    {given: 'a uv that comes late', told: {uvWaitsFor: 'info builder: pytorch'}},
    {given: 'a registry that answers late', told: {registryWaitsFor: 'info lock: 31 packages'}}
  ])(
    'given $given, then nothing waits for it that does not need it, and results stand in the plan’s order',
    async ({told}) => {
      const {outcome} = await carriedOut(told)
      expect(statesOf(outcome)).toMatchObject({lock: 'done', preflight: 'done', builder: 'done', build: 'skipped'})
      expect(outcome.results.map(({name}) => name)).toEqual(STEP_NAMES)
      expect(outcome.products.answers).toMatchObject({lock: {downloadBytes: expect.any(Number)}, push: [{}]})
      expect(outcome.plan.pending).toEqual([])
    }
  )

  test('what is wrong with the packages and with the push is told by one run, and nothing is begun after it', async () => {
    const {outcome, host} = await carriedOut({unresolved: CONFLICT, isDenied: true})
    expect(outcome.problems.map(({code}) => code).toSorted()).toEqual(['lock-conflict', 'push-denied'])
    expect(statesOf(outcome)).toMatchObject({lock: 'failed', preflight: 'failed', builder: 'not-reached'})
    expect(host.deeds.join('\n')).not.toContain('open door')
  })

  test('the plan that comes of their answers does not depend on who was first', async () => {
    const plans = []
    for (const told of [{uvWaitsFor: 'info builder: '}, {registryWaitsFor: 'info lock: left'}]) {
      const {outcome} = await carriedOut({...told, unresolved: NO_WHEEL})
      plans.push(outcome.plan)
    }
    expect(plans[0]).toEqual(plans[1])
  })

  test('a cancel ends both, and is told once', async () => {
    const {outcome} = await carriedOut({isCancelled: true, registryWaitsFor: 'a deed that nobody does'})
    expect(outcome.problems.map(({code}) => code)).toEqual(['cancelled'])
    expect(statesOf(outcome)).toMatchObject({lock: 'failed', preflight: 'failed', builder: 'not-reached'})
  })
})
