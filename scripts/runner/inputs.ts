import {type ExpressionScope, expandText} from './expression.ts'
import type {JobLog} from './log.ts'
import type {Manifest} from './manifest.ts'

/** Every input that the action gets: what the user set, then the rest of the manifest with its defaults. */
export function resolveInputs(
  manifest: Manifest,
  given: Readonly<Record<string, string>>,
  scope: ExpressionScope
): Record<string, string> {
  const inputs: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) inputs[name] = expandText(value, scope)
  for (const input of manifest.inputs) {
    if (isGiven(input.name, given)) continue
    inputs[input.name] = expandText(input.default, scope)
  }
  return inputs
}

/** The variables by which a process reads its inputs: upper case, blanks as `_`, hyphens as they are. */
export function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${inputKey(name)}`, value])
  return Object.fromEntries(variables)
}

/** Says what the runner says about inputs that the manifest lacks or calls deprecated. */
export function warnAboutInputs(manifest: Manifest, given: Readonly<Record<string, string>>, log: JobLog): void {
  const names = manifest.inputs.map(input => input.name)
  const unknown = Object.keys(given).filter(name => !names.some(known => inputKey(known) === inputKey(name)))
  if (unknown.length > 0) {
    log.say('warning', `Unexpected input(s) '${unknown.join("', '")}', valid inputs are ['${names.join("', '")}']`)
  }
  for (const input of manifest.inputs) {
    if (input.deprecated === undefined || !isGiven(input.name, given)) continue
    log.say('warning', `Input '${input.name}' has been deprecated with message: ${input.deprecated}`)
  }
}

function isGiven(name: string, given: Readonly<Record<string, string>>): boolean {
  return Object.keys(given).some(candidate => candidate.toLowerCase() === name.toLowerCase())
}

function inputKey(name: string): string {
  return name.replaceAll(' ', '_').toUpperCase()
}
