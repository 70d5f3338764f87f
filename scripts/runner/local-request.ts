import {existsSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {parse} from 'yaml'
import {eventFor, readCheckout, topOf} from './checkout.ts'
import type {WorkflowEvent} from './event.ts'
import {EVENT_NAMES, EVENTS, type EventName, type EventOptions} from './events.ts'
import {readManifest} from './manifest.ts'
import {parseAssignment, suggestion, type TypedOptions, UsageError} from './options.ts'
import {readPayloadFile} from './payload-file.ts'
import type {RunRequest} from './request.ts'

/** Where a person stands and what their shell holds. */
export interface Person {
  /** Folder with the action's `action.yml`. */
  readonly action: string
  /** The folder they called from. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What a job on this machine needs of a person's own environment: programs, Docker, proxies, certificates, locale. */
export const INHERITED_VARIABLES: readonly RegExp[] = [
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|XDG_(RUNTIME_DIR|CONFIG_HOME|CACHE_HOME))$/,
  /^DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY|API_VERSION)$/,
  /^(https?|all|no|ftp)_proxy$/i,
  /^(SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|PIP_CERT|GIT_SSL_CAINFO)$/,
  /^SSH_AUTH_SOCK$/
]

/** Makes of typed options the job to run. Throws `UsageError` for what cannot be. */
export function makeLocalRequest(typed: TypedOptions, person: Person): RunRequest {
  const workspace = topOf(person.folder)
  requireBuilt(person.action)
  return {
    action: person.action,
    workspace,
    event: makeLocalEvent(typed, person, workspace),
    inputs: {...readInputsFile(typed, person), ...typedInputs(typed)},
    environment: inheritedFrom(person.environment),
    secrets: Object.fromEntries(
      (typed['secret-env'] ?? []).map(name => [name, variableOf(name, 'secret-env', person)])
    ),
    token: typed['token-env'] === undefined ? '' : variableOf(typed['token-env'][0] ?? '', 'token-env', person),
    machine: typed['self-hosted'] === undefined ? 'github-hosted' : 'self-hosted',
    debug: typed.debug !== undefined,
    keep: typed.keep !== undefined,
    ...(typed.temp === undefined ? {} : {root: resolve(person.folder, typed.temp[0] ?? '')})
  }
}

function makeLocalEvent(typed: TypedOptions, person: Person, workspace: string): WorkflowEvent {
  const event = typed.event?.[0] ?? 'push'
  const ref = typed.ref?.[0]
  const options = repositoryOption(typed)
  const file = resolve(person.folder, event)
  if (event.endsWith('.json') || (event.includes('/') && existsSync(file))) {
    const {sha} = readCheckout(workspace)
    const chosen = {...(sha === undefined ? {} : {sha}), ...options, ...refOption(ref, 'refs/heads/')}
    return readPayloadFile(file, typed['event-name']?.[0], chosen)
  }
  const name = EVENT_NAMES.find(candidate => candidate === event || candidate.replaceAll('-', '_') === event)
  if (name === undefined) throw new UsageError(`There is no event ${event}.${suggestion(event, EVENT_NAMES, '')}`)
  // The ref of a pull request is its number's; what one can choose is the branch to be merged.
  const chosenRef = EVENTS[name].event.startsWith('pull_request')
    ? {...(ref === undefined ? {} : {branch: ref.replace('refs/heads/', '')})}
    : refOption(ref, TAG_EVENTS.includes(name) ? 'refs/tags/' : 'refs/heads/')
  return eventFor(name, workspace, {...options, ...chosenRef})
}

const TAG_EVENTS: readonly EventName[] = ['push-tag', 'release']

function refOption(ref: string | undefined, prefix: string): EventOptions {
  if (ref === undefined) return {}
  return {ref: ref.startsWith('refs/') ? ref : `${prefix}${ref}`}
}

function repositoryOption(typed: TypedOptions): EventOptions {
  const repository = typed.repository?.[0]
  if (repository === undefined) return {}
  if (/^[^/\s]+\/[^/\s]+$/.test(repository)) return {repository}
  throw new UsageError(`--repository ${repository} is not of the form owner/name.`)
}

function typedInputs(typed: TypedOptions): Record<string, string> {
  return Object.fromEntries((typed.input ?? []).map(word => parseAssignment(word, 'input')))
}

function readInputsFile(typed: TypedOptions, person: Person): Record<string, string> {
  const name = typed.inputs?.[0]
  if (name === undefined) return {}
  const block = withBlockOf(parseYaml(resolve(person.folder, name), name))
  const inputs: Record<string, string> = {}
  for (const [input, value] of Object.entries(block)) {
    if (typeof value === 'object' && value !== null) {
      throw new UsageError(`${name}: the input ${input} holds a list or a mapping. Inputs are text: use "${input}: |".`)
    }
    inputs[input] = value === null ? '' : String(value)
  }
  return inputs
}

function parseYaml(path: string, name: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--inputs ${name} cannot be read: ${(error as Error).message}`)
  }
}

function withBlockOf(content: unknown): Readonly<Record<string, unknown>> {
  if (content === null || typeof content !== 'object' || Array.isArray(content)) return {}
  const block = (content as Record<string, unknown>).with
  return (typeof block === 'object' && block !== null ? block : content) as Readonly<Record<string, unknown>>
}

/** Of an environment, what a job on this machine needs. */
export function inheritedFrom(environment: Person['environment']): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && INHERITED_VARIABLES.some(pattern => pattern.test(name))) inherited[name] = value
  }
  return inherited
}

function variableOf(name: string, option: 'secret-env' | 'token-env', person: Person): string {
  const value = person.environment[name]
  if (value !== undefined && value !== '') return value
  throw new UsageError(`--${option} ${name}: there is no variable ${name}, or it is empty.`)
}

function requireBuilt(action: string): void {
  const main = mainOf(action)
  if (existsSync(join(action, main))) return
  throw new UsageError(`${main} is not built. Build it with: npm --prefix ${action} run bundle`)
}

function mainOf(action: string): string {
  try {
    return readManifest(action).main
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
