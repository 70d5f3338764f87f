import {describe, expect, test} from '@jest/globals'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import type {Facts} from '../../src/model/facts.ts'
import {type Plan, stepOf} from '../../src/model/plan.ts'
import {looksInside, standsOnRuntime} from '../../src/plan/own-runtime.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeFacts} from '../support/facts.ts'

const GHCR = {registry: 'ghcr.io', repository: 'acme/app'}
const LOCK = {lock: {sha256: '5d'.repeat(32)}}
const COPIES = 'FROM runtime\nCOPY --link --chown=10001:10001 . /app/\n'

function factsOf(text: string, said: FactsSaid = {}): Facts {
  const dockerfile = {...parseDockerfile(text), source: 'user' as const, path: '/work/Dockerfile'}
  return makeFacts({...said, source: {...said.source, dockerfile}})
}

function planOf(text: string, said: FactsSaid = {}): Plan {
  return makePlan(factsOf(text, said))
}

describe('whether a Dockerfile begins with the runtime', () => {
  test.each<{given: string; text: string; said?: FactsSaid; then: boolean}>([
    {given: 'FROM runtime', text: COPIES, then: true},
    {given: 'FROM runtime in a stage below', text: 'FROM runtime AS base\nFROM base\nUSER 0', then: true},
    {given: 'a variable whose value it is', text: 'ARG BASE=runtime\nFROM ${BASE}\n', then: true},
    {
      given: 'a variable that the build sets to it',
      text: 'ARG BASE=debian\nFROM ${BASE}\n',
      said: {inputs: {buildArgs: [{name: 'BASE', value: 'runtime'}]}},
      then: true
    },
    {given: 'a copy from it', text: 'FROM debian:13-slim\nCOPY --from=runtime /opt/venv /opt/venv', then: true},
    {given: 'another image', text: 'FROM debian:13-slim\n', then: false},
    {given: 'an image of that name in a registry', text: 'FROM ghcr.io/acme/runtime\n', then: false},
    {given: 'a stage of its own with that name', text: 'FROM debian AS runtime\nFROM runtime\n', then: false},
    {given: 'such a stage in other letters', text: 'FROM debian AS Runtime\nFROM runtime\n', then: false},
    {
      given: 'a later stage with that name',
      text: 'FROM runtime AS one\nFROM debian AS runtime\nCOPY --from=one / /\n',
      then: false
    },
    {
      given: 'a named context with that name',
      text: COPIES,
      said: {inputs: {buildContexts: [{name: 'runtime', location: 'docker-image://debian'}]}},
      then: false
    },
    {given: 'a stage that the build leaves out', text: 'FROM runtime AS other\nFROM debian\n', then: false},
    {
      given: 'a stage that `target` names',
      text: 'FROM runtime AS other\nFROM debian\n',
      said: {inputs: {target: 'other'}},
      then: true
    }
  ])('given $given, then $then', ({text, said, then}) => {
    expect(standsOnRuntime(factsOf(text, said))).toBe(then)
  })
})

describe('from which line on its files are needed', () => {
  test.each<{given: string; text: string; then: number | undefined}>([
    {given: 'only linked copies and settings', text: `${COPIES}ENV A=b\nCMD ["python3", "app.py"]`, then: undefined},
    {given: 'a RUN', text: `${COPIES}RUN pip check`, then: 3},
    {given: 'a WORKDIR', text: 'FROM runtime\nWORKDIR /srv\n', then: 2},
    {given: 'a COPY without --link', text: 'FROM runtime\nCOPY . /app/\n', then: 2},
    {given: 'a COPY with --link=false', text: 'FROM runtime\nCOPY --link=false . /app/\n', then: 2},
    {given: 'an owner by name, who is looked up', text: 'FROM runtime\nCOPY --link --chown=app . /app/\n', then: 2},
    {
      given: 'a RUN in another stage',
      text: 'FROM debian AS made\nRUN make\nFROM runtime\nCOPY --link --from=made /a /a',
      then: undefined
    },
    {given: 'a RUN in the stage above', text: 'FROM runtime AS base\nFROM base\nRUN pip check', then: 3},
    {
      given: 'a stage that copies from it',
      text: 'FROM debian\nCOPY --link --from=runtime /opt/venv /opt/venv',
      then: 1
    },
    {
      given: 'a stage that copies from one upon it',
      text: 'FROM runtime AS one\nFROM debian\nCOPY --link --from=0 /a /a',
      then: 2
    }
  ])('given $given, then $then', ({text, then}) => {
    expect(looksInside(factsOf(text))).toBe(then)
  })
})

