import {createHash, createHmac, randomBytes} from 'node:crypto'
import {createReadStream, existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'

interface LfsObject {
  readonly oid: string
  readonly size: number
}

// Made anew by each server: a download address works as long as the server that gave it.
const ticketKey = randomBytes(32)

/** Stores a large file beside the repositories and returns the pointer that git keeps in its place. */
export function storeLfsObject(folder: string, content: Buffer): string {
  const oid = createHash('sha256').update(content).digest('hex')
  mkdirSync(join(folder, 'lfs'), {recursive: true})
  writeFileSync(objectFile(folder, oid), content)
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`
}

/**
 * Answers the batch request of git-lfs for downloads, each with an address that needs no further login, as GitHub's do not.
 *
 * Source: the batch API document of the git-lfs project.
 */
export function answerLfs(folder: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  void text(request).then(body => {
    const asked: {operation?: string; objects?: LfsObject[]} = JSON.parse(body === '' ? '{}' : body)
    if (!url.pathname.endsWith('/objects/batch') || asked.operation !== 'download')
      return void response.writeHead(404).end()
    const objects = (asked.objects ?? []).map(({oid, size}) =>
      /^[0-9a-f]{64}$/.test(oid) && existsSync(objectFile(folder, oid))
        ? {
            oid,
            size,
            authenticated: true,
            actions: {download: {href: `${url.origin}/lfs/${oid}?ticket=${ticketOf(oid)}`}}
          }
        : {oid, size, error: {code: 404, message: 'there is no such object'}}
    )
    response.writeHead(200, {'Content-Type': 'application/vnd.git-lfs+json'})
    response.end(JSON.stringify({transfer: 'basic', objects}))
  })
}

/** Sends a large file to whoever has the address that `answerLfs` gave; tells whether the request was for one. */
export function answerLfsDownload(folder: string, url: URL, response: ServerResponse): boolean {
  const oid = /^\/lfs\/([0-9a-f]{64})$/.exec(url.pathname)?.[1]
  if (oid === undefined) return false
  if (url.searchParams.get('ticket') !== ticketOf(oid)) {
    response.writeHead(403).end()
    return true
  }
  response.writeHead(200, {'Content-Length': statSync(objectFile(folder, oid)).size})
  createReadStream(objectFile(folder, oid)).pipe(response)
  return true
}

function ticketOf(oid: string): string {
  return createHmac('sha256', ticketKey).update(oid).digest('hex')
}

function objectFile(folder: string, oid: string): string {
  return join(folder, 'lfs', oid)
}
