import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {acceptReport, isRefusal, parseReport} from '../../src/gpu/acceptance.ts'
import {checkHost} from '../../src/gpu/host-checks.ts'
import {makeGpuReport} from '../../src/gpu/judgement.ts'
import {junitOf} from '../../src/gpu/junit.ts'
import {sha256Of} from '../../src/gpu/seal.ts'
import type {GpuCheck, GpuReport, GpuStatus} from '../../src/model/gpu-report.ts'
import {DIGEST, makeImage, makeState} from './machines.ts'

const NOW = new Date('2026-11-20T09:30:00Z')

function check(said: Partial<GpuCheck> = {}): GpuCheck {
  return {
    id: 't3.available',
    tier: 'T3',
    status: 'pass',
    message: 'torch sees 1 GPU(s).',
    evidence: [],
    measured: {},
    threshold: {},
    duration_ms: 12,
    budget_ms: 30_000,
    ...said
  }
}

function reportWith(status: GpuStatus, checks: readonly GpuCheck[] = [check({status})]): GpuReport {
  const [state, image] = [makeState(), makeImage()]
  return makeGpuReport({
    tool: {name: 'pytorch-cuda-image-action', version: '0.1.0'},
    run: {id: '7001', attempt: 1, workflow: 'image', revision: 'abc'},
    startedAt: '2026-11-20T09:00:00Z',
    durationMs: 61_000,
    level: 'quick',
    ref: `ghcr.io/acme/app@${DIGEST}`,
    image,
    place: 'engine',
    injection: 'gpus',
    runner: {ephemeral: true, kind: 'self-hosted'},
    host: state,
    hostChecks: checkHost(state, image, {injection: 'gpus', place: 'engine'}),
    container: {
      exitCode: 0,
      words: [],
      witnessed: [],
      hasTimedOut: false,
      transcript: {
        checks,
        tiers: [...new Set(['T3', ...checks.map(({tier}) => tier)])].map(id => ({
          id,
          title: id,
          status,
          duration_ms: 1,
          budget_ms: 2
        })),
        forged: [],
        isComplete: true
      }
    }
  })
}

function answerTo(report: unknown, wanted: {digest?: string; runId?: string; sha256?: string; now?: Date} = {}) {
  const text = typeof report === 'string' ? report : JSON.stringify(report)
  const answer = acceptReport(
    {path: 'gpu.json', text, sha256: sha256Of(text)},
    {digest: DIGEST, runId: '7001', now: NOW, ...wanted}
  )
  return isRefusal(answer) ? answer.code : answer.result
}

describe('acceptReport', () => {
  test.each([
    {given: 'a report of this run that passed', report: reportWith('pass'), then: 'pass'},
    {given: 'one with a warning', report: reportWith('warn'), then: 'warn'},
    {given: 'one that failed', report: reportWith('fail'), then: 'gpu-report-failed'},
    {
      given: 'one whose result was edited and whose tiers were not',
      report: {...reportWith('fail'), result: 'pass'},
      then: 'gpu-report-failed'
    },
    {given: 'one in which nothing of the image ran', report: reportWith('skip'), then: 'gpu-report-failed'},
    {given: 'an empty file', report: '', then: 'gpu-report-unreadable'},
    {
      given: 'a file that is cut off',
      report: JSON.stringify(reportWith('pass')).slice(0, 500),
      then: 'gpu-report-unreadable'
    },
    {given: 'another kind of JSON', report: {result: 'pass'}, then: 'gpu-report-unreadable'},
    {given: 'a report without the tier T3', report: {...reportWith('pass'), tiers: []}, then: 'gpu-report-unreadable'},
    {
      given: 'another version of the format',
      report: {...reportWith('pass'), schema_version: 2},
      then: 'gpu-report-unreadable'
    }
  ])('given $given, then it is $then', ({report, then}) => {
    expect(answerTo(report)).toBe(then)
  })

  test.each([
    {given: 'another digest', wanted: {digest: `sha256:${'cd'.repeat(32)}`}, then: 'gpu-report-mismatch'},
    {given: 'another run', wanted: {runId: '7002'}, then: 'gpu-report-stale'},
    {given: 'a run of two days ago', wanted: {now: new Date('2026-11-22T09:30:00Z')}, then: 'gpu-report-stale'},
    {given: 'a report from the future', wanted: {now: new Date('2026-11-20T08:00:00Z')}, then: 'gpu-report-stale'},
    {given: 'the right SHA-256', wanted: {sha256: sha256Of(JSON.stringify(reportWith('pass')))}, then: 'pass'},
    {given: 'another SHA-256', wanted: {sha256: sha256Of('something else')}, then: 'gpu-report-changed'}
  ])('given $given, then it is $then', ({wanted, then}) => {
    expect(answerTo(reportWith('pass'), wanted)).toBe(then)
  })

  test('for any text, there is an answer and never a pass', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => expect(answerTo(text)).toBe('gpu-report-unreadable'))
    )
  })

  test('for any digest but its own, a report never counts', () => {
    const other = fc.stringMatching(/^[0-9a-f]{64}$/).map(hex => `sha256:${hex}`)
    fc.assert(
      fc.property(
        other,
        digest => digest === DIGEST || answerTo(reportWith('pass'), {digest}) === 'gpu-report-mismatch'
      )
    )
  })
})

describe('makeGpuReport', () => {
  test('numerics and throughput are taken from the checks; of several GPUs the slowest counts', () => {
    const checks = [
      check({
        id: 't5.matmul.bf16',
        tier: 'T5',
        device: 1,
        measured: {op: 'matmul', dtype: 'bf16', max_abs: 0.5, rel: 2e-4},
        threshold: {rel: 1e-3}
      }),
      check({id: 't8.matmul', tier: 'T8', device: 0, measured: {bf16_tflops: 250}}),
      check({id: 't8.matmul', tier: 'T8', device: 1, measured: {bf16_tflops: 240}})
    ]
    const report = reportWith('pass', checks)
    expect(report.numerics).toEqual([
      {op: 'matmul', dtype: 'bf16', device: 1, max_abs: 0.5, rel: 2e-4, tol: 1e-3, ok: true}
    ])
    expect(report.throughput).toEqual({bf16_tflops: 240})
    expect(parseReport(JSON.stringify(report))).toEqual(JSON.parse(JSON.stringify(report)))
  })
})

describe('junitOf', () => {
  test('a failure has its code, and no text can break out of the markup', () => {
    const message = 'off by <1> & "2"\u0000'
    const xml = junitOf(
      reportWith('fail', [check({status: 'fail', code: 'NUMERICS', message, evidence: [']]>', '\ud800']})])
    )
    expect(xml).toContain('<failure type="NUMERICS" message="off by &lt;1&gt; &amp; &quot;2&quot;">]]&gt;')
    expect(xml.match(/<testsuite /g)).toHaveLength(2)
    expect(xml.isWellFormed()).toBe(true)
  })
})
