import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

/** Bytes of each unit; `5g` means what docker means by it. */
const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4
}

/** `max-size`: `5GB`, `4.5 GiB`, `800MB`. */
export function parseSize(text: string, desk: Desk): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.toLowerCase()) ?? []
  const bytes = Object.hasOwn(UNITS, unit) ? Number(amount) * (UNITS[unit] ?? 0) : 0
  if (bytes >= 1) return Math.round(bytes)
  return void desk.fault({
    what: `\`${desk.input}: ${shownValue(text, desk)}\` is no size.`,
    why: 'It is a number with its unit: MB and GB count in thousands, MiB and GiB in 1024.',
    fix: `Write for example \`${desk.input}: 5GB\`.`
  })
}
