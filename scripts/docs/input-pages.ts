import {INPUT_GROUPS, INPUTS, type InputRow} from '../../src/facts/inputs.ts'
import {OUTPUTS} from '../../src/report/outputs.ts'
import {table} from './tables.ts'

/** The inputs by group, each with its default and its sentence. */
export function printInputs(): string {
  return INPUT_GROUPS.map(group => {
    const rows = INPUTS.filter(row => row.group === group)
    return `#### ${group.charAt(0).toUpperCase()}${group.slice(1)}\n\n${inputTable(rows)}`
  }).join('\n\n')
}

/** The outputs with their sentences. */
export function printOutputs(): string {
  const rows = Object.entries(OUTPUTS).map(([name, {description}]) => [`\`${name}\``, description])
  return table(['output', 'what it holds'], rows)
}

/** All inputs in one table, for the README. */
export function printShortInputs(): string {
  return inputTable(INPUTS)
}

function inputTable(rows: readonly InputRow[]): string {
  return table(
    ['input', 'default', 'what it says'],
    rows.map(({name, default: usual, description}) => [`\`${name}\``, usual === '' ? '' : `\`${usual}\``, description])
  )
}
