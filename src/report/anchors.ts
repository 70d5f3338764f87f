import type {ProblemCode} from '../model/problem.ts'

const PAGE = 'docs/troubleshooting.md'

/**
 * Where the action's documentation can be read, as a prefix for paths.
 *
 * The runner names the action's repository and ref; it does not for `uses: ./`, where the pages lie in the workspace.
 */
export function docsBase(env: Readonly<Record<string, string | undefined>>): string {
  const repository = env.GITHUB_ACTION_REPOSITORY
  if (repository === undefined || repository === '') return ''
  return `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${env.GITHUB_ACTION_REF || 'HEAD'}/`
}

/** The place that explains a problem at length. */
export function anchorOf(code: ProblemCode, base: string): string {
  return `${base}${PAGE}#${code}`
}

/** Where a mistake of the action's own is reported. */
export function issuesPage(env: Readonly<Record<string, string | undefined>>): string {
  const repository = env.GITHUB_ACTION_REPOSITORY
  if (repository === undefined || repository === '') return "the action's repository"
  return `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/issues`
}
