import {cpus} from 'node:os'
import {bytesText} from '../world/say.ts'
import type {Measured} from './measure.ts'
import {QUANTITIES, secondsText} from './quantity.ts'
import type {Row, RowPlan} from './rows.ts'

/** A row that could not be measured, and why. */
export interface Missing {
  readonly plan: RowPlan
  readonly because: string
}

const HEAD = ['work', 'usual way', 'this action', 'ratio', 'to reach', 'proof', 'added', 'fetched', 'load before']
const NOTHING = '–'

/** The rows as a Markdown table, those that could not be measured, and what was measured on. */
export function tableOf(rows: readonly Row[], missing: readonly Missing[], machine: string): string {
  const table = [HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)].map(cells => `| ${cells.join(' | ')} |`)
  const left = missing.map(({plan, because}) => `* Not measured: ${plan.work}. ${firstLineOf(because)}`)
  return [table.join('\n'), ...(left.length === 0 ? [] : [left.join('\n')]), machine].join('\n\n')
}

/** One sentence about where the numbers come from. */
export function machineSentence({packages, engine}: {packages: string; engine: string}): string {
  const day = new Date().toISOString().slice(0, 10)
  return `${day}: registry on loopback, ${cpus().length} cores, engine ${engine}, ${packages}. "Proof" is what proving the new image without a GPU took in this action, beside the time of the rows that say so and within that of the others. "Added" and "fetched" are what the registry keeps more of, and what layers were read from it. "Load before" is how many processes wanted a core when each way began.`
}

function cellsOf({plan, usual, ours, usualValue, oursValue, ratio}: Row): readonly string[] {
  // Where one measurement is held against itself, it moved its bytes once.
  const both = usual === undefined || usual === ours ? [ours] : [usual, ours]
  return [
    plan.work,
    usualValue === undefined || plan.usual === undefined ? NOTHING : QUANTITIES[plan.usual.by].text(usualValue),
    QUANTITIES[plan.ours.by].text(oursValue),
    ratio === undefined ? NOTHING : `${ratioText(ratio)}×`,
    limitText(plan),
    ours.proofSeconds === undefined || ours.proofSeconds < 1 ? NOTHING : secondsText(ours.proofSeconds),
    eachText(both, ({addedBytes}) => bytesText(addedBytes)),
    eachText(both, ({fetchedBytes}) => bytesText(fetchedBytes)),
    both.map(({loadBefore}) => loadBefore.toFixed(1)).join(', ')
  ]
}

function eachText(measured: readonly Measured[], text: (one: Measured) => string): string {
  return measured.map(text).join(' → ')
}

function limitText({limit}: RowPlan): string {
  if (limit === undefined) return NOTHING
  return 'ratio' in limit ? `≤ ${limit.ratio}×` : `≤ ${bytesText(limit.bytes)}`
}

/** A ratio with as many digits as it is sure of: `0.011`, `0.40`. */
export function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)
}

function firstLineOf(text: string): string {
  return text.split('\n')[0]?.trim() ?? ''
}
