import {once} from 'node:events'
import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** A port of this machine behind which a server seems to be farther away. */
export interface SlowLink {
  readonly port: number
  /** How often each connection waited for an answer, connections in the order in which they began. */
  turns(): readonly number[]
  close(): Promise<void>
}

/** Leads to a port of 127.0.0.1; what comes back comes `delayMs` later, as over a line with that round trip. */
export async function openSlowLink(to: number, delayMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>()
  const connections: {turns: number; isAsking: boolean}[] = []
  const server = createServer({allowHalfOpen: true}, near => {
    const far = connect({port: to, host: '127.0.0.1', allowHalfOpen: true})
    const connection = {turns: 0, isAsking: false}
    connections.push(connection)
    near.on('data', () => {
      connection.isAsking = true
    })
    far.on('data', () => {
      if (connection.isAsking) connection.turns += 1
      connection.isAsking = false
    })
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
    turns: () => connections.map(({turns}) => turns),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
