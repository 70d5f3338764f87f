import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {differencesOf, type Recorded, withNewReleases} from '../../scripts/matrix/compare.ts'
import {MATRIX} from '../../src/pytorch/matrix.ts'

const RECORDED: Recorded = JSON.parse(readFileSync(new URL('./pypi.json', import.meta.url), 'utf8'))
const newest = RECORDED['2.15.0']
if (newest === undefined) throw new Error('2.15.0 is not recorded')
const next = {
  ...newest,
  released: '2026-12-22',
  requires: newest.requires.map(line => line.replace('==13.2.2', '==13.4.1').replace('9.26.0.51', '9.30.0.1'))
}

describe('a release that PyPI has and the matrix lacks', () => {
  const matrix = withNewReleases(MATRIX, {...RECORDED, '2.16.0': next}, '2026-12-28')
  const row = matrix.releases.at(-1)

  test('gets a row with what its wheels say', () => {
    expect(row).toMatchObject({torch: '2.16.0', released: '2026-12-22', pypi: 'cu134', torchvision: '0.29.2'})
    expect(row?.variants).toEqual([{cuda: 'cu134', cudnn: '9.30.0.1', nccl: '2.30.7'}])
    expect(row && differencesOf(row, next)).toEqual([])
  })

  test('says of everything else that it is unknown, and guesses nothing', () => {
    expect(row).toMatchObject({otherVariants: 'unknown', sources: ['pypi']})
    const kernels = matrix.kernels.filter(({from}) => from === '2.16.0')
    expect(kernels.map(({arch, sass, ptx, source}) => ({arch, sass, ptx, source}))).toEqual([
      {arch: 'x86_64', sass: null, ptx: null, source: null},
      {arch: 'aarch64', sass: null, ptx: null, source: null}
    ])
  })

  test('leaves the rows that are there as they are, and notes the day', () => {
    expect(matrix.releases.slice(0, -1)).toEqual(MATRIX.releases)
    expect(matrix.readOn).toBe('2026-12-28')
  })
})

test('without a new release nothing changes', () => {
  expect(withNewReleases(MATRIX, RECORDED, '2026-12-28')).toBe(MATRIX)
})
