import {expect, test} from '@jest/globals'
import {inTurns} from '../../src/host/turns.ts'

test('of those who wait the highest rank is next, and among equals the one who came first', async () => {
  const turn = inTurns(['the only place'])
  const order: string[] = []
  const take = (rank: number, name: string) =>
    turn(rank, async () => {
      order.push(name)
      await new Promise(setImmediate)
    })
  await Promise.all([
    take(0, 'came first'),
    take(1, 'low'),
    take(5, 'high'),
    take(1, 'low, later'),
    take(5, 'high, later')
  ])
  expect(order).toEqual(['came first', 'high', 'high, later', 'low', 'low, later'])
})

test('a place is given back when the act fails', async () => {
  const turn = inTurns([1])
  await expect(turn(0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(turn(0, place => Promise.resolve(place))).resolves.toBe(1)
})
