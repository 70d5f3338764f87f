import type {BuildAccessForm} from '../git/build-access.ts'
import type {BuildSecret, GitCredential, SshForward} from '../model/credentials.ts'
import type {Facts} from '../model/facts.ts'
import type {SecretRef} from '../model/secret.ts'
import type {BuildWork} from '../model/work-build.ts'
import {gitCredentialsOf, sshKeysOf} from './access.ts'
import {attributes} from './csv.ts'
import {buildDirectory, within} from './paths.ts'
import {permit} from './permit.ts'
import {stagesBuilt} from './stages.ts'

/** The id under which the certificates of `ca-bundle` are given to the build. */
export const CA_BUNDLE = 'ca-bundle'

/** The id that `RUN --mount=type=ssh` has when it names none. */
export const DEFAULT_KEY = 'default'
/** The id under which the login of `index-url` is given to the built-in Dockerfile, as a netrc file. */
const INDEX_LOGIN = 'index-login'

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
  return [
    ...secrets.map(secret => asFile(secret, paths.workspace)),
    ...certificates,
    ...indexLogin(facts),
    ...accessSecretsOf(facts)
  ]
}

/** The login of `index-url`, for the one Dockerfile that mounts it. */
function indexLogin(facts: Facts): readonly BuildSecret[] {
  const {inputs, source} = facts
  const isFor = source.dockerfile.source === 'built-in' && permit(facts, 'build-secrets').allowed
  return inputs.indexLogin === undefined || !isFor ? [] : [{id: INDEX_LOGIN, from: 'value', value: inputs.indexLogin}]
}

/** Forms of what reads private code that a step which is built mounts; a line of `secrets` with that id takes its place. */
export function accessSecretsOf(facts: Facts): readonly BuildSecret[] {
  // The built-in Dockerfile mounts them always, and needs them only where a requirement names a repository.
  if (facts.source.dockerfile.source === 'built-in' && !installsFromGit(facts)) return []
  const given = accessIdsOf(facts).filter(id => !facts.inputs.secrets.some(secret => secret.id === id))
  const mounts = stagesBuilt(facts).flatMap(stage => stage.mounts)
  const mounted = given.filter(id => mounts.some(mount => mount.type === 'secret' && mount.id === id))
  return mounted.map(form => ({id: form, from: 'access', form}))
}

/** Whether requirements or a committed lock name a repository of git. */
function installsFromGit({source}: Facts): boolean {
  const locked = source.lock?.lock.packages ?? []
  return source.gitRequirements !== undefined || locked.some(({source: {kind}}) => kind === 'git')
}

/** The ids under which this run could give a step what reads private code. */
export function accessIdsOf(facts: Facts): readonly BuildAccessForm[] {
  if (!permit(facts, 'build-secrets').allowed) return []
  const byToken = buildCredentialsOf(facts).length > 0
  const bySsh = keysOf(facts).length > 0
  if (!byToken && !bySsh) return []
  return byToken ? ['git-credentials', 'netrc', 'known-hosts'] : ['git-credentials', 'known-hosts']
}

/** What a step of the build may read private code with. */
export function buildAccessOf(facts: Facts): BuildWork['access'] {
  const isUsed = accessSecretsOf(facts).length > 0
  const isBySsh = keysOf(facts).length > 0
  if (!isUsed) return {credentials: [], hostKeys: [], isBySsh: false}
  return {credentials: buildCredentialsOf(facts), hostKeys: facts.inputs.knownHosts, isBySsh}
}

/** All but `token`: the job's own token may be able to push, and what runs in a build is not ours. */
export function buildCredentialsOf(facts: Facts): readonly GitCredential[] {
  const {token} = facts.inputs
  return gitCredentialsOf(facts).filter(credential => credential.token.secret !== token?.secret)
}

function asFile(secret: BuildSecret, workspace: string): BuildSecret {
  if (secret.from === 'env') return {id: secret.id, from: 'value', value: secret.value}
  return secret.from === 'file' ? {...secret, path: within(secret.path, workspace)} : secret
}

/**
 * Keys that `RUN --mount=type=ssh` gets: those of `ssh`, and each of `ssh-keys` under its own id.
 *
 * An only one is the default as well. Of several none is: ssh would try them one after the other, and a server takes the
 * first that it knows, whichever repository is asked for.
 */
export function keysOf(facts: Facts): readonly SshForward[] {
  if (!permit(facts, 'build-secrets').allowed) return []
  const {ssh} = facts.inputs
  return [...ssh, ...keyIdsOf(facts).map(({id, path}) => ({id, paths: [path]}))]
}

/** Keys of `ssh-keys` by the id that a mount names, with the file that buildx reads. */
function keyIdsOf(facts: Facts): readonly {readonly id: string; readonly path: string; readonly key: SecretRef}[] {
  const keys = sshKeysOf(facts).map(({id, key}) => ({id, path: `${buildDirectory(facts)}/ssh/${id}`, key}))
  const [only] = keys
  const isDefaultFree = !facts.inputs.ssh.some(({id}) => id === DEFAULT_KEY)
  return only !== undefined && keys.length === 1 && isDefaultFree ? [...keys, {...only, id: DEFAULT_KEY}] : keys
}

/** The files that `keysOf` names and that are ours to write. */
export function keyFilesOf(facts: Facts): readonly {readonly path: string; readonly key: SecretRef}[] {
  if (!permit(facts, 'build-secrets').allowed) return []
  const files = keyIdsOf(facts).map(({path, key}) => [path, {path, key}] as const)
  return [...new Map(files).values()]
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
