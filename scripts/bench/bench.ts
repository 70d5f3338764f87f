import {mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {run} from '../world/command.ts'
import {freeBytesAt} from '../world/disk.ts'
import {bytesText} from '../world/say.ts'
import {chooseParts, chooseRows, costOf} from './choice.ts'
import {measureOverhead, overheadText} from './gpu.ts'
import {readOptions} from './options.ts'
import {rewritePage} from './page.ts'
import {type Played, playStories} from './play.ts'
import {measurementsOf, type Row, type RowPlan, rowOf} from './rows.ts'
import {emptyEngine, openRegistry, type Stand, setUpStand} from './stand.ts'
import {STORIES} from './stories.ts'
import type {Story} from './story.ts'
import {type Missing, machineSentence, tableOf} from './table.ts'
import {measureVerdict, verdictText} from './verdict.ts'

// `npm run bench`: the same work in the usual way and by this action, in one run, with ratios. No time fails it; a row
// that could not be measured does, after all the others were.

const QUICK = {packages: 'numpy==2.2.6 pillow==11.3.0', diskBytes: 5e9, seconds: 120} as const
/** What it takes to set up an engine and base images. */
const SETUP_SECONDS = 90

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const folder = join(root, '.world')
const options = readOptions(process.argv.slice(2))
const say = (line: string) => process.stderr.write(`${line}\n`)

/** The asked-for rows with the stories that measure them; ends where there is no such row. */
function choose(): {readonly plans: readonly RowPlan[]; readonly stories: readonly Story[]} {
  try {
    const plans = chooseRows(options.only, options.isQuick ? 'tiny' : 'torch')
    return {plans, stories: chooseParts(plans, STORIES)}
  } catch (thrown) {
    say(thrown instanceof Error ? thrown.message : String(thrown))
    process.exit(2)
  }
}

/** Says what it will take, and ends where the disk does not have it. */
function checkRoom(plans: readonly RowPlan[], stories: readonly Story[]): void {
  mkdirSync(folder, {recursive: true})
  const cost = options.isQuick ? QUICK : costOf(stories)
  const free = freeBytesAt(folder)
  const minutes = Math.ceil((cost.seconds + SETUP_SECONDS) / 60)
  say(
    `${plans.length} rows, about ${minutes} minutes on two quiet cores, up to ${bytesText(cost.diskBytes)} of the ${bytesText(free)} that are free below ${folder}.`
  )
  if (free >= cost.diskBytes) return
  say('That is not enough. Free some space, ask for fewer rows with --only, or try --quick.')
  process.exit(1)
}

function playAll(stand: Stand, plans: readonly RowPlan[], stories: readonly Story[]): Promise<Played> {
  const bench = {stand, say, ...(options.isQuick ? {packages: QUICK.packages} : {})}
  return playStories(stories, {
    async open({name}) {
      const registry = await openRegistry(stand, name, say)
      const close = async () => {
        await registry.stop()
        await emptyEngine(stand)
      }
      return {scene: {...bench, registry, workspace: join(stand.place, name)}, close}
    },
    prepare: () => emptyEngine(stand),
    onPart({name}, {played, failure = 'done'}) {
      say(`${name}: ${failure}`)
      keep(resultOf(plans, played))
    }
  })
}

interface Result {
  readonly rows: readonly Row[]
  readonly missing: readonly Missing[]
}

function resultOf(plans: readonly RowPlan[], {measured, missing}: Played): Result {
  const rows = plans.flatMap(plan => rowOf(plan, measured) ?? [])
  const left = plans.filter(plan => !rows.some(row => row.plan === plan))
  const reasonOf = (plan: RowPlan) => measurementsOf(plan).flatMap(name => missing.get(name) ?? [])[0]
  return {rows, missing: left.map(plan => ({plan, because: reasonOf(plan) ?? 'It was not reached.'}))}
}

/** Writes what there is so far, so that nothing is lost with what comes after. */
function keep({rows, missing}: Result): void {
  mkdirSync(join(root, 'build'), {recursive: true})
  const content = {
    quick: options.isQuick,
    at: new Date().toISOString(),
    rows: rows.map(({plan, ...row}) => ({name: plan.name, ...row})),
    missing: missing.map(({plan, because}) => ({name: plan.name, because}))
  }
  writeFileSync(join(root, 'build', 'bench.json'), `${JSON.stringify(content, undefined, 2)}\n`)
}

async function sentenceOf({engine}: Stand): Promise<string> {
  const asked = [engine.dockerPath, 'version', '--format', '{{.Server.Version}}']
  const version = (await run(asked, {env: {...process.env, ...engine.env}})).trim()
  return machineSentence({
    packages: options.isQuick ? QUICK.packages : 'torch 2.8.0 from PyPI where a row names no other',
    engine: version
  })
}

if (options.isVerdict) {
  process.stdout.write(`${verdictText(await measureVerdict({folder, say}))}\n`)
  process.exit(0)
}
if (options.isGpu) {
  process.stdout.write(`${overheadText(await measureOverhead({folder, say}))}\n`)
  process.exit(0)
}
const {plans, stories} = choose()
checkRoom(plans, stories)
const stand = await setUpStand({folder, say})
try {
  const result = resultOf(plans, await playAll(stand, plans, stories))
  const table = tableOf(result.rows, result.missing, await sentenceOf(stand))
  const isWhole = !options.isQuick && options.only.length === 0
  if (isWhole) say(`Written anew: ${rewritePage(root, {rows: result.rows, table}).join(', ')}.`)
  process.stdout.write(`${table}\n`)
  process.exitCode = result.missing.length === 0 ? 0 : 1
} finally {
  await stand.stop()
}
process.exit()
