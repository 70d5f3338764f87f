import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {expect} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {startRegistry} from '../../scripts/world/registry.ts'
import {type BaseImage, baseImage, otherBaseImage} from '../../scripts/world/rootfs.ts'
import {STORE_TAG} from '../../src/wheels/layer-store.ts'
import {ACTION, errorCodes, logOf} from './built-action.ts'
import {elfHead} from './elf.ts'
import {type JobWorld, makeJobWorld, ROBOT} from './job-world.ts'
import {standInSet, type TestWheel} from './small-wheels.ts'
import {openWheelIndex, type WheelIndex} from './wheel-index.ts'

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
/** A layer of its own begins with 48 MiB. */
const LARGE_BYTES = 50 * 1024 ** 2

/** Which image to build of which wheels. */
export interface Wanted {
  /** Beside PyTorch's set. */
  readonly more?: readonly TestWheel[]
  readonly repository: string
  readonly host?: string
  readonly root?: string
  readonly code?: string
  /** Files of the checkout beside its code and its lock. */
  readonly files?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** A push to main where nothing is said. */
  readonly event?: EventName
  /** A lock in place of one of this index. */
  readonly lock?: string
  readonly inputs?: Readonly<Record<string, string>>
}

/** Layers of an image, in order. */
export interface Read {
  readonly layers: readonly string[]
  readonly diffIds: readonly string[]
}

/** A world in which images are assembled of small wheels that bear the names of PyTorch's. */
export interface RuntimeStage {
  readonly world: JobWorld
  readonly index: WheelIndex
  readonly base: BaseImage
  /** A base image with another Python, in the same registry. */
  otherBase(): Promise<BaseImage>
  /** Builds a fresh checkout with such a lock. */
  build(wanted: Wanted): Promise<RunResult>
  /** The layers of what the tag `main` of a repository stands on. */
  imageOf(repository: string, from?: JobWorld): Read
  /** What a repository remembers, by its title. */
  titlesIn(repository: string): readonly string[]
  /** Runs an image as strictly as one can, after a pull by the engine. */
  runIn(repository: string, ...command: readonly string[]): string
  stop(): Promise<void>
}

/** Sets the stage up; its name is the world's. */
export async function openRuntimeStage(name: string): Promise<RuntimeStage> {
  const world = await makeJobWorld(name)
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  const say = () => {}
  const bases = await startRegistry({folder, name: `${name}-bases-${process.pid}`, say})
  const base = await baseImage({folder, engine: world.engine, registry: bases, say})
  const index = await openWheelIndex()
  let checkouts = 0
  return {
    world,
    index,
    base,
    otherBase: () => otherBaseImage({folder, engine: world.engine, registry: bases, say}),
    build({more = [], repository, host, root, code = 'print("one")\n', event = 'push', files, secrets, lock, inputs}) {
      const registry = host ?? world.registry.host
      checkouts += 1
      const text = lock ?? index.lockOf([...torchSet(base.python), ...more], base.python)
      const directory = `checkout-${checkouts}`
      const workspace = world.checkout({'pylock.toml': text, 'app.py': code, ...files}, {directory})
      return world.run({
        event,
        workspace,
        inputs: {
          image: `${registry}/${repository}`,
          'registry-credentials': `${registry} ${ROBOT.name} \${{ secrets.REGISTRY_PASSWORD }}`,
          'base-image': base.reference,
          lock: 'pylock.toml',
          torch: '2.8.0',
          ...inputs
        },
        ...(secrets === undefined ? {} : {secrets}),
        ...(root === undefined ? {} : {root})
      })
    },
    imageOf: (repository, from = world) => readImage(`${from.registry.host}/${repository}`, from),
    titlesIn(repository) {
      const index = world.manifest(`${world.registry.host}/${repository}:${STORE_TAG}`)?.json as {
        layers?: readonly {annotations: Readonly<Record<string, string>>}[]
      }
      return (index.layers ?? []).map(({annotations}) => annotations['dev.pytorch-cuda-image.layer.title'] ?? '')
    },
    runIn: (repository, ...command) => runStrictly(`${world.registry.host}/${repository}:main`, command, world),
    async stop() {
      await index.close()
      await bases.stop()
      await world.stop()
    }
  }
}

