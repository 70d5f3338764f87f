import {request} from 'node:http'
import {createServer, type Socket} from 'node:net'
import {dirname} from 'node:path'
import {machineFiles} from './files.ts'
import type {Bridge} from './host.ts'

/**
 * Listens on a socket of ours and leads each connection to the BuildKit inside a Docker engine.
 *
 * The engine serves BuildKit's own protocol at `/grpc` of its API, after an upgrade to cleartext HTTP/2. buildx speaks
 * it to any socket by its `remote` driver, and then spares us what its `docker` driver adds to every build: unpacking
 * the image into the engine's store, a second push through the engine, and an image name left behind.
 *
 * `engine` and `socket` are absolute paths of sockets; `socket` must be shorter than 108 bytes.
 */
export async function openBridge({engine, socket}: {engine: string; socket: string}): Promise<Bridge> {
  const open = new Set<Socket>()
  const server = createServer(client => {
    open.add(client)
    client.on('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    lead(client, engine)
  })
  await machineFiles.makeDirectory(dirname(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  return {
    close: () => {
      for (const client of open) client.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    }
  }
}

function lead(client: Socket, engine: string): void {
  const asking = request({
    socketPath: engine,
    path: '/grpc',
    method: 'POST',
    headers: {connection: 'Upgrade', upgrade: 'h2c'}
  })
  asking.on('upgrade', (_, upstream, head) => {
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    if (head.length > 0) client.write(head)
    upstream.pipe(client)
    client.pipe(upstream)
  })
  // An engine without BuildKit answers in plain HTTP; buildx then says that it cannot connect.
  asking.on('response', () => client.destroy())
  asking.on('error', () => client.destroy())
  asking.end()
}
