import {describe, expect, test} from '@jest/globals'
import type {GpuCheck, GpuReport} from '../../src/model/gpu-report.ts'
import {gpuSection} from '../../src/report/gpu-section.ts'

function check(said: Partial<GpuCheck>): GpuCheck {
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

/** A report as a machine might give it; the figures are made up, no GPU was at hand. */
const REPORT: GpuReport = {
  schema_version: 1,
  tool: {name: 'pytorch-cuda-image-action', version: '0.1.0'},
  run: {id: '7001', attempt: 1, workflow: 'image', revision: 'abc'},
  started_at: '2026-11-20T09:00:00Z',
  duration_ms: 91_000,
  result: 'fail',
  level: 'full',
  image: {ref: 'ghcr.io/acme/app@sha256:ab', digest: `sha256:${'ab'.repeat(32)}`, labels: {}},
  expected: {arch_list: []},
  host: {
    place: 'engine',
    driver: '570.124.06',
    injection: 'gpus',
    mig: true,
    runner: {ephemeral: true, kind: 'self-hosted'}
  },
  witnessed: [{gpu_uuid: 'MIG-1', used_mib: 612}],
  torch: {version: '2.8.0+cu128'},
  devices: [
    {index: 0, uuid: 'MIG-1', name: 'NVIDIA A100', capability: '8.0', memory_mib: 10240, mig_profile: '1g.10gb'},
    {index: 1, uuid: 'MIG-2', name: 'NVIDIA A100', capability: '8.0', memory_mib: 10240, mig_profile: '1g.10gb'}
  ],
  tiers: [
    {id: 'T3', title: 'enumeration', status: 'pass', duration_ms: 4_000, budget_ms: 60_000, checks: [check({})]},
    {
      id: 'T5',
      title: 'numerics',
      status: 'fail',
      duration_ms: 12_000,
      budget_ms: 90_000,
      checks: [check({id: 't5.matmul.bf16', tier: 'T5', status: 'fail', code: 'NUMERICS', message: 'off | by <much>'})]
    },
    {
      id: 'T8',
      title: 'memory and throughput',
      status: 'skip',
      duration_ms: 0,
      budget_ms: 0,
      blocked_by: 'T5',
      checks: [check({id: 't8.matmul', tier: 'T8', threshold: {floor_bf16_tflops: 200, last_bf16_tflops: 250}})]
    }
  ],
  numerics: [
    {op: 'matmul', dtype: 'fp32', device: 0, max_abs: 1e-4, rel: 2.5e-6, tol: 1e-5, ok: true},
    {op: 'matmul', dtype: 'bf16', device: 1, max_abs: 2, rel: 0.5, tol: 1e-3, ok: false}
  ],
  throughput: {bf16_tflops: 125},
  diagnosis: [
    {
      check: 't5.matmul.bf16@1',
      code: 'UNKNOWN',
      cause: 'None of the known causes is in what was printed.',
      fix: 'Read the last lines.',
      docs: 'docs/gpu-diagnosis.md#unknown',
      evidence: ['```', '::error::from the image', 'last line']
    }
  ]
}

function shown(report: GpuReport): string {
  return gpuSection({gpu: {report, file: '/temp/report.json', sha256: 'sha256:00'}}, 'https://docs/').join('\n\n')
}

describe('the GPU part of the summary', () => {
  test('is absent where nothing ran on a GPU', () => {
    expect(gpuSection({}, '')).toEqual([])
  })

  test('begins with the result, what it ran on, and who saw it', () => {
    expect(shown(REPORT)).toContain('#### GPU: ❌ fail on 2 × NVIDIA A100 (1g.10gb)')
    expect(shown(REPORT)).toContain('driver 570.124.06 · torch 2.8.0+cu128 · gpus · seen on the GPU by the host')
  })

  test('has a row for each tier, with what failed in it and what it kept from running', () => {
    expect(shown(REPORT)).toMatch(
      /❌&nbsp;T5 \| numerics \| 0&nbsp;of&nbsp;1 \| 12&nbsp;s \| .*off &#124; by &#60;much&#62;/
    )
    expect(shown(REPORT)).toContain('not run: T5 failed')
  })

  test('counts in a tier what applies alone', () => {
    const idle = check({id: 't3.count', status: 'skip', message: 'Nobody asked the host for its GPUs.'})
    const tiers = [
      {id: 'T3', title: 'enumeration', status: 'pass', duration_ms: 1, budget_ms: 1, checks: [check({}), idle]}
    ]
    expect(shown({...REPORT, tiers} as GpuReport)).toContain('1&nbsp;of&nbsp;1')
  })

  test('draws errors against their tolerance, of several GPUs the worst: a full bar is at the limit', () => {
    const lines = shown(REPORT).split('\n')
    expect(lines).toContain(`matmul fp32      2.5e-6 of 1e-5 ${'█'.repeat(8)}${'░'.repeat(24)} GPU 0`)
    expect(lines).toContain(`matmul bf16      5.0e-1 of 1e-3 ${'█'.repeat(32)} ✗ GPU 1`)
    const worse = {op: 'matmul', dtype: 'fp32', device: 1, max_abs: 1, rel: 5e-6, tol: 1e-5, ok: true}
    const again = shown({...REPORT, numerics: [...REPORT.numerics, worse]}).split('\n')
    expect(again.filter(line => line.startsWith('matmul fp32'))).toEqual([
      `matmul fp32      5.0e-6 of 1e-5 ${'█'.repeat(16)}${'░'.repeat(16)} GPU 1`
    ])
  })

  test('draws throughput beside its floor and the last report, and nothing beside nothing', () => {
    const lines = shown({...REPORT, throughput: {bf16_tflops: 125, steps_per_s: 88}}).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        `bf16_tflops            125  ${'█'.repeat(16)}`,
        `  floor                200  ${'█'.repeat(26)} −38 %`,
        `  last                 250  ${'█'.repeat(32)} −50 %`,
        'steps_per_s             88'
      ])
    )
  })

  test('an unknown cause shows what was printed, in a block that nothing in it can end', () => {
    expect(shown(REPORT)).toContain('````text\n```\n::error::from the image\nlast line\n````')
  })

  test('a cause leads to its section', () => {
    expect(shown(REPORT)).toContain('https://docs/docs/gpu-diagnosis.md#unknown')
  })
})
