import {once} from 'node:events'
import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** A port of this machine behind which a server seems to be farther away. */
export interface SlowLink {
  readonly port: number
  close(): Promise<void>
}

/** Leads to a port of 127.0.0.1; what comes back comes `delayMs` later, as over a line with that round trip. */
export async function openSlowLink(to: number, delayMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>()
  const server = createServer({allowHalfOpen: true}, near => {
    const far = connect({port: to, host: '127.0.0.1', allowHalfOpen: true})
    near.pipe(far)
    // Timers of one length end in the order in which they began, so bytes stay in theirs.
    far.on('data', chunk => setTimeout(() => near.write(chunk), delayMs))
    far.on('end', () => setTimeout(() => near.end(), delayMs))
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {
        near.destroy()
        far.destroy()
      })
      socket.on('close', () => sockets.delete(socket))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
