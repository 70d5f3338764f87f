import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {openTransport} from '../../src/host/registry-transport.ts'
import {fetchWheel} from '../../src/host/wheel-fetch.ts'
import {scriptServer} from './scripted-server.ts'

const WHEEL = Buffer.alloc(48 * 1024 ** 2, 'w')

describe('the memory of what comes over a connection', () => {
  test('is free as soon as it is written: it does not pile up until the collector looks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memory '))
    const server = await scriptServer(() => ({status: 200, body: WHEEL}))
    const transport = openTransport({environment: {}, cancelled: new AbortController().signal})
    const name = 'alpha-1-py3-none-any.whl'
    const sha256 = createHash('sha256').update(WHEEL).digest('hex')
    const wheel = {name, url: `http://${server.host}/${name}`, sha256, sizeBytes: WHEEL.length}
    const before = process.memoryUsage().arrayBuffers
    let mostBytes = 0
    const onBytes = () => {
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before)
    }
    try {
      await fetchWheel(wheel, join(folder, name), {transport, onBytes})
      expect(mostBytes).toBeLessThan(8 * 1024 ** 2)
    } finally {
      transport.close()
      await server.close()
      rmSync(folder, {recursive: true})
    }
  })
})
