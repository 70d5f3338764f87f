import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {type ExpressionContext, evaluate, expandText} from '../scripts/runner/expression.ts'

// The reusable workflow, as far as it can be run here: the shell between validation and promotion, as GitHub would run it.

interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
}

const WORKFLOW = new URL('../.github/workflows/publish-image.yml', import.meta.url)
const {jobs} = parse(readFileSync(WORKFLOW, 'utf8'))
const place = mkdtempSync(join(tmpdir(), 'promote-'))

afterAll(() => rmSync(place, {recursive: true, force: true}))

const [A100, L4] = ['a1'.repeat(32), 'c4'.repeat(32)].map(hex => `sha256:${hex}`)

function nameReports({runners, result = 'success', outputs}: {runners: object; result?: string; outputs: object}) {
  const {run} = (jobs.promote.steps as Step[]).find(({id}) => id === 'reports') ?? {}
  const output = join(place, 'output')
  writeFileSync(output, '')
  const {status, stderr} = spawnSync('bash', ['-e', '-c', run ?? 'exit 99'], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      GITHUB_OUTPUT: output,
      RUNNER_TEMP: '/temp',
      RESULT: result,
      GPU_RUNNERS: JSON.stringify(runners),
      HASHES: JSON.stringify(outputs)
    }
  })
  const lines = readFileSync(output, 'utf8').split('\n')
  return {status, stderr, paths: lines.slice(1, lines.indexOf('end-of-paths'))}
}

const RUNNERS = [
  {name: 'a100', labels: ['self-hosted', 'a100']},
  {name: 'l4', labels: ['self-hosted', 'l4']}
]

// GitHub's machines have jq; where this one does not, the step is not run.
const withJq = spawnSync('jq', ['--version']).status === 0 ? describe : describe.skip

withJq('the reports that promotion is given', () => {
  test('are one for each kind of GPU that was asked for, each with the SHA-256 that its own leg gave', () => {
    const outputs = {'leg-0': A100, 'leg-1': L4}
    expect(nameReports({runners: RUNNERS, outputs})).toMatchObject({
      status: 0,
      paths: [
        `/temp/gpu-reports/gpu-report-a100/gpu-report.json ${A100}`,
        `/temp/gpu-reports/gpu-report-l4/gpu-report.json ${L4}`
      ]
    })
  })

  test.each([
    {given: 'a leg that gave none', runners: RUNNERS, outputs: {'leg-0': A100}, then: 'l4'},
    {given: 'a leg whose output is empty', runners: RUNNERS, outputs: {'leg-0': '', 'leg-1': L4}, then: 'a100'},
    {
      given: 'more legs than there are outputs',
      runners: Array.from({length: 9}, (_, at) => ({name: `gpu-${at}`})),
      outputs: Object.fromEntries(Array.from({length: 8}, (_, at) => [`leg-${at}`, A100])),
      then: 'gpu-8'
    }
  ])('given $given, then nothing is promoted', ({runners, outputs, then}) => {
    const named = nameReports({runners, outputs})
    expect(named.status).not.toBe(0)
    expect(named.stderr).toContain(then)
    expect(named.paths).toEqual([])
  })

  test('are none where no validation ran, which the action decides about', () => {
    expect(nameReports({runners: [], result: 'skipped', outputs: {}})).toMatchObject({status: 0, paths: []})
  })
})

