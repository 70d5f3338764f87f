import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {run} from '../world/command.ts'
import {freeBytesAt} from '../world/disk.ts'
import {bytesText} from '../world/say.ts'
import {readOptions} from './options.ts'
import {benchImage, benchNoOp, type Row} from './rows.ts'
import {type Stand, setUpStand} from './stand.ts'
import {machineSentence, ratioOf, tableOf} from './table.ts'
import {measureVerdict, verdictText} from './verdict.ts'

// `npm run bench`: the same work in the usual way and by this action, in one run, with ratios. No time fails it.

const QUICK_PACKAGES = 'numpy==2.2.6 pillow==11.3.0'
const NEEDED_BYTES = {quick: 5e9, torch: 35e9} as const
const PAGE = 'docs/performance.md'
const MARKS = {begin: '<!-- bench: begin -->', end: '<!-- bench: end -->'} as const

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const folder = join(root, '.world')
const options = readOptions(process.argv.slice(2))
const say = (line: string) => process.stderr.write(`${line}\n`)

function checkDisk(): void {
  mkdirSync(folder, {recursive: true})
  const needed = options.isQuick ? NEEDED_BYTES.quick : NEEDED_BYTES.torch
  const free = freeBytesAt(folder)
  if (free >= needed) return
  say(`The bench needs ${bytesText(needed)} of free disk below ${folder}; there are ${bytesText(free)}.`)
  say('Free some space, or try `npm run bench -- --quick`.')
  process.exit(1)
}

async function benchAll(stand: Stand): Promise<readonly Row[]> {
  const bench = {stand, say, ...(options.isQuick ? {packages: QUICK_PACKAGES} : {})}
  return [await benchNoOp(bench), ...(await benchImage(bench))]
}

async function sentenceOf({engine}: Stand): Promise<string> {
  const asked = [engine.dockerPath, 'version', '--format', '{{.Server.Version}}']
  const version = (await run(asked, {env: {...process.env, ...engine.env}})).trim()
  return machineSentence({packages: options.isQuick ? QUICK_PACKAGES : 'torch 2.8.0 from PyPI', engine: version})
}

/** Puts the table between the marks of the page about speed. */
function rewritePage(table: string): void {
  const page = join(root, PAGE)
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(MARKS.begin) + MARKS.begin.length, text.indexOf(MARKS.end)]
  writeFileSync(page, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`)
  say(`${PAGE} has the new table.`)
}

if (options.isVerdict) {
  process.stdout.write(`${verdictText(await measureVerdict({folder, say}))}\n`)
  process.exit(0)
}
checkDisk()
const stand = await setUpStand({folder, say})
try {
  const rows = await benchAll(stand)
  const table = tableOf(rows, await sentenceOf(stand))
  mkdirSync(join(root, 'build'), {recursive: true})
  const result = {
    quick: options.isQuick,
    at: new Date().toISOString(),
    rows: rows.map(row => ({...row, ratio: ratioOf(row)}))
  }
  writeFileSync(join(root, 'build', 'bench.json'), `${JSON.stringify(result, undefined, 2)}\n`)
  if (!options.isQuick) rewritePage(table)
  process.stdout.write(`${table}\n`)
} finally {
  await stand.stop()
}
process.exit(0)
