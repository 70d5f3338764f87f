import {isGitHubToken} from '../identity/token-kinds.ts'
import {packageRegistryOf} from '../image/registries.ts'
import type {Facts} from '../model/facts.ts'
import type {PlannedStep, StepName} from '../model/plan.ts'
import type {PlannedCredential} from '../model/token.ts'
import type {AuditWork} from '../model/work-build.ts'
import {GITHUB} from './credentials.ts'
import {serverHostOf} from './server.ts'

/** GitHub is asked about the tokens of a run once: beside the registries, else by the first step that uses any. */
export function withAudit(
  steps: readonly PlannedStep[],
  credentials: readonly PlannedCredential[],
  facts: Facts
): readonly PlannedStep[] {
  const runs = (name: StepName) => steps.some(step => step.name === name && step.verdict.allowed)
  const {timeoutMs} = facts.inputs
  const tokens = tokensToAsk(facts, credentials)
  const asker = (['preflight', 'git', 'builder'] as const).find(runs)
  const audit = {tokens, ...(timeoutMs === undefined ? {} : {limitMs: timeoutMs})}
  return steps.map(step => {
    if (step.name !== asker || tokens.length === 0) return step
    if (step.name === 'preflight') return {...step, work: {...step.work, tokens}}
    if (step.name === 'git') return {...step, work: {...step.work, audit}}
    return step.name === 'builder' ? {...step, work: {...step.work, audit}} : step
  })
}

/**
 * GitHub's own tokens among those that are used: the ones that GitHub can tell something about.
 *
 * A token of another server than the one that the workflow runs on is not shown to this one.
 */
function tokensToAsk(facts: Facts, credentials: readonly PlannedCredential[]): AuditWork['tokens'] {
  const {serverUrl} = facts.event
  const hosts = [GITHUB, serverHostOf(facts), packageRegistryOf(serverUrl)]
  return credentials
    .filter(({uses, reach}) => uses.length > 0 && reach.every(place => hosts.includes(place.split('/')[0] ?? '')))
    .filter(({token}) => isGitHubToken(token.kind))
    .map(({token, uses}) => ({token, uses}))
}
