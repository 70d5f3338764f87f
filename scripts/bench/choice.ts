import {nearestOf} from '../../src/model/nearest.ts'
import {measurementsOf, ROWS, type RowPlan} from './rows.ts'
import type {Story} from './story.ts'

/** Rows by their names, or all; of tiny wheels no limit is told, and no row that would mean nothing with them. */
export function chooseRows(names: readonly string[], wheels: 'torch' | 'tiny'): readonly RowPlan[] {
  for (const name of names) {
    const plan = ROWS.find(row => row.name === name)
    if (plan === undefined) throw new Error(`There is no row ${name}.${hintFor(name)}`)
    if (plan.needsTorch === true && wheels === 'tiny') throw new Error(`The row ${name} means nothing with --quick.`)
  }
  const wanted = names.length === 0 ? ROWS : ROWS.filter(({name}) => names.includes(name))
  if (wheels === 'torch') return wanted
  return wanted.filter(({needsTorch}) => needsTorch !== true).map(({limit: _, ...row}) => row)
}

function hintFor(name: string): string {
  const known = ROWS.map(row => row.name)
  const near = nearestOf(name, known)
  return near === undefined ? ` There are: ${known.join(', ')}.` : ` Did you mean ${near}?`
}

/** The stories with those parts alone that rows need: what they are made of, and what that stands on. */
export function chooseParts(rows: readonly RowPlan[], stories: readonly Story[]): readonly Story[] {
  const wanted = new Set(rows.flatMap(measurementsOf))
  return stories
    .map(story => {
      const needed = new Set<string>()
      // Backwards, because a part stands on earlier ones only.
      for (const {name, yields, after} of story.parts.toReversed()) {
        if (!needed.has(name) && !yields.some(measurement => wanted.has(measurement))) continue
        for (const each of [name, ...after]) needed.add(each)
      }
      return {...story, parts: story.parts.filter(({name}) => needed.has(name))}
    })
    .filter(({parts}) => parts.length > 0)
}

/** What stories take: seconds on two quiet cores, and the most disk at one time. */
export function costOf(stories: readonly Story[]): {readonly seconds: number; readonly diskBytes: number} {
  const seconds = stories.flatMap(({parts}) => parts).reduce((sum, part) => sum + part.seconds, 0)
  return {seconds, diskBytes: Math.max(0, ...stories.map(({diskBytes}) => diskBytes))}
}
