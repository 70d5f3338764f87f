import {once} from 'node:events'
import {createServer, type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'
import {Readable} from 'node:stream'
import {afterEach, describe, expect, test} from '@jest/globals'
import {openTransport, type Transport} from '../../src/host/registry-transport.ts'
import {scriptServer} from './scripted-server.ts'

const opened: {close(): unknown}[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

function open(environment: Readonly<Record<string, string>> = {}): Transport {
  const transport = openTransport({
    environment,
    cancelled: new AbortController().signal,
    stallMs: 300,
    answerMs: 300
  })
  opened.push(transport)
  return transport
}

async function listen(handle: Parameters<typeof createServer>[1]) {
  const server = createServer(handle as never)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push({
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  })
  return {server, url: (path: string) => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)}
}

const get = (url: URL) => ({method: 'GET', url, headers: {}})

describe('the transport', () => {
  test('redirects are answers', async () => {
    const server = await scriptServer(() => ({status: 302, headers: {location: '/elsewhere'}}))
    opened.push(server)
    const answer = await open().send(get(new URL(`http://${server.host}/`)))
    answer.resume()
    expect(answer.statusCode).toBe(302)
    expect(server.lines()).toEqual(['GET /'])
  })

  test('clear text leaves this machine never', async () => {
    await expect(open().send(get(new URL('http://192.0.2.1/')))).rejects.toThrow('clear text')
  })

  test('HTTPS goes through the proxy of the environment', async () => {
    const {server, url} = await listen(() => {})
    const connected: string[] = []
    server.on('connect', (request: IncomingMessage, socket) => {
      connected.push(request.url ?? '')
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await expect(
      open({https_proxy: url('').href}).send(get(new URL('https://registry.example/v2/')))
    ).rejects.toMatchObject({name: 'NoAnswer'})
    expect(connected).toEqual(['registry.example:443'])
  })

  test('a refusal in the middle of a stream is the answer, and the sender is read to its end', async () => {
    const {url} = await listen((_, response) => {
      response.writeHead(403, {connection: 'close'})
      response.end('too large', () => response.destroy())
    })
    let sent = 0
    const body = Readable.from(
      (async function* () {
        for (let count = 0; count < 400; count += 1) {
          sent += 1
          yield Buffer.alloc(64 * 1024)
        }
      })()
    )
    const answer = await open().send({method: 'PUT', url: url('/'), headers: {}, body})
    expect(answer.statusCode).toBe(403)
    answer.resume()
    if (!body.readableEnded) await once(body, 'end')
    expect(sent).toBe(400)
  })

  test('a receiver that stops reading is found out', async () => {
    const {url} = await listen(request => void request.pause())
    const body = Readable.from(
      (async function* () {
        for (;;) yield Buffer.alloc(256 * 1024)
      })()
    )
    const sending = open().send({method: 'PUT', url: url('/'), headers: {}, body})
    await expect(sending).rejects.toMatchObject({name: 'NoAnswer', hasStalled: true})
    body.destroy()
  })

  test('a sender may take its time', async () => {
    const {url} = await listen((request, response) => {
      request.resume().on('end', () => response.end('done'))
    })
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('one')
        await new Promise(resolve => setTimeout(resolve, 700))
        yield Buffer.from('two')
      })()
    )
    const answer = await open().send({method: 'PUT', url: url('/'), headers: {}, body})
    answer.resume()
    expect(answer.statusCode).toBe(200)
  })
})
