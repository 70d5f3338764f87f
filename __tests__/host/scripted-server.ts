import {once} from 'node:events'
import {createServer, type IncomingHttpHeaders, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** A request as it arrived. */
export interface Seen {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a server does with a request: it answers, says nothing for ever, or cuts the connection. */
export type Reply =
  | 'hang'
  | 'reset'
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array
      /** Sends only so many bytes of the body, then cuts the connection. */
      readonly cutAfter?: number
    }

export interface ScriptedServer {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly seen: readonly Seen[]
  /** Requests as `METHOD /path`, in order. */
  lines(): readonly string[]
  close(): Promise<void>
}

/** A server on 127.0.0.1 that answers as a test says and remembers everything. `nth` counts equal requests from 1. */
export async function scriptServer(
  script: (seen: Seen, context: {readonly nth: number; readonly host: string}) => Reply
): Promise<ScriptedServer> {
  const seen: Seen[] = []
  let host = ''
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const one: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks)
    }
    seen.push(one)
    const nth = seen.filter(({method, path}) => method === one.method && path === one.path).length
    answer(response, script(one, {nth, host}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    seen,
    lines: () => seen.map(({method, path}) => `${method} ${path}`),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'reset') {
    response.destroy()
    return
  }
  const {body: given = ''} = reply
  const body = typeof given === 'string' ? Buffer.from(given) : given
  response.writeHead(reply.status, {'content-length': String(body.length), ...reply.headers})
  if (reply.cutAfter === undefined) response.end(response.req.method === 'HEAD' ? undefined : body)
  else response.write(body.subarray(0, reply.cutAfter), () => response.destroy())
}
