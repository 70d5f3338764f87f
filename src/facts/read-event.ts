import type {Host} from '../host/host.ts'
import {CACHE_MODES, type EventFacts} from '../model/event.ts'
import {Problem} from '../model/problem.ts'
import {foreignCommitsOf, type Judged, originOf} from './event.ts'
import {nameOf, type Payload} from './payload.ts'

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const NEEDED = ['GITHUB_EVENT_NAME', 'GITHUB_EVENT_PATH', 'GITHUB_REPOSITORY', 'GITHUB_SHA']

/**
 * Reads the event from the runner's variables and its payload.
 *
 * Throws `event-unreadable` where there is no event, or its file is missing or broken: then nobody knows whose code it is.
 */
export async function readEvent(host: Host): Promise<EventFacts> {
  const {env} = host
  const missing = NEEDED.filter(name => (env[name] ?? '') === '')
  if (missing.length > 0) throw unreadable(`The runner's variable ${missing.join(', ')} has no value.`)
  const payload = await readPayload(env.GITHUB_EVENT_PATH ?? '', host)
  const [owner = '', name = ''] = (env.GITHUB_REPOSITORY ?? '').split('/')
  const sha = (env.GITHUB_SHA ?? '').toLowerCase()
  if (owner === '' || name === '') throw unreadable(`GITHUB_REPOSITORY is ${env.GITHUB_REPOSITORY}, not owner/name.`)
  if (!SHA.test(sha)) throw unreadable(`GITHUB_SHA is ${env.GITHUB_SHA}, which is no commit.`)
  const eventName = env.GITHUB_EVENT_NAME ?? ''
  const ref = env.GITHUB_REF ?? ''
  const {origin, because} = judge(eventName, payload, host)
  const repository = payload.repository
  return {
    name: eventName,
    ...(typeof payload.action === 'string' ? {action: payload.action} : {}),
    origin,
    originBecause: because,
    repository: {
      owner,
      name,
      isFork: repository?.fork === true,
      ...(typeof repository?.id === 'number' ? {id: repository.id} : {}),
      ...(typeof repository?.private === 'boolean' ? {isPrivate: repository.private} : {}),
      ...(typeof repository?.default_branch === 'string' ? {defaultBranch: repository.default_branch} : {})
    },
    sha,
    ref,
    ...shortRef(ref),
    isRefProtected: env.GITHUB_REF_PROTECTED === 'true',
    ...pullRequestOf(payload),
    foreignShas: foreignCommitsOf(eventName, payload),
    runId: env.GITHUB_RUN_ID ?? '0',
    runNumber: countOf(env.GITHUB_RUN_NUMBER),
    runAttempt: countOf(env.GITHUB_RUN_ATTEMPT),
    workflow: env.GITHUB_WORKFLOW ?? '',
    ...cacheModeOf(env),
    startedAt: host.clock.now().toISOString(),
    actor: env.GITHUB_ACTOR ?? '',
    serverUrl: (env.GITHUB_SERVER_URL ?? 'https://github.com').replace(/\/+$/, ''),
    apiUrl: (env.GITHUB_API_URL ?? 'https://api.github.com').replace(/\/+$/, '')
  }
}

/** The runner tells it to expressions alone, so it comes by an input. It is read here because it decides the origin. */
function secretSourceOf({inputs}: Host): string {
  return inputs.raw()['secret-source']?.trim() ?? ''
}

/** A payload of another repository than the run's says nothing about this run. */
function judge(name: string, payload: Payload, host: Host): Judged {
  const own = (host.env.GITHUB_REPOSITORY ?? '').toLowerCase()
  const told = nameOf(payload.repository)
  if (told !== undefined && told !== own) {
    return {origin: 'unknown', because: `The event's payload is about ${told}, the run about ${own}.`}
  }
  const actors = [host.env.GITHUB_ACTOR ?? '', host.env.GITHUB_TRIGGERING_ACTOR ?? '']
  return originOf(name, {payload, ref: host.env.GITHUB_REF ?? '', actors, secretSource: secretSourceOf(host)})
}

async function readPayload(path: string, host: Host): Promise<Payload> {
  const text = await host.files.read(path)
  if (text === undefined) throw unreadable(`There is no event file at ${path}.`)
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Payload
  } catch {
    // What the parser says quotes the payload, which may hold a dispatch's inputs.
    throw unreadable(`The event file ${path} is not JSON.`)
  }
  throw unreadable(`The event file ${path} holds no JSON object.`)
}

function pullRequestOf(payload: Payload): Pick<EventFacts, 'pullRequest'> {
  const pull = payload.pull_request
  if (typeof pull?.number !== 'number') return {}
  return {
    pullRequest: {
      number: pull.number,
      ...(typeof pull.head?.sha === 'string' ? {headSha: pull.head.sha} : {}),
      ...(typeof pull.base?.ref === 'string' ? {baseRef: pull.base.ref} : {})
    }
  }
}

/** A mode that GitHub adds later is taken for none that we know, and the service itself will say. */
function cacheModeOf(env: Host['env']): Pick<EventFacts, 'cacheMode'> {
  const cacheMode = CACHE_MODES.find(mode => mode === env.ACTIONS_CACHE_MODE)
  return cacheMode === undefined ? {} : {cacheMode}
}

function shortRef(ref: string): Pick<EventFacts, 'refName' | 'refType'> {
  if (ref.startsWith('refs/tags/')) return {refName: ref.slice('refs/tags/'.length), refType: 'tag'}
  if (ref.startsWith('refs/heads/')) return {refName: ref.slice('refs/heads/'.length), refType: 'branch'}
  return {refName: ref.replace(/^refs\/(?:pull\/)?/, ''), refType: 'other'}
}

function countOf(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : 1
}

function unreadable(what: string): Problem {
  return new Problem('event-unreadable', {
    what,
    why: 'Whose code this is cannot be told, so nothing may be decided.',
    fix: 'Run the action in a job of GitHub Actions, or by `npm run local` with an event of your choice.'
  })
}
