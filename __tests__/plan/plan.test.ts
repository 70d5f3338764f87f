import {describe, expect, test} from '@jest/globals'
import {ORIGINS, type Origin} from '../../src/model/event.ts'
import {STEP_NAMES, stepOf} from '../../src/model/plan.ts'
import {Problems} from '../../src/model/problem.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const KERNELS = {name: 'kernels', path: 'kernels', url: 'https://github.com/acme/kernels.git'}

/** Each step's verdict by its code. */
function codesOf(said: FactsSaid): Record<string, string> {
  return Object.fromEntries(makePlan(makeFacts(said)).steps.map(({name, verdict}) => [name, verdict.code]))
}

function problemsOf(said: FactsSaid): readonly string[] {
  try {
    makePlan(makeFacts(said))
    return []
  } catch (thrown) {
    if (thrown instanceof Problems) return thrown.problems.map(({code}) => code)
    throw thrown
  }
}

/** The verdicts of git (with a submodule), lock, preflight, builder, runtime, build, prove, validate (without a GPU), promote and cache. */
const YES = 'allowed'
const TABLE: {readonly [O in Origin]: readonly string[]} = {
  'own-branch': [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  'own-tag': [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  'deleted-branch': STEP_NAMES.map(() => 'deleted-branch'),
  'own-pull-request': [YES, YES, 'unmerged', YES, YES, YES, 'nothing-to-do', 'unmerged', 'unmerged', 'unmerged'],
  'fork-pull-request': [YES, YES, 'fork', YES, YES, YES, 'nothing-to-do', 'fork', 'fork', 'fork'],
  dependabot: [YES, YES, 'dependabot', YES, YES, YES, 'nothing-to-do', 'dependabot', 'dependabot', 'dependabot'],
  'pull-request-target': [
    YES,
    YES,
    'privileged-event',
    YES,
    YES,
    YES,
    'nothing-to-do',
    'privileged-event',
    'privileged-event',
    'privileged-event'
  ],
  'workflow-run': [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  'foreign-workflow-run': [
    YES,
    YES,
    'foreign-run',
    YES,
    YES,
    YES,
    'nothing-to-do',
    'foreign-run',
    'foreign-run',
    'foreign-run'
  ],
  dispatch: [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  schedule: [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  release: [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  'merge-queue': [YES, YES, 'merge-queue', YES, YES, YES, 'nothing-to-do', 'no-gpu', 'merge-queue', 'merge-queue'],
  'repository-dispatch': [YES, YES, YES, YES, YES, YES, YES, 'no-gpu', YES, 'nothing-to-do'],
  comment: [YES, YES, 'comment', YES, YES, YES, 'nothing-to-do', 'comment', 'comment', 'comment'],
  bystander: [YES, YES, 'bystander', YES, YES, YES, 'nothing-to-do', 'bystander', 'bystander', 'bystander'],
  unknown: [
    YES,
    YES,
    'unknown-event',
    YES,
    YES,
    YES,
    'nothing-to-do',
    'unknown-event',
    'unknown-event',
    'unknown-event'
  ]
}

describe('a plan', () => {
  test.each(ORIGINS)('for %s lists every step with its verdict', origin => {
    const verdicts = codesOf({origin, source: {submodules: [KERNELS]}})
    expect(verdicts).toEqual(Object.fromEntries(STEP_NAMES.map((name, at) => [name, TABLE[origin][at]])))
  })

  test.each([
    {
      given: 'push: never',
      inputs: {push: 'never'},
      then: {preflight: 'not-asked', promote: 'not-asked', cache: 'not-asked'}
    },
    {
      given: 'mode: build',
      inputs: {mode: 'build'},
      then: {preflight: YES, runtime: YES, build: YES, promote: 'not-asked'}
    },
    {given: 'cache: none', inputs: {cache: {backend: 'none'}}, then: {promote: YES, cache: 'not-asked'}},
    {given: 'submodules: false', inputs: {submodules: 'false'}, then: {git: 'not-asked'}}
  ] as const)('given $given, then it does less', ({inputs, then}) => {
    expect(codesOf({inputs, source: {submodules: [KERNELS]}})).toEqual(expect.objectContaining(then))
  })

  test.each([
    {given: 'a push', said: {}, then: ['lock', 'registry']},
    {given: 'a pull request', said: {origin: 'own-pull-request'}, then: ['lock']}
  ] as const)('given $given, then what is still to be asked is $then', ({said, then}) => {
    expect(makePlan(makeFacts(said)).pending).toEqual(then)
  })

  test.each([
    {given: 'a branch', said: {}, then: 'fail'},
    {given: 'a pull request', said: {origin: 'own-pull-request'}, then: 'build-only'}
  ] as const)('given $given, then a refused push means $then', ({said, then}) => {
    expect(stepOf(makePlan(makeFacts(said)), 'preflight').work.onDenied).toBe(then)
  })

  test('given a fork and a credential, then public submodules are fetched and the withheld place is named', () => {
    const token = {secret: 'kernels'}
    const gitCredentials = [{host: 'github.com', path: 'acme/kernels', user: 'x', token}]
    const facts = makeFacts({origin: 'fork-pull-request', inputs: {gitCredentials}, source: {submodules: [KERNELS]}})
    const {verdict, work} = stepOf(makePlan(facts), 'git')
    expect(verdict.allowed).toBe(true)
    expect(work).toEqual(
      expect.objectContaining({credentials: [], withheld: ['github.com/acme/kernels'], onUnreadable: 'skip'})
    )
  })

  test('given a tag with an image, then only images with a tag are pushed', () => {
    const quay = {registry: 'quay.io', repository: 'acme/app'}
    const plan = makePlan(makeFacts({inputs: {tags: [{tag: 'edge', image: quay}]}}))
    expect(stepOf(plan, 'promote').work.images.map(({image}) => image)).toEqual([quay])
    expect(stepOf(plan, 'build').work.candidate?.image).toEqual(quay)
  })

  test('opens the door for the candidate and the cache of one image at once', () => {
    const {routes} = stepOf(makePlan(makeFacts()), 'builder').work
    expect(routes).toEqual([
      {
        local: 'ghcr.io/acme/app',
        image: {registry: 'ghcr.io', repository: 'acme/app'},
        credential: {host: 'ghcr.io', path: '', user: 'octo', token: {secret: 'token'}},
        actions: 'pull,push',
        tags: ['buildcache-main']
      }
    ])
  })

  test('given mode: plan and a machine without anything, then there is a plan', () => {
    const machine = {engine: undefined, docker: undefined, buildx: undefined, builders: []}
    const plan = makePlan(makeFacts({inputs: {mode: 'plan'}, machine}))
    expect(stepOf(plan, 'builder').work).toEqual(expect.objectContaining({driver: 'auto', docker: 'docker'}))
    expect(stepOf(plan, 'promote').verdict.allowed).toBe(true)
  })
})

describe('what stops a run before it does anything', () => {
  const required = makeDockerfile({
    stages: [makeStage({mounts: [{type: 'secret', id: 'kernels', required: true, line: 3}]})]
  })

  test.each([
    {
      given: 'push: always from a fork',
      said: {origin: 'fork-pull-request', inputs: {push: 'always'}},
      then: ['push-forbidden']
    },
    {given: 'push: always on a branch', said: {inputs: {push: 'always'}}, then: []},
    {given: 'push: always on a deleted branch', said: {origin: 'deleted-branch', inputs: {push: 'always'}}, then: []},
    {given: 'no engine', said: {machine: {engine: undefined}}, then: ['engine-missing']},
    {
      given: 'no engine and nothing to build',
      said: {origin: 'deleted-branch', machine: {engine: undefined}},
      then: []
    },
    {
      given: 'no engine, and code that this machine must not build',
      said: {origin: 'fork-pull-request', machine: {engine: undefined, runner: 'self-hosted', isEphemeral: false}},
      then: []
    },
    {
      given: 'requirements that are not there',
      said: {source: {missingRequirements: ['reqs.txt']}},
      then: ['input-invalid']
    },
    {given: 'requirements with a space', said: {inputs: {requirements: ['my reqs.txt']}}, then: ['input-invalid']},
    {
      given: 'more requirements than the built-in Dockerfile takes',
      said: {inputs: {requirements: ['a', 'b', 'c', 'd', 'e', 'f', 'g']}},
      then: ['input-invalid']
    },
    {
      given: 'several platforms to load from a builder in a container',
      said: {inputs: {load: true, driver: 'docker-container', platforms: ['linux/amd64', 'linux/arm64']}},
      then: ['input-conflict']
    },
    {
      given: 'a cache that is no reference',
      said: {inputs: {cache: {backend: 'registry', place: 'not a reference'}}},
      then: ['input-invalid']
    },
    {
      given: 'several things at once',
      said: {
        inputs: {cuda: 'cu140', buildArgs: [{name: 'T', value: 'x', carriesSecret: {secret: 'token'}}]},
        machine: {engine: undefined}
      },
      then: ['engine-missing', 'no-such-set', 'secret-in-build-arg']
    },
    {given: 'a secret that is required and absent', said: {source: {dockerfile: required}}, then: ['secret-missing']}
  ] as const)('given $given: $then', ({said, then}) => {
    expect(problemsOf(said as FactsSaid)).toEqual(then)
  })
})
