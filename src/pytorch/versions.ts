import {parse, satisfies, validRange} from '@renovatebot/pep440'
import {MATRIX} from './matrix.ts'

/** Whether a text can be asked for as a version: `2`, `2.8`, `2.8.0`, or a specifier of PEP 440 such as `>=2.7,<2.9`. */
export function isVersionRequest(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){0,2}$/.test(text) || (/[<>=~!]/.test(text) && validRange(text))
}

/** Whether a version is one that was asked for; a partial version stands for all that begin with it. */
export function isAskedVersion(version: string, asked: string): boolean {
  const specifier = /[<>=~!]/.test(asked) ? asked : asked.split('.').length < 3 ? `==${asked}.*` : `==${asked}`
  return isWithin(version, specifier)
}

/** Answers that were given already: few versions meet few specifiers, again and again. */
const ANSWERS = new Map<string, boolean>()

/** Whether a version satisfies a specifier of PEP 440. */
export function isWithin(version: string, specifier: string): boolean {
  const question = `${version} ${specifier}`
  const known = ANSWERS.get(question)
  if (known !== undefined) return known
  const answer = satisfies(version, specifier)
  ANSWERS.set(question, answer)
  return answer
}

/** Whether a torch is newer than all that the matrix knows, so that it may well exist. */
export function isNewerTorch(asked: string): boolean {
  const newest = parse(MATRIX.releases.at(-1)?.torch ?? '')?.release ?? []
  const wanted = /^[\d.]+$/.test(asked) ? (parse(asked)?.release ?? []) : []
  const at = wanted.findIndex((part, index) => part !== (newest[index] ?? 0))
  return at !== -1 && (wanted[at] ?? 0) > (newest[at] ?? 0)
}

/** The same of a CUDA such as `cu140`. */
export function isNewerCuda(asked: string): boolean {
  return MATRIX.cudas.every(({cuda}) => numberOf(asked) > numberOf(cuda))
}

/** The same of a Python such as `3.17`. */
export function isNewerPython(asked: string): boolean {
  return MATRIX.releases.every(({pythons}) => pythons.every(python => pythonMinor(asked) > pythonMinor(python)))
}

/** A Python request in parts: `3.12.4` is Python 3.12 with the patch 4; `3.13t` is a Python of its own. */
export function pythonParts(asked: string): {readonly series: string; readonly full?: string} {
  const [, series = asked, patch] = /^(\d+\.\d+t?)(?:\.(\d+))?$/.exec(asked) ?? []
  return patch === undefined ? {series} : {series, full: `${series}.${patch}`}
}

/** Minor number of a Python 3: 12 for `3.12` and for `3.12t`. */
export function pythonMinor(python: string): number {
  return Number(/^3\.(\d+)/.exec(python)?.[1] ?? 0)
}

/** Whether a driver is at least as new; only the parts that are given count, so that `535` stands for its branch. */
export function isDriverEnough(given: string, needed: string): boolean {
  const wanted = needed.split('.').map(Number)
  for (const [index, part] of given.split('.').map(Number).entries()) {
    const other = wanted[index] ?? 0
    if (part !== other) return part > other
  }
  return true
}

/** 128 for `cu128`, 140 for `cu14`, 0 for what is no CUDA. */
function numberOf(cuda: string): number {
  return /^cu\d+$/.test(cuda) ? Number(cuda.slice(2).padEnd(3, '0')) : 0
}
