import {stepOf} from '../model/plan.ts'
import type {Report} from '../model/report.ts'
import {archListOf} from '../pytorch/coverage.ts'
import {isPushed, loadedAs, primaryImage} from './ending.ts'

/** One output: its sentence in `action.yml`, its value, and what it says when a run ends before it has a plan. */
export interface OutputRow {
  readonly description: string
  readonly value: (report: Report, file: string) => string
  readonly without: string
}

/** The outputs of the action. Every run sets all of them; `file` is the path of the report, empty where none was written. */
export const OUTPUTS = {
  plan: row('The whole plan as JSON: origin, trust, and each step with its verdict and its work.', planOutput, '{}'),
  origin: row(
    'Where the run comes from, for example `own-branch` or `fork-pull-request`.',
    ({outcome}) => outcome.plan.origin
  ),
  trust: row('How far the code is trusted: `full`, `limited` or `none`.', ({outcome}) => outcome.plan.trust),
  pushed: row('`true` when tags now point to what this run built, else `false`.', r => String(isPushed(r)), 'false'),
  'push-reason': row(
    'A code that says why it was pushed or not, for example `allowed`, `fork`, `push-denied`.',
    reason
  ),
  image: row('Name of the primary image, without tag and digest.', primaryImage),
  digest: row('Digest of what was built (`sha256:…`), pushed or not.', ({outcome}) => outcome.products.digest ?? ''),
  imageid: row("Digest of the image's configuration.", ({outcome}) => outcome.products.imageId ?? ''),
  tags: row('Full references that point to the digest now, one per line.', ({outcome}) => lines(outcome.products.tags)),
  candidate: row(
    '`image@digest` in the registry; no tag points to it before all checks have passed.',
    ({outcome}) => outcome.products.candidate ?? ''
  ),
  loaded: row('Name under which the engine has the image, where `load` asked for that.', loadedAs),
  torch: row(
    'Release of PyTorch that the image is for, where the inputs say so.',
    ({outcome}) => outcome.plan.torch ?? ''
  ),
  cuda: row(
    'CUDA that this PyTorch is built for, such as `cu128` or `cpu`, where the inputs say so.',
    ({outcome}) => outcome.plan.cuda ?? ''
  ),
  python: row('Python of the image, such as `3.12`, where it is known.', ({outcome}) => outcome.plan.python ?? ''),
  'min-driver': row(
    'The oldest NVIDIA driver that the image runs on, such as `525.60.13`; empty for CPU.',
    ({outcome}) => outcome.plan.driver?.oldest ?? ''
  ),
  'arch-list': row(
    'Compute capabilities that its PyTorch has code for, such as `7.5;8.0;9.0`; empty where that is not known.',
    ({outcome}) => (outcome.plan.set === undefined ? '' : (archListOf(outcome.plan.set) ?? ''))
  ),
  'gpu-result': row(
    'What came of the GPU validation: `pass`, `warn` or `fail`; empty where none ran.',
    ({outcome}) => outcome.products.gpu?.report.result ?? ''
  ),
  'gpu-report': row(
    'Path of the report of the GPU validation (JSON), which stays until the job ends; a JUnit file lies beside it.',
    ({outcome}) => outcome.products.gpu?.file ?? ''
  ),
  'gpu-report-sha256': row(
    'SHA-256 of that file, for the job that promotes: it travels as an output, the file as an artifact.',
    ({outcome}) => outcome.products.gpu?.sha256 ?? ''
  ),
  lock: row(
    'Path of the lock that names every package by its hash (`pylock.toml`), one per platform, until the job ends; empty where the build resolved by itself.',
    ({outcome}) => lines(outcome.products.locks?.map(({path}) => path))
  ),
  metadata: row(
    "BuildKit's metadata as JSON, without build arguments.",
    ({outcome}) => JSON.stringify(outcome.products.metadata ?? {}),
    '{}'
  ),
  'cache-hit': row('`true` when every step of the build came from the cache.', r => String(isCached(r)), 'false'),
  report: row('Path of the whole report, a JSON file that stays until the job ends.', (_report, file) => file)
} as const satisfies Record<string, OutputRow>

function row(description: string, value: OutputRow['value'], without = ''): OutputRow {
  return {description, value, without}
}

function planOutput({outcome}: Report): string {
  return JSON.stringify(outcome.plan)
}

function lines(items: readonly string[] | undefined): string {
  return (items ?? []).join('\n')
}

function isCached({outcome}: Report): boolean {
  const {cached, total} = outcome.products.cachedSteps ?? {cached: 0, total: 0}
  return total > 0 && cached === total
}

/** The verdict where policy or the registry spoke; the problem's code where something else stopped a permitted push. */
function reason(report: Report): string {
  const {plan, problems} = report.outcome
  const {allowed, code} = stepOf(plan, 'promote').verdict
  const stopped = problems[0]
  return allowed && stopped !== undefined ? stopped.code : code
}
