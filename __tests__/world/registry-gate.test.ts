import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {openCountingGate, openMountGate, type RegistryGate} from '../../scripts/world/registry-gate.ts'
import {type ScriptedServer, scriptServer} from '../host/scripted-server.ts'

const MOUNT = '/v2/acme/app/blobs/uploads/?mount=sha256:aa&from=acme/layers'

let registry: ScriptedServer
let gate: RegistryGate | undefined

beforeEach(async () => {
  registry = await scriptServer(({path, body}) => ({
    status: path.includes('mount=') ? 201 : 202,
    headers: {location: `/v2/upload?had=${body.length}`}
  }))
})

afterEach(async () => {
  await gate?.close()
  await registry.close()
})

describe('openCountingGate', () => {
  test('lets everything pass, as the client addressed it, and counts what was sent', async () => {
    gate = await openCountingGate(registry.host)
    const put = await fetch(`http://${gate.host}/v2/upload`, {method: 'PUT', body: Buffer.alloc(3_000_000, 1)})
    const mount = await fetch(`http://${gate.host}${MOUNT}`, {method: 'POST'})
    expect([put.status, put.headers.get('location'), mount.status]).toEqual([202, '/v2/upload?had=3000000', 201])
    expect(registry.seen.map(({headers}) => headers.host)).toEqual([gate.host, gate.host])
    expect(gate.receivedBytes()).toBe(3_000_000)
  })
})

describe('openMountGate', () => {
  test.each([
    {status: 202, then: 'begins an ordinary upload', lines: ['POST /v2/acme/app/blobs/uploads/']},
    {status: 401, then: 'is all there is', lines: []},
    {status: 404, then: 'is all there is', lines: []}
  ])('given $status, a mount $then', async ({status, lines}) => {
    const refusing = await openMountGate(registry.host, status)
    gate = refusing
    const answer = await fetch(`http://${gate.host}${MOUNT}`, {method: 'POST'})
    expect(answer.status).toBe(status)
    expect(registry.lines()).toEqual(lines)
    expect(refusing.refused()).toBe(1)
  })
})
