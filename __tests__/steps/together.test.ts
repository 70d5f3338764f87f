import {expect, test} from '@jest/globals'
import type {StepContext} from '../../src/steps/step.ts'
import {together} from '../../src/steps/together.ts'

const CONTEXT = {} as StepContext

/** Ends when it is told to stop, as a program does after a signal: later, and with a failure of its own. */
function untilStopped({stopped}: StepContext, ended: string[], name: string): Promise<never> {
  return new Promise((_, reject) => {
    const end = () =>
      setTimeout(() => {
        ended.push(name)
        reject(new Error(`${name} was stopped`))
      }, 5)
    stopped?.addEventListener('abort', end, {once: true})
  })
}

test('what is begun runs at the same time, and the result is that of the whole', async () => {
  const order: string[] = []
  const sum = await together(CONTEXT, async begin => {
    const gate = Promise.withResolvers<void>()
    const one = begin(async () => {
      order.push('one begins')
      await gate.promise
      order.push('one ends')
      return 1
    })
    const two = begin(async () => {
      order.push('two')
      gate.resolve()
      return 2
    })
    return (await one) + (await two)
  })
  expect(sum).toBe(3)
  expect(order).toEqual(['one begins', 'two', 'one ends'])
})

test('once one fails the others are stopped and waited for, and what failed first is thrown', async () => {
  const ended: string[] = []
  const whole = together(CONTEXT, async begin => {
    const long = begin(context => untilStopped(context, ended, 'the other'))
    begin(() => Promise.reject(new Error('the cause')))
    return long
  })
  await expect(whole).rejects.toThrow('the cause')
  expect(ended).toEqual(['the other'])
})

test('what the whole does not wait for is stopped at its end, and its failure is nobody’s news', async () => {
  const ended: string[] = []
  const whole = await together(CONTEXT, async begin => {
    begin(context => untilStopped(context, ended, 'the other'))
    return 'result'
  })
  expect(whole).toBe('result')
  expect(ended).toEqual(['the other'])
})

test('a failure of the whole stops what it has begun', async () => {
  const ended: string[] = []
  const whole = together(CONTEXT, async begin => {
    begin(context => untilStopped(context, ended, 'the other'))
    throw new Error('the cause')
  })
  await expect(whole).rejects.toThrow('the cause')
  expect(ended).toEqual(['the other'])
})

test('what is begun inside something that is stopped is stopped as well', async () => {
  const ended: string[] = []
  const outer = together(CONTEXT, async begin => {
    const inner = begin(context =>
      together(context, async beginInner => beginInner(deep => untilStopped(deep, ended, 'the innermost')))
    )
    begin(() => Promise.reject(new Error('the cause')))
    return inner
  })
  await expect(outer).rejects.toThrow('the cause')
  expect(ended).toEqual(['the innermost'])
})
