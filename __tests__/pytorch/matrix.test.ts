import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {compare} from '@renovatebot/pep440'
import {differencesOf, type Recorded} from '../../scripts/matrix/compare.ts'
import {compareCapabilities} from '../../src/pytorch/coverage.ts'
import {cudaRelease, kernelRow, MATRIX, rankOf} from '../../src/pytorch/matrix.ts'
import {SETS} from '../../src/pytorch/sets.ts'

const RECORDED: Recorded = JSON.parse(readFileSync(new URL('./pypi.json', import.meta.url), 'utf8'))
const {releases, kernels, cudas, sources} = MATRIX
const builds = releases.flatMap(({torch, variants}) => variants.map(({cuda}) => ({torch, cuda})))

describe('the releases of the matrix', () => {
  test('stand in order, each once', () => {
    const versions = releases.map(({torch}) => torch)
    expect(versions).toEqual([...new Set(versions)].toSorted(compare))
  })

  test('are those that PyPI has, as recorded', () => {
    expect(releases.map(({torch}) => torch)).toEqual(Object.keys(RECORDED))
  })

  test.each(releases)('$torch says what its wheels on PyPI say', release => {
    expect(differencesOf(release, RECORDED[release.torch])).toEqual([])
  })

  test.each([
    {given: 'another torchvision', change: {torchvision: '0.19.0'}},
    {given: 'a Python without a wheel', change: {pythons: ['3.12', '3.15']}},
    {given: 'another triton', change: {triton: '3.3.0'}},
    {given: 'another variant on PyPI', change: {pypi: 'cu126'}},
    {given: 'another cuDNN', change: {variants: [{cuda: 'cu128', cudnn: '9.1.0.70', nccl: '2.27.3'}]}}
  ])('would be found out with $given', ({change}) => {
    const [release] = releases.filter(({torch}) => torch === '2.8.0')
    if (release === undefined) throw new Error('2.8.0 is not in the matrix')
    expect(differencesOf({...release, ...change}, RECORDED['2.8.0'])).not.toEqual([])
  })

  test.each(releases)('$torch names variants whose CUDA is known, oldest first, PyPI’s among them', release => {
    const names = release.variants.map(({cuda}) => cuda)
    expect(names).toEqual(names.toSorted())
    expect(names).toContain(release.pypi)
    expect(names.filter(cuda => cudaRelease(cuda) === undefined)).toEqual([])
  })

  test.each(releases)('$torch has its sources', ({sources: named}) => {
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(name => !Object.hasOwn(sources, name))).toEqual([])
  })
})

describe('the kernels of the matrix', () => {
  test.each(builds)('have one row for the wheels of $torch+$cuda', ({torch, cuda}) => {
    const rank = rankOf(torch)
    const rows = kernels.filter(
      row => row.arch === 'x86_64' && row.cuda.includes(cuda) && rankOf(row.from) <= rank && rank <= rankOf(row.to)
    )
    expect(rows).toHaveLength(1)
    expect(kernelRow(torch, cuda, 'x86_64')).toBe(rows[0])
  })

  test.each(kernels)('$from to $to, $cuda, $arch: known with a source, or unknown without', row => {
    expect(rankOf(row.from)).toBeGreaterThanOrEqual(0)
    expect(rankOf(row.to)).toBeGreaterThanOrEqual(rankOf(row.from))
    expect(row.source === null).toBe(row.sass === null)
    if (row.source !== null) expect(sources).toHaveProperty([row.source])
    if (row.sass !== null) expect(row.sass).toEqual(row.sass.toSorted(compareCapabilities))
    for (const capability of row.ptx ?? []) expect(row.sass).toContain(capability)
  })

  test.each(kernels.filter(({sass}) => sass !== null))('$from to $to, $cuda: within what its CUDA serves', row => {
    for (const {oldestGpu, newestGpu} of row.cuda
      .map(cuda => cudaRelease(cuda) ?? cudas[0])
      .filter(found => found !== undefined)) {
      const all = row.sass ?? []
      if (oldestGpu !== null) expect(all.every(one => compareCapabilities(one, oldestGpu) >= 0)).toBe(true)
      if (newestGpu !== null) expect(all.every(one => compareCapabilities(one, newestGpu) <= 0)).toBe(true)
    }
  })
})

test('each CUDA has drivers: the one it came with is never older than the oldest of its major', () => {
  for (const {driver, toolkitDriver} of cudas) expect(compare(toolkitDriver, driver)).toBeGreaterThanOrEqual(0)
})

test('each source was read on some day and can be looked up', () => {
  for (const {url, read, says} of Object.values(sources)) {
    expect(url).toMatch(/^https:\/\//)
    expect(read).toMatch(/^\d{4}-\d{2}$/)
    expect(says).not.toBe('')
  }
})

test('sets are distinct, and each has a wheel for some platform', () => {
  const names = SETS.map(({torch, cuda, python}) => `${torch}+${cuda} ${python}`)
  expect(new Set(names).size).toBe(names.length)
  expect(SETS.every(({platforms}) => platforms.length > 0)).toBe(true)
})
