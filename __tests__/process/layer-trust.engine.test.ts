import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {openShelf} from '../../scripts/layers/shelf.ts'
import {openConversation} from '../../scripts/registry-client.ts'
import type {Side} from '../../scripts/registry-login.ts'
import {attempt} from '../../scripts/world/command.ts'
import {openMountGate} from '../../scripts/world/registry-gate.ts'
import type {Layer} from '../../src/model/layers.ts'
import {KNOWN_LAYERS} from '../../src/wheels/known-layers.ts'
import {parseStore, STORE_TAG, storeText} from '../../src/wheels/layer-store.ts'
import {ACTION, logOf, told} from '../support/built-action.ts'
import {ROBOT} from '../support/job-world.ts'
import {expectGreen, laidIn, openRuntimeStage, type RuntimeStage, torchSet} from '../support/runtime-stage.ts'
import {verifyLayers} from '../support/verify-layers.ts'

// Who may put layers where others find them, and what is believed of what is found.

jest.setTimeout(180_000)

/** Two small wheels of PyPI, as a lock of the tests of locks has them. */
const [, ...PUBLIC] = readFileSync(new URL('../wheels/locks/small.pylock.toml', import.meta.url), 'utf8').split(
  '[[packages]]'
)
const PUBLIC_WHEELS = PUBLIC.map(text => `[[packages]]${text}`).join('')

/** Has a layer of its own, and needs nothing of a torch: the stand-in of this test has the rest of the proof pass. */
const KNOWN = 'nvidia-curand-cu12'
const KNOWN_WHEEL = 'nvidia_curand_cu12-10.3.9.90-'

/** How the log calls it. */
const FOUNDATION_BUILD = 'docker buildx build (the base of the runtime)'

let stage: RuntimeStage

beforeAll(async () => {
  stage = await openRuntimeStage('layer-trust')
}, 300_000)

afterAll(() => stage?.stop())

