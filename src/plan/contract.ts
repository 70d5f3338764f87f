import {BUILD_ACCESS} from '../git/build-access.ts'
import {hasStage} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {Mount} from '../model/source.ts'
import {permit} from './permit.ts'
import {accessIdsOf, CA_BUNDLE, DEFAULT_KEY, keysOf} from './secrets.ts'
import {stagesBuilt} from './stages.ts'

/** What is wrong with a request, and what will hurt later. */
export interface Findings {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Ids that BuildKit itself looks for when it fetches a git or HTTP source, without any mount. */
const BUILDKITS_OWN = /^(?:GIT_AUTH_(?:TOKEN|HEADER)|HTTP_AUTH_(?:TOKEN|HEADER))/

/**
 * Holds what the Dockerfile mounts against what the inputs give, both ways.
 *
 * What is required and not given is a problem before the build; what is given and never mounted is a warning; what is
 * not required may be absent. Only stages that the build executes count.
 */
export function checkContract(facts: Facts): Findings {
  const {dockerfile} = facts.source
  const {target} = facts.inputs
  if (target !== undefined && !hasStage(dockerfile, target))
    return {problems: [noSuchStage(facts, target)], warnings: []}
  const mounts = stagesBuilt(facts).flatMap(stage => stage.mounts)
  const unclear = ambiguous(facts, mounts)
  const clear = unclear.length === 0 ? mounts : mounts.filter(mount => !isDefault(mount))
  return {problems: [...absent(facts, clear), ...unclear], warnings: [...unused(facts, mounts), ...undeclared(facts)]}
}

function absent(facts: Facts, mounts: readonly Mount[]): readonly Problem[] {
  const permission = permit(facts, 'build-secrets')
  const given = permission.allowed ? givenIds(facts) : {secret: [CA_BUNDLE], ssh: []}
  const missing = mounts.filter(mount => mount.required && !given[mount.type].includes(mount.id))
  const first = missing.filter((mount, at) => at === missing.findIndex(other => isSameMount(other, mount)))
  const {shown} = facts.source.dockerfile
  if (!permission.allowed) return first.map(mount => withheld(mount, {shown, because: permission.because}))
  return first.map(mount => notGiven(mount, shown))
}

/** A mount that names no key, where there are several: which one is meant decides which repository opens. */
function ambiguous(facts: Facts, mounts: readonly Mount[]): readonly Problem[] {
  const keys = keysOf(facts)
  const {sshKeys} = facts.inputs
  // The built-in Dockerfile cannot know the ids; it asks for the default one and says so where a requirement needs it.
  if (facts.source.dockerfile.source === 'built-in') return []
  if (sshKeys.length < 2 || keys.some(({id}) => id === DEFAULT_KEY)) return []
  const mount = mounts.find(isDefault)
  if (mount === undefined || keys.length === 0) return []
  const {shown} = facts.source.dockerfile
  const ids = sshKeys.map(({id}) => `\`${id}\``).join(', ')
  return [
    new Problem('secret-missing', {
      what: `${shown}, line ${mount.line}, mounts the ssh key \`default\`, and \`ssh-keys\` has ${sshKeys.length} keys.`,
      why: 'A server takes the first key that it knows, and a deploy key then opens its own repository only.',
      fix: `Name the one that is meant: \`--mount=type=ssh,id=${sshKeys[0]?.id}\`. The ids are ${ids}.`,
      evidence: [`${shown}:${mount.line}`]
    })
  ]
}

function unused(facts: Facts, mounts: readonly Mount[]): readonly string[] {
  if (!permit(facts, 'build-secrets').allowed) return []
  const {inputs, source} = facts
  const isMounted = (type: Mount['type'], id: string) => mounts.some(mount => mount.type === type && mount.id === id)
  const secrets = inputs.secrets.map(({id}) => id).filter(id => !BUILDKITS_OWN.test(id) && !isMounted('secret', id))
  const keys = inputs.ssh.map(({id}) => id).filter(id => !isMounted('ssh', id))
  const isBundleIdle = inputs.caBundle !== undefined && !isMounted('secret', CA_BUNDLE)
  return [
    ...secrets.map(id => idle({input: 'secrets', id, mount: `secret,id=${id}`, shown: source.dockerfile.shown})),
    ...keys.map(id => idle({input: 'ssh', id, mount: `ssh,id=${id}`, shown: source.dockerfile.shown})),
    ...(isBundleIdle
      ? [idle({input: 'ca-bundle', id: CA_BUNDLE, mount: `secret,id=${CA_BUNDLE}`, shown: source.dockerfile.shown})]
      : [])
  ]
}

/** Build arguments that no `ARG` takes: BuildKit passes over them, so a typo would go unseen. */
function undeclared({inputs, source}: Facts): readonly string[] {
  const {dockerfile} = source
  const declared = [...dockerfile.globals, ...dockerfile.stages.flatMap(stage => stage.variables)]
    .filter(({kind}) => kind === 'ARG')
    .map(({name}) => name)
  return inputs.buildArgs
    .filter(({name}) => !declared.includes(name) && !PREDEFINED.test(name))
    .map(({name}) => `The input \`build-args\` gives ${name}, but ${dockerfile.shown} declares no \`ARG ${name}\`.`)
}

/** Arguments that BuildKit takes without a declaration. */
const PREDEFINED = /^(?:(?:https?|ftp|no|all)_proxy|BUILDKIT_.*|SOURCE_DATE_EPOCH)$/i

function givenIds(facts: Facts): Readonly<Record<Mount['type'], readonly string[]>> {
  const {inputs} = facts
  const bundle = inputs.caBundle === undefined ? [] : [CA_BUNDLE]
  return {
    secret: [...inputs.secrets.map(({id}) => id), ...bundle, ...accessIdsOf(facts)],
    ssh: keysOf(facts).map(({id}) => id)
  }
}

function isDefault({type, id}: Mount): boolean {
  return type === 'ssh' && id === DEFAULT_KEY
}

function isSameMount(one: Mount, other: Mount): boolean {
  return one.type === other.type && one.id === other.id
}

function idle({input, id, mount, shown}: {input: string; id: string; mount: string; shown: string}): string {
  return `The input \`${input}\` gives \`${id}\`, but no stage that is built mounts it: add \`RUN --mount=type=${mount} …\` to ${shown}, or take the line away.`
}

function notGiven(mount: Mount, shown: string): Problem {
  const {type, id, line} = mount
  if (type === 'secret' && Object.hasOwn(BUILD_ACCESS, id)) return noAccess(mount, shown)
  const input = type === 'secret' ? 'secrets' : 'ssh'
  const entry = type === 'secret' ? `${id}=\${{ secrets.${variableName(id)} }}` : `${id}=<path of the key>`
  return new Problem('secret-missing', {
    what: `${shown}, line ${line}, requires the ${type === 'secret' ? 'secret' : 'ssh key'} \`${id}\`, and the input \`${input}\` does not give it.`,
    why: 'The build would fail at that line.',
    fix: `Add the line \`${entry}\` to the input \`${input}\`, or take \`required\` from the mount if the step can do without.`,
    evidence: [`${shown}:${line}`]
  })
}

/** One of our own ids, in a run that was given nothing to read private code with. */
function noAccess({id, line}: Mount, shown: string): Problem {
  return new Problem('secret-missing', {
    what: `${shown}, line ${line}, requires the secret \`${id}\`, and no input gives what would be in it.`,
    why: 'The build would fail at that line.',
    fix: `Give a credential with \`git-credentials\`, \`github-app\` or \`ssh-keys\`, or take \`required\` from the mount if the step can do without.`,
    evidence: [`${shown}:${line}`]
  })
}

/** A run without rights cannot build what requires a secret: better said now than by a failing step. */
function withheld(mount: Mount, {shown, because}: {shown: string; because: string}): Problem {
  const {type, id, line} = mount
  const kind = type === 'secret' ? 'secret' : 'ssh key'
  return new Problem('secret-missing', {
    what: `${shown}, line ${line}, requires the ${kind} \`${id}\`, which this event may not have.`,
    why: because,
    fix: `Write \`--mount=type=${type},id=${id},required=false\` and let the step do without where /run/secrets/${id} is absent, or give such events a \`target\` that does not need it.`,
    evidence: [`${shown}:${line}`]
  })
}

function noSuchStage({source}: Facts, target: string): Problem {
  const names = source.dockerfile.stages.flatMap(({name}) => (name === undefined ? [] : [name]))
  return new Problem('input-invalid', {
    what: `The input \`target\` names the stage ${target}, which ${source.dockerfile.shown} does not have.`,
    why: names.length === 0 ? 'None of its stages has a name.' : `Its stages are ${names.join(', ')}.`,
    fix: 'Name one of them, or leave `target` empty for the last one.'
  })
}

function variableName(id: string): string {
  return id.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
}
