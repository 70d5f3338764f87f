import type {Row} from './rows.ts'
import {ratioText} from './table.ts'

// Ratios from a hundredth to a few times: on a straight axis all that is well under one would be one point.
const DECADES = {least: 0.001, most: 10} as const
const TICKS = [0.001, 0.01, 0.1, 1, 10]
const ROW_HEIGHT = 26
const LEFT = 540
const WIDTH = 400
const TOP = 34
const RIGHT = 60

/** Every row with a ratio as a dot on a line that grows tenfold from mark to mark; the bar is what was to be reached. */
export function plotOf(rows: readonly Row[]): string {
  const compared = rows.flatMap(({plan, ratio}) => (ratio === undefined ? [] : [{plan, ratio}]))
  const bottom = TOP + compared.length * ROW_HEIGHT
  const grid = TICKS.map(
    tick =>
      `<line x1="${xOf(tick)}" y1="${TOP - 8}" x2="${xOf(tick)}" y2="${bottom}" class="${tick === 1 ? 'one' : 'grid'}"/>` +
      `<text x="${xOf(tick)}" y="${TOP - 14}" class="middle">${tick}×</text>`
  )
  const lines = compared.map(({plan, ratio}, index) => {
    const y = TOP + (index + 0.5) * ROW_HEIGHT
    const limit = plan.limit !== undefined && 'ratio' in plan.limit ? plan.limit.ratio : undefined
    return [
      `<text x="${LEFT - 14}" y="${y + 4}" class="end">${escaped(plan.work)}</text>`,
      ...(limit === undefined
        ? []
        : [`<line x1="${xOf(limit)}" y1="${y - 8}" x2="${xOf(limit)}" y2="${y + 8}" class="limit"/>`]),
      `<line x1="${xOf(1)}" y1="${y}" x2="${xOf(ratio)}" y2="${y}" class="reach"/>`,
      `<circle cx="${xOf(ratio)}" cy="${y}" r="5" class="dot"/>`,
      `<text x="${LEFT + WIDTH + RIGHT - 4}" y="${y + 4}" class="end">${ratioText(ratio)}×</text>`
    ].join('')
  })
  const size = {width: LEFT + WIDTH + RIGHT, height: bottom + 8}
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="Ratio of this action to the usual way, row by row">`,
    `<style>${STYLE}</style>`,
    ...grid,
    ...lines,
    '</svg>',
    ''
  ].join('\n')
}

/** Colours that can be read on white and on black. */
const STYLE = [
  'text{font:12px sans-serif;fill:#777}',
  '.end{text-anchor:end}.middle{text-anchor:middle}',
  '.grid{stroke:#8884}.one{stroke:#888;stroke-width:2}',
  '.limit{stroke:#e08a00;stroke-width:3}.reach{stroke:#3b82f6;stroke-width:2}.dot{fill:#3b82f6}'
].join('')

function xOf(ratio: number): number {
  const clamped = Math.min(DECADES.most, Math.max(DECADES.least, ratio))
  const part = Math.log10(clamped / DECADES.least) / Math.log10(DECADES.most / DECADES.least)
  return Math.round((LEFT + part * WIDTH) * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
