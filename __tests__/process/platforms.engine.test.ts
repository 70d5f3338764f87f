import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {zstdDecompressSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {readImageFiles} from '../../scripts/bench/image-files.ts'
import {lookAt} from '../../scripts/bench/static-image.ts'
import {openConversation} from '../../scripts/registry-client.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {run} from '../../scripts/world/command.ts'
import {ensureTools} from '../../scripts/world/tools.ts'
import {machineOf} from '../../src/wheels/elf.ts'
import {fileInTar} from '../../src/wheels/tar-read.ts'
import {logOf} from '../support/built-action.ts'
import {twoPlatforms} from '../support/foreign-base.ts'
import {ROBOT} from '../support/job-world.ts'
import {expectGreen, openRuntimeStage, type RuntimeStage, torchSet} from '../support/runtime-stage.ts'
import {verifyLayers} from '../support/verify-layers.ts'

// Images for two platforms on one machine, without emulation. The other platform's base is a stand-in; what is asserted of
// its image is what can be seen without running it.

jest.setTimeout(180_000)

const OWN = process.arch === 'arm64' ? 'arm64' : 'amd64'
const OTHER = OWN === 'amd64' ? 'arm64' : 'amd64'
const BOTH = `linux/${OWN}, linux/${OTHER}`
const [OWN_MACHINE, OTHER_MACHINE] =
  OWN === 'amd64' ? (['x86_64', 'aarch64'] as const) : (['aarch64', 'x86_64'] as const)
const SITE = 'opt/venv/lib/python/site-packages'

interface Entry {
  readonly digest: string
  readonly platform?: {readonly os: string; readonly architecture: string}
}

interface Config {
  readonly architecture: string
  readonly config: {readonly User: string; readonly WorkingDir: string; readonly Env: readonly string[]}
}

let stage: RuntimeStage
let base: string
let lock: string

beforeAll(async () => {
  stage = await openRuntimeStage('platforms')
  base = await twoPlatforms(stage.base, stage.world)
  const {python} = stage.base
  const [own, other] = [setFor(OWN_MACHINE, python), setFor(OTHER_MACHINE, python)]
  // Wheels for any machine are one and the same.
  lock = stage.index.lockOf([...own, ...other.filter(({tag}) => tag !== undefined)], python)
}, 300_000)

afterAll(() => stage?.stop())

/** Of torch's sources, one is another for each machine. */
function setFor(machine: 'x86_64' | 'aarch64', python: string) {
  return torchSet(python, {torch: '2.11.0', machine}).map(wheel =>
    wheel.project === 'torch' ? {...wheel, files: {...wheel.files, 'torch/machine.py': `name = "${machine}"\n`}} : wheel
  )
}

function build(repository: string, platforms: string, code = 'print("one")\n', from = base) {
  return stage.build({repository, lock, code, inputs: {'base-image': from, torch: '2.11.0', platforms}})
}

/** Manifest digest, layers and configuration of the image for a platform, below the tag `main`. */
function imageFor(repository: string, architecture: string) {
  const {registry, manifest, config} = stage.world
  const name = `${registry.host}/${repository}`
  const entries = (manifest(`${name}:main`)?.json.manifests ?? []) as readonly Entry[]
  const digest = entries.find(({platform}) => platform?.architecture === architecture)?.digest ?? ''
  const image = manifest(`${name}@${digest}`)?.json as {layers?: readonly {digest: string}[]} | undefined
  return {
    name,
    digest,
    layers: (image?.layers ?? []).map(layer => layer.digest),
    config: config(`${name}@${digest}`) as Config
  }
}

/** The image for a platform below the tag `main`, as it can be seen without running it. */
async function seenOf(repository: string, architecture: 'amd64' | 'arm64') {
  const conversation = openConversation(process.env)
  try {
    const image = {registry: stage.world.registry.host, repository}
    const place = conversation.placeOf({image, login: {user: ROBOT.name, token: ROBOT.password}})
    const read = await readImageFiles(conversation, {place, tag: 'main', architecture})
    const packages = ['torch==2.11.0', 'torchvision==0.26.0']
    return lookAt(read, {architecture, packages, files: ['torch/lib/libtorch_python.so', 'torch/version.py']})
  } finally {
    conversation.close()
  }
}

/** The files of an image's layers, as far as tars name them. */
async function unpackedLayers(reference: string): Promise<readonly Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'))
  const skopeo = await ensureTools(process.env.WORLD_FOLDER ?? '.world', ['skopeo'], () => {})
  const login = ['--src-tls-verify=false', '--src-creds', `${ROBOT.name}:${ROBOT.password}`]
  try {
    await run([skopeo, '--insecure-policy', 'copy', '--quiet', ...login, `docker://${reference}`, `dir:${folder}`])
    const {layers} = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      layers: readonly {digest: string; mediaType: string}[]
    }
    return layers
      .filter(({mediaType}) => mediaType.endsWith('zstd'))
      .map(({digest}) => zstdDecompressSync(readFileSync(join(folder, digest.replace('sha256:', '')))))
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

describe('given two platforms and a lock for both', () => {
  let cold: RunResult

  beforeAll(async () => {
    stage.index.fetched()
    cold = await build('acme/both', BOTH)
  })

  test('each wheel is fetched once, one that is for any machine too', () => {
    expectGreen(cold)
    const names = stage.index.fetched().map(name => name.replace(/-.*_/, ' ').replace('.whl', ''))
    const machines = ['64', '64']
    expect(names.filter(name => name.startsWith('torch ')).length).toBe(machines.length)
    expect(names.filter(name => name.startsWith('typing')).length).toBe(1)
    expect(names.length).toBe(4 * machines.length + 1)
  })

  test('the tag stands on one index with an image for each', () => {
    const {manifest, registry} = stage.world
    const entries = (manifest(`${registry.host}/acme/both:main`)?.json.manifests ?? []) as readonly Entry[]
    const platforms = entries.flatMap(({platform}) => (platform?.os === 'linux' ? [platform.architecture] : []))
    expect(platforms.toSorted()).toEqual(['amd64', 'arm64'])
    expect([OWN, OTHER].map(architecture => imageFor('acme/both', architecture).config.architecture)).toEqual([
      OWN,
      OTHER
    ])
  })

  test('both start the same way, and share the layers of what is for any machine', () => {
    const [own, other] = [imageFor('acme/both', OWN), imageFor('acme/both', OTHER)]
    const {User, WorkingDir, Env} = own.config.config
    expect(other.config.config).toMatchObject({User, WorkingDir, Env})
    const shared = own.layers.filter(digest => other.layers.includes(digest))
    // The base, the foundation, typing-extensions with its bytecode, and the code.
    expect(shared.length).toBeGreaterThanOrEqual(5)
    expect(shared.at(-1)).toBe(own.layers.at(-1))
    // CUDA's library, the rest of torch's family with the same sources for both, hence the same bytecode; and torch with its own.
    expect(own.layers.length - shared.length).toBe(4)
  })

  test('this machine’s image runs', () => {
    const asked =
      'import os, torch, torchaudio; print(torch.__version__, os.getuid(), os.path.exists(torch.__cached__))'
    expect(stage.runIn('acme/both', 'python3', '-c', asked)).toBe('2.11.0+stand-in 10001 True')
  })

  test('the other one has its own libraries, with bytecode, in the same places', async () => {
    const {name, digest} = imageFor('acme/both', OTHER)
    const tars = await unpackedLayers(`${name}@${digest}`)
    const file = (path: string) => tars.map(tar => fileInTar(tar, path)).find(found => found !== undefined)
    expect(machineOf(file(`${SITE}/torch/lib/libtorch_python.so`) ?? new Uint8Array())).toBe(OTHER_MACHINE)
    const minor = stage.base.python.replace('.', '')
    expect(file(`${SITE}/torch/__pycache__/__init__.cpython-${minor}.pyc`)?.length).toBeGreaterThan(100)
    const machine = file(`${SITE}/torch/__pycache__/machine.cpython-${minor}.pyc`) ?? new Uint8Array()
    expect(Buffer.from(machine).toString('latin1')).toContain(OTHER_MACHINE)
    const python = Buffer.from(file('opt/venv/python-version') ?? '').toString('utf8')
    // One line: it is the Python of this machine's own base image.
    expect(python).toMatch(/^\d+\.\d+\.\d+\n$/)
    const metadata = Buffer.from(file(`${SITE}/torch-2.11.0.dist-info/WHEEL`) ?? '').toString('utf8')
    expect(metadata).toContain(`_${OTHER_MACHINE}`)
  })

  test('each is whole by all that can be seen without running it', async () => {
    for (const architecture of [OWN, OTHER] as const) {
      const seen = await seenOf('acme/both', architecture)
      expect(seen).toMatchObject({faults: [], libraries: 1, packages: 5})
      expect(seen.bytecode).toBeGreaterThan(0)
    }
  })

  test('the remembered layers of both are what their wheels give', async () => {
    const {exitCode, said} = await verifyLayers('acme/both', stage)
    expect({exitCode, said}).toEqual({exitCode: 0, said: expect.stringContaining('0 differ, 0 could not be checked')})
    // Those of the large one and of the two families for each platform, and the one of wheels for any machine.
    expect(said).toMatch(/^7 are what their wheels give/m)
  })

  test('what is not run is said, and nothing needs emulation', () => {
    const log = logOf(cold).replaceAll(/\s+/g, ' ')
    expect(log).toContain(`For linux/${OTHER} nothing is run: this machine runs linux/${OWN}.`)
    expect(log).not.toContain('QEMU')
    expect(cold.summary).toContain('put together, and not run on this machine; libraries for it in new layers: 1')
  })

  test('the same lock again fetches nothing, with other code', async () => {
    const before = [OWN, OTHER].map(architecture => imageFor('acme/both', architecture).layers.slice(0, -1))
    stage.index.fetched()
    const again = await build('acme/both', BOTH, 'print("two")\n')
    expectGreen(again)
    expect(stage.index.fetched()).toEqual([])
    expect([OWN, OTHER].map(architecture => imageFor('acme/both', architecture).layers.slice(0, -1))).toEqual(before)
  })
})

test.each([OTHER, OWN] as const)(
  'given %s alone, then its layers, with their bytecode, are those of the image for both',
  async architecture => {
    const repository = `acme/alone-${architecture}`
    expectGreen(await build(repository, `linux/${architecture}`))
    const {layers} = imageFor(repository, architecture)
    expect(layers.slice(0, -1)).toEqual(imageFor('acme/both', architecture).layers.slice(0, -1))
  }
)

test('given a base image for this machine alone, then the runtime says so, and the Dockerfile is to install', async () => {
  const result = await build('acme/alone', BOTH, undefined, stage.base.reference)
  const log = logOf(result)
  expect(log).toContain(`nothing: the base image for linux/${OTHER} could not be prepared without running it`)
  expect(log).toContain(`The base image has no `)
})
