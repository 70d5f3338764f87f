import {PERMISSIONS, VERDICT_CODES} from '../../src/model/plan.ts'
import {type Cell, policyTable} from '../../src/plan/policy.ts'
import {ORIGIN_TEXTS} from '../../src/report/origins.ts'
import {table} from './tables.ts'

/** The table of who may do what. */
export function printPolicy(): string {
  const rows = policyTable().map(({origin, cells}) => [
    `\`${origin}\``,
    ...PERMISSIONS.map(permission => mark(cells[permission]))
  ])
  return table(['origin', ...PERMISSIONS], rows)
}

/** What each origin is, in words. */
export function printOrigins(): string {
  return table(
    ['origin', 'the run comes from'],
    policyTable().map(({origin}) => [`\`${origin}\``, ORIGIN_TEXTS[origin]])
  )
}

/** The sentence behind each code of the table. */
export function printReasons(): string {
  const said = new Map<string, Set<string>>()
  for (const cell of policyTable().flatMap(({cells}) => Object.values(cells) as readonly Cell[])) {
    if (cell.answer === 'yes') continue
    said.set(cell.code, (said.get(cell.code) ?? new Set()).add(cell.because))
  }
  const codes = VERDICT_CODES.filter(code => said.has(code))
  return table(
    ['code', 'because'],
    codes.map(code => [`\`${code}\``, [...(said.get(code) ?? [])].join(' ')])
  )
}

function mark(cell: Cell): string {
  return cell.answer === 'yes' ? '✔' : `✘ \`${cell.code}\``
}
