import {randomBytes} from 'node:crypto'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {digestOf} from './basic-auth.ts'
import {type Held, hold} from './holding.ts'
import {readJson, writeJson} from './json-file.ts'
import {recordedProcess, startProcess, stopProcess, waitUntil} from './processes.ts'
import {readRequests} from './request-log.ts'
import {type Say, sayOnStderr, timed} from './say.ts'
import {startService} from './service.ts'
import {ISSUER, makeSigningKey, SERVICE} from './token.ts'
import type {RegistryAccounts, RegistryAction, TokenLogRow} from './token-server.ts'
import {ensureTools} from './tools.ts'

/** Someone who may log in to a registry of ours. */
export interface RegistryUser {
  readonly name: string
  readonly password: string
  /** What they may do, by repository: `{'acme/app': ['pull', 'push'], 'acme/*': ['pull']}`. */
  readonly allow: Readonly<Record<string, readonly RegistryAction[]>>
}

/** Which registry is wanted. */
export interface RegistryOptions {
  /** The world's folder. */
  readonly folder: string
  /** Tells several registries of one folder apart. */
  readonly name?: string
  /** Who may log in; without this line the registry is open to all. */
  readonly users?: readonly RegistryUser[]
  /** Repositories that anyone may pull. */
  readonly public?: readonly string[]
  readonly tokenLifetimeSeconds?: number
  /** Where clients shall find the token service, which listens at the given `address:port`; there, where nothing is said. */
  readonly tokensAt?: (address: string) => Promise<string>
  /** Leaves it running when the script ends. */
  readonly keep?: boolean
  readonly say?: Say
}

/** A registry that answers on 127.0.0.1, plain HTTP. */
export interface Registry {
  /** `127.0.0.1:port`: what stands before the repository in an image's name. */
  readonly host: string
  readonly folder: string
  /** The registry's own log of requests. */
  readonly log: string
  /** Every request for a token so far, oldest first. */
  tokenLog(): TokenLogRow[]
  /** Adds someone, or replaces the one of that name; counts from the next request on. */
  addUser(user: RegistryUser): void
  /** Ends it and removes what it stored, unless it is kept or another living process uses it. */
  stop(): Promise<void>
}

/** A registry without the right to end it. */
export type SharedRegistry = Omit<Registry, 'stop'>

const START_WITHIN_MS = 20_000
const TOKEN_LIFETIME_SECONDS = 300

/** Starts a registry with login, or an open one where no users are given; one of that name that runs is used, with the new users. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const worldFolder = resolve(options.folder)
  const name = options.name ?? 'registry'
  const say = options.say ?? sayOnStderr
  const program = await ensureTools(worldFolder, ['docker-registry'], say)
  const held = heldRegistry(worldFolder, name)
  const {made: host, stop} = await hold(held, options.keep === true ? 'kept' : 'while-used', () =>
    timed(
      say,
      `Registry "${name}" (${options.users === undefined ? 'open' : 'login by token'})`,
      async () => {
        const auth =
          options.users === undefined ? undefined : await makeTokenServer(held.place, worldFolder, options, say)
        return startProgram(held.place, program, auth)
      },
      address => address
    )
  )
  return {...registryAt(held.place, host), stop}
}

/** The running registry of that name in the world's folder, as a process that did not start it may use it. */
export function attachRegistry(worldFolder: string, name = 'registry'): SharedRegistry | undefined {
  const {place} = heldRegistry(resolve(worldFolder), name)
  const host = attachedHost(place)
  return host === undefined ? undefined : registryAt(place, host)
}

/** A registry of the world's folder as something that may be shared; what it stored goes with it. */
export function heldRegistry(worldFolder: string, name: string): Held {
  const place = join(worldFolder, 'registries', name)
  const end = async (): Promise<void> => {
    await stopProcess(place, 'registry')
    await stopProcess(place, 'token-server')
    rmSync(place, {recursive: true, force: true})
  }
  return {worldFolder, kind: 'registry', name, place, end}
}

function registryAt(folder: string, host: string): SharedRegistry {
  return {
    host,
    folder,
    log: join(folder, 'registry.log'),
    tokenLog: () => readRequests<TokenLogRow>(folder),
    addUser: user => addUser(folder, user)
  }
}

async function makeTokenServer(
  folder: string,
  worldFolder: string,
  options: RegistryOptions,
  say: Say
): Promise<object> {
  const certificate = await makeSigningKey(folder, worldFolder, say)
  const accounts: RegistryAccounts = {
    users: (options.users ?? []).map(keptUser),
    public: options.public ?? [],
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? TOKEN_LIFETIME_SECONDS
  }
  writeJson(accountsFile(folder), accounts)
  const address = await startService(folder, 'token-server')
  const found = (await options.tokensAt?.(address)) ?? address
  return {token: {realm: `http://${found}/token`, service: SERVICE, issuer: ISSUER, rootcertbundle: certificate}}
}

async function startProgram(folder: string, program: string, auth: object | undefined): Promise<string> {
  const running = attachedHost(folder)
  if (running !== undefined) return running
  rmSync(join(folder, 'registry.log'), {force: true})
  const settings = {
    version: 0.1,
    log: {level: 'info', formatter: 'text'},
    storage: {filesystem: {rootdirectory: join(folder, 'data')}, delete: {enabled: true}},
    http: {addr: '127.0.0.1:0', secret: randomBytes(16).toString('hex')},
    ...(auth === undefined ? {} : {auth})
  }
  // JSON is YAML, and the registry reads YAML.
  const file = join(folder, 'registry.yml')
  writeJson(file, settings)
  const env = {PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none'}
  startProcess({folder, name: 'registry', argv: [program, 'serve', file], env, log: join(folder, 'registry.log')})
  await waitUntil(
    () => listeningOn(folder) !== undefined || recordedProcess(folder, 'registry') === undefined,
    START_WITHIN_MS
  )
  const host = listeningOn(folder)
  if (host !== undefined) return host
  const said = readFileSync(join(folder, 'registry.log'), 'utf8').trim().split('\n').slice(-5).join('\n  ')
  throw new Error(`The registry did not come up:\n  ${said}`)
}

function attachedHost(folder: string): string | undefined {
  return recordedProcess(folder, 'registry') === undefined ? undefined : listeningOn(folder)
}

// The registry takes a free port by itself and names it in its log.
function listeningOn(folder: string): string | undefined {
  const log = join(folder, 'registry.log')
  if (!existsSync(log)) return undefined
  return /listening on (127\.0\.0\.1:\d+)/.exec(readFileSync(log, 'utf8'))?.[1]
}

function addUser(folder: string, user: RegistryUser): void {
  const accounts = readJson<RegistryAccounts>(accountsFile(folder))
  if (accounts === undefined) throw new Error('This registry is open to all: it has no users.')
  const others = accounts.users.filter(({name}) => name !== user.name)
  writeJson(accountsFile(folder), {...accounts, users: [...others, keptUser(user)]})
}

function keptUser({name, password, allow}: RegistryUser): RegistryAccounts['users'][number] {
  return {name, passwordDigest: digestOf(password), allow}
}

function accountsFile(folder: string): string {
  return join(folder, 'accounts.json')
}
