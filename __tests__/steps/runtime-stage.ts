import {createHash} from 'node:crypto'
import type {Command, CommandsPort, LayersPort, LayRequest, Ran} from '../../src/host/host.ts'
import type {MadeLayer} from '../../src/model/layers.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {Products} from '../../src/model/report.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {layRuntime} from '../../src/steps/runtime.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {type MemoryRegistry, makeMemoryRegistry} from '../support/memory-registry.ts'

const APP = {registry: 'ghcr.io', repository: 'acme/app'}
const PYTHON = {registry: 'docker.io', repository: 'library/python'}
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const OK: Ran = {exitCode: 0, stdout: '', stderr: ''}
const NO_PLATFORM: Ran = {...OK, exitCode: 1, stderr: 'ERROR: no match for platform in manifest: not found'}

/** What is so in a run of the step. */
export interface Story {
  readonly platforms?: readonly string[]
  /** What the foundation of arm64 says of Pythons. */
  readonly pythonOnArm?: string
  /** The architecture whose foundation cannot be built. */
  readonly broken?: string
  /** What the foundation of amd64 says. */
  readonly pythonOnBase?: string
  /** The wheels of torch for amd64, and that for arm64. */
  readonly torch?: readonly string[]
  readonly torchOnArm?: string
  /** The lock brings an init. */
  readonly init?: true
  /** The Dockerfile begins with the runtime, so nothing else installs. */
  readonly isNeeded?: true
  /** The base image does not say which Python it has. */
  readonly isUntold?: true
  /** The registry, where an earlier run has left something in it. */
  readonly registry?: MemoryRegistry
  /** Stands around the laying of wheels, which `go` does. */
  readonly laying?: (request: LayRequest, go: () => Promise<readonly MadeLayer[]>) => Promise<readonly MadeLayer[]>
  /** Stands around a build: of the `foundation`, or of the `bytecode`. */
  readonly building?: (what: string, command: Command, go: () => Promise<Ran>) => Promise<Ran>
}

const INIT = ['x86_64', 'aarch64'].map(
  machine => `dumb_init-1.2.5.post1-py2.py3-none-manylinux_2_17_${machine}.manylinux2014_${machine}.whl`
)

/** A lock of torch and one package for any machine. */
function lockOf(torch: readonly string[], {init}: Story): string {
  const packages = [torch, ['idna-3.9-py3-none-any.whl'], ...(init === true ? [INIT] : [])].map(files => {
    const [name, version] = (files[0] ?? '').split('-')
    const wheels = files.map(file => {
      const sha256 = createHash('sha256').update(file).digest('hex')
      return `{url = "https://files.example/${file}", hashes = {sha256 = "${sha256}"}}`
    })
    return `[[packages]]\nname = "${name}"\nversion = "${version}"\nwheels = [${wheels.join(', ')}]\n`
  })
  return `lock-version = "1.0"\ncreated-by = "test"\n${packages.join('\n')}`
}

/** Wheels of one release have the same sources for every machine. */
function sourcesOf(wheels: readonly string[]): string {
  return wheels.map(name => name.split('-').slice(0, 2).join('-')).join(' ')
}

