/** What a payload is about. `makeEvent` fills in what a caller leaves out. */
export interface Subject {
  /** `owner/name`. */
  readonly repository: string
  readonly serverUrl: string
  readonly isPrivate: boolean
  /** The repository is itself a fork of another one. */
  readonly isFork: boolean
  readonly defaultBranch: string
  /** The branch that is pushed, or that a pull request wants merged. */
  readonly branch: string
  readonly tag: string
  /** `GITHUB_SHA`: the commit that a plain checkout gives. */
  readonly sha: string
  /** Last commit of a pull request's own branch, and of the run that a `workflow_run` follows. */
  readonly headSha: string
  /** The commit before, or the base branch's. */
  readonly beforeSha: string
  /** Number of a pull request or an issue. */
  readonly number: number
  readonly actor: string
  /** Who owns the fork that a foreign pull request comes from. */
  readonly forkOwner: string
  /** `action` of the event where it has several. */
  readonly action?: string
}

/** Any JSON object. */
export type Payload = Readonly<Record<string, unknown>>

/** The commit of "nothing there", as GitHub writes it. */
export const ZERO_SHA = '0'.repeat(40)

const WHEN = '2026-11-20T09:30:00Z'

/** A number that stays the same for a name and differs for others, as GitHub's ids do. */
export function idOf(name: string): number {
  let hash = 2166136261
  for (const byte of Buffer.from(name.toLowerCase())) hash = Math.imul(hash ^ byte, 16777619) >>> 0
  return 100_000_000 + (hash % 800_000_000)
}

/** A user or organisation as payloads show them. */
export function userOf(login: string): Payload {
  return {
    login,
    id: idOf(login),
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
    html_url: `https://github.com/${login.replace('[bot]', '')}`
  }
}

/** The `repository` of a payload. */
export function repositoryOf(subject: Subject): Payload {
  return repositoryNamed(subject.repository, subject)
}

/** The fork that a foreign pull request comes from. */
export function forkOf(subject: Subject): Payload {
  const name = subject.repository.split('/')[1] ?? ''
  return repositoryNamed(`${subject.forkOwner}/${name}`, {...subject, isFork: true})
}

function repositoryNamed(fullName: string, subject: Subject): Payload {
  const [owner = '', name = ''] = fullName.split('/')
  return {
    id: idOf(fullName),
    name,
    full_name: fullName,
    private: subject.isPrivate,
    visibility: subject.isPrivate ? 'private' : 'public',
    fork: subject.isFork,
    owner: {...userOf(owner), type: 'Organization'},
    html_url: `${subject.serverUrl}/${fullName}`,
    clone_url: `${subject.serverUrl}/${fullName}.git`,
    default_branch: subject.defaultBranch
  }
}

/** What every payload from a repository holds: the repository and who did it. */
export function frameOf(subject: Subject): Payload {
  const owner = subject.repository.split('/')[0] ?? ''
  return {
    repository: repositoryOf(subject),
    organization: {login: owner, id: idOf(owner)},
    sender: userOf(subject.actor)
  }
}

/** A `push` of a branch or a tag; `after` is all zeroes where the ref was deleted. */
export function pushPayload(subject: Subject, ref: string): Payload {
  const commit = commitOf(subject.sha, subject.actor)
  return {
    ref,
    before: subject.beforeSha,
    after: subject.sha,
    base_ref: null,
    created: false,
    deleted: false,
    forced: false,
    compare: `${subject.serverUrl}/${subject.repository}/compare/main`,
    commits: [commit],
    head_commit: commit,
    pusher: {name: subject.actor, email: `${subject.actor}@users.noreply.github.com`},
    ...frameOf(subject)
  }
}

/** A `pull_request` or `pull_request_target`; a deleted fork leaves no repository behind. */
export function pullRequestPayload(subject: Subject, head: Payload | null, author: string): Payload {
  return {
    action: subject.action ?? 'synchronize',
    number: subject.number,
    pull_request: pullRequestOf(subject, head, author),
    ...frameOf(subject)
  }
}

/** The `pull_request` object that several events carry. */
export function pullRequestOf(subject: Subject, head: Payload | null, author: string): Payload {
  const base = repositoryOf(subject)
  const owner = head === null ? subject.forkOwner : (ownerOf(head) ?? '')
  return {
    number: subject.number,
    state: 'open',
    draft: false,
    merged: false,
    title: 'Use the fused kernel where the tensor is contiguous',
    user: userOf(author),
    author_association: head === null || head.full_name !== base.full_name ? 'NONE' : 'MEMBER',
    labels: [],
    merge_commit_sha: subject.sha,
    head: {
      label: `${owner}:${subject.branch}`,
      ref: subject.branch,
      sha: subject.headSha,
      user: head === null ? null : userOf(owner),
      repo: head
    },
    base: {
      label: `${ownerOf(base)}:${subject.defaultBranch}`,
      ref: subject.defaultBranch,
      sha: subject.beforeSha,
      user: userOf(ownerOf(base) ?? ''),
      repo: base
    },
    html_url: `${subject.serverUrl}/${subject.repository}/pull/${subject.number}`
  }
}

/** A `workflow_run` that follows a run of `event` whose code came from `head`. */
export function workflowRunPayload(subject: Subject, event: string, head: Payload): Payload {
  return {
    action: 'completed',
    workflow_run: {
      id: 9_001_200_300,
      name: 'checks',
      event,
      status: 'completed',
      conclusion: 'success',
      head_branch: subject.branch,
      head_sha: subject.headSha,
      head_commit: commitOf(subject.headSha, ownerOf(head) ?? ''),
      path: '.github/workflows/checks.yml',
      run_number: 11,
      run_attempt: 1,
      actor: userOf(ownerOf(head) ?? ''),
      // GitHub lists pull requests of the same repository only.
      pull_requests: [],
      repository: repositoryOf(subject),
      head_repository: head
    },
    workflow: {id: 77_001, name: 'checks', path: '.github/workflows/checks.yml', state: 'active'},
    ...frameOf(subject)
  }
}

/** An `issue_comment`; `isPullRequest` says what was commented on. The pull request's commits are not in it. */
export function commentPayload(subject: Subject, options: {readonly isPullRequest: boolean}): Payload {
  const page = `${subject.serverUrl}/${subject.repository}/pull/${subject.number}`
  return {
    action: 'created',
    issue: {
      number: subject.number,
      title: 'The image is 9 GB',
      user: userOf(subject.forkOwner),
      ...(options.isPullRequest ? {pull_request: {html_url: page}} : {})
    },
    comment: {id: 5_500_100, body: '/build', user: userOf(subject.actor), author_association: 'NONE'},
    ...frameOf(subject)
  }
}

function commitOf(sha: string, author: string): Payload {
  const person = {name: author, email: `${author}@users.noreply.github.com`, username: author}
  return {id: sha, message: 'Add the kernel', timestamp: WHEN, distinct: true, author: person, committer: person}
}

function ownerOf(repository: Payload): string | undefined {
  return (repository.owner as {login?: string} | undefined)?.login
}
