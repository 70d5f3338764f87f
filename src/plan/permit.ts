import type {Facts, InputRoot, Trust} from '../model/facts.ts'
import type {Permission, Verdict} from '../model/plan.ts'
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
 * Inputs only narrow: none of them turns a no into a yes.
 */
export function permit(facts: Facts, permission: Permission): Verdict {
  for (const limit of LIMITS) {
    const refusal = limit(facts, permission)
    if (refusal !== undefined) return refusal
  }
  return allow(YES[permission])
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
  'cache-read': 'The code was written by people who may write to this repository.',
  'cache-write': 'The code is this repository’s own, and this event may publish it.'
}

type Limit = (facts: Facts, permission: Permission) => Verdict | undefined

const LIMITS: readonly Limit[] = [byOrigin, byRoots, byMachine, byInputs]

function byOrigin(facts: Facts, permission: Permission): Verdict | undefined {
  const cell: Cell = POLICY[facts.event.origin][permission]
  return cell.answer === 'yes' ? undefined : refuse(cell.code, cell.because)
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
