/** A repository as payloads show it. */
export interface PayloadRepository {
  readonly id?: number
  readonly full_name?: string
  readonly private?: boolean
  readonly fork?: boolean
  readonly default_branch?: string
}

/** A user as payloads show it. */
export interface PayloadUser {
  readonly login?: string
}

/** What is read of an event's payload. Everything may be missing: the text is GitHub's, or of whoever wrote the file. */
export interface Payload {
  readonly action?: string
  readonly ref?: string
  readonly deleted?: boolean
  readonly repository?: PayloadRepository
  readonly sender?: PayloadUser
  readonly pusher?: {readonly name?: string}
  readonly release?: {readonly tag_name?: string; readonly draft?: boolean}
  readonly merge_group?: {readonly head_sha?: string}
  readonly pull_request?: PayloadPullRequest
  readonly workflow_run?: PayloadWorkflowRun
}

/** The `pull_request` of a payload. A fork that was deleted leaves `head.repo` null. */
export interface PayloadPullRequest {
  readonly number?: number
  readonly user?: PayloadUser
  readonly merge_commit_sha?: string | null
  readonly head?: {readonly sha?: string; readonly repo?: PayloadRepository | null}
  readonly base?: {readonly ref?: string; readonly repo?: PayloadRepository | null}
}

/** The `workflow_run` of a payload. */
export interface PayloadWorkflowRun {
  readonly event?: string
  readonly conclusion?: string | null
  readonly head_sha?: string
  readonly head_branch?: string | null
  readonly head_commit?: {readonly id?: string} | null
  readonly head_repository?: PayloadRepository | null
  readonly actor?: PayloadUser
  readonly triggering_actor?: PayloadUser
}

/**
 * Whether a repository is another one than the event's own, or cannot be shown to be the same.
 *
 * Ids survive renames; names are compared only where neither side has one. Without proof that it is ours, it is not.
 */
export function isForeign(head: PayloadRepository | null | undefined, own: PayloadRepository | undefined): boolean {
  if (head === null || head === undefined || own === undefined) return true
  if (head.id !== undefined || own.id !== undefined) return head.id !== own.id
  const name = nameOf(head)
  return name === undefined || name !== nameOf(own)
}

/** `owner/name` in lower case, if the payload has it. */
export function nameOf(repository: PayloadRepository | null | undefined): string | undefined {
  const name: unknown = repository?.full_name
  return typeof name === 'string' ? name.toLowerCase() : undefined
}
