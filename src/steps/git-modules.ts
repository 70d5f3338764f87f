import {LIST_MODULES, parseModules} from '../git/modules.ts'
import {locateRepository, type Repository} from '../git/repository.ts'
import {isRefused, type RefusedUrl, shownUrl} from '../git/url.ts'
import type {GitCredential, SshKey} from '../model/credentials.ts'
import {Problem, Problems} from '../model/problem.ts'
import type {Submodule} from '../model/source.ts'
import type {GitSession} from './git-session.ts'

/** A checked-out repository whose submodules are looked at. */
export interface WorkTree {
  /** Absolute. */
  readonly directory: string
  /** Relative to the workspace; empty for the workspace itself. */
  readonly place: string
  /** Its remote address, against which relative ones are read. */
  readonly origin: string
}

/** A submodule that the superproject's tree really has. */
export interface FoundModule {
  readonly name: string
  /** Relative to its superproject. */
  readonly path: string
  /** Relative to the workspace, for people. */
  readonly place: string
  readonly superproject: WorkTree
  readonly commit: string
  readonly repository: Repository
}

/**
 * Reads the submodules of a work tree, and checks each name, path and address.
 *
 * Throws `submodule-config-invalid` and `submodule-url-refused`, for all faults together.
 */
export async function readModules(
  tree: WorkTree,
  {git, credentials, keys}: {git: GitSession; credentials: readonly GitCredential[]; keys: readonly SshKey[]}
): Promise<readonly FoundModule[]> {
  const listed = await git.ask(LIST_MODULES, tree.directory)
  // 1: nothing in the file fits the pattern.
  if (listed.exitCode === 1 && listed.stderr.trim() === '') return []
  if (listed.exitCode !== 0) throw unreadableFile(tree, listed.stderr)
  const {submodules, faults} = parseModules(listed.stdout)
  const problems = faults.map(({name, fault}) => badEntry(tree, name, fault))
  const commits = await commitsOf(submodules, tree, git)
  const found: FoundModule[] = []
  for (const {name, path, url} of submodules) {
    const commit = commits.get(path)
    // An entry whose commit the tree does not have is a leftover of a removed submodule; git passes over it too.
    if (commit === undefined) continue
    const place = tree.place === '' ? path : `${tree.place}/${path}`
    const repository = locateRepository(url, {origin: tree.origin, credentials, keys})
    if (isRefused(repository)) problems.push(badUrl({place, url, tree}, repository))
    else found.push({name, path, place, superproject: tree, commit, repository})
  }
  if (problems.length > 0) throw new Problems(problems)
  return found
}

/** The commits that the superproject's index names, by path. */
async function commitsOf(
  submodules: readonly Submodule[],
  tree: WorkTree,
  git: GitSession
): Promise<ReadonlyMap<string, string>> {
  if (submodules.length === 0) return new Map()
  const paths = submodules.map(({path}) => path)
  const listed = await git.ask(['--literal-pathspecs', 'ls-files', '--stage', '-z', '--', ...paths], tree.directory)
  if (listed.exitCode !== 0) throw unreadableFile(tree, listed.stderr)
  const commits = new Map<string, string>()
  for (const entry of listed.stdout.split('\0')) {
    const [, commit, path] = /^160000 ([0-9a-f]+) \d\t(.*)$/s.exec(entry) ?? []
    if (commit !== undefined && path !== undefined) commits.set(path, commit)
  }
  return commits
}

function fileOf(tree: WorkTree): string {
  return tree.place === '' ? '.gitmodules' : `${tree.place}/.gitmodules`
}

function unreadableFile(tree: WorkTree, stderr: string): Problem {
  return new Problem('submodule-config-invalid', {
    what: `Git could not read the submodules that \`${fileOf(tree)}\` names.`,
    why: 'What it names cannot be fetched, and leaving it out would build something else than what was committed.',
    fix: 'Mend the file so that `git config --file .gitmodules --list` reads it, or set `submodules: false`.',
    evidence: stderr.trim().split('\n').slice(-6)
  })
}

function badEntry(tree: WorkTree, name: string, fault: string): Problem {
  return new Problem('submodule-config-invalid', {
    what: `The submodule \`${name}\` in \`${fileOf(tree)}\` cannot be used.`,
    why: fault,
    fix: `Mend or remove the entry in \`${fileOf(tree)}\`, or set \`submodules: false\`.`
  })
}

function badUrl({place, url, tree}: {place: string; url: string; tree: WorkTree}, refusal: RefusedUrl): Problem {
  return new Problem('submodule-url-refused', {
    what: `The address of the submodule \`${place}\` is refused: \`${shownUrl(url)}\`.`,
    why: refusal.refused,
    fix: refusal.fix,
    evidence: [fileOf(tree)]
  })
}

/** The problem of a `.gitmodules` that is a link. */
export function linkedFile(tree: WorkTree): Problem {
  return new Problem('submodule-config-invalid', {
    what: `\`${fileOf(tree)}\` is a link.`,
    why: 'It could lead to any file of this machine, so neither git nor we read it.',
    fix: 'Commit it as a plain file, or set `submodules: false`.'
  })
}

/** The problem of a work tree that names submodules, but is no git repository. */
export function noRepository(tree: WorkTree): Problem {
  return new Problem('submodule-config-invalid', {
    what: `\`${fileOf(tree)}\` names submodules, but the workspace is no git repository.`,
    why: 'Without git data nobody knows which commits belong here; actions/checkout leaves it like that where it finds no git.',
    fix: 'Install git on the runner before the checkout, or set `submodules: false`.'
  })
}
