import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {digestOf} from '../../src/host/digest.ts'
import {BUILDX} from '../../src/host/tools.ts'
import {type Reply, type ScriptedServer, scriptServer} from '../host/scripted-server.ts'
import {errorCodes, hasBuilt, logOf, summaryOf, told} from '../support/built-action.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {filesBelow} from '../support/stored.ts'

// The published buildx cannot be had without its own site, and its checksum is pinned: what is tested here is every way
// to be refused. That a right one is kept and run is tested with a pinned stand-in, in tools.test.ts.

jest.setTimeout(60_000)

const [VERSION = ''] = Object.keys(BUILDX)
const PLATFORM = `linux-${process.arch === 'x64' ? 'amd64' : process.arch}`
const PINNED = BUILDX[VERSION]?.[PLATFORM] ?? ''
const METADATA = JSON.stringify({SchemaVersion: '0.1.0', Vendor: 'Docker Inc.', Version: 'v0.12.1'})

let world: JobWorld
let server: ScriptedServer | undefined
/** The runner's folder, whose tool cache stays between runs. */
let root: string
/** A docker configuration of the machine with its own plugins. */
let dockerConfig: string
/** Where anything that is run leaves its mark. */
let mark: string

beforeAll(async () => {
  world = await makeJobWorld('buildx')
  world.checkout({Dockerfile: `FROM ${world.tiny}\n${world.fresh}\n`})
}, 240_000)
afterAll(() => world?.stop())

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'buildx-runner-'))
  dockerConfig = join(root, 'machine-docker')
  mark = join(root, 'was-run')
  mkdirSync(join(dockerConfig, 'cli-plugins'), {recursive: true})
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(root, {recursive: true, force: true})
})

/** The machine has a buildx of the year before, which says its version and can do nothing. */
function installOldBuildx(): void {
  const plugin = join(dockerConfig, 'cli-plugins', 'docker-buildx')
  writeFileSync(plugin, `#!/bin/sh\n[ "$1" = docker-cli-plugin-metadata ] && echo '${METADATA}' || exit 1\n`)
  chmodSync(plugin, 0o755)
}

/** Whether docker finds a buildx on this machine that no configuration of ours can hide. */
function hasSystemBuildx(): boolean {
  const env = {...process.env, ...world.engine.env, DOCKER_CONFIG: dockerConfig}
  const format = '{{range .ClientInfo.Plugins}}{{.Name}} {{end}}'
  const names = execFileSync(world.engine.dockerPath, ['info', '--format', format], {encoding: 'utf8', env})
  return names.split(' ').includes('buildx')
}

function request(base: string): Job {
  return {
    root,
    inputs: {image: world.image, 'registry-credentials': world.login, cache: 'none', push: 'never'},
    environment: {DOCKER_CONFIG: dockerConfig, PYTORCH_CUDA_IMAGE_BUILDX_BASE: base}
  }
}

async function play(reply: Reply): Promise<RunResult> {
  server = await scriptServer(() => reply)
  return world.run(request(`http://${server.host}/releases/`))
}

function expectRefused(result: RunResult): void {
  expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
  expect(errorCodes(result)).toEqual(['download-failed'])
  expect(hasBuilt(result)).toBe(false)
  expect(existsSync(mark)).toBe(false)
  expect(filesBelow(root).filter(path => path.includes('buildx') && !path.startsWith('machine-docker'))).toEqual([])
}

const program = () => `#!/bin/sh\necho '${METADATA}'\ntouch '${mark}'\n`

describe('given a machine whose buildx is too old', () => {
  beforeEach(installOldBuildx)

  test('and a server with another program in its place: both checksums are told, nothing is run or kept', async () => {
    const result = await play({status: 200, body: program()})
    expectRefused(result)
    expect(server?.lines()).toEqual([`GET /releases/v${VERSION}/buildx-v${VERSION}.${PLATFORM}`])
    expect(summaryOf(result)).toContain(PINNED)
    expect(summaryOf(result)).toContain(digestOf(Buffer.from(program())).replace('sha256:', ''))
  })

  test('and a server that breaks off in the middle: what has come is not taken for the whole', async () => {
    const result = await play({status: 200, body: program(), cutAfter: 30})
    expectRefused(result)
  })

  test('and a server that has no such file: it is asked once, and its answer is told', async () => {
    const result = await play({status: 404})
    expectRefused(result)
    expect(server?.lines()).toHaveLength(1)
    expect(summaryOf(result)).toContain('404')
  })

  test('and a program that someone put into the tool cache: it is not run, and thrown away', async () => {
    const folder = join(root, '_tool', 'docker-buildx', VERSION, process.arch)
    mkdirSync(folder, {recursive: true})
    writeFileSync(join(folder, 'docker-buildx'), program(), {mode: 0o755})
    writeFileSync(`${folder}.complete`, '')
    const result = await play({status: 404})
    expectRefused(result)
    expect(told(result, 'warning')).toEqual([expect.stringContaining('is not what was published; it is fetched anew')])
  })

  test.each(['no address', 'ftp://127.0.0.1/releases'])(
    'and `%s` as the place to fetch it from: that is told by its name',
    async base => {
      const result = await world.run(request(base))
      expectRefused(result)
      expect(summaryOf(result)).toContain('PYTORCH_CUDA_IMAGE_BUILDX_BASE')
    }
  )

  test('and a server that never answers: it is given up after a minute', async () => {
    const result = await play('hang')
    expectRefused(result)
    expect(summaryOf(result)).toContain('Nothing arrived for 60 s')
  }, 120_000)

  test('a job that is cancelled while it waits ends at once', async () => {
    server = await scriptServer(() => 'hang')
    const result = await world.run({...request(`http://${server.host}`), cancelAfter: /^Fetching buildx/})
    expect(result).toMatchObject({conclusion: 'cancelled'})
    expect(errorCodes(result)).toEqual(['cancelled'])
    expect(result.main.signals.map(({signal}) => signal)).toEqual(['SIGINT'])
  })
})

describe('given a machine without a buildx', () => {
  test('one is fetched, with the same care', async () => {
    // A plugin in the system's own folders is found whatever a configuration says.
    if (hasSystemBuildx()) installOldBuildx()
    const result = await play({status: 200, body: program()})
    expectRefused(result)
    expect(logOf(result)).toContain(`Fetching buildx ${VERSION}`)
  })
})