describe('given a Dockerfile that begins with the runtime', () => {
  test('the wheels are locked and laid, and the build gets them as a context beside its own', () => {
    const plan = planOf(`${COPIES}ARG A\n`, {
      inputs: {
        buildContexts: [{name: 'assets', location: './assets'}],
        buildArgs: [{name: 'A', value: 'b'}],
        requirements: ['requirements.txt']
      }
    })
    expect(stepOf(plan, 'lock').verdict.allowed).toBe(true)
    expect(stepOf(plan, 'lock').work).toMatchObject({onUnlockable: 'fail', requirements: [{path: 'requirements.txt'}]})
    expect(stepOf(plan, 'runtime').work).toMatchObject({into: {image: GHCR}, otherwise: null})
    const {argv, dockerfile, buildArgs} = stepOf(plan, 'build').work
    expect(argv).toContain('runtime=docker-image://{door}/ghcr.io/acme/app@{runtime}')
    expect(argv).toContain('assets=./assets')
    expect(argv.join(' ')).not.toContain('pylock=')
    expect(argv).toContain('--cache-from')
    expect(buildArgs).toEqual({A: 'b'})
    expect(dockerfile).toEqual({source: 'user', path: '/work/Dockerfile'})
    expect(plan.warnings).toEqual([])
    // The cache of its own steps is worth writing, and finds the same runtime.
    expect(stepOf(plan, 'cache').verdict.allowed).toBe(true)
    expect(stepOf(plan, 'cache').work.argv).toContain('runtime=docker-image://{door}/ghcr.io/acme/app@{runtime}')
    // What it does upon the runtime may change what is in it.
    expect(stepOf(plan, 'prove').work.subject).toBe('image')
  })

  test('the plan says that copying costs nothing, and what a RUN does', () => {
    const because = (text: string) => stepOf(planOf(text), 'runtime').verdict.because
    expect(because(COPIES)).toMatch(/fetches none of them/)
    expect(because(`${COPIES}RUN pip check\n`)).toMatch(
      /From line 3 on Dockerfile needs its files .* unpacks \d\.\d GB first: about \d+ s/
    )
  })

  test.each([
    {given: 'copies alone', text: COPIES, isWhole: false},
    {given: 'a RUN', text: `${COPIES}RUN pip check\n`, isWhole: true}
  ])('given a fork and $given, then it lies in a folder, whole: $isWhole', ({text, isWhole}) => {
    const plan = planOf(text, {origin: 'fork-pull-request'})
    const folder = `${plan.directory}/layout`
    expect(stepOf(plan, 'runtime').work).toMatchObject({into: {image: {repository: folder}, credential: null}, isWhole})
    expect(stepOf(plan, 'build').work.argv).toContain(`runtime=oci-layout://${folder}@{runtime}`)
    expect(JSON.stringify(plan.steps)).not.toContain('push=true')
  })

  test('given a builder that does not reach the door, then it gets the folder, and pushes all the same', () => {
    const plan = planOf(COPIES, {inputs: {load: true}})
    expect(stepOf(plan, 'build').work.argv.join(' ')).toMatch(/runtime=oci-layout:\/\/\/.* --output .*push=true/)
    expect(stepOf(plan, 'runtime').work).toMatchObject({isWhole: true, store: {mayWrite: false}})
  })

  test.each<{given: string; inputs: NonNullable<FactsSaid['inputs']>; why: RegExp}>([
    {given: 'a flavour', inputs: {flavor: 'notebook'}, why: /flavour/},
    {given: 'certificates', inputs: {caBundle: 'ca.pem'}, why: /ca-bundle/},
    {given: 'a base image that is no image of a registry', inputs: {baseImage: 'Not/An Image'}, why: /base image/}
  ])('given $given, then the run ends before it begins, and says why', ({inputs, why}) => {
    const ending = {problems: [expect.objectContaining({code: 'runtime-unavailable', why: expect.stringMatching(why)})]}
    expect(() => planOf(COPIES, {inputs})).toThrow(expect.objectContaining(ending))
  })

  test('given a registry that refuses, then nothing is pushed, and the run fails rather than build half', () => {
    const plan = planOf(COPIES, {origin: 'own-pull-request', inputs: {optIn: ['pr-push']}})
    expect(stepOf(plan, 'preflight').work.onDenied).toBe('fail')
    const settled = settlePlan(plan, {...LOCK, push: [{image: GHCR, result: 'denied', status: 403, evidence: ''}]})
    expect(stepOf(settled, 'build').work.argv.join(' ')).not.toContain('push=true')
  })
})
