import {readdirSync, readFileSync} from 'node:fs'
import {stringify} from 'yaml'

const VALIDATOR = new URL('../../validator/', import.meta.url)

/** The validator as a ConfigMap, so that a pod can run it in an image that knows nothing of it. */
export function printValidatorConfig(): string {
  const names = readdirSync(VALIDATOR).filter(name => name.endsWith('.py'))
  const data = names.toSorted().map(name => [name, readFileSync(new URL(name, VALIDATOR), 'utf8')])
  const map = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'gpu-validator'}, data: Object.fromEntries(data)}
  return `# Printed by npm run docs from validator/.\n${stringify(map, {lineWidth: 0})}`
}