describe('the lock of what was built', () => {
  const outputs = {lock: '/temp/pylock.toml', torch: '2.8.0', cuda: 'cu128', python: '3.12'}

  test.each(['build-image', 'publish-image'])('%s keeps it as an artifact, where there is one', name => {
    const workflow = parse(readFileSync(new URL(`../.github/workflows/${name}.yml`, import.meta.url), 'utf8'))
    const steps = workflow.jobs.build.steps as Step[]
    const [at, kept] = [
      steps.findIndex(({id}) => id === 'image'),
      steps.findIndex(({name}) => name === 'Keep the lock')
    ]
    expect(kept).toBeGreaterThan(at)
    const {with: given = {}, if: condition = ''} = steps[kept] ?? {}
    const scopeOf = (lock: string) => ({
      contexts: {steps: {image: {outputs: {...outputs, lock}}}},
      functions: {cancelled: () => false}
    })
    const text = (field: string) => expandText(String(given[field]), scopeOf(outputs.lock))
    expect([text('name'), text('path')]).toEqual(['pylock-2.8.0-cu128-py3.12', outputs.lock])
    const isKept = (lock: string) => expandText(condition, scopeOf(lock))
    expect([isKept(outputs.lock), isKept('')]).toEqual(['true', 'false'])
  })
})

describe('legs of the matrix', () => {
  test('each fills in an output of its own, from the step that validated', () => {
    const outputs = jobs.validate.outputs as Readonly<Record<string, string>>
    expect(Object.keys(outputs)).toEqual(Array.from({length: 8}, (_, at) => `leg-${at}`))
    for (const [name, value] of Object.entries(outputs)) {
      const leg = name.slice('leg-'.length)
      const only = `strategy.job-index == ${leg} && steps.image.outputs.gpu-report-sha256 || ''`
      expect(value).toBe(`\${{ ${only} }}`)
    }
  })
})

describe('whether the GPU machine is asked for', () => {
  const own = {full_name: 'acme/app'}
  const fork = {full_name: 'mallory/app'}
  const push = {event_name: 'push', repository: 'acme/app', event: {}}
  const pull = (repo: ExpressionContext | null, event_name = 'pull_request') => {
    return {event_name, repository: 'acme/app', event: {pull_request: {head: {repo}}}}
  }
  const runners = {gpu: 'auto', 'gpu-runners': '[{}]'}
  const built = {result: 'success', outputs: {candidate: 'ghcr.io/acme/app@sha256:ab'}}

  test.each<{given: string; github: ExpressionContext; inputs?: ExpressionContext; candidate?: string; then: boolean}>([
    {given: 'a push', github: push, then: true},
    {given: 'a pull request of its own', github: pull(own), then: true},
    {given: 'a pull request from a fork', github: pull(fork), then: false},
    {given: 'a pull request whose fork was deleted', github: pull({full_name: ''}), then: false},
    {given: 'pull_request_target, whoever wrote it', github: pull(own, 'pull_request_target'), then: false},
    {given: 'a build that pushed nothing', github: push, candidate: '', then: false},
    {given: 'no GPU machine', github: push, inputs: {'gpu-runners': '[]'}, then: false},
    {given: '`gpu: never`', github: push, inputs: {gpu: 'never'}, then: false}
  ])('given $given: $then', ({github, inputs, candidate, then}) => {
    const build = candidate === undefined ? built : {...built, outputs: {candidate}}
    const contexts = {github, inputs: {...runners, ...inputs}, needs: {build}}
    expect(Boolean(evaluate(jobs.validate.if, {contexts}))).toBe(then)
  })

  test.each([
    {given: 'every leg passed', result: 'success', then: true},
    {given: 'there was none, which the action decides about', result: 'skipped', then: true},
    {given: 'one leg failed', result: 'failure', then: false},
    {given: 'one leg ran out of time', result: 'cancelled', then: false}
  ])('promotion, given that $given: $then', ({result, then}) => {
    const contexts = {needs: {build: built, validate: {result}}}
    expect(Boolean(evaluate(jobs.promote.if, {contexts, functions: {cancelled: () => false}}))).toBe(then)
  })
})

describe('permissions', () => {
  test.each([
    {job: 'build', permissions: {contents: 'read', packages: 'write'}},
    {job: 'validate', permissions: {contents: 'read', packages: 'read'}},
    {job: 'promote', permissions: {contents: 'read', packages: 'write'}}
  ])('of $job are no more than it uses', ({job, permissions}) => {
    expect(jobs[job].permissions).toEqual(permissions)
  })
})
