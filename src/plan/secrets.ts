import type {BuildSecret, Facts} from '../model/facts.ts'
import {CA_BUNDLE} from './contract.ts'
import {attributes} from './csv.ts'
import {buildDirectory, within} from './paths.ts'
import {permit} from './permit.ts'

/**
 * What `RUN --mount=type=secret` gets: nothing but certificates where the event may not have secrets.
 *
 * A value from the environment is handed over in a file as well, as every other value.
 */
export function secretsOf(facts: Facts): readonly BuildSecret[] {
  const {inputs, paths, source} = facts
  const secrets = permit(facts, 'build-secrets').allowed ? inputs.secrets : []
  const bundle = inputs.caBundle ?? (source.dockerfile.source === 'built-in' ? paths.caBundle : undefined)
  const isGiven = secrets.some(({id}) => id === CA_BUNDLE)
  const certificates: readonly BuildSecret[] =
    bundle === undefined || isGiven ? [] : [{id: CA_BUNDLE, from: 'file', path: within(bundle, paths.workspace)}]
  return [...secrets.map(secret => asFile(secret, paths.workspace)), ...certificates]
}

function asFile(secret: BuildSecret, workspace: string): BuildSecret {
  if (secret.from === 'env') return {id: secret.id, from: 'value', value: secret.value}
  return secret.from === 'file' ? {...secret, path: within(secret.path, workspace)} : secret
}

/** Keys that `RUN --mount=type=ssh` gets. */
export function keysOf(facts: Facts): Facts['inputs']['ssh'] {
  return permit(facts, 'build-secrets').allowed ? facts.inputs.ssh : []
}

/** The variable by which buildx finds the agent, for keys that are given without a path. */
export function agentVariablesOf(facts: Facts): readonly string[] {
  return keysOf(facts).some(({paths}) => paths.length === 0) ? ['SSH_AUTH_SOCK'] : []
}

/** Always with its type: without one, buildx takes an environment variable of the same name. */
export function secretText(secret: BuildSecret, facts: Facts): string {
  const src = secret.from === 'file' ? secret.path : `${buildDirectory(facts)}/secrets/${secret.id}`
  return attributes([
    ['type', 'file'],
    ['id', secret.id],
    ['src', src]
  ])
}
