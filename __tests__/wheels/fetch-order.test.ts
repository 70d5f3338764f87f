import {describe, expect, test} from '@jest/globals'
import * as fc from 'fast-check'
import {fetchOrder} from '../../src/wheels/fetch-order.ts'

const orderOf = (sizes: readonly number[]) => fetchOrder(sizes, size => size)

describe('the order of downloads', () => {
  test.each([
    {given: 'nothing', sizes: [], order: []},
    {given: 'one wheel', sizes: [888], order: [888]},
    {
      given: 'small ones beside large ones: those first, then the largest',
      sizes: [888, 20, 594, 5, 707],
      order: [5, 20, 888, 707, 594]
    },
    {
      given: 'all of one size: a quarter of them is no more than the order they came in',
      sizes: [7, 7, 7, 7],
      order: [7, 7, 7, 7]
    },
    {given: 'sizes that nobody knows', sizes: [0, 0, 3], order: [0, 0, 3]}
  ])('$given', ({sizes, order}) => {
    expect(orderOf(sizes)).toEqual(order)
  })

  test('whatever the sizes: nothing is lost, and what grows first is at most a quarter', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({min: 1, max: 1000})), sizes => {
        const order = orderOf(sizes)
        expect(new Set(order)).toEqual(new Set(sizes))
        const rising = order.slice(0, Math.max(0, order.indexOf(Math.max(...sizes))))
        const falling = order.slice(rising.length)
        expect(rising).toEqual(rising.toSorted((one, other) => one - other))
        expect(falling).toEqual(falling.toSorted((one, other) => other - one))
        expect(sumOf(rising)).toBeLessThanOrEqual(sumOf(sizes) / 4)
      })
    )
  })
})

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0)
}
