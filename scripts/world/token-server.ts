import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import {join} from 'node:path'
import {matchesDigest, parseAuthorization} from './basic-auth.ts'
import {readJson} from './json-file.ts'
import {logRequest} from './request-log.ts'
import {type Access, signToken} from './token.ts'

/** What may be done with a repository of a registry. */
export type RegistryAction = 'pull' | 'push' | 'delete'

/** Who may do what in a registry, as the token server keeps it; read again for each request. */
export interface RegistryAccounts {
  readonly users: readonly {
    readonly name: string
    readonly passwordDigest: string
    /** By repository: a full name, or the beginning of one with `*` as its end. */
    readonly allow: Readonly<Record<string, readonly RegistryAction[]>>
  }[]
  /** Repositories that anyone may pull. */
  readonly public: readonly string[]
  readonly tokenLifetimeSeconds: number
}

/** One request for a token: who asked for what, and what was granted. Never a password, never a token. */
export interface TokenLogRow {
  readonly time: string
  /** Empty where nobody said who they are. */
  readonly user: string
  readonly outcome: 'granted' | 'refused'
  /** Scopes as the client wrote them: `repository:acme/app:pull,push`. */
  readonly asked: readonly string[]
  readonly granted: readonly string[]
}

/** Answers requests for registry tokens from the accounts in a folder, and logs each. */
export function tokenRequestListener(folder: string): RequestListener {
  return (request, response) => {
    // BuildKit tries OAuth2's POST first: 405 sends it on to GET, while a 200 without `access_token` would stop it.
    if (request.method === 'GET') answerTokenRequest(folder, request, response)
    else answer(response, 405, {errors: [{code: 'UNSUPPORTED', message: 'GET only'}]})
  }
}

function answerTokenRequest(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const accounts: RegistryAccounts = readAccounts(folder)
  const query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams
  const asked = query
    .getAll('scope')
    .flatMap(scope => scope.split(' '))
    .filter(scope => scope !== '')
  const sent = parseAuthorization(request.headers.authorization)
  const user = accounts.users.find(({name}) => name === sent?.user)
  if (sent !== undefined && (user === undefined || !matchesDigest(sent.password, user.passwordDigest))) {
    logRequest(folder, {user: sent.user, outcome: 'refused', asked, granted: []})
    response.setHeader('WWW-Authenticate', 'Basic realm="world-token-server"')
    answer(response, 401, {errors: [{code: 'UNAUTHORIZED', message: 'unknown user or wrong password'}]})
    return
  }
  const access = grantedAccess(asked.map(parseScope), user?.allow ?? {}, accounts.public)
  const granted = access.map(({type, name, actions}) => `${type}:${name}:${actions.join(',')}`)
  logRequest(folder, {user: user?.name ?? '', outcome: 'granted', asked, granted})
  const token = signToken(folder, {user: user?.name ?? '', access, lifetimeSeconds: accounts.tokenLifetimeSeconds})
  answer(response, 200, {token, access_token: token, expires_in: accounts.tokenLifetimeSeconds})
}

/** What is granted of what was asked: the part that is allowed, repository by repository. */
export function grantedAccess(
  asked: readonly Access[],
  allow: Readonly<Record<string, readonly RegistryAction[]>>,
  publicRepositories: readonly string[]
): Access[] {
  return asked
    .map(({type, name, actions}) => {
      const allowed = new Set<string>(publicRepositories.some(pattern => isCovered(name, pattern)) ? ['pull'] : [])
      for (const [pattern, more] of Object.entries(allow)) {
        if (isCovered(name, pattern)) for (const action of more) allowed.add(action)
      }
      return {type, name, actions: type === 'repository' ? actions.filter(action => allowed.has(action)) : []}
    })
    .filter(({actions}) => actions.length > 0)
}

/** Whether a repository is meant by a pattern: its own name, or the beginning of it before a final `*`. */
export function isCovered(repository: string, pattern: string): boolean {
  return pattern.endsWith('*') ? repository.startsWith(pattern.slice(0, -1)) : repository === pattern
}

function readAccounts(folder: string): RegistryAccounts {
  return readJson(join(folder, 'accounts.json')) ?? {users: [], public: [], tokenLifetimeSeconds: 0}
}

// The name may itself hold colons (a host with a port), hence first and last part.
function parseScope(scope: string): Access {
  const parts = scope.split(':')
  return {type: parts[0] ?? '', name: parts.slice(1, -1).join(':'), actions: (parts.at(-1) ?? '').split(',')}
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {'Content-Type': 'application/json'})
  response.end(JSON.stringify(body))
}
