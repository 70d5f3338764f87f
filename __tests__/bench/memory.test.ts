import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {expect, test} from '@jest/globals'
import {watchMemory} from '../../scripts/bench/memory.ts'

const HOLD =
  'const held = Buffer.alloc(Number(process.argv[1]), 1); process.stdout.write("held"); setTimeout(() => held, 60_000)'

/** A program that holds memory, and one below it that holds as much. */
async function hold(bytes: number, word: string) {
  const below = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(HOLD)}, '--', '${bytes}'], {stdio: 'inherit'}); `
  const child = spawn(process.execPath, ['-e', `${below}${HOLD}`, '--', String(bytes), word], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true
  })
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.length === 'heldheld'.length) break
  }
  return {
    async end() {
      const closed = once(child, 'exit')
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await closed
    }
  }
}

test('adds up what the meant processes hold with all that they started, and nothing else', async () => {
  const watch = watchMemory(words => words.includes('meant'))
  const meant = await hold(150e6, 'meant')
  const other = await hold(150e6, 'other')
  await new Promise(resolve => setTimeout(resolve, 600))
  await Promise.all([meant.end(), other.end()])
  const peak = watch.stop()
  // Two of them, and what Node itself takes: about 50 MB each.
  expect(peak).toBeGreaterThan(300e6)
  expect(peak).toBeLessThan(550e6)
})
