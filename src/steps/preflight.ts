import type {ImageAccess, PreflightWork, PushAnswer} from '../model/plan.ts'
import {Problem, Problems} from '../model/problem.ts'
import {denialOf} from './denials.ts'
import type {StepContext, StepMade} from './step.ts'

/**
 * Asks each registry whether the push will be allowed, all at the same time, before anything is built.
 *
 * A denial throws `push-denied` where the event is there to publish; elsewhere it is a warning, and the build goes on.
 */
export async function askRegistries(work: PreflightWork, context: StepContext): Promise<StepMade> {
  const {host, notice, warn} = context
  const asked = await Promise.all(
    work.images.map(async access => ({
      access,
      answer: await host.registry.probePush(access.image, access.credential)
    }))
  )
  const problems: Problem[] = []
  for (const {access, answer} of asked) {
    if (answer.result === 'unknown') notice(uncertain(access, answer))
    if (answer.result !== 'denied') continue
    const problem = denied(access, answer)
    if (work.onDenied === 'fail') problems.push(problem)
    else warn(`${problem.what} ${problem.why} So nothing is pushed; the build goes on. ${problem.fix}`)
  }
  if (problems.length > 0) throw new Problems(problems)
  const push = asked.map(({answer}) => answer)
  return {made: push.map(answer => `${nameOf(answer)} ${answer.result}`).join(', '), products: {answers: {push}}}
}

function denied(access: ImageAccess, answer: PushAnswer): Problem {
  const {cause, fix} = denialOf(answer, access)
  return new Problem('push-denied', {
    what: `${access.image.registry} will not accept a push to \`${nameOf(answer)}\`.`,
    why: cause,
    fix,
    evidence: [`${answer.status === 0 ? 'no status' : `HTTP ${answer.status}`}: ${answer.evidence}`]
  })
}

function uncertain(access: ImageAccess, answer: PushAnswer): string {
  const said = answer.status === 0 ? 'gave no answer' : `answered ${answer.status}`
  const words = answer.evidence === '' ? '' : ` (${answer.evidence})`
  return `Whether a push to \`${nameOf(answer)}\` will be allowed could not be found out: ${access.image.registry} ${said}${words}. The build goes on.`
}

function nameOf({image}: Pick<PushAnswer, 'image'>): string {
  return `${image.registry}/${image.repository}`
}
