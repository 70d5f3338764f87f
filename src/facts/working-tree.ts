import type {Host} from '../host/host.ts'
import type {EventFacts, InputRoot, Origin} from '../model/event.ts'
import {askGit, gitAnswer} from './asking-git.ts'
import {isRepository, withoutUserinfo} from './origin-url.ts'

/** What a directory holds, and why that is thought. */
export type Holding = Pick<InputRoot, 'holds' | 'because'>

/** A directory to be judged, inside the workspace. Both are free of links. */
export interface Directory {
  readonly path: string
  readonly workspace: string
}

/** Events that build what a plain checkout gives, so that files without a history are believed to be that. */
const PLAIN: readonly Origin[] = [
  'own-branch',
  'own-tag',
  'deleted-branch',
  'own-pull-request',
  'fork-pull-request',
  'dependabot',
  'dispatch',
  'schedule',
  'release',
  'merge-queue'
]

/**
 * What a directory of the workspace holds: the event's own code, someone else's, or what cannot be told.
 *
 * The event tells who started the run, the workspace what will be built; a step before ours may have checked out
 * something else. Asked of git, by commit.
 */
export async function judgeDirectory(directory: Directory, event: EventFacts, host: Host): Promise<Holding> {
  const top = await checkoutAround(directory, host)
  if (top === undefined) return judgeBare(event)
  if ((await topOf(top, directory, host)) !== top) return UNREADABLE
  const parent = await gitAnswer(host, top, ['rev-parse', '--show-superproject-working-tree'])
  if (parent !== undefined && (await isPinned(parent, top, host))) {
    const above = await judgeTree(parent, event, host)
    return {...above, because: `It is a submodule at the commit that its repository names. ${above.because}`}
  }
  const holding = await judgeTree(top, event, host)
  if (holding.holds !== 'event' || isPlain(event)) return holding
  return (await hidesAnother(top, host)) ?? holding
}

const UNREADABLE: Holding = {
  holds: 'unknown',
  because: 'git could not read the checkout, so what is in it cannot be told.'
}

/**
 * The nearest directory with a `.git`, which no commit can bring along.
 *
 * Git itself would also take a folder with `HEAD`, `refs` and `objects` for a repository, and those can be committed:
 * foreign code could then say of itself which commit it is.
 */
async function checkoutAround({path, workspace}: Directory, host: Host): Promise<string | undefined> {
  for (let at = path; at.length >= workspace.length; at = at.slice(0, at.lastIndexOf('/'))) {
    if ((await host.files.kindOf(`${at}/.git`)) !== 'absent') return at
  }
  return undefined
}

async function topOf(path: string, {workspace}: Directory, host: Host): Promise<string | undefined> {
  const ceiling = workspace.slice(0, Math.max(1, workspace.lastIndexOf('/')))
  return gitAnswer(host, path, ['rev-parse', '--show-toplevel'], ceiling)
}

/** No git repository: a tarball of the commit, or anything. */
function judgeBare(event: EventFacts): Holding {
  if (isPlain(event)) return {holds: 'event', because: 'It is no git checkout, and this event builds what it is about.'}
  return {holds: 'unknown', because: 'It is no git checkout, so what an earlier step put there cannot be told.'}
}

async function judgeTree(top: string, event: EventFacts, host: Host): Promise<Holding> {
  const head = await gitAnswer(host, top, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  if (head === undefined) return {holds: 'unknown', because: 'The checkout has no commit.'}
  const short = head.slice(0, 12)
  if (event.foreignShas.includes(head)) {
    return {holds: 'foreign', because: `Commit ${short} is checked out, which was written outside this repository.`}
  }
  const stranger = await strangeOriginOf(top, event, host)
  if (stranger !== undefined) {
    return {holds: 'foreign', because: `It is a checkout of ${stranger}, not of this repository.`}
  }
  if (await isCommitOfEvent(head, top, event, host)) {
    return {holds: 'event', because: `Commit ${short} of this event is checked out.`}
  }
  const told = event.sha.slice(0, 12)
  return {holds: 'unknown', because: `Commit ${short} is checked out, but this event is about ${told}.`}
}

async function isCommitOfEvent(head: string, top: string, event: EventFacts, host: Host): Promise<boolean> {
  // A pull request's own last commit is as much its code as the merge commit that GitHub makes of it.
  const isPull =
    event.origin === 'own-pull-request' || event.origin === 'fork-pull-request' || event.origin === 'dependabot'
  if (head === event.sha || (isPull && head === event.pullRequest?.headSha)) return true
  // For an annotated tag the event may name the tag's object instead of its commit.
  if (event.refType !== 'tag') return false
  return head === (await gitAnswer(host, top, ['rev-parse', '--verify', '--quiet', `${event.sha}^{commit}`]))
}

/** The origin's URL where it is another repository's. Without any origin the commit alone decides. */
async function strangeOriginOf(top: string, event: EventFacts, host: Host): Promise<string | undefined> {
  const url = await gitAnswer(host, top, ['config', '--local', '--get', 'remote.origin.url'])
  const name = `${event.repository.owner}/${event.repository.name}`
  if (url === undefined || isRepository(url, {serverUrl: event.serverUrl, name})) return undefined
  return withoutUserinfo(url)
}

async function isPinned(parent: string, top: string, host: Host): Promise<boolean> {
  const path = top.startsWith(`${parent}/`) ? top.slice(parent.length + 1) : undefined
  if (path === undefined) return false
  const head = await gitAnswer(host, top, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  const entry = await askGit(host, parent, ['ls-tree', '-z', 'HEAD', '--', path])
  return head !== undefined && entry.stdout.startsWith(`160000 commit ${head}\t`)
}

/** In a privileged event a checkout inside the checkout is most likely the pull request's. */
async function hidesAnother(top: string, host: Host): Promise<Holding | undefined> {
  const files = await host.files.list(top, {depth: NESTED_DEPTH})
  const nested = files.find(path => /^(?!\.git\/).+\/\.git\/HEAD$/.test(path))
  if (nested === undefined) return undefined
  const place = nested.slice(0, -'/.git/HEAD'.length)
  return {
    holds: 'unknown',
    because: `${place} inside it is a checkout of its own, which this event does not vouch for.`
  }
}

const NESTED_DEPTH = 5

function isPlain(event: EventFacts): boolean {
  return PLAIN.includes(event.origin)
}
