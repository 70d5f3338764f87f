import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'
import {openCache} from '../../src/host/cache.ts'
import type {LogPort} from '../../src/host/host.ts'
import {type ScriptedServer, scriptServer} from './scripted-server.ts'

const VARIABLES = ['ACTIONS_CACHE_SERVICE_V2', 'ACTIONS_RESULTS_URL', 'ACTIONS_RUNTIME_TOKEN'] as const
const before = VARIABLES.map(name => process.env[name])
const folder = mkdtempSync(join(tmpdir(), 'cache-port-'))
const entry = {paths: [folder], key: 'layers-main-2', archive: join(folder, 'archive')}

let server: ScriptedServer

beforeAll(async () => {
  server = await scriptServer(() => 'hang')
  // The toolkit reads them from the process itself.
  process.env.ACTIONS_CACHE_SERVICE_V2 = 'True'
  process.env.ACTIONS_RESULTS_URL = `http://${server.host}/`
  process.env.ACTIONS_RUNTIME_TOKEN = 'runtime-token'
})
afterEach(() => expect(process.env.RUNNER_TEMP).toBe(temporary))
afterAll(async () => {
  await server.close()
  rmSync(folder, {recursive: true, force: true})
  for (const [at, name] of VARIABLES.entries()) {
    if (before[at] === undefined) delete process.env[name]
    else process.env[name] = before[at]
  }
})

const temporary = process.env.RUNNER_TEMP

function open(question: number) {
  const warnings: string[] = []
  const job = new AbortController()
  const log = {warning: (text: string) => void warnings.push(text), debug: () => {}} as unknown as LogPort
  const limitsMs = {question, transfer: 60_000}
  return {warnings, job, cache: openCache({environment: {}, log, cancelled: job.signal, limitsMs})}
}

describe('a cache service that hangs', () => {
  test('is given up after its time with one warning, and not asked again', async () => {
    // The first request waits for the toolkit to be loaded, which is part of the time.
    const {cache, warnings} = open(3_000)
    expect(await cache.restore(entry, ['layers-main-'])).toBeUndefined()
    const asked = server.seen.length
    expect(asked).toBeGreaterThan(0)
    expect(await cache.save(entry)).toBe(false)
    expect(await cache.restore(entry, [])).toBeUndefined()
    expect(server.seen).toHaveLength(asked)
    expect(warnings).toEqual([expect.stringContaining('no answer')])
  })

  test('keeps no cancelled job waiting', async () => {
    const {cache, warnings, job} = open(60_000)
    setTimeout(() => job.abort('SIGINT'), 100)
    expect(await cache.restore(entry, [])).toBeUndefined()
    expect(warnings).toEqual([])
  })
})
