import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import type {Origin} from '../../src/model/event.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {Mount} from '../../src/model/source.ts'
import {hasPrivateSources} from '../../src/plan/cache.ts'
import {checkContract} from '../../src/plan/contract.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {accessSecretsOf} from '../../src/plan/secrets.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const EVERY_SOURCE = readFileSync(new URL('../wheels/locks/every-source.pylock.toml', import.meta.url), 'utf8')

const KERNELS = {host: 'github.com', path: 'acme/kernels', user: 'x-access-token', token: {secret: 'kernels'}}
const mount = (id: string, required = false): Mount => ({type: 'secret', id, required, line: 4})

function facts(mounts: readonly Mount[], inputs: Partial<Inputs> = {gitCredentials: [KERNELS]}, said: FactsSaid = {}) {
  return makeFacts({...said, inputs, source: {dockerfile: makeDockerfile({stages: [makeStage({mounts})]})}})
}

function buildOf(...given: Parameters<typeof facts>) {
  return stepOf(makePlan(facts(...given)), 'build').work
}

describe('private code in build steps', () => {
  test.each(['git-credentials', 'netrc', 'known-hosts'])(
    'given a step that mounts %s, then it gets it, by a file and in no argument',
    id => {
      const {secrets, argv, access} = buildOf([mount(id)])
      expect(secrets).toEqual([{id, from: 'access', form: id}])
      expect(argv.join(' ')).toContain(
        `--secret type=file,id=${id},src=/home/runner/work/_temp/pytorch-cuda-image-7001-1/build/secrets/${id}`
      )
      expect(access.credentials).toEqual([KERNELS])
    }
  )

  test('given no step that mounts it, then nothing is written', () => {
    expect(buildOf([])).toMatchObject({secrets: [], access: {credentials: []}})
  })

  test('the job’s own token is never among it: it may be able to push', () => {
    expect(buildOf([mount('git-credentials')]).access.credentials.map(({token}) => token.secret)).toEqual(['kernels'])
    expect(buildOf([mount('git-credentials')], {gitCredentials: []}).secrets).toEqual([])
  })

  test('given a line of `secrets` with that id, then that one is mounted', () => {
    const own = {id: 'netrc', from: 'value', value: {secret: 'mine'}} as const
    expect(buildOf([mount('netrc')], {gitCredentials: [KERNELS], secrets: [own]}).secrets).toEqual([own])
  })

  test.each<Origin>([
    'fork-pull-request',
    'dependabot',
    'pull-request-target',
    'foreign-workflow-run',
    'comment',
    'unknown'
  ])('given %s, then there is none', origin => {
    expect(buildOf([mount('git-credentials')], {gitCredentials: [KERNELS]}, {origin})).toMatchObject({
      secrets: [],
      access: {credentials: [], hostKeys: []}
    })
  })

  test('a build that mounts it holds private code, so that its cache is kept small and private', () => {
    expect(hasPrivateSources(facts([mount('git-credentials')]))).toBe(true)
    expect(hasPrivateSources(facts([]))).toBe(false)
  })
})

describe('the built-in Dockerfile, which mounts it always', () => {
  const builtIn = makeFacts().source.dockerfile
  const stages = [makeStage({mounts: [mount('git-credentials')]})]
  const planWith = (gitRequirements?: readonly string[], said: FactsSaid = {}) =>
    makePlan(
      makeFacts({
        ...said,
        inputs: {gitCredentials: [KERNELS], requirements: ['requirements.txt']},
        source: {dockerfile: {...builtIn, stages}, gitRequirements}
      })
    )

  test('given a requirement that names a repository, then build and lock are given it', () => {
    const plan = planWith(['requirements.txt'])
    expect(stepOf(plan, 'build').work.access.credentials).toEqual([KERNELS])
    expect(stepOf(plan, 'lock').work.git?.credentials).toEqual([KERNELS])
  })

  test('given a committed lock that names one, then the build is given it', () => {
    const lock = {path: '/w/pylock.toml', shown: 'pylock.toml', sha256: '', lock: parseLock(EVERY_SOURCE, '')}
    const source = {dockerfile: {...builtIn, stages}, lock}
    const given = accessSecretsOf(makeFacts({inputs: {gitCredentials: [KERNELS]}, source}))
    expect(given).toEqual([{id: 'git-credentials', from: 'access', form: 'git-credentials'}])
  })

  test('given none, then nothing is written', () => {
    const plan = planWith()
    expect(stepOf(plan, 'build').work).toMatchObject({access: {credentials: []}})
    expect(stepOf(plan, 'lock').work.git).toBeUndefined()
  })

  test.each<Origin>(['fork-pull-request', 'dependabot', 'pull-request-target'])(
    'given %s, then the lock reads without a credential, and says so where it cannot',
    origin => {
      const {git} = stepOf(planWith(['requirements.txt'], {origin}), 'lock').work
      expect(git).toMatchObject({credentials: [], keys: [], onUnreadable: 'skip'})
    }
  )
})

describe('the contract with the Dockerfile', () => {
  test('given credentials, then a step may require it', () => {
    expect(checkContract(facts([mount('git-credentials', true)])).problems).toEqual([])
  })

  test('given none, then the input that gives them is named', () => {
    const {problems} = checkContract(facts([mount('git-credentials', true)], {}))
    expect(problems.map(({code}) => code)).toEqual(['secret-missing'])
    expect(problems[0]?.fix).toContain('`git-credentials`, `github-app` or `ssh-keys`')
  })
})
