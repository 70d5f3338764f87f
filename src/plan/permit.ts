import type {InputRoot, Trust} from '../model/event.ts'
import type {Facts} from '../model/facts.ts'
import type {Permission, Verdict} from '../model/verdict.ts'
import {foreignNameOf} from './namespace.ts'
import {type Cell, POLICY} from './policy.ts'

/** The verdict that allows. */
export function allow(because: string): Verdict {
  return {allowed: true, code: 'allowed', because}
}

/** A verdict that refuses. */
export function refuse(code: Verdict['code'], because: string): Verdict {
  return {allowed: false, code, because}
}

/**
 * Whether this run may do something: the least of what the policy, the input roots, the machine and the inputs say.
 *
 * Inputs only narrow: none of them turns a no into a yes. `opt-in` takes what a cell offers by that very name.
 */
export function permit(facts: Facts, permission: Permission): Verdict {
  for (const limit of LIMITS) {
    const refusal = limit(facts, permission)
    if (refusal !== undefined) return refusal
  }
  const cell: Cell = POLICY[facts.event.origin][permission]
  return allow(cell.answer === 'opt-in' ? `The workflow asks for it: \`opt-in: ${cell.optIn}\`.` : YES[permission])
}

/**
 * Whether this run, which has no right to read the layer cache, may ask for it without a login, as anyone may.
 *
 * Of a private repository nothing lies in the open, so no registry is asked for it, nor told its name.
 */
export function mayReadAsAnyone(facts: Facts): boolean {
  if (facts.event.repository.isPrivate !== false) return false
  const cell: Cell = POLICY[facts.event.origin]['cache-read']
  const limits = [byMachine(facts), byInputs(facts, 'cache-read')]
  return cell.answer === 'as-anyone' && limits.every(refusal => refusal === undefined)
}

/**
 * How far the code of this run is trusted.
 *
 * Full where it may publish, limited where it may read private code without publishing, none elsewhere and wherever
 * one of the input roots holds code that is not the event's own.
 */
export function trustOf(facts: Facts): Trust {
  const row = POLICY[facts.event.origin]
  if (strangerOf(facts) !== undefined) return 'none'
  if (isYes(row.push)) return 'full'
  return isYes(row['private-code']) ? 'limited' : 'none'
}

const YES: Readonly<Record<Permission, string>> = {
  build: 'Building needs no rights.',
  'private-code': 'The code was written by people who may write to this repository.',
  'build-secrets': 'The code was written by people who may write to this repository.',
  push: 'The code is this repository’s own, and this event may publish it.',
  'move-tags': 'The ref stands for this repository, so it may say what people pull.',
  'cache-read': 'The code was written by people who may write to this repository.',
  'cache-write': 'The code is this repository’s own, and this event may publish it.',
  'shared-store': 'The ref stands for this repository, so others may use what it made.',
  sign: 'The ref stands for this repository, so a signature says so.',
  gpu: 'The code was written by people who may write to this repository.'
}

type Limit = (facts: Facts, permission: Permission) => Verdict | undefined

const LIMITS: readonly Limit[] = [byOrigin, byRoots, byMachine, byNamespace, byInputs]

/** What writes under the names of images. */
const WRITES: readonly Permission[] = ['push', 'move-tags', 'cache-write', 'shared-store', 'sign']

function byOrigin(facts: Facts, permission: Permission): Verdict | undefined {
  const cell: Cell = POLICY[facts.event.origin][permission]
  switch (cell.answer) {
    case 'yes':
      return undefined
    case 'no':
    case 'as-anyone':
      return refuse(cell.code, cell.because)
    case 'protected-ref':
      return speaksForRepository(facts.event) ? undefined : refuse(cell.code, cell.because)
    case 'opt-in':
      return byOptIn(facts, cell)
  }
}

function byOptIn({inputs}: Facts, {optIn, code, because}: Extract<Cell, {answer: 'opt-in'}>): Verdict | undefined {
  if (!inputs.optIn.includes(optIn)) return refuse(code, `${because} \`opt-in: ${optIn}\` allows it.`)
  if (optIn !== 'dependabot-read' || inputs.secretSource === 'Dependabot') return undefined
  // Dependabot's store holds what its owner meant for code that nobody has read. Any other holds what was not.
  return refuse(
    code,
    `\`opt-in: dependabot-read\` uses secrets of Dependabot’s own store alone, and GitHub says that this run has ${inputs.secretSource === undefined ? 'unknown ones' : `those of ${inputs.secretSource}`}.`
  )
}

/**
 * Whether a ref stands for the repository: its default branch, a tag, or a branch that GitHub says is protected.
 *
 * The default branch counts as it is, so that a repository's first push names its image; whoever can push there without
 * a review is whom the repository's owner trusts with it.
 */
function speaksForRepository({refType, refName, repository, isRefProtected}: Facts['event']): boolean {
  return isRefProtected || refType === 'tag' || (refType === 'branch' && refName === repository.defaultBranch)
}

/** Code that the event does not vouch for may be built, and nothing else. */
function byRoots(facts: Facts, permission: Permission): Verdict | undefined {
  const stranger = strangerOf(facts)
  if (stranger === undefined || permission === 'build') return undefined
  const code = stranger.holds === 'foreign' ? 'foreign-code' : 'unknown-code'
  return refuse(code, `${stranger.because} So the ${stranger.root} may be built, but nothing else.`)
}

/**
 * Code that nobody here has read does not run on a machine that others use after it.
 *
 * With the build everything else falls: there is nothing to do it for.
 */
function byMachine(facts: Facts): Verdict | undefined {
  const {runner, isEphemeral} = facts.machine
  if (runner !== 'self-hosted' || isEphemeral || trustOf(facts) !== 'none') return undefined
  return refuse(
    'self-hosted',
    'The code is not trusted, and this self-hosted machine is not known to be thrown away after one job.'
  )
}

function byNamespace(facts: Facts, permission: Permission): Verdict | undefined {
  const {layerStore} = facts.inputs
  const shared = permission === 'shared-store' && layerStore !== undefined ? [layerStore.image] : []
  const name = WRITES.includes(permission) ? (foreignNameOf(facts) ?? foreignNameOf(facts, shared)) : undefined
  if (name === undefined) return undefined
  return refuse(
    'fork-namespace',
    `This repository is a fork, and ${name} is not its owner’s. A fork publishes under its owner’s name: leave \`image\` out, or set it to one.`
  )
}

function byInputs(facts: Facts, permission: Permission): Verdict | undefined {
  const {push, cache} = facts.inputs
  if (permission === 'push' && push === 'never') return refuse('not-asked', 'The input `push` says never.')
  const isCache = permission === 'cache-read' || permission === 'cache-write'
  if (isCache && cache.backend === 'none') return refuse('not-asked', 'The input `cache` says none.')
  return undefined
}

/** The first input root whose code is not the event's own; what is known to be foreign before what is not known. */
function strangerOf(facts: Facts): InputRoot | undefined {
  return facts.roots.find(root => root.holds === 'foreign') ?? facts.roots.find(root => root.holds === 'unknown')
}

function isYes(cell: Cell): boolean {
  return cell.answer === 'yes'
}
