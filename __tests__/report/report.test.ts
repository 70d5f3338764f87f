import {describe, expect, test} from '@jest/globals'
import {Problem} from '../../src/model/problem.ts'
import {OUTPUTS} from '../../src/report/outputs.ts'
import {announce, makeReport, publish, reportFailure} from '../../src/report/report.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {DENIED, DIGEST, makeForkPlan, makeSampleOutcome, makeSamplePlan, makeStoppedOutcome} from './samples.ts'

const CANCELLED = new Problem('cancelled', {what: 'The run was cancelled.', why: 'b', fix: 'c'})
const plan = makeSamplePlan()

describe('makeReport', () => {
  test.each([
    {given: 'every step did its work', outcome: makeSampleOutcome(plan), then: 'success'},
    {given: 'a fork may not push', outcome: makeSampleOutcome(makeForkPlan()), then: 'success'},
    {given: 'a step failed', outcome: makeStoppedOutcome(plan, 'preflight', DENIED), then: 'failure'},
    {given: 'the job was cancelled', outcome: makeStoppedOutcome(plan, 'build', CANCELLED), then: 'cancelled'}
  ])('given $given, then the conclusion is $then', ({outcome, then}) => {
    expect(makeReport(outcome, 1).conclusion).toBe(then)
  })
})

describe('publish', () => {
  test('given a pushed image, then every output is set', async () => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    await publish(makeReport(makeSampleOutcome(plan), 53_272), host)
    expect(Object.keys(host.outputs)).toEqual(Object.keys(OUTPUTS))
    expect(JSON.parse(host.outputs.plan ?? '')).toEqual(plan)
    const {plan: _plan, ...outputs} = host.outputs
    expect(outputs).toMatchInlineSnapshot(`
{
  "arch-list": "7.0;7.5;8.0;8.6;9.0;10.0;12.0",
  "cache-hit": "false",
  "candidate": "ghcr.io/acme/app@sha256:3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f",
  "cuda": "cu128",
  "digest": "sha256:3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f",
  "gpu-report": "",
  "gpu-report-sha256": "",
  "gpu-result": "",
  "image": "ghcr.io/acme/app",
  "imageid": "sha256:a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7",
  "loaded": "",
  "lock": "",
  "metadata": "{"containerimage.digest":"sha256:3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f"}",
  "min-driver": "525.60.13",
  "origin": "own-branch",
  "push-reason": "allowed",
  "pushed": "true",
  "python": "3.12",
  "report": "/temp/pytorch-cuda-image-7001-1.report.json",
  "tags": "ghcr.io/acme/app:sha-4b825dc642cb-cu128-torch2.8
ghcr.io/acme/app:main",
  "torch": "2.8.0",
  "trust": "full",
}
`)
  })

  test.each([
    {given: 'a fork', outcome: makeSampleOutcome(makeForkPlan()), pushed: 'false', reason: 'fork'},
    {
      given: 'a refusal',
      outcome: makeStoppedOutcome(plan, 'preflight', DENIED),
      pushed: 'false',
      reason: 'push-denied'
    },
    {given: 'mode plan', outcome: {...makeSampleOutcome(plan), results: []}, pushed: 'false', reason: 'allowed'},
    {given: 'a push', outcome: makeSampleOutcome(plan), pushed: 'true', reason: 'allowed'}
  ])('given $given, then pushed is $pushed because of $reason', async ({outcome, pushed, reason}) => {
    const host = makeFakeHost()
    await publish(makeReport(outcome, 1), host)
    expect(host.outputs).toMatchObject({pushed, 'push-reason': reason})
  })

  test.each([
    {given: 'all steps cached', cachedSteps: {cached: 9, total: 9}, then: 'true'},
    {given: 'one step run', cachedSteps: {cached: 8, total: 9}, then: 'false'},
    {given: 'no step at all', cachedSteps: {cached: 0, total: 0}, then: 'false'}
  ])('given $given, then cache-hit is $then', async ({cachedSteps, then}) => {
    const host = makeFakeHost()
    await publish(makeReport(makeSampleOutcome(plan, {products: {cachedSteps}}), 1), host)
    expect(host.outputs['cache-hit']).toBe(then)
  })

  test('the report file is on the undo list before it is written, and holds the whole report', async () => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    const report = makeReport(makeStoppedOutcome(plan, 'preflight', DENIED), 1)
    await publish(report, host)
    const path = host.outputs.report ?? ''
    expect(host.undos).toEqual([{kind: 'remove-path', path}])
    expect(host.deeds.findIndex(deed => deed.startsWith('record'))).toBeLessThan(host.deeds.indexOf(`write ${path}`))
    const written = JSON.parse(host.stored.get(path) ?? '')
    expect(written).toMatchObject({conclusion: 'failure', outcome: {plan: {origin: 'own-branch'}}})
    expect(written.outcome.problems[0]).toMatchObject({code: 'push-denied', fix: DENIED.fix, evidence: DENIED.evidence})
  })

  test('a problem stands in the log with what, why, evidence, fix and where to read more', async () => {
    const host = makeFakeHost({env: {GITHUB_ACTION_REPOSITORY: 'acme/action', GITHUB_ACTION_REF: 'v1.0.0'}})
    await publish(makeReport(makeStoppedOutcome(plan, 'preflight', DENIED), 1), host)
    expect(host.told.find(({level}) => level === 'error')?.text).toMatchInlineSnapshot(`
"ghcr.io refuses a push to ghcr.io/acme/app with the login octo. (push-denied)
Why: It answered 403, so the image could be built and never published.
Seen:
  │ POST /v2/acme/app/blobs/uploads/ → 403
  │ DENIED: permission_denied: write_package
Fix: Add this to the job:
  permissions:
    contents: read
    packages: write
More: https://github.com/acme/action/blob/v1.0.0/docs/troubleshooting.md#push-denied"
`)
  })

  test('given a disk that takes no file, then outputs and summary are there all the same', async () => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    const full = {...host, files: {...host.files, write: () => Promise.reject(new Error('no space left on device'))}}
    await publish(makeReport(makeSampleOutcome(plan), 1), full)
    expect(host.outputs).toMatchObject({digest: DIGEST, report: ''})
    expect(host.summaries).toHaveLength(1)
    expect(host.told).toContainEqual({level: 'warning', text: expect.stringContaining('no space left')})
  })
})

