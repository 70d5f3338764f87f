import type {Host} from '../host/host.ts'
import type {Plan} from '../model/plan.ts'
import type {Problem} from '../model/problem.ts'
import type {Outcome, Report} from '../model/report.ts'
import {annotateAdvice} from './advice.ts'
import {docsBase, issuesPage} from './anchors.ts'
import {endingOf} from './ending.ts'
import {OUTPUTS, type OutputRow} from './outputs.ts'
import {overlayOf} from './overlay.ts'
import {printPlan} from './plan-table.ts'
import {printable, printableLines} from './printable.ts'
import {problemText} from './problem-text.ts'
import {bugSummary, failureSummary, summaryOf} from './summary.ts'

/** Opens the log: the plan as a table, then its warnings, its notices and advice on the Dockerfile as annotations. */
export function announce(plan: Plan, host: Host): void {
  host.log.info(printPlan(plan))
  for (const warning of plan.warnings) host.log.warning(printable(warning))
  for (const notice of plan.notices) host.log.notice(printable(notice))
  annotateAdvice(plan.advice, host)
}

/** What a run came to. Cancelled is not failed: nobody needs to mend anything. */
export function makeReport(outcome: Outcome, durationMs: number): Report {
  return {schemaVersion: 1, conclusion: conclusionOf(outcome), outcome, durationMs}
}

function conclusionOf({problems, results}: Outcome): Report['conclusion'] {
  if (problems.some(problem => problem.code === 'cancelled')) return 'cancelled'
  return problems.length > 0 || results.some(({state}) => state === 'failed') ? 'failure' : 'success'
}

/** Tells the report: problems in the log, the outputs, the report file and the job summary. Never throws. */
export async function publish(made: Report, host: Host): Promise<void> {
  const docs = docsBase(host.env)
  for (const problem of made.outcome.problems) host.log.error(problemText(problem, docs), problem.code)
  const overlay = await told('the overlay', () => writeOverlay(made, host), host)
  const report = overlay === undefined ? made : {...made, overlay}
  const file = await told('the report file', () => writeReport(report, host), host)
  await told('the outputs', async () => setOutputs(({value}) => value(report, file ?? ''), host), host)
  await told('the job summary', () => host.results.summary(summaryOf(report, docs)), host)
  const ending = endingOf(report)
  host.log.info(`${ending.mark} ${printable(ending.sentence)}`)
}

/** Tells of a run that ended before it had a plan, or by a mistake of ours. Never throws. */
export async function reportFailure(problems: readonly Problem[], thrown: unknown, host: Host): Promise<void> {
  const docs = docsBase(host.env)
  if (problems.length === 0) return tellBug(thrown, host)
  for (const problem of problems) host.log.error(problemText(problem, docs), problem.code)
  await told('the outputs', async () => setOutputs(({without}) => without, host), host)
  await told('the job summary', () => host.results.summary(failureSummary(problems, docs)), host)
}

async function tellBug(thrown: unknown, host: Host): Promise<void> {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  host.log.error(
    'This is a mistake in the action, not in your workflow. ' +
      `Please report the lines below at ${issuesPage(host.env)}, after removing what is private.`,
    'internal error'
  )
  for (const line of printableLines(stack)) host.log.info(`  │ ${line}`)
  await told('the outputs', async () => setOutputs(({without}) => without, host), host)
  await told('the job summary', () => host.results.summary(bugSummary(issuesPage(host.env))), host)
}

function setOutputs(valueFor: (row: OutputRow) => string, host: Host): void {
  for (const [name, row] of Object.entries(OUTPUTS)) host.results.output(name, valueFor(row))
}

/** Writes the component for a cluster beside the report, under the name that kustomize looks for. */
async function writeOverlay(report: Report, host: Host): Promise<string | undefined> {
  const text = overlayOf(report)
  const place = placeOf(host)
  if (text === undefined || place === undefined) return undefined
  const directory = `${place}.kustomize`
  host.ledger.record({kind: 'remove-path', path: directory})
  await host.files.write(`${directory}/kustomization.yaml`, text)
  return directory
}

/** Writes the whole report where later steps of the job can read it; post removes it. Undefined without `RUNNER_TEMP`. */
async function writeReport(report: Report, host: Host): Promise<string | undefined> {
  const place = placeOf(host)
  if (place === undefined) return undefined
  const file = `${place}.report.json`
  host.ledger.record({kind: 'remove-path', path: file})
  await host.files.write(file, `${JSON.stringify(report, coverIn(host), 2)}\n`)
  return file
}

/** How the names of all files begin that later steps of the job read. */
function placeOf({env, place}: Host): string | undefined {
  const {RUNNER_TEMP: directory = ''} = env
  return directory === '' ? undefined : `${directory}/pytorch-cuda-image-${place.runName}`
}

/** Programs and registries are quoted in a report. Only texts with a secret in them are covered: digests stay whole. */
function coverIn({secrets}: Host): (key: string, value: unknown) => unknown {
  return (_key, value) =>
    typeof value === 'string' && secrets.find(value) !== undefined ? secrets.cover(value) : value
}

/** Does one part of the telling; a part that fails is worth a warning and takes no other part with it. */
async function told<T>(what: string, tell: () => Promise<T>, host: Host): Promise<T | undefined> {
  try {
    return await tell()
  } catch (thrown) {
    host.log.warning(`Could not write ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    return undefined
  }
}
