import type {ProblemCode} from '../model/problem.ts'
import type {Repository} from './repository.ts'

/** What a text of git or ssh means. */
export interface FailureRow {
  readonly pattern: RegExp
  readonly code?: ProblemCode
  /** Worth another try: a server or network that may answer the next time. */
  readonly passes?: true
  readonly why: (repository: Repository) => string
  readonly fix: (repository: Repository) => string
}
