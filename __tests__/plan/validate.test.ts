import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {ORIGINS} from '../../src/model/event.ts'
import {stepOf} from '../../src/model/plan.ts'
import {Problems} from '../../src/model/problem.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {POLICY} from '../../src/plan/policy.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const GPU = {gpu: {driver: '570.124.06', names: ['NVIDIA A100-SXM4-80GB']}, runner: 'self-hosted'} as const

function codesOf(said: FactsSaid): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(makePlan(makeFacts(said)).steps.map(({name, verdict}) => [name, verdict.code]))
  } catch (thrown) {
    if (thrown instanceof Problems) return {problems: thrown.problems.map(({code}) => code).join(' ')}
    throw thrown
  }
}

describe('a plan with a GPU', () => {
  test.each<{given: string; said: FactsSaid; then: Readonly<Record<string, string>>}>([
    {
      given: 'a push on a GPU machine',
      said: {machine: GPU},
      then: {build: 'allowed', validate: 'allowed', promote: 'allowed'}
    },
    {given: 'a push on any other machine', said: {}, then: {validate: 'no-gpu', promote: 'allowed'}},
    {
      given: 'gpu: never',
      said: {machine: GPU, inputs: {gpu: 'never'}},
      then: {validate: 'not-asked', promote: 'allowed'}
    },
    {given: 'gpu: required without a GPU', said: {inputs: {gpu: 'required'}}, then: {problems: 'gpu-missing'}},
    {
      given: 'the same with the GPU of a cluster',
      said: {inputs: {gpu: 'required', gpuInjection: 'kubernetes'}},
      then: {validate: 'allowed', promote: 'allowed'}
    },
    {
      given: 'the GPU of a cluster, and a fork',
      said: {origin: 'fork-pull-request', inputs: {gpuInjection: 'kubernetes'}},
      then: {build: 'allowed', validate: 'fork', promote: 'fork'}
    },
    {
      given: 'the same, only built',
      said: {inputs: {gpu: 'required', mode: 'build'}},
      then: {validate: 'not-asked', promote: 'not-asked'}
    },
    {
      given: 'a fork on a GPU machine that is thrown away after the job',
      said: {origin: 'fork-pull-request', machine: {...GPU, isEphemeral: true}},
      then: {build: 'allowed', validate: 'fork', promote: 'fork'}
    },
    {
      given: 'a fork that asks for a GPU',
      said: {origin: 'fork-pull-request', inputs: {gpu: 'required'}},
      then: {build: 'allowed', validate: 'fork', promote: 'fork'}
    },
    {
      given: 'an own pull request on a GPU machine',
      said: {origin: 'own-pull-request', machine: GPU},
      then: {validate: 'unmerged', promote: 'unmerged'}
    },
    {
      given: 'the same with both opt-ins',
      said: {origin: 'own-pull-request', machine: GPU, inputs: {optIn: ['pr-push', 'pr-gpu']}},
      then: {validate: 'allowed', promote: 'allowed'}
    },
    {
      given: 'the same without the push, so that there is no digest to pull',
      said: {origin: 'own-pull-request', machine: GPU, inputs: {optIn: ['pr-gpu']}},
      then: {validate: 'nothing-to-do', promote: 'unmerged'}
    },
    {
      given: 'mode: validate',
      said: {machine: GPU, inputs: {mode: 'validate', digest: DIGEST}},
      then: {
        git: 'not-asked',
        preflight: 'not-asked',
        builder: 'not-asked',
        build: 'not-asked',
        validate: 'allowed',
        promote: 'not-asked',
        cache: 'not-asked'
      }
    },
    {
      given: 'mode: validate for a fork',
      said: {
        origin: 'fork-pull-request',
        machine: {...GPU, isEphemeral: true},
        inputs: {mode: 'validate', digest: DIGEST}
      },
      then: {validate: 'fork'}
    },
    {
      given: 'mode: validate for a fork on a machine that others use after it',
      said: {
        origin: 'fork-pull-request',
        machine: {...GPU, isEphemeral: false},
        inputs: {mode: 'validate', digest: DIGEST}
      },
      then: {validate: 'self-hosted'}
    },
    {
      given: 'mode: promote with a report',
      said: {inputs: {mode: 'promote', digest: DIGEST, gpu: 'required', gpuReports: [{path: 'a100.json'}]}},
      then: {
        git: 'not-asked',
        preflight: 'allowed',
        builder: 'not-asked',
        build: 'not-asked',
        validate: 'not-asked',
        promote: 'allowed',
        cache: 'not-asked'
      }
    },
    {
      given: 'mode: promote that requires a report and has none',
      said: {inputs: {mode: 'promote', digest: DIGEST, gpu: 'required'}},
      then: {problems: 'gpu-report-missing'}
    },
    {
      given: 'mode: promote for a fork',
      said: {origin: 'fork-pull-request', inputs: {mode: 'promote', digest: DIGEST}},
      then: {promote: 'fork'}
    }
  ])('given $given, then the verdicts are so', ({said, then}) => {
    expect(codesOf(said)).toMatchObject(then)
  })

  test('without a report, promotion says on the run’s page that no GPU stands behind it', () => {
    const promote = (gpu: 'auto' | 'never') =>
      makePlan(makeFacts({inputs: {mode: 'promote', digest: DIGEST, gpu}})).notices
    expect(promote('auto').join(' ')).toContain('without a GPU report')
    expect(promote('never').join(' ')).not.toContain('without a GPU report')
  })

  test('what is validated and promoted is the digest that was given', () => {
    const plan = makePlan(makeFacts({machine: GPU, inputs: {mode: 'validate', digest: DIGEST}}))
    expect(stepOf(plan, 'validate').work).toMatchObject({digest: DIGEST, place: 'engine', level: 'quick'})
    const reports = [{path: 'a.json'}, {path: 'b.json', sha256: DIGEST}]
    const promotion = makePlan(makeFacts({inputs: {mode: 'promote', digest: DIGEST, gpuReports: reports}}))
    expect(stepOf(promotion, 'promote').work).toMatchObject({digest: DIGEST, reports, runId: '7001'})
  })

  test('a job that itself runs in the image has no engine to ask', () => {
    const machine = {...GPU, isContainer: true, engine: undefined, builders: []}
    const plan = makePlan(makeFacts({machine, inputs: {mode: 'validate', digest: DIGEST}}))
    expect(stepOf(plan, 'validate')).toMatchObject({verdict: {allowed: true}, work: {place: 'container'}})
  })

  test('in a cluster it runs in a Job, whatever this machine has', () => {
    const inputs = {mode: 'validate', digest: DIGEST, gpuInjection: 'kubernetes'} as const
    const plan = makePlan(makeFacts({machine: GPU, inputs}))
    expect(stepOf(plan, 'validate').work).toMatchObject({place: 'cluster', injection: 'auto'})
  })

  test('for every origin without the right, no input lets the image onto a GPU', () => {
    const refused = ORIGINS.filter(origin => POLICY[origin].gpu.answer === 'no')
    expect(refused.length).toBeGreaterThan(6)
    fc.assert(
      fc.property(
        fc.constantFrom(...refused),
        fc.constantFrom('auto', 'validate', 'plan' as const),
        fc.constantFrom('auto', 'required' as const),
        fc.subarray(['pr-push', 'pr-gpu', 'merge-queue', 'dependabot-read'] as const),
        (origin, mode, gpu, optIn) => {
          const digest = mode === 'validate' ? DIGEST : undefined
          const inputs = {mode: mode as 'auto', gpu: gpu as 'auto', optIn, digest}
          const plan = makePlan(makeFacts({origin, machine: {...GPU, isEphemeral: true}, inputs}))
          return !stepOf(plan, 'validate').verdict.allowed && stepOf(plan, 'validate').work.image?.credential === null
        }
      )
    )
  })
})
