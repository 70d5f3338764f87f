import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

const UNITS: Readonly<Record<string, number>> = {h: 3_600_000, m: 60_000, s: 1000}
const LONGEST_MS = 5 * 24 * 3_600_000
const SHORTEST_MS = 1000
const FORM = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s)?$/

/** `timeout`: `90m`, `2h`, `1h30m`, `45s`, or a bare number of minutes as GitHub's `timeout-minutes`. */
export function parseTimeout(text: string, desk: Desk): number | undefined {
  const compact = text.toLowerCase().replaceAll(/\s+/g, '')
  const limit = /^\d+(?:\.\d+)?$/.test(compact) ? Number(compact) * 60_000 : sumOf(compact)
  if (limit !== undefined && limit >= SHORTEST_MS && limit <= LONGEST_MS) return Math.round(limit)
  return void desk.fault({
    what: `\`timeout: ${shownValue(text, desk)}\` is no time limit.`,
    why: 'It is a time such as 90m, 2h or 1h30m, or a number of minutes; at least a second and at most five days.',
    fix: 'Write for example `timeout: 90m`, or leave it empty for none but the job’s own.'
  })
}

function sumOf(text: string): number | undefined {
  const [, hours, minutes, seconds] = FORM.exec(text) ?? []
  const parts = Object.entries({h: hours, m: minutes, s: seconds})
  if (parts.every(([, amount]) => amount === undefined)) return undefined
  return parts.reduce((sum, [unit, amount]) => sum + Number(amount ?? 0) * (UNITS[unit] ?? 0), 0)
}
