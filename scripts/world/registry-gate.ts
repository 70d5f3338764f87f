import {once} from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse
} from 'node:http'
import type {AddressInfo} from 'node:net'

/** A registry as it is seen through a gate on 127.0.0.1. */
export interface RegistryGate {
  /** `127.0.0.1:port`. */
  readonly host: string
  /** What clients have sent through it, headers left out. */
  receivedBytes(): number
  close(): Promise<void>
}

/** A gate that does not let mounts pass. */
export interface MountGate extends RegistryGate {
  /** Mounts that were asked for in vain. */
  refused(): number
}

/** A gate before a registry at `host:port` that lets everything pass, and counts. */
export function openCountingGate(target: string): Promise<RegistryGate> {
  return openGate((request, response) => passOn(request, response, target))
}

/** A gate before a registry that does not mount: it answers so, or (202) begins an ordinary upload. */
export async function openMountGate(target: string, status: number): Promise<MountGate> {
  let refused = 0
  const gate = await openGate((request, response) => {
    const url = new URL(request.url ?? '', 'http://registry')
    if (!url.searchParams.has('mount')) return passOn(request, response, target)
    refused += 1
    if (status === 202) {
      request.url = url.pathname
      return passOn(request, response, target)
    }
    response.writeHead(status)
    response.end('{"errors":[{"code":"UNAUTHORIZED"}]}')
  })
  return {...gate, refused: () => refused}
}

async function openGate(listener: RequestListener): Promise<RegistryGate> {
  let receivedBytes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
    })
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    receivedBytes: () => receivedBytes,
    close: async () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** Hands a request to a registry at `host:port`, and its answer back. */
export function passOn(request: IncomingMessage, response: ServerResponse, target: string): void {
  const [host, port] = target.split(':')
  const {method, url, headers} = request
  // The registry names its own addresses after the host that it was asked by.
  const onward = httpRequest({host, port, method, path: url, headers, agent: false}, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}
