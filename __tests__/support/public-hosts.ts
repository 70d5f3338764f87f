import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {createServer as createPlainServer} from 'node:http'
import {createServer} from 'node:https'
import {type AddressInfo, connect, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {ensureTools} from '../../scripts/world/tools.ts'
import type {Reply, Seen} from '../host/scripted-server.ts'
import {ACTION} from './built-action.ts'

/** A request to one of the hosts. */
export interface SeenAtHost extends Seen {
  readonly host: string
}

/** Hosts of the internet, served by this process: over TLS, under their own names. */
export interface PublicHosts {
  /** For the job: a proxy that leads to the hosts, and the certificate that they have. */
  readonly environment: Readonly<Record<string, string>>
  readonly seen: readonly SeenAtHost[]
  /** What the hosts answer from now on. A host that nothing answers for refuses the connection. */
  script(answer: (seen: SeenAtHost) => Reply): void
  close(): Promise<void>
}

/**
 * Serves the named hosts on loopback. The action reaches them as it reaches any host behind a company's proxy: it asks
 * the proxy for the name, speaks TLS with it, and trusts the certificate because the machine does.
 */
export async function startPublicHosts(names: readonly string[]): Promise<PublicHosts> {
  const place = mkdtempSync(join(tmpdir(), 'public-hosts-'))
  const openssl = await ensureTools(resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world')), ['openssl'], () => {})
  const [key, certificate] = [join(place, 'key.pem'), join(place, 'certificate.pem')]
  const alternatives = `subjectAltName=${names.map(name => `DNS:${name}`).join(',')}`
  const subject = ['-subj', '/CN=public hosts of a test', '-addext', alternatives, '-days', '2']
  execFileSync(
    openssl,
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject],
    {
      stdio: 'ignore'
    }
  )
  const seen: SeenAtHost[] = []
  const sockets = new Set<Socket>()
  let answer: (one: SeenAtHost) => Reply = () => ({status: 404})
  const tls = createServer({key: readFileSync(key), cert: readFileSync(certificate)}, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const {method = '', url: path = '', headers} = request
    const one: SeenAtHost = {method, path, headers, host: headers.host ?? '', body: Buffer.concat(chunks)}
    seen.push(one)
    const reply = answer(one)
    if (typeof reply === 'string') return void response.destroy()
    const body = Buffer.from(reply.body ?? '')
    response.writeHead(reply.status, {'content-length': String(body.length), ...reply.headers})
    response.end(body)
  })
  const proxy = createPlainServer((_, response) => response.writeHead(501).end())
  proxy.on('connect', (request, client: Socket) => {
    const [name = ''] = (request.url ?? '').split(':')
    if (!names.includes(name)) return void client.end('HTTP/1.1 502 No such host\r\n\r\n')
    const server = connect((tls.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(server).pipe(client)
    })
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
  })
  for (const server of [tls, proxy]) {
    await new Promise<void>(done => server.listen(0, '127.0.0.1', () => done()))
  }
  return {
    environment: {
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NODE_EXTRA_CA_CERTS: certificate,
      NO_PROXY: '127.0.0.1',
      no_proxy: '127.0.0.1'
    },
    seen,
    script: next => {
      seen.splice(0)
      answer = next
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all([tls, proxy].map(server => new Promise(done => server.close(done))))
      rmSync(place, {recursive: true, force: true})
    }
  }
}