/** Releases with what the lock check and the proof want of them; of 2.11 there are wheels with CUDA for arm64, too. */
const RELEASES = {
  '2.8.0': {torchvision: '0.23.0', runtime: ['nvidia-cuda-runtime-cu12', '12.8.90'], cuda: '12.8', script: {}},
  '2.11.0': {
    torchvision: '0.26.0',
    runtime: ['nvidia-cuda-runtime', '13.0.96'],
    cuda: '13.0',
    script: {version: '2.11.0+stand-in', cuda: '13.0', arch_flags: 'sm_75 sm_80 sm_86 sm_90 sm_100 sm_110 sm_120'}
  }
} as const

/** Which of PyTorch's sets the wheels stand in for. */
export interface SetWanted {
  readonly torch?: keyof typeof RELEASES
  readonly machine?: 'x86_64' | 'aarch64'
}

/** PyTorch's set as the lock check wants it, each wheel a few files; for this machine where nothing is said. */
export function torchSet(python: string, {torch = '2.8.0', machine = MACHINE}: SetWanted = {}): readonly TestWheel[] {
  const cp = `cp${python.replace('.', '')}`
  const platform = `manylinux_2_28_${machine}`
  const own = `${cp}-${cp}-${platform}`
  const {torchvision, runtime, cuda, script} = RELEASES[torch]
  const [project, version] = runtime
  const stands = (name: string) => standInFiles(name, script)
  return [
    {
      project,
      version,
      tag: `py3-none-${platform}`,
      files: {
        'nvidia/cuda_runtime/__init__.py': '',
        [`nvidia/cuda_runtime/lib/libcudart.so.${cuda.split('.')[0]}`]: 40_000
      }
    },
    {
      project: 'torch',
      version: torch,
      tag: own,
      requires: [project, 'typing-extensions'],
      files: {
        ...stands('torch'),
        'torch/version.py': `cuda = "${cuda}"\n`,
        'torch/lib/libtorch.so': LARGE_BYTES,
        'torch/lib/libtorch_python.so': elfHead(machine)
      }
    },
    {project: 'torchaudio', version: torch, tag: own, files: {'torchaudio/__init__.py': 'import torch\n'}},
    {project: 'torchvision', version: torchvision, tag: own, files: stands('torchvision')},
    {project: 'typing-extensions', version: '4.14.0', files: {'typing_extensions.py': 'Any = object\n'}}
  ]
}

/** Files of a stand-in that passes the proof without a GPU. */
function standInFiles(name: string, script: Readonly<Record<string, unknown>>): TestWheel['files'] {
  return standInSet(script).find(({project}) => project === name)?.files ?? {}
}

/** Shows what the log said where a run is not green. */
export function expectGreen(result: RunResult): void {
  expect({codes: errorCodes(result), log: result.conclusion === 'success' ? '' : logOf(result).slice(-3000)}).toEqual({
    codes: [],
    log: ''
  })
}

/** `5 wheels in 8 layers, 3 of them found` → `[5, 8, 3]`. */
export function laidIn(result: RunResult): readonly number[] {
  const words = /(\d+) wheels in (\d+) layers, (\d+) of them found/.exec(logOf(result))
  return words?.slice(1).map(Number) ?? []
}

interface Manifest {
  readonly manifests?: readonly {readonly digest: string; readonly platform?: {readonly os: string}}[]
  readonly layers?: readonly {readonly digest: string}[]
}

function readImage(name: string, {manifest, config}: JobWorld): Read {
  const top = manifest(`${name}:main`)?.json as Manifest | undefined
  const platform = top?.manifests?.find(entry => entry.platform?.os === 'linux')?.digest
  const image = platform === undefined ? top : (manifest(`${name}@${platform}`)?.json as Manifest | undefined)
  const {rootfs} = config(`${name}:main`) as {rootfs?: {diff_ids: readonly string[]}}
  return {layers: (image?.layers ?? []).map(({digest}) => digest), diffIds: rootfs?.diff_ids ?? []}
}

function runStrictly(reference: string, command: readonly string[], {registry, docker}: JobWorld): string {
  const config = mkdtempSync(join(tmpdir(), 'docker-'))
  const auth = Buffer.from(`${ROBOT.name}:${ROBOT.password}`).toString('base64')
  writeFileSync(join(config, 'config.json'), JSON.stringify({auths: {[registry.host]: {auth}}}))
  docker('--config', config, 'pull', '--quiet', reference)
  try {
    return docker('run', '--rm', '--read-only', '--network', 'none', '--cap-drop', 'ALL', reference, ...command)
  } finally {
    docker('image', 'rm', '--force', reference)
    rmSync(config, {recursive: true, force: true})
  }
}
