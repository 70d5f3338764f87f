import {execFileSync} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {createServer as createSecureServer} from 'node:https'
import {type AddressInfo, connect, createServer} from 'node:net'
import {join} from 'node:path'

/** Something that listens on an address which containers reach. */
export interface Passage {
  readonly port: number
  close(): Promise<void>
}

/** Leads a port of an address to one of 127.0.0.1, byte for byte. */
export async function openPassage(address: string, to: number): Promise<Passage> {
  const server = createServer(socket => {
    const far = connect(to, '127.0.0.1')
    socket.pipe(far).pipe(socket)
    for (const end of [socket, far]) end.on('error', () => [socket, far].map(each => each.destroy()))
  })
  return listening(server, address)
}

/** Serves what an HTTP server of this machine serves by HTTPS, with a certificate that `certificate` proves. */
export async function openSecurePassage(
  address: string,
  {to, folder, openssl}: {readonly to: string; readonly folder: string; readonly openssl: string}
): Promise<Passage & {readonly certificate: string}> {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')]
  const subject = [
    '-subj',
    '/CN=git',
    '-addext',
    `subjectAltName=IP:${address}`,
    '-addext',
    'basicConstraints=critical,CA:TRUE'
  ]
  const asked = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject
  ]
  // Without a configuration of the system, which a bare machine lacks.
  const config = join(folder, 'openssl.cnf')
  writeFileSync(config, '[req]\ndistinguished_name = dn\n[dn]\n')
  execFileSync(openssl, [...asked, '-config', config], {stdio: 'ignore'})
  const server = createSecureServer({key: readFileSync(key), cert: readFileSync(cert)}, (incoming, outgoing) => {
    const far = request(
      new URL(incoming.url ?? '/', to),
      {method: incoming.method ?? 'GET', headers: incoming.headers},
      answer => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }
    )
    far.on('error', () => outgoing.destroy())
    incoming.pipe(far)
  })
  return {...(await listening(server, address)), certificate: cert}
}

async function listening(server: ReturnType<typeof createServer>, address: string): Promise<Passage> {
  const sockets = new Set<{destroy(): void}>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, address)
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
