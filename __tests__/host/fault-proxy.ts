import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {passOn} from '../../scripts/world/registry-gate.ts'

/** The first `times` requests that match are not passed on, but answered like this. */
export interface Fault {
  readonly method: string
  readonly path: RegExp
  readonly times: number
  readonly reply: 'reset' | {readonly status: number; readonly headers?: Readonly<Record<string, string>>}
}

/** A proxy on 127.0.0.1 before a registry that goes wrong now and then. */
export async function openFaultProxy(target: string, faults: readonly Fault[]) {
  const left = faults.map(fault => ({fault, count: fault.times}))
  const server = createServer((request, response) => {
    const due = left.find(
      ({fault, count}) => count > 0 && fault.method === request.method && fault.path.test(request.url ?? '')
    )
    if (due === undefined) return passOn(request, response, target)
    due.count -= 1
    if (due.fault.reply === 'reset') return void request.socket.destroy()
    request.resume()
    response.writeHead(due.fault.reply.status, due.fault.reply.headers)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Faults that nobody ran into. */
    left: () => left.reduce((sum, {count}) => sum + count, 0),
    close: async () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