describe('a store that several repositories share', () => {
  const store = () => `${stage.world.registry.host}/acme/layers protected`
  /** Small wheels of PyPI beside PyTorch's of this test: one group of public wheels, and others that stay private. */
  const locked = () => `${stage.index.lockOf(torchSet(stage.base.python), stage.base.python)}\n${PUBLIC_WHEELS}`

  test('a branch that nobody protects adds nothing to it', async () => {
    const workspace = stage.world.checkout({'pylock.toml': locked(), 'app.py': ''}, {directory: 'unprotected'})
    const result = await stage.world.run({
      workspace,
      options: {branch: 'try'},
      inputs: {
        image: `${stage.world.registry.host}/acme/try`,
        'registry-credentials': stage.world.login,
        'base-image': stage.base.reference,
        lock: 'pylock.toml',
        torch: '2.8.0',
        'layer-store': store()
      }
    })
    expectGreen(result)
    expect(stage.world.tags('acme/layers')).toEqual([])
  })

  test('the default branch puts the layers of public wheels there, and no others', async () => {
    expectGreen(await stage.build({repository: 'acme/first', lock: locked(), inputs: {'layer-store': store()}}))
    expect(stage.world.tags('acme/layers')).toEqual([STORE_TAG])
    expect(stage.titlesIn('acme/layers')).toEqual([
      'requirements',
      'bytecode of requirements',
      `foundation for linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
    ])
    expect(stage.titlesIn('acme/first')).toContain('torch')
  })

  test('another repository has them mounted, and makes the others', async () => {
    const result = await stage.build({repository: 'acme/second', lock: locked(), inputs: {'layer-store': store()}})
    expectGreen(result)
    expect(logOf(result)).toContain('7 wheels in 10 layers, 2 of them found (2 mounted)')
    // Its foundation is put together of the base image and the one layer that the store has.
    expect(logOf(result)).not.toContain(FOUNDATION_BUILD)
    expect(stage.runIn('acme/second', 'python3', '-c', 'import idna, os; print(os.path.exists(idna.__cached__))')).toBe(
      'True'
    )
  })

  test.each<{given: string; status: number}>([
    {given: 'a registry that begins an upload in place of the mount', status: 202},
    {given: 'a registry that wants to know nothing of mounts (401)', status: 401},
    {given: 'a registry that does not find the source (404)', status: 404}
  ])('given $given, then they are sent', async ({status}) => {
    const gate = await openMountGate(stage.world.registry.host, status)
    try {
      const repository = `acme/mount-${status}`
      const inputs = {'layer-store': `${gate.host}/acme/layers protected`}
      const result = await stage.build({repository, host: gate.host, lock: locked(), inputs})
      expectGreen(result)
      expect(logOf(result)).toContain('2 of them found (2 copied)')
      expect(gate.refused()).toBeGreaterThanOrEqual(2)
    } finally {
      await gate.close()
    }
  })

  test('without the word, nothing that no table knows is believed', async () => {
    const inputs = {'layer-store': `${stage.world.registry.host}/acme/layers`}
    const result = await stage.build({repository: 'acme/strict', lock: locked(), inputs})
    expectGreen(result)
    expect(laidIn(result)).toEqual([7, 10, 0])
    expect(logOf(result)).toContain(FOUNDATION_BUILD)
  })
})

describe('what is remembered and is not so', () => {
  /** Changes the index of a repository by hand, as somebody with its token could. */
  async function bend(repository: string, change: (layers: readonly Layer[]) => readonly Layer[]): Promise<void> {
    const conversation = openConversation(process.env)
    try {
      const {image, credential} = conversation.placeOf(sideFor(repository))
      const manifest = await conversation.registry.readManifest(image, STORE_TAG, credential)
      const store = parseStore(Buffer.from(manifest?.bytes ?? []).toString('utf8'))
      const bytes = Buffer.from(storeText({...store, layers: change(store.layers)}))
      const mediaType = 'application/vnd.oci.image.manifest.v1+json'
      await conversation.registry.writeManifest(image, STORE_TAG, {digest: '', mediaType, bytes}, credential)
    } finally {
      conversation.close()
    }
  }

  function sideFor(repository: string): Side {
    return {
      image: {registry: stage.world.registry.host, repository},
      login: {user: ROBOT.name, token: ROBOT.password}
    }
  }

  /** Puts the content of one layer under the name of another, its true diffID with it. */
  function swap(layers: readonly Layer[], named: string, other: string): readonly Layer[] {
    const content = layers.find(({title}) => title === other)
    if (content === undefined) throw new Error(`no layer ${other}`)
    const {digest, diffId, sizeBytes, mediaType} = content
    return layers.map(layer => (layer.title === named ? {...layer, digest, diffId, sizeBytes, mediaType} : layer))
  }

  /** PyTorch's set of this test with PyPI's own cuRAND: a layer that the action's table knows. */
  async function lockWithKnown(): Promise<string> {
    const [wheel] = KNOWN_LAYERS.flatMap(({wheels}) => wheels).filter(([name]) => name.startsWith(KNOWN_WHEEL))
    const [name, sha256] = wheel ?? ['', '']
    const file = await openShelf(['https://pypi.org/simple']).find({name, sha256})
    expect(file).toMatchObject({name, sha256})
    return `${stage.index.lockOf(torchSet(stage.base.python), stage.base.python)}
[[packages]]
name = "${KNOWN}"
version = "10.3.9.90"
wheels = [{ url = "${file?.url}", size = ${file?.sizeBytes}, hashes = { sha256 = "${sha256}" } }]
`
  }

  test('an entry that gives known wheels another content is refused, told, and mended', async () => {
    const repository = 'acme/poisoned'
    const lock = await lockWithKnown()
    expectGreen(await stage.build({repository, lock}))
    const right = stage.imageOf(repository)
    await bend(repository, layers => swap(layers, KNOWN, 'what PyTorch needs'))
    const found = await verifyLayers(repository, stage)
    expect(found.exitCode).toBe(1)
    expect(found.said).toMatch(/differs +nvidia-curand-cu12: its wheels give sha256:/)

    const result = await stage.build({repository, lock})
    expectGreen(result)
    expect(told(result, 'warning').join('\n')).toMatch(/acme\/poisoned says of nvidia-curand-cu12 what cannot be/)
    expect(stage.imageOf(repository).diffIds.slice(0, -1)).toEqual(right.diffIds.slice(0, -1))
    const mended = await verifyLayers(repository, stage)
    expect(mended).toMatchObject({exitCode: 0, said: expect.stringMatching(/same +nvidia-curand-cu12/)})
    expect(mended.said).toMatch(/5 are what their wheels give, 5 are what their entry says, 0 differ, 0 could not/)
  })

  test('an entry whose blob is not what it says is found by looking', async () => {
    const repository = 'acme/lying'
    expectGreen(await stage.build({repository}))
    await bend(repository, layers => {
      const digest = layers.find(({title}) => title === 'what PyTorch needs')?.digest ?? ''
      return layers.map(layer => (layer.title === 'PyTorch family' ? {...layer, digest} : layer))
    })
    const found = await verifyLayers(repository, stage)
    expect(found.exitCode).toBe(1)
    expect(found.said).toMatch(/differs +PyTorch family: the entry says sha256:/)
  })

  test('wheels that no index has are told, and nothing is claimed of them', async () => {
    const repository = 'acme/unknown'
    expectGreen(await stage.build({repository}))
    await bend(repository, layers =>
      layers.map(layer => ({...layer, wheels: layer.wheels.map(wheel => ({...wheel, sha256: 'ab'.repeat(32)}))}))
    )
    const found = await verifyLayers(repository, stage)
    expect(found).toMatchObject({exitCode: 1, said: expect.stringContaining('0 are what their wheels give')})
  })
})

describe('probe-mount', () => {
  async function probe(host: string): Promise<{readonly exitCode: number; readonly said: string}> {
    const names = [`${host}/acme/first`, `${host}/acme/probed-${host.split(':')[1]}`]
    const options = ['--tag', 'sha-probe', '--to-user', ROBOT.name, '--to-token-env', 'ROBOT']
    const env = {...process.env, ROBOT: ROBOT.password}
    const ran = await attempt([process.execPath, 'scripts/local.ts', 'probe-mount', ...names, ...options], {
      env,
      cwd: ACTION
    })
    expect(ran.stdout + ran.stderr).not.toContain(ROBOT.password)
    return {exitCode: ran.exitCode, said: ran.stdout}
  }

  beforeAll(async () => {
    const conversation = openConversation(process.env)
    const {registry} = conversation
    const image = {registry: stage.world.registry.host, repository: 'acme/first'}
    const {credential} = conversation.placeOf({image, login: {user: ROBOT.name, token: ROBOT.password}})
    const config = Buffer.from('{"probe": true}')
    const digest = await registry.writeBlob(image, config, credential)
    const type = 'application/vnd.oci.image'
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${type}.manifest.v1+json`,
        config: {mediaType: `${type}.config.v1+json`, digest, size: config.length},
        layers: []
      })
    )
    await registry.writeManifest(
      image,
      'sha-probe',
      {digest: '', mediaType: `${type}.manifest.v1+json`, bytes},
      credential
    )
    conversation.close()
  })

  test('says of a registry that mounts that it does', async () => {
    expect(await probe(stage.world.registry.host)).toMatchObject({exitCode: 0, said: expect.stringContaining(': 201')})
  })

  test.each([202, 401, 404])('says of a registry that answers %d that it does not', async status => {
    const gate = await openMountGate(stage.world.registry.host, status)
    try {
      const {exitCode, said} = await probe(gate.host)
      expect(exitCode).toBe(1)
      expect(said).toContain(`: ${status}`)
      expect(said).toContain('layers are streamed')
    } finally {
      await gate.close()
    }
  })
})
