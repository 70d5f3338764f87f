/** One run of a workflow: what GitHub sends about an event, and what the runner puts into variables for it. */
export interface WorkflowEvent {
  /** GitHub's name, for example `pull_request`. */
  readonly name: string
  readonly payload: unknown
  /** Written to the event's file instead of the payload, for what GitHub never sends; null: there is no such file. */
  readonly payloadText?: string | null
  /** `owner/name`. */
  readonly repository: string
  readonly repositoryId: number
  readonly ownerId: number
  readonly sha: string
  readonly ref: string
  /** Empty but for pull requests. */
  readonly headRef: string
  readonly baseRef: string
  readonly actor: string
  readonly actorId: number
  readonly isRefProtected: boolean
  readonly runId: string
  readonly runNumber: number
  readonly runAttempt: number
  readonly workflow: string
  /** `.github/workflows/….yml`. */
  readonly workflowPath: string
  /** The commit and ref that the workflow file was read from. */
  readonly workflowSha: string
  readonly workflowRef: string
  readonly serverUrl: string
  /** What `GITHUB_TOKEN` may do: what the workflow declares, or that without every write. */
  readonly token: 'as-declared' | 'read-only'
  /** `github.secret_source`: which secrets the job sees. */
  readonly secretSource: 'Actions' | 'Dependabot' | 'None'
  /** Whether `id-token: write` is ever granted. */
  readonly mayMintIdToken: boolean
}

/** The short name that `GITHUB_REF_NAME` has for a ref, and its `GITHUB_REF_TYPE`. */
export function shortRef(ref: string): {readonly name: string; readonly type: 'branch' | 'tag'} {
  if (ref.startsWith('refs/tags/')) return {name: ref.slice('refs/tags/'.length), type: 'tag'}
  return {name: ref.replace(/^refs\/(heads|pull)\//, ''), type: 'branch'}
}

/** Where a server answers API calls: github.com has hosts for them, every other server has paths. */
export function apiUrlsOf(serverUrl: string): {readonly rest: string; readonly graphql: string} {
  const url = new URL(serverUrl)
  if (url.hostname === 'github.com') return {rest: 'https://api.github.com', graphql: 'https://api.github.com/graphql'}
  if (url.hostname.endsWith('.ghe.com')) {
    return {rest: `https://api.${url.host}`, graphql: `https://api.${url.host}/graphql`}
  }
  return {rest: `${url.origin}/api/v3`, graphql: `${url.origin}/api/graphql`}
}
