import {execFileSync} from 'node:child_process'
import {availableParallelism} from 'node:os'
import {expect, test} from '@jest/globals'
import {onOneCore} from '../../scripts/bench/cores.ts'

/** The cores that a program which is started now may use. */
function coresOfChild(): number {
  const ask = 'process.stdout.write(String(require("node:os").availableParallelism()))'
  return Number(execFileSync(process.execPath, ['-e', ask], {encoding: 'utf8'}))
}

test('what is started meanwhile has one core, and all of them afterwards, also where the work fails', async () => {
  const before = availableParallelism()
  expect(await onOneCore(async () => coresOfChild())).toBe(1)
  expect(coresOfChild()).toBe(before)
  await expect(onOneCore(() => Promise.reject(new Error('no room')))).rejects.toThrow('no room')
  expect(coresOfChild()).toBe(before)
})
