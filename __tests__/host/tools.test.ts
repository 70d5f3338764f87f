import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {digestOf} from '../../src/host/digest.ts'
import type {LogPort} from '../../src/host/host.ts'
import {BUILDX, openTools, UV} from '../../src/host/tools.ts'
import {type Reply, type ScriptedServer, scriptServer} from './scripted-server.ts'

const PLUGIN = '#!/bin/sh\necho buildx\n'
const SUM = digestOf(Buffer.from(PLUGIN)).slice('sha256:'.length)
const VARIABLES = ['RUNNER_TOOL_CACHE', 'RUNNER_TEMP'] as const

let room = ''
let server: ScriptedServer | undefined
const before = VARIABLES.map(name => process.env[name])

// Between attempts the toolkit waits for up to 20 seconds, unless its own tests say otherwise.
Object.assign(globalThis, {TEST_DOWNLOAD_TOOL_RETRY_MIN_SECONDS: 0, TEST_DOWNLOAD_TOOL_RETRY_MAX_SECONDS: 0})

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'tools-'))
  // The toolkit reads them from the process itself.
  process.env.RUNNER_TOOL_CACHE = join(room, 'cache')
  process.env.RUNNER_TEMP = join(room, 'temp')
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(room, {recursive: true, force: true})
  VARIABLES.forEach((name, index) => {
    if (before[index] === undefined) delete process.env[name]
    else process.env[name] = before[index]
  })
})

async function open(reply: Reply = {status: 200, body: PLUGIN}, stallMs = 60_000) {
  server = await scriptServer(() => reply)
  const warnings: string[] = []
  const log = {
    info: () => {},
    debug: () => {},
    warning: (text: string) => void warnings.push(text)
  } as unknown as LogPort
  const job = new AbortController()
  const tools = openTools({
    environment: {PYTORCH_CUDA_IMAGE_BUILDX_BASE: `http://${server.host}/releases/`},
    platform: {os: 'linux', arch: 'x64'},
    log,
    cancelled: job.signal,
    stallMs,
    checksums: {'0.29.1': {'linux-amd64': SUM}}
  })
  const buildx = (version = '0.29.1') => tools.buildx(version, join(room, 'run', 'download'))
  return {buildx, warnings, server, job}
}

