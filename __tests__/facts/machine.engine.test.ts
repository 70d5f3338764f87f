import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {gatherMachine} from '../../src/facts/machine.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {Command} from '../../src/host/host.ts'
import type {Machine} from '../../src/model/machine.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {realCommands} from '../support/real-commands.ts'

let engine: Engine

beforeAll(async () => {
  engine = await useEngine({folder: resolve(fileURLToPath(new URL('../../.world', import.meta.url))), say: () => {}})
}, 300_000)

afterAll(() => engine.stop())

/** Asks the real programs of this machine, with these variables besides. */
function machineWith(variables: Readonly<Record<string, string>>): Promise<Machine> {
  const env = {...process.env, ...engine.env, ...variables} as Record<string, string>
  const ask = (command: Command) =>
    realCommands.ask({...command, env: {DOCKER_HOST: env.DOCKER_HOST ?? '', PATH: env.PATH ?? '', ...command.env}})
  return gatherMachine(makeFakeHost({env, files: machineFiles, programs: {...realCommands, ask}}), {
    workspace: '/',
    run: '/tmp/run'
  })
}

test('a real engine is told with its version, its store and a builder that reaches our loopback', async () => {
  const machine = await machineWith({})
  expect(machine).toMatchObject({
    docker: {path: expect.stringMatching(/^\/.*\/docker$/), version: expect.stringMatching(/^\d+\.\d+/)},
    buildx: {version: expect.stringMatching(/^\d+\.\d+/)},
    engine: {
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      endpoint: expect.stringMatching(/^unix:\/\//),
      sharesLoopback: true,
      rootDir: expect.stringMatching(/^\//)
    },
    disk: {freeBytes: expect.any(Number)}
  })
  expect(machine.builders).toContainEqual(
    expect.objectContaining({name: 'default', driver: 'docker', isCurrent: true, sharesLoopback: true})
  )
})

test('where nothing answers at the endpoint, there is a client and no engine', async () => {
  const machine = await machineWith({DOCKER_HOST: 'unix:///nowhere/docker.sock'})
  expect(machine).toMatchObject({docker: {version: expect.any(String)}, builders: []})
  expect(machine.engine).toBeUndefined()
})
