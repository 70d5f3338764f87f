import type {Denial, Denied} from '../identity/denial.ts'
import {denialOf} from '../identity/diagnosis.ts'
import {isGitHubToken} from '../identity/token-kinds.ts'
import type {PushAnswer} from '../model/plan.ts'
import {Problem, Problems} from '../model/problem.ts'
import type {GitHubAnswer, TokenRef} from '../model/token.ts'
import type {ImageAccess, PreflightWork} from '../model/work-build.ts'
import {askAboutToken, askAboutTokens, auditTokens, type Standings} from './audit.ts'
import type {StepContext, StepMade} from './step.ts'

interface Asked {
  readonly access: ImageAccess
  readonly answer: PushAnswer
}

/**
 * Asks each registry whether the push will be allowed, and GitHub what its tokens may do, all at the same time.
 *
 * A denial throws `push-denied` where the event is there to publish; elsewhere it is a warning, and the build goes on.
 */
export async function askRegistries(work: PreflightWork, context: StepContext): Promise<StepMade> {
  const {notice, warn} = context
  const standings = askAboutTokens(work, context)
  const [asked, audited, cache] = await Promise.all([
    Promise.all(work.images.map(access => askRegistry(access, {work, context}))),
    auditTokens(work, {standings, context}),
    work.cache === undefined ? undefined : askRegistry(work.cache, {work: {...work, secondTry: 'none'}, context})
  ])
  const problems: Problem[] = []
  for (const {access, answer} of asked) {
    if (answer.result === 'unknown') notice(uncertain(access, answer))
    if (answer.result !== 'denied') continue
    const denial = denialOf(await investigate({access, answer}, {work, context, standings}))
    if (work.onDenied === 'fail') problems.push(denied(answer, denial))
    else warn(`${refusal(answer)} ${denial.because} So nothing is pushed; the build goes on. ${oneLine(denial.fix)}`)
  }
  if (problems.length > 0) throw new Problems(problems)
  if (cache?.answer.result === 'denied') {
    const denial = denialOf(await investigate(cache, {work, context, standings}))
    warn(`The layer cache will not be written: ${refusal(cache.answer)} ${denial.because} ${oneLine(denial.fix)}`)
  }
  const push = asked.map(({answer}) => answer)
  return {
    made: push.map(answer => `${nameOf(answer)} ${answer.result}`).join(', '),
    products: {
      answers: {push, ...(cache === undefined ? {} : {cache: cache.answer})},
      ...audited
    }
  }
}

async function askRegistry(
  access: ImageAccess,
  {work, context}: {work: PreflightWork; context: StepContext}
): Promise<Asked> {
  const {registry} = context.host
  const answer = await registry.probePush(access.image, access.credential)
  const isFinal = answer.result !== 'denied' || access.credential === null || work.secondTry === 'none'
  if (isFinal) return {access, answer}
  context.notice(
    `${refusal(answer)} Because \`push\` says always, one byte is uploaded for real before that is believed.`
  )
  const second = await registry.probeByUpload(access.image, access.credential)
  // A second question that nobody answered takes nothing from the first.
  return {access, answer: second.result === 'unknown' ? answer : second}
}

/** Asks GitHub what it knows about a package of its own that it refused, with the very token that was refused. */
async function investigate(
  {access, answer}: Asked,
  {work, context, standings}: {work: PreflightWork; context: StepContext; standings: Standings}
): Promise<Denied> {
  const {pusher} = work
  const denied: Denied = {access, answer, pusher}
  const token = access.credential?.token
  if (token === undefined || access.image.registry !== pusher.packages || !isGitHubToken(token.kind)) return denied
  const [standing, about] = await Promise.all([
    standings.get(token.secret) ?? askAboutToken(token, context),
    askAboutPackage(access, token, context)
  ])
  return {
    ...denied,
    ...(standing.status === 0 ? {} : {token: standing}),
    ...(about.status === 0 ? {} : {package: about})
  }
}

/** A package belongs to an organisation or to a person; GitHub has an address for each. */
async function askAboutPackage({image}: ImageAccess, token: TokenRef, {host}: StepContext): Promise<GitHubAnswer> {
  const [owner = '', ...rest] = image.repository.split('/')
  const tail = `packages/container/${encodeURIComponent(rest.join('/'))}`
  const about = await host.github.ask(`/orgs/${encodeURIComponent(owner)}/${tail}`, token)
  if (about.status !== 404) return about
  const ofPerson = await host.github.ask(`/users/${encodeURIComponent(owner)}/${tail}`, token)
  return ofPerson.status === 200 ? ofPerson : about
}

function denied(answer: PushAnswer, {because, fix, evidence}: Denial): Problem {
  return new Problem('push-denied', {what: refusal(answer), why: because, fix, evidence})
}

function refusal(answer: PushAnswer): string {
  return `${answer.image.registry} will not accept a push to \`${nameOf(answer)}\`.`
}

function uncertain(access: ImageAccess, answer: PushAnswer): string {
  const said = answer.status === 0 ? 'gave no answer' : `answered ${answer.status}`
  const words = answer.evidence === '' ? '' : ` (${answer.evidence})`
  return `Whether a push to \`${nameOf(answer)}\` will be allowed could not be found out: ${access.image.registry} ${said}${words}. The build goes on.`
}

function oneLine(fix: string): string {
  return fix.replaceAll(/\s*\n\s*/g, ' ')
}

function nameOf({image}: Pick<PushAnswer, 'image'>): string {
  return `${image.registry}/${image.repository}`
}
