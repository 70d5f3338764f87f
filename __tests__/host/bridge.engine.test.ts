import {execFile} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {openBridge} from '../../src/host/bridge.ts'
import type {Bridge} from '../../src/host/host.ts'

let engine: Engine
let folder: string
let socket: string
let bridge: Bridge

// Not synchronous: the bridge lives in this process and has to answer meanwhile.
async function docker(...args: readonly string[]): Promise<string> {
  const env = {...process.env, ...engine.env, BUILDX_CONFIG: join(folder, 'buildx')}
  return (await promisify(execFile)(engine.dockerPath, args, {env})).stdout.trim()
}

function engineSocket(): string {
  return engine.dockerHost.replace('unix://', '')
}

beforeAll(async () => {
  engine = await useEngine({folder: resolve(process.env.WORLD_FOLDER ?? '.world'), say: () => {}})
  folder = mkdtempSync(join(tmpdir(), 'bridge-'))
  socket = join(folder, 'private', 'buildkit.sock')
  bridge = await openBridge({engine: engineSocket(), socket})
  await docker('buildx', 'create', '--name', 'bridged', '--driver', 'remote', `unix://${socket}`)
})

afterAll(async () => {
  await bridge?.close()
  rmSync(folder, {recursive: true, force: true})
  await engine?.stop()
})

describe('the bridge to the engine’s BuildKit', () => {
  test('a build through it reads the context and gives back what it made', async () => {
    const unique = `${process.pid}-${Math.random()}`
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY content /\n')
    writeFileSync(join(folder, 'content'), unique)
    const out = join(folder, 'out')
    await docker('buildx', 'build', '--builder', 'bridged', '--output', `type=local,dest=${out}`, folder)
    expect(readFileSync(join(out, 'content'), 'utf8')).toBe(unique)
  })

  test('its digests are the image’s own, and the engine keeps no image', async () => {
    const metadata = join(folder, 'metadata.json')
    const output = 'type=image,push=false,store=false,unpack=false'
    const options = ['--provenance=false', '--output', output, '--metadata-file', metadata]
    await docker('buildx', 'build', '--builder', 'bridged', ...options, folder)
    const told = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, string>
    expect(told['containerimage.config.digest']).toMatch(/^sha256:/)
    expect(told['containerimage.config.digest']).not.toBe(told['containerimage.digest'])
    await expect(docker('image', 'inspect', told['containerimage.digest'] ?? '')).rejects.toThrow('No such image')
  })

  test('closed, it is gone, and so are the connections that were open', async () => {
    const path = join(folder, 'second.sock')
    const second = await openBridge({engine: engineSocket(), socket: path})
    const open = connect(path)
    const ended = new Promise(resolve => open.once('close', resolve))
    await new Promise(resolve => open.once('connect', resolve))
    await second.close()
    await ended
    expect(existsSync(path)).toBe(false)
  })

  test('to an engine that is not there, a connection ends at once', async () => {
    const path = join(folder, 'nowhere.sock')
    const nowhere = await openBridge({engine: join(folder, 'absent.sock'), socket: path})
    await expect(new Promise(resolve => connect(path).once('close', resolve))).resolves.toBe(false)
    await nowhere.close()
  })
})