/** Plays the step: builds answer as BuildKit does, and layers are made without a wheel. */
export async function play(story: Story) {
  const {platforms = ['linux/amd64', 'linux/arm64'], pythonOnArm = '3.12.11\n', broken} = story
  const {torch = ['torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'], pythonOnBase = '3.12.11\n'} = story
  const {torchOnArm = 'torch-2.11.0-cp312-cp312-manylinux_2_28_aarch64.whl'} = story
  const facts = makeFacts({inputs: {platforms, baseImage: 'python:3.12-slim'}})
  const {work: planned} = stepOf(makePlan(facts), 'runtime')
  const {python: _, ...untold} = planned
  const work = story.isUntold === true ? untold : planned
  const {registry = makeMemoryRegistry()} = story
  const base = registry.standing(PYTHON, '3.12-slim') ?? registry.put(PYTHON, {}, '3.12-slim').digest
  const files = new Map([[`${facts.paths.action}/dockerfiles/foundation.Dockerfile`, 'FROM scratch']])
  for (const {lock, platform} of work.images) {
    files.set(lock, lockOf(platform === 'linux/arm64' ? [torchOnArm] : torch, story))
  }

  /** An image of so many layers, as BuildKit pushes it. */
  const putImage = async (name: string, count: number) => {
    const layers = await Promise.all(
      Array.from({length: count}, async (_, at) => {
        const bytes = Buffer.from(`${name} ${at}`)
        return {mediaType: ZSTD, digest: await registry.writeBlob(APP, bytes, null), size: bytes.length}
      })
    )
    const architecture = name.split(' ')[1] ?? ''
    const rootfs = {type: 'layers', diff_ids: layers.map(({digest}) => digest)}
    const config = Buffer.from(JSON.stringify({os: 'linux', architecture, rootfs}))
    const descriptor = {digest: await registry.writeBlob(APP, config, null), size: config.length}
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, config: descriptor, layers}))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    return registry.writeManifest(APP, digest, {digest, mediaType: MANIFEST, bytes}, null)
  }
  const compiled: Record<string, number> = {}
  const build = async ({args}: Command): Promise<Ran> => {
    const dockerfile = args[args.indexOf('--file') + 1] ?? ''
    const [, what = '', architecture = ''] = /\/(foundation|bytecode)\/([^/]+)\/Dockerfile$/.exec(dockerfile) ?? []
    if (what === 'foundation' && architecture === broken) return NO_PLATFORM
    if (what === 'bytecode') {
      const [, archives = ''] = /python3 -W ignore - (.*) <</.exec((await host.files.read(dockerfile)) ?? '') ?? []
      compiled[architecture] = archives.split(' ').length
      return OK
    }
    const digest = await putImage(`${what} ${architecture}`, 1)
    await host.files.write(
      args[args.indexOf('--metadata-file') + 1] ?? '',
      JSON.stringify({'containerimage.digest': digest})
    )
    return OK
  }
  const follow = (command: Command): Promise<Ran> => {
    const [, what = ''] = /\/(foundation|bytecode)\/[^/]+\/Dockerfile /.exec(`${command.args.join(' ')} `) ?? []
    return story.building?.(what, command, () => build(command)) ?? build(command)
  }
  const [made, read]: [string[], string[]] = [[], []]
  const lay = async ({recipes, to, onProgress}: LayRequest): Promise<readonly MadeLayer[]> => {
    for (const {key, sources, wheels} of recipes) {
      await host.files.write(sources, sourcesOf(wheels.map(({name}) => name)))
      onProgress({sources: {key, count: 1}})
    }
    return Promise.all(
      recipes.map(async ({key, title, wheels}) => {
        made.push(...wheels.map(({name}) => name))
        const digest = await registry.writeBlob(to.image, Buffer.from(key), null)
        const libraries = title === 'PyTorch family' ? 3 : 0
        const layer = {key, title, digest, sizeBytes: 64, mediaType: ZSTD, diffId: `sha256:${key}`}
        // Layers of one family have one file in the same place, each with other bytes.
        const files = [[`${title}.py`, Number.parseInt(key.slice(0, 8), 16), 1]] as const
        return {...layer, wheels: [], sources: 1, files, libraries}
      })
    )
  }
  const layers: LayersPort = {
    lay: request => story.laying?.(request, () => lay(request)) ?? lay(request),
    layArchive: async (archive, {to, title}) => {
      const digest = await registry.writeBlob(to.image, Buffer.from(`${title} of ${archive}`), null)
      return {digest, sizeBytes: 64, mediaType: ZSTD, diffId: digest}
    },
    readSources: async ({title}) => {
      read.push(title)
      return {isRead: true}
    },
    fileIn: ({bytes}) => (Buffer.from(bytes).toString('utf8').includes('arm64') ? pythonOnArm : pythonOnBase),
    libraryOf: () => '1.5.7'
  }
  const host = makeFakeHost({
    files: Object.fromEntries(files),
    programs: {ask: async () => OK, follow} as unknown as CommandsPort,
    registry,
    layers
  })
  const [notices, warnings]: [string[], string[]] = [[], []]
  const laid = await layRuntime(story.isNeeded === true ? {...work, otherwise: null} : work, {
    host,
    products: {} as Products,
    resources: {docker: {file: 'docker', environment: {}}},
    notice: text => void notices.push(text),
    warn: text => void warnings.push(text)
  })
  const {runtime, answers} = laid.products ?? {}
  const documentOf = async (digest: string | undefined) =>
    JSON.parse(Buffer.from((await registry.readManifest(APP, digest ?? '', null))?.bytes ?? '{}').toString('utf8'))
  return {
    base,
    registry,
    made,
    read,
    runtime,
    answers,
    documentOf,
    notices,
    warnings,
    /** Of how many layers each bytecode build has compiled the sources, by the architecture whose work it was. */
    compiled,
    builds: host.asked.map(({args}) => args.join(' '))
  }
}
