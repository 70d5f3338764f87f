import {dirname, join} from 'node:path'
import {apiUrlsOf, shortRef, type WorkflowEvent} from './event.ts'
import type {ExpressionContext} from './expression.ts'
import type {RunRequest} from './request.ts'
import type {RunResult} from './result.ts'
import {EVENT_FOLDER} from './temp.ts'
import {TRACKING_VARIABLE} from './watch.ts'

/** The folders of a run. */
export interface RunPlaces {
  readonly workspace: string
  readonly places: RunResult['places']
  readonly trackingId: string
}

const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'X64', arm64: 'ARM64', arm: 'ARM', ia32: 'X86'}
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Path of the event's payload. */
export function eventPathOf(temp: string): string {
  return join(temp, EVENT_FOLDER, 'event.json')
}

/** The variables of the real runner for a JavaScript action, in the order in which later ones win. */
export function jobVariables(request: RunRequest, run: RunPlaces): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    HOME: run.places.home,
    LANG: 'C.UTF-8',
    ...request.environment,
    ...gitHubVariables(request.event, run),
    ...runnerVariables(request, run),
    ...serviceVariables(request),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    [TRACKING_VARIABLE]: run.trackingId
  }
}

/** The variables with the request's last word applied: what is undefined there is taken away. */
export function withLastWord(
  variables: Readonly<Record<string, string>>,
  lastWord: RunRequest['variables']
): Record<string, string> {
  const result: Record<string, string> = {...variables}
  for (const [name, value] of Object.entries(lastWord ?? {})) {
    if (value === undefined) delete result[name]
    else result[name] = value
  }
  return result
}

/** What expressions in inputs and their defaults may name. */
export function contextsOf(request: RunRequest, run: RunPlaces): ExpressionContext {
  const {event} = request
  return {
    github: {
      ...lowerCased(gitHubVariables(event, run), 'GITHUB_'),
      token: request.token ?? '',
      secret_source: event.secretSource,
      event: JSON.parse(JSON.stringify(event.payload ?? {})) as ExpressionContext
    },
    runner: lowerCased(runnerVariables(request, run), 'RUNNER_'),
    // A name that the event does not get is empty, not an error: the very same workflow runs for forks.
    secrets: {GITHUB_TOKEN: request.token ?? '', ...visibleSecrets(request)},
    vars: request.vars ?? {},
    env: request.environment ?? {},
    job: {status: 'success'}
  }
}

/** The secrets that this event's jobs see. */
export function visibleSecrets(request: RunRequest): Readonly<Record<string, string>> {
  const {secrets = {}, dependabotSecrets = {}} = request
  return {Actions: secrets, Dependabot: dependabotSecrets, None: {}}[request.event.secretSource]
}

function gitHubVariables(event: WorkflowEvent, run: RunPlaces): Record<string, string> {
  const api = apiUrlsOf(event.serverUrl)
  const short = shortRef(event.ref)
  return {
    GITHUB_ACTION: '__pytorch-cuda-image-action',
    GITHUB_ACTOR: event.actor,
    GITHUB_ACTOR_ID: String(event.actorId),
    GITHUB_API_URL: api.rest,
    GITHUB_BASE_REF: event.baseRef,
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: eventPathOf(run.places.temp),
    GITHUB_GRAPHQL_URL: api.graphql,
    GITHUB_HEAD_REF: event.headRef,
    GITHUB_JOB: 'image',
    GITHUB_REF: event.ref,
    GITHUB_REF_NAME: short.name,
    GITHUB_REF_PROTECTED: String(event.isRefProtected),
    GITHUB_REF_TYPE: short.type,
    GITHUB_REPOSITORY: event.repository,
    GITHUB_REPOSITORY_ID: String(event.repositoryId),
    GITHUB_REPOSITORY_OWNER: event.repository.split('/')[0] ?? '',
    GITHUB_REPOSITORY_OWNER_ID: String(event.ownerId),
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: String(event.runAttempt),
    GITHUB_RUN_ID: event.runId,
    GITHUB_RUN_NUMBER: String(event.runNumber),
    GITHUB_SERVER_URL: event.serverUrl,
    GITHUB_SHA: event.sha,
    GITHUB_TRIGGERING_ACTOR: event.actor,
    GITHUB_WORKFLOW: event.workflow,
    GITHUB_WORKFLOW_REF: `${event.repository}/${event.workflowPath}@${event.workflowRef}`,
    GITHUB_WORKFLOW_SHA: event.workflowSha,
    GITHUB_WORKSPACE: run.workspace
  }
}

function runnerVariables(request: RunRequest, run: RunPlaces): Record<string, string> {
  const machine = request.machine ?? 'github-hosted'
  return {
    RUNNER_ARCH: ARCHITECTURES[process.arch] ?? process.arch.toUpperCase(),
    ...(request.debug === true ? {RUNNER_DEBUG: '1'} : {}),
    RUNNER_ENVIRONMENT: machine,
    RUNNER_NAME: machine === 'github-hosted' ? 'GitHub Actions 1' : 'workshop-1',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: run.places.temp,
    RUNNER_TOOL_CACHE: run.places.toolCache,
    RUNNER_WORKSPACE: dirname(run.workspace)
  }
}

function serviceVariables(request: RunRequest): Record<string, string> {
  const services = Object.entries(request.services ?? {})
  const granted = services.filter(
    ([name]) => request.event.mayMintIdToken || !name.startsWith('ACTIONS_ID_TOKEN_REQUEST_')
  )
  return Object.fromEntries(granted)
}

function lowerCased(variables: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value])
  )
}