test('a registry that repeats a secret in its refusal does not get it into the report file', async () => {
  const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
  host.secrets.keep('registry-credentials', 'the-registry-token')
  const echo = new Problem('push-denied', {...DENIED, evidence: ['HTTP 401: no such token: the-registry-token']})
  await publish(makeReport(makeStoppedOutcome(plan, 'preflight', echo), 1), host)
  expect(host.stored.get(host.outputs.report ?? '')).toContain('HTTP 401: no such token: ***')
})

test.each([
  {given: 'a run with a plan', tell: (host: FakeHost) => publish(makeReport(makeSampleOutcome(plan), 1), host)},
  {given: 'a run without a plan', tell: (host: FakeHost) => reportFailure([DENIED], DENIED, host)},
  {given: 'a mistake of ours', tell: (host: FakeHost) => reportFailure([], new Error('ours'), host)}
])('given $given and a disk that takes no output, then the rest is told all the same', async ({tell}) => {
  const host = makeFakeHost()
  const output = () => {
    throw new Error('no space left on device')
  }
  await tell({...host, results: {...host.results, output}})
  expect(host.told).toContainEqual({level: 'warning', text: expect.stringContaining('no space left')})
  expect(host.summaries).toHaveLength(1)
})

describe('reportFailure', () => {
  test('given faults found before there was a plan, then all of them are told and every output is set', async () => {
    const host = makeFakeHost()
    const unknown = new Problem('input-unknown', {what: 'There is no input `tag`.', why: 'b', fix: 'c'})
    await reportFailure([unknown, DENIED], unknown, host)
    expect(host.told.filter(({level}) => level === 'error')).toHaveLength(2)
    expect(host.outputs).toMatchObject({pushed: 'false', plan: '{}', metadata: '{}', tags: ''})
    expect(host.summaries[0]).toMatch(/^### ❌/)
  })

  test('given something that nobody expected, then it says that the mistake is ours', async () => {
    const host = makeFakeHost({env: {GITHUB_ACTION_REPOSITORY: 'acme/action'}})
    await reportFailure([], new TypeError('x is not a function'), host)
    expect(host.told[0]).toEqual({
      level: 'error',
      text: expect.stringContaining('https://github.com/acme/action/issues')
    })
    expect(host.told[1]?.text).toContain('TypeError: x is not a function')
  })
})

test('announce opens the log with the plan, then tells its warnings and notices', () => {
  const host = makeFakeHost()
  announce(makeSamplePlan({warnings: ['A secret is never used.'], notices: ['The name was lowered.']}), host)
  expect(host.told.map(({level}) => level)).toEqual(['info', 'warning', 'notice'])
})
