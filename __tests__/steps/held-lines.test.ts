import {afterEach, beforeEach, expect, jest, test} from '@jest/globals'
import {inOnePiece} from '../../src/steps/held-lines.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {makeFakeHost} from '../support/fake-host.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

function open() {
  const host = makeFakeHost()
  return {context: {host} as unknown as StepContext, told: () => host.told.map(({level, text}) => `${level} ${text}`)}
}

test('lines are shown together at the end, whatever others say meanwhile', async () => {
  const {context, told} = open()
  const gate = Promise.withResolvers<void>()
  const done = inOnePiece('a build', context, async held => {
    held.host.log.info('first')
    await gate.promise
    held.host.log.info('second')
    return 7
  })
  context.host.log.info('something else')
  gate.resolve()
  expect(await done).toBe(7)
  expect(told()).toEqual(['info something else', 'group a build', 'info first', 'info second'])
})

test('where it takes long, its newest line is told from time to time, each once', async () => {
  const {context, told} = open()
  const gate = Promise.withResolvers<void>()
  const done = inOnePiece('a build', context, async held => {
    held.host.log.info('Setting up git')
    await gate.promise
  })
  jest.advanceTimersByTime(30_000)
  gate.resolve()
  await done
  expect(told()).toEqual(['info a build: Setting up git', 'group a build', 'info Setting up git'])
})

test('lines of what failed are shown as well', async () => {
  const {context, told} = open()
  const failed = inOnePiece('a build', context, async held => {
    held.host.log.info('no such package')
    throw new Error('exit code 100')
  })
  await expect(failed).rejects.toThrow('exit code 100')
  expect(told()).toEqual(['group a build', 'info no such package'])
})
