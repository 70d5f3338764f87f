import {describe, expect, test} from '@jest/globals'
import {compare} from 'semver'
import {RELEASES, releaseOf, variantName} from '../../src/pytorch/releases.ts'

describe('the releases of PyTorch', () => {
  test('stand in order, each once', () => {
    const versions = RELEASES.map(({torch}) => torch)
    expect(versions).toEqual([...new Set(versions)].toSorted(compare))
  })

  test.each(RELEASES)('$torch has its standard variant among its variants, oldest first', ({standard, variants}) => {
    expect(variants).toContain(standard)
    expect(variants).toEqual([...variants].toSorted())
    expect(variants.every(variant => /^cu\d{3}$/.test(variant))).toBe(true)
  })

  test('hold the one that is built when nobody asks', () => {
    expect(releaseOf('2.8.0')).toEqual({
      torch: '2.8.0',
      torchvision: '0.23.0',
      torchaudio: '2.8.0',
      standard: 'cu128',
      variants: ['cu126', 'cu128', 'cu129']
    })
  })

  test.each([
    {request: '2.5', then: '2.5.1'},
    {request: '2.5.0', then: '2.5.0'},
    {request: '2.1', then: '2.1.2'},
    {request: '2', then: '2.15.0'},
    {request: 'latest', then: '2.15.0'},
    {request: '2.50', then: undefined},
    {request: '1.13', then: undefined},
    {request: '', then: undefined}
  ])('given the request "$request", then it is $then', ({request, then}) => {
    expect(releaseOf(request)?.torch).toBe(then)
  })

  test.each([
    {request: 'cu128', then: 'cu128'},
    {request: '12.8', then: 'cu128'},
    {request: '128', then: 'cu128'},
    {request: 'cpu', then: 'cpu'},
    {request: 'rocm6', then: 'rocm6'}
  ])('given the CUDA "$request", then its variant is $then', ({request, then}) => {
    expect(variantName(request)).toBe(then)
  })
})