describe('buildx from the tool cache', () => {
  test('is fetched once, checked, and can be run', async () => {
    const {buildx, server} = await open()
    const plugin = await buildx()
    expect(plugin).toMatch(/\/docker-buildx$/)
    expect(readFileSync(plugin, 'utf8')).toBe(PLUGIN)
    expect(statSync(plugin).mode & 0o111).toBe(0o111)
    expect(await buildx()).toBe(plugin)
    expect(server.lines()).toEqual(['GET /releases/v0.29.1/buildx-v0.29.1.linux-amd64'])
  })

  test('that is not what was published is deleted, neither cached nor run', async () => {
    const {buildx} = await open({status: 200, body: 'something else'})
    await expect(buildx()).rejects.toMatchObject({code: 'download-failed'})
    expect(existsSync(join(room, 'cache', 'docker-buildx'))).toBe(false)
  })

  test('that was changed in the cache is fetched anew, with a warning', async () => {
    const {buildx, warnings} = await open()
    const plugin = await buildx()
    writeFileSync(plugin, 'tampered')
    expect(readFileSync(await buildx(), 'utf8')).toBe(PLUGIN)
    expect(warnings).toHaveLength(1)
  })

  test('that is not there is a problem with a way out', async () => {
    const {buildx} = await open({status: 404})
    await expect(buildx()).rejects.toMatchObject({code: 'download-failed'})
  })

  test('that never arrives is given up', async () => {
    const {buildx} = await open('hang', 300)
    await expect(buildx()).rejects.toMatchObject({code: 'download-failed', evidence: ['Nothing arrived for 0.3 s.']})
  })

  test('keeps no cancelled job waiting', async () => {
    const {buildx, job} = await open('hang')
    setTimeout(() => job.abort('SIGINT'), 100)
    await expect(buildx()).rejects.toMatchObject({code: 'download-failed'})
  })

  test('leaves nothing in the private directory', async () => {
    const {buildx} = await open()
    await buildx()
    expect(readdirSync(join(room, 'run', 'download'))).toEqual([])
  })

  test('without a pinned sum is not even fetched', async () => {
    const {buildx, server} = await open()
    await expect(buildx('99.0.0')).rejects.toMatchObject({code: 'download-failed'})
    expect(server.seen).toEqual([])
  })

  test.each(Object.entries(BUILDX))('%s is pinned for both processors', (_, sums) => {
    expect(Object.keys(sums).sort()).toEqual(['linux-amd64', 'linux-arm64'])
    for (const sum of Object.values(sums)) expect(sum).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('uv from its wheel on PyPI', () => {
  const PROGRAM = '#!/bin/sh\necho uv 0.13.8\n'
  const sumOf = (bytes: Buffer | string) => digestOf(Buffer.from(bytes)).slice('sha256:'.length)

  /** A wheel as PyPI has it: a zip with the program among its scripts. */
  function makeWheel(): Buffer {
    const script = join(room, 'uv-0.13.8.data', 'scripts')
    mkdirSync(script, {recursive: true})
    writeFileSync(join(script, 'uv'), PROGRAM)
    execFileSync('python3', ['-m', 'zipfile', '-c', 'uv.whl', 'uv-0.13.8.data'], {cwd: room})
    return readFileSync(join(room, 'uv.whl'))
  }

  async function openUv({wheel, program = PROGRAM}: {wheel?: Buffer; program?: string} = {}) {
    // Made once: a zip says when it was made.
    const published = makeWheel()
    server = await scriptServer(() => ({status: 200, body: wheel ?? published}))
    const log = {info: () => {}, debug: () => {}, warning: () => {}} as unknown as LogPort
    const job = new AbortController()
    const pinned = {path: 'c5/32/52ee/uv-0.13.8-py3-none-any.whl', sha256: sumOf(published), program: sumOf(program)}
    const tools = openTools({
      environment: {PYTORCH_CUDA_IMAGE_PYPI_BASE: `http://${server.host}/packages/`},
      platform: {os: 'linux', arch: 'x64'},
      log,
      cancelled: job.signal,
      wheels: {'0.13.8': {'linux-amd64': pinned}}
    })
    return {uv: (version = '0.13.8') => tools.uv(version, join(room, 'run')), server}
  }

  test('is fetched once, unpacked, checked, and can be run', async () => {
    const {uv, server} = await openUv()
    const program = await uv()
    expect(execFileSync(program, {encoding: 'utf8'})).toBe('uv 0.13.8\n')
    expect(await uv()).toBe(program)
    expect(server.lines()).toEqual(['GET /packages/c5/32/52ee/uv-0.13.8-py3-none-any.whl'])
    expect(readdirSync(join(room, 'run'))).toEqual([])
  })

  test('that was changed in the tool cache is fetched anew', async () => {
    const {uv, server} = await openUv()
    writeFileSync(await uv(), 'tampered')
    expect(readFileSync(await uv(), 'utf8')).toBe(PROGRAM)
    expect(server.lines()).toHaveLength(2)
  })

  test('that is another wheel than the published one is neither unpacked nor run', async () => {
    const {uv} = await openUv({wheel: Buffer.from('PK something else')})
    await expect(uv()).rejects.toMatchObject({code: 'download-failed'})
    expect(existsSync(join(room, 'cache', 'pytorch-cuda-image-uv'))).toBe(false)
  })

  test('without a pinned sum is not even fetched', async () => {
    const {uv, server} = await openUv()
    await expect(uv('99.0.0')).rejects.toMatchObject({code: 'download-failed'})
    expect(server.seen).toEqual([])
  })

  test.each(Object.entries(UV))('%s is pinned for both processors', (_, wheels) => {
    expect(Object.keys(wheels).sort()).toEqual(['linux-amd64', 'linux-arm64'])
    for (const {sha256, program} of Object.values(wheels)) {
      for (const sum of [sha256, program]) expect(sum).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})
