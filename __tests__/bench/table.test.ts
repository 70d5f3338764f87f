import {describe, expect, test} from '@jest/globals'
import type {Measured} from '../../scripts/bench/measure.ts'
import {plotOf} from '../../scripts/bench/plot.ts'
import {ROWS, type Row, type RowPlan, rowOf} from '../../scripts/bench/rows.ts'
import {tableOf} from '../../scripts/bench/table.ts'

const MEASURED: Measured = {seconds: 274, addedBytes: 4.1e9, fetchedBytes: 0, loadBefore: 1.6, imageBytes: 4.11e9}
const OURS: Measured = {...MEASURED, seconds: 109, proofSeconds: 44.5, peakBytes: 6.5e8, fetchedBytes: 3.8e9}
const measured = new Map<string, Measured>([
  ['usual-no-op', {...MEASURED, seconds: 0.31}],
  ['no-op', {...OURS, seconds: 0.98, proofSeconds: 0.01}],
  ['usual-cold', MEASURED],
  ['cold', OURS],
  ['patch', {...OURS, addedBytes: 1e9, sentBytes: 1.1e9}],
  ['one-core', OURS]
])

const planOf = (name: string) => ROWS.find(row => row.name === name) as RowPlan
const lineOf = (name: string) => {
  const row = rowOf(planOf(name), measured) as Row
  return tableOf([row], [], 'machine').split('\n')[2]
}

describe('tableOf', () => {
  test.each([
    {name: 'no-op', then: '| 0.31 s | 0.98 s | 3.16× | ≤ 4× | – | 4.1 GB → 4.1 GB | 0 kB → 3.8 GB | 1.6, 1.6 |'},
    {name: 'cold', then: '| 274 s | 65 s | 0.24× | ≤ 0.2× | 45 s | 4.1 GB → 4.1 GB | 0 kB → 3.8 GB | 1.6, 1.6 |'},
    {name: 'patch', then: '| 4.1 GB | 1.1 GB | 0.27× | ≤ 0.35× | 45 s | 1.0 GB | 3.8 GB | 1.6 |'},
    {name: 'memory', then: '| – | 650 MB | – | ≤ 700 MB | 45 s | 4.1 GB | 3.8 GB | 1.6 |'},
    {name: 'one-core', then: '| 274 s | 65 s | 0.24× | – | 45 s | 4.1 GB → 4.1 GB | 0 kB → 3.8 GB | 1.6, 1.6 |'}
  ])('writes the row $name', ({name, then}) => {
    expect(lineOf(name)).toBe(`| ${planOf(name).work} ${then}`)
  })

  test('tells what could not be measured, and the first line of why', () => {
    const table = tableOf([], [{plan: planOf('python'), because: 'no other Python\n  long output'}], 'machine')
    expect(table.split('\n\n').slice(1)).toEqual([
      '* Not measured: bytes that a second Python adds to the registry, against the whole image. no other Python',
      'machine'
    ])
  })
})

describe('plotOf', () => {
  const rows = ROWS.flatMap(plan => rowOf(plan, measured) ?? [])
  const plot = plotOf(rows)
  const dots = [...plot.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x))

  test('draws each row that has a ratio, once', () => {
    expect(dots).toHaveLength(rows.filter(({ratio}) => ratio !== undefined).length)
  })

  test('places dots by their ratios, tenfold by tenfold', () => {
    const tick = (text: string) => Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${text}×`).exec(plot)?.[1])
    const [noOp = 0, cold = 0] = dots
    expect(tick('1') - tick('0.1')).toBeCloseTo(tick('0.1') - tick('0.01'), 0)
    expect(noOp).toBeGreaterThan(tick('1'))
    expect(cold).toBeGreaterThan(tick('0.1'))
    expect(cold).toBeLessThan(tick('1'))
  })

  test('leaves no text outside the picture, and no row on another', () => {
    const [, height = '0'] = /viewBox="0 0 \d+ (\d+)"/.exec(plot) ?? []
    const heights = [...plot.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y))
    for (const [index, y] of heights.entries()) {
      expect(y).toBeLessThan(Number(height))
      if (index > 0) expect(y - (heights[index - 1] ?? 0)).toBeGreaterThan(20)
    }
  })
})
