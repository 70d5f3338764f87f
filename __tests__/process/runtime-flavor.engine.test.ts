import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {caBundle} from '../../scripts/world/ca-bundle.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {ACTION, logOf} from '../support/built-action.ts'
import {fetchInitWheel} from '../support/init-wheel.ts'
import {expectGreen, laidIn, openRuntimeStage, type RuntimeStage} from '../support/runtime-stage.ts'
import type {TestWheel} from '../support/small-wheels.ts'

// A flavour's stage below wheels that were laid for an image without one: apt and PyPI are the real ones.

jest.setTimeout(240_000)

const REPOSITORY = 'acme/flavour'
const WORLD = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))

let stage: RuntimeStage
let bases: Registry
let base: string
let init: TestWheel

/** A base image that trusts what this machine trusts, as a company's own would: `ca-bundle` has wheels installed in the build. */
async function trustingBase(): Promise<string> {
  const {world, base: below} = stage
  const folder = join(world.place, 'trusting')
  mkdirSync(folder)
  copyFileSync(caBundle(WORLD), join(folder, 'machine.crt'))
  const trust = 'COPY machine.crt /etc/machine.crt\nENV PIP_CERT=/etc/machine.crt SSL_CERT_FILE=/etc/machine.crt\n'
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${below.reference}\n${trust}`)
  const name = `${bases.host}/trusting:1`
  world.docker('buildx', 'build', '--provenance=false', '--output', `type=image,name=${name},push=true`, folder)
  return name
}

async function build(inputs: Readonly<Record<string, string>>): Promise<RunResult> {
  const result = await stage.build({repository: REPOSITORY, more: [init], inputs: {'base-image': base, ...inputs}})
  expectGreen(result)
  return result
}

beforeAll(async () => {
  stage = await openRuntimeStage('runtime-flavour')
  bases = await startRegistry({folder: WORLD, name: `runtime-flavour-trusting-${process.pid}`, say: () => {}})
  base = await trustingBase()
  init = await fetchInitWheel()
}, 400_000)

afterAll(async () => {
  await bases?.stop()
  await stage?.stop()
})

describe('packages of apt, where the same wheels were laid without them', () => {
  let plain: readonly string[]
  let result: RunResult
  let layers: readonly string[]

  beforeAll(async () => {
    await build({})
    plain = stage.imageOf(REPOSITORY).layers
    stage.index.fetched()
    result = await build({'apt-packages': 'tree'})
    layers = stage.imageOf(REPOSITORY).layers
  }, 400_000)

  test('no wheel is fetched, and every layer of theirs is the same', () => {
    // The last one is the code's.
    expect(stage.index.fetched()).toEqual([])
    expect(laidIn(result)).toEqual([6, 8, 8])
    expect(layers.slice(-9, -1)).toEqual(plain.slice(-9, -1))
    expect(logOf(result)).toContain('the flavour, below the wheels of the runtime')
  })

  test('the foundation is that of the image without them, which was remembered', () => {
    const below = plain.length - 9
    expect(layers.slice(0, below)).toEqual(plain.slice(0, below))
    expect(logOf(result)).not.toContain('docker buildx build (the base of the runtime)')
  })

  test('a container has the package, the wheels and an init, as the user of the image', () => {
    const asked =
      'tree --version && python3 -c "import torch; print(torch.__version__)" && id -u && cat /proc/1/comm && pwd'
    expect(stage.runIn(REPOSITORY, 'sh', '-c', asked)).toMatch(/^tree v.*\n2\.8\.0\+stand-in\n10001\ndumb-init\n\/app$/)
  })

  test('the configuration is that of the stage in the Dockerfile', () => {
    const {config} = stage.world.config(`${stage.world.registry.host}/${REPOSITORY}:main`) as {config?: object}
    expect(config).toMatchObject({
      Entrypoint: ['/usr/local/bin/start'],
      Cmd: ['python3'],
      User: '10001:10001',
      WorkingDir: '/app',
      Env: expect.arrayContaining([
        'VIRTUAL_ENV=/opt/venv',
        expect.stringMatching(/^PATH=\/opt\/venv\/bin:.*:\/home\/app\/\.local\/bin$/)
      ])
    })
  })

  test('the same again asks neither apt nor PyPI', async () => {
    const again = await build({'apt-packages': 'tree'})
    expect(logOf(again)).not.toContain('the flavour, below the wheels of the runtime')
    expect(stage.imageOf(REPOSITORY).layers.slice(0, -1)).toEqual(layers.slice(0, -1))
  })
})
