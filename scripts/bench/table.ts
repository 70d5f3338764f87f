import {cpus} from 'node:os'
import {bytesText} from '../world/say.ts'
import type {Measured} from './measure.ts'
import type {Row} from './rows.ts'

/** What a row comes to. */
export function ratioOf({usual, ours}: Row): number {
  return ours.seconds / usual.seconds
}

/** The rows as a Markdown table, with what was measured on. */
export function tableOf(rows: readonly Row[], machine: string): string {
  const head = ['work', 'usual way', 'this action', 'ratio', 'to reach', 'pushed', 'pulled', 'load before']
  const lines = rows.map(row => [
    row.work,
    secondsText(row.usual),
    secondsText(row.ours),
    `${ratioText(ratioOf(row))}×`,
    row.target === undefined ? '–' : `≤ ${row.target}×`,
    `${bytesText(row.usual.pushedBytes)} → ${bytesText(row.ours.pushedBytes)}`,
    `${bytesText(row.usual.pulledBytes)} → ${bytesText(row.ours.pulledBytes)}`,
    `${row.usual.loadBefore.toFixed(1)}, ${row.ours.loadBefore.toFixed(1)}`
  ])
  const table = [head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`)
  return `${table.join('\n')}\n\n${machine}`
}

/** One sentence about where the numbers come from. */
export function machineSentence({packages, engine}: {packages: string; engine: string}): string {
  const day = new Date().toISOString().slice(0, 10)
  return `${day}: registry on loopback, ${cpus().length} cores, engine ${engine}, ${packages}. "Load before" is how many processes wanted a core when each way began.`
}

function secondsText({seconds}: Measured): string {
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`
}

function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)
}
