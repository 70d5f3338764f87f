import {mkdirSync, statfsSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {createInterface} from 'node:readline/promises'
import {fileURLToPath} from 'node:url'
import {needLines, needs} from '../world/needs.ts'
import {tellStory} from './chapters.ts'
import {readOptions} from './options.ts'
import {setStage} from './stage.ts'
import {printRows, type Row} from './table.ts'

// `npm run demo`: the whole story against a local registry and a local git server, with the real action.

const NEEDED_BYTES = {small: 3e9, torch: 35e9} as const

const options = readOptions(process.argv.slice(2))
const folder = join(resolve(fileURLToPath(new URL('../..', import.meta.url))), '.world')
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Says what would be set up and where; at a terminal it asks. */
async function askConsent(): Promise<void> {
  const wanted = await needs(folder)
  if (wanted.length === 0) return
  say('This machine lacks some of what the demo needs. It will set up:')
  for (const line of needLines(wanted)) say(`  ${line}`)
  if (options.yes || process.env.CI !== undefined || !process.stdin.isTTY) return
  const terminal = createInterface({input: process.stdin, output: process.stdout})
  const answer = await terminal.question('Go on? [y/N] ')
  terminal.close()
  if (/^y(es)?$/i.test(answer.trim())) return
  say('Nothing was changed.')
  process.exit(0)
}

function checkDisk(): void {
  mkdirSync(folder, {recursive: true})
  const {bavail, bsize} = statfsSync(folder)
  const needed = options.isSmall ? NEEDED_BYTES.small : NEEDED_BYTES.torch
  if (bavail * bsize >= needed) return
  say(
    `The demo needs ${needed / 1e9} GB of free disk below ${folder}; there are ${((bavail * bsize) / 1e9).toFixed(1)} GB.`
  )
  say('Free some space, or try `npm run demo -- --small`.')
  process.exit(1)
}

await askConsent()
checkDisk()
const startedAt = performance.now()
const rows: Row[] = []
const stage = await setStage({folder, keep: options.keep, say})
let exitCode = 1
try {
  await tellStory({stage, isSmall: options.isSmall, say}, row => rows.push(row))
  exitCode = 0
} catch (thrown) {
  say(`\nThe demo stopped: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
} finally {
  await stage.stop()
}
say(`\n${printRows(rows)}\n`)
say(`${((performance.now() - startedAt) / 1000).toFixed(0)} s in all, registry and git server on this machine.`)
if (options.keep)
  say(`Left standing in ${folder}, as asked; \`node scripts/node24.mjs scripts/world/main.ts down\` ends it.`)
process.exit(exitCode)
