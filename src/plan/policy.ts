import {ORIGINS, type Origin} from '../model/facts.ts'
import {PERMISSIONS, type Permission, type VerdictCode} from '../model/plan.ts'

/** What the policy says: yes, no, or only where the workflow asks for it by name (`optIn`). Always with its reason. */
export type Cell =
  | {readonly answer: 'yes'}
  | {readonly answer: 'no'; readonly code: VerdictCode; readonly because: string}
  | {readonly answer: 'opt-in'; readonly code: VerdictCode; readonly because: string; readonly optIn: OptIn}

/** What a workflow will be able to ask for by name. Until an input offers it, such a cell is a no with its reason. */
export type OptIn = 'pr-push' | 'merge-queue' | 'dependabot-read'

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
const UNREADABLE_CACHE = no(
  'private-cache',
  'The layer cache may hold private code, so code that is not trusted starts without it.'
)

/**
 * Which origin may do what: a yes, or the reason why not.
 *
 * `permit` takes the least of this, of what the input roots hold, of the machine and of the inputs.
 */
export const POLICY = {
  //                               build    private-code                     build-secrets  push                          cache-read        cache-write
  'own-branch': row(YES, YES, YES, YES, YES, YES),
  'own-tag': row(YES, YES, YES, YES, YES, YES),
  'deleted-branch': row(DELETED, DELETED, DELETED, DELETED, DELETED, DELETED),
  'own-pull-request': row(YES, YES, YES, optIn('pr-push', UNMERGED), YES, optIn('pr-push', UNMERGED)),
  'fork-pull-request': row(YES, FORK, FORK, FORK, UNREADABLE_CACHE, FORK),
  dependabot: row(YES, optIn('dependabot-read', DEPENDABOT), DEPENDABOT, DEPENDABOT, UNREADABLE_CACHE, DEPENDABOT),
  'pull-request-target': row(YES, PRIVILEGED, PRIVILEGED, PRIVILEGED, UNREADABLE_CACHE, PRIVILEGED),
  'workflow-run': row(YES, YES, YES, YES, YES, YES),
  'foreign-workflow-run': row(YES, FOREIGN_RUN, FOREIGN_RUN, FOREIGN_RUN, UNREADABLE_CACHE, FOREIGN_RUN),
  dispatch: row(YES, YES, YES, YES, YES, YES),
  schedule: row(YES, YES, YES, YES, YES, YES),
  release: row(YES, YES, YES, YES, YES, YES),
  'merge-queue': row(YES, YES, YES, optIn('merge-queue', QUEUED), YES, optIn('merge-queue', QUEUED)),
  'repository-dispatch': row(YES, YES, YES, YES, YES, YES),
  comment: row(YES, COMMENT, COMMENT, COMMENT, UNREADABLE_CACHE, COMMENT),
  bystander: row(YES, BYSTANDER, BYSTANDER, BYSTANDER, UNREADABLE_CACHE, BYSTANDER),
  unknown: row(YES, UNKNOWN, UNKNOWN, UNKNOWN, UNREADABLE_CACHE, UNKNOWN)
} as const satisfies Record<Origin, Row>

/** One line of `docs/policy.md`. */
export interface PolicyLine {
  readonly origin: Origin
  readonly cells: Row
}

/** The whole policy in the order of `ORIGINS`, for the documentation. */
export function policyTable(): readonly PolicyLine[] {
  return ORIGINS.map(origin => ({origin, cells: POLICY[origin]}))
}

/** The cells in the order of `PERMISSIONS`. */
function row(...cells: readonly [Cell, Cell, Cell, Cell, Cell, Cell]): Row {
  return Object.fromEntries(PERMISSIONS.map((permission, at) => [permission, cells[at]])) as unknown as Row
}

function no(code: VerdictCode, because: string): Cell & {answer: 'no'} {
  return {answer: 'no', code, because}
}

function optIn(name: OptIn, {code, because}: Cell & {answer: 'no'}): Cell {
  return {answer: 'opt-in', code, because, optIn: name}
}
