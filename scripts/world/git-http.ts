import {spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import {join} from 'node:path'
import {matchesDigest, parseAuthorization} from './basic-auth.ts'
import {answerLfs, answerLfsDownload} from './git-lfs.ts'
import {readJson} from './json-file.ts'
import {logRequest} from './request-log.ts'
import {isCovered} from './token-server.ts'
import {worldPathOf} from './tools.ts'

/** Which token may read or write which repository, as the git server keeps it; read again for each request. */
export interface GitAccounts {
  readonly tokens: readonly {
    /** By which the token is called in the log. */
    readonly name: string
    readonly tokenDigest: string
    /** `owner/name`, or the beginning of one with `*` as its end. */
    readonly repositories: readonly string[]
    readonly mayWrite: boolean
  }[]
  /** Repositories that anyone may read. */
  readonly public: readonly string[]
}

/** One request to the git server. Never a token. */
export interface GitLogRow {
  readonly time: string
  /** `owner/name` as it is stored, also where there is none of that name. */
  readonly repository: string
  readonly service: GitService
  /** The name of the token; `anonymous` where none was sent, `unknown` where it is none of ours. */
  readonly user: string
  /** Whether the client sent an `Authorization` header. */
  readonly authorization: boolean
  readonly status: number
}

/** What a client wants of a repository. */
export type GitService = 'upload-pack' | 'receive-pack' | 'lfs'

interface GitTarget {
  readonly repository: string
  /** The rest of the path, as git's own server program names it: `/info/refs`. */
  readonly rest: string
  readonly service: GitService
}

/** Answers git's smart HTTP protocol and LFS for the repositories of a folder, as GitHub would, and logs each request. */
export function gitRequestListener(folder: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`)
    if (answerLfsDownload(folder, url, response)) return
    const target = parseTarget(url)
    if (target === undefined) return refuse(response, 404)
    const authorization = request.headers.authorization !== undefined
    const {user, status} = judge(folder, target, request.headers.authorization)
    logRequest(folder, {repository: target.repository, service: target.service, user, authorization, status})
    if (status !== 200) return refuse(response, status)
    if (target.service === 'lfs') return answerLfs(folder, url, request, response)
    serveGit(folder, target, user, request, response)
  }
}

/** Reads `/<owner>/<name>[.git]/<rest>`; GitHub does not tell upper and lower case apart, neither do we. */
export function parseTarget(url: URL): GitTarget | undefined {
  const parts =
    /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack|\/info\/lfs\/.+)$/.exec(
      decodeURIComponent(url.pathname)
    )
  if (parts === null) return undefined
  const [, owner = '', name = '', rest = ''] = parts
  if ([owner, name].some(part => /^\.+$/.test(part))) return undefined
  return {repository: `${owner}/${name}`.toLowerCase(), rest, service: serviceOf(url, rest)}
}

function serviceOf(url: URL, rest: string): GitService {
  if (rest.startsWith('/info/lfs/')) return 'lfs'
  const named = url.searchParams.get('service') ?? rest
  return named.endsWith('git-receive-pack') ? 'receive-pack' : 'upload-pack'
}

// 404, not 403, outside a token's reach, and 401 for anyone unknown even where nothing is: whether a private one exists stays hidden.
function judge(folder: string, target: GitTarget, header: string | undefined): {user: string; status: number} {
  const accounts: GitAccounts = readJson(join(folder, 'accounts.json')) ?? {tokens: [], public: []}
  const exists = existsSync(repositoryFolder(folder, target.repository))
  const isPublic = exists && accounts.public.some(pattern => isCovered(target.repository, pattern))
  const writes = target.service === 'receive-pack'
  const sent = parseAuthorization(header)
  if (sent === undefined) return {user: 'anonymous', status: isPublic && !writes ? 200 : 401}
  // GitHub takes a token as the password of any user, and also as a user without a password.
  const token = accounts.tokens.find(
    ({tokenDigest}) => matchesDigest(sent.password, tokenDigest) || matchesDigest(sent.user, tokenDigest)
  )
  if (token === undefined) return {user: 'unknown', status: 401}
  const reaches = token.repositories.some(pattern => isCovered(target.repository, pattern.toLowerCase()))
  if (!exists || !(reaches || isPublic)) return {user: token.name, status: 404}
  return {user: token.name, status: writes && !(reaches && token.mayWrite) ? 403 : 200}
}

function refuse(response: ServerResponse, status: number): void {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="GitHub"')
  response.writeHead(status, {'Content-Type': 'text/plain'})
  response.end(status === 404 ? 'Repository not found.\n' : `${status}\n`)
}

/** Where a repository of the git server lies. */
export function repositoryFolder(folder: string, repository: string): string {
  return join(folder, 'repositories', `${repository.toLowerCase()}.git`)
}

// git's own server program speaks CGI: headers and body on stdout, the request in the environment and on stdin.
function serveGit(
  folder: string,
  target: GitTarget,
  user: string,
  request: IncomingMessage,
  response: ServerResponse
): void {
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: worldPathOf(folder),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: join(folder, 'repositories'),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${target.repository}.git${target.rest}`,
      QUERY_STRING: new URL(request.url ?? '/', 'http://127.0.0.1').search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      CONTENT_LENGTH: request.headers['content-length'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
      ...(user === 'anonymous' ? {} : {REMOTE_USER: user})
    },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  request.pipe(backend.stdin)
  // A client that leaves early, or a backend that ends early, is no reason for the server to end.
  backend.stdin.on('error', () => {})
  backend.on('error', () => refuse(response, 500))
  response.on('close', () => backend.kill())
  let head = Buffer.alloc(0)
  backend.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    writeCgiHead(response, head.subarray(0, end).toString())
    response.write(head.subarray(end + 4))
  })
  backend.stdout.on('end', () => response.end())
}

function writeCgiHead(response: ServerResponse, head: string): void {
  const headers = head.split('\r\n').map(line => line.split(/: (.*)/s))
  const status = headers.find(([name]) => name?.toLowerCase() === 'status')?.[1]
  for (const [name = '', value = ''] of headers) {
    if (name.toLowerCase() !== 'status') response.setHeader(name, value)
  }
  response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10))
}
