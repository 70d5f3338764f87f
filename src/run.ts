import {gatherFacts} from './facts/facts.ts'
import type {Host} from './host/host.ts'
import type {Report} from './model/report.ts'
import {makePlan, settlePlan} from './plan/plan.ts'
import {announce, makeReport, publish} from './report/report.ts'
import {carryOut} from './steps/steps.ts'

/** The whole action, in the order it happens. */
export async function run(host: Host): Promise<Report> {
  const facts = await gatherFacts(host)
  const plan = makePlan(facts)
  announce(plan, host)
  if (plan.timeoutMs !== undefined) host.stopAfter(plan.timeoutMs)
  const outcome = plan.mode === 'plan' ? foreseen(plan) : await carryOut(plan, host, settlePlan)
  const report = makeReport(outcome, host.clock.elapsedMs())
  await publish(report, host)
  return report
}

/** The outcome of `mode: plan`: nothing was done. */
function foreseen(plan: Report['outcome']['plan']): Report['outcome'] {
  return {plan, results: [], products: {}, notices: [], warnings: [], problems: []}
}
