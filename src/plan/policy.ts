import {type OptIn, ORIGINS, type Origin} from '../model/event.ts'
import type {Permission, VerdictCode} from '../model/verdict.ts'

/**
 * What the policy says: yes, no, or yes on a condition. Always with its reason.
 *
 * `opt-in`: only where the workflow asks for it by name. `protected-ref`: only on the default branch, on a tag, and on a
 * branch that GitHub says is protected. `as-anyone`: no right to it, but what anyone may read without a login it may, too.
 */
export type Cell =
  | {readonly answer: 'yes'}
  | {readonly answer: 'no' | 'as-anyone'; readonly code: VerdictCode; readonly because: string}
  | {readonly answer: 'opt-in'; readonly code: VerdictCode; readonly because: string; readonly optIn: OptIn}
  | {readonly answer: 'protected-ref'; readonly code: VerdictCode; readonly because: string}

/** The row of one origin. */
export type Row = Readonly<Record<Permission, Cell>>

const YES: Cell = {answer: 'yes'}

const FORK = no(
  'fork',
  'The code was written outside this repository; a maintainer publishes it by merging the pull request.'
)
const DEPENDABOT = no(
  'dependabot',
  'Dependabot proposes code that nobody here has read yet; it is published once merged.'
)
const UNMERGED = no('unmerged', 'The pull request is not merged yet; its image is published once it is.')
const QUEUED = no(
  'merge-queue',
  'The merge queue tries commits before they are merged; they are published once merged.'
)
const PRIVILEGED = no(
  'privileged-event',
  'A `pull_request_target` event holds rights that the code of a pull request must never meet; build on `pull_request` and publish on `push`.'
)
const FOREIGN_RUN = no(
  'foreign-run',
  'The run that started this one was not a successful one of this repository’s own code, so what it hands over is not trusted.'
)
const COMMENT = no('comment', 'Anyone may write a comment, so a comment cannot ask for rights.')
const BYSTANDER = no(
  'bystander',
  'This event is not about code, and whoever caused it needs no right to this repository.'
)
const UNKNOWN = no('unknown-event', 'Who wrote the code of this event is not known, so it is treated as foreign.')
const DELETED = no('deleted-branch', 'The branch was deleted, so there is nothing to build.')

// A layer cache may hold layers with private code in them, and a build without rights would read them out of it.
const PUBLIC_CACHE: Cell = {
  answer: 'as-anyone',
  code: 'private-cache',
  because: 'The layer cache may hold private code, so code that is not trusted reads it only where anyone may.'
}

// A branch that anyone with write access can push to without a review speaks for itself, not for the repository.
const ON_PROTECTED: Cell = {
  answer: 'protected-ref',
  code: 'unprotected-ref',
  because:
    'This branch is neither the default branch nor protected, so what it builds does not stand for the repository.'
}

/**
 * Which origin may do what: a yes, or the reason why not.
 *
 * `permit` takes the least of this, of what the input roots hold, of the machine and of the inputs.
 */
export const POLICY = {
  'own-branch': merged(ON_PROTECTED),
  'own-tag': merged(YES),
  'deleted-branch': {...foreign(DELETED), build: DELETED, 'cache-read': DELETED},
  'own-pull-request': {
    ...proposed(UNMERGED),
    push: optIn('pr-push', UNMERGED),
    'cache-write': optIn('pr-push', UNMERGED),
    gpu: optIn('pr-gpu', UNMERGED)
  },
  'fork-pull-request': foreign(FORK),
  dependabot: {...foreign(DEPENDABOT), 'private-code': optIn('dependabot-read', DEPENDABOT)},
  'pull-request-target': foreign(PRIVILEGED),
  'workflow-run': merged(YES),
  'foreign-workflow-run': foreign(FOREIGN_RUN),
  dispatch: merged(ON_PROTECTED),
  schedule: merged(YES),
  release: merged(YES),
  'merge-queue': {
    ...proposed(QUEUED),
    push: optIn('merge-queue', QUEUED),
    'cache-write': optIn('merge-queue', QUEUED),
    gpu: YES
  },
  'repository-dispatch': merged(YES),
  comment: foreign(COMMENT),
  bystander: foreign(BYSTANDER),
  unknown: foreign(UNKNOWN)
} as const satisfies Record<Origin, Row>

/** Code that is this repository's own. Some of it stands for the repository only where its ref does. */
function merged(forTheRepository: Cell): Row {
  return {
    build: YES,
    'private-code': YES,
    'build-secrets': YES,
    push: YES,
    'move-tags': forTheRepository,
    'cache-read': YES,
    'cache-write': YES,
    'shared-store': forTheRepository,
    sign: forTheRepository,
    gpu: YES
  }
}

/** Code by people who may write here, which nobody has accepted yet. */
function proposed(because: Cell): Row {
  return {
    build: YES,
    'private-code': YES,
    'build-secrets': YES,
    push: because,
    'move-tags': because,
    'cache-read': YES,
    'cache-write': because,
    'shared-store': because,
    sign: because,
    gpu: because
  }
}

/** Code that nobody here has read. Building it needs no rights. */
function foreign(because: Cell): Row {
  return {
    build: YES,
    'private-code': because,
    'build-secrets': because,
    push: because,
    'move-tags': because,
    'cache-read': PUBLIC_CACHE,
    'cache-write': because,
    'shared-store': because,
    sign: because,
    gpu: because
  }
}

/** One line of `docs/policy.md`. */
export interface PolicyLine {
  readonly origin: Origin
  readonly cells: Row
}

/** The whole policy in the order of `ORIGINS`, for the documentation. */
export function policyTable(): readonly PolicyLine[] {
  return ORIGINS.map(origin => ({origin, cells: POLICY[origin]}))
}

function no(code: VerdictCode, because: string): Cell & {answer: 'no'} {
  return {answer: 'no', code, because}
}

function optIn(name: OptIn, {code, because}: Cell & {answer: 'no'}): Cell {
  return {answer: 'opt-in', code, because, optIn: name}
}
