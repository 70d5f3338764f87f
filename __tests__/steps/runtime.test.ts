import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import type {Command, CommandsPort, LayersPort, Ran} from '../../src/host/host.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {ProblemCode} from '../../src/model/problem.ts'
import type {Products} from '../../src/model/report.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {layRuntime} from '../../src/steps/runtime.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'

// Several platforms as the step sees them: builds answer as BuildKit does, and layers are made without a wheel.

const APP = {registry: 'ghcr.io', repository: 'acme/app'}
const PYTHON = {registry: 'docker.io', repository: 'library/python'}
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const OK: Ran = {exitCode: 0, stdout: '', stderr: ''}
const NO_PLATFORM: Ran = {...OK, exitCode: 1, stderr: 'ERROR: no match for platform in manifest: not found'}

interface Story {
  readonly platforms?: readonly string[]
  /** What the foundation of arm64 says of Pythons. */
  readonly pythonOnArm?: string
  /** The architecture whose foundation cannot be built. */
  readonly broken?: string
  /** The wheel of torch for arm64. */
  readonly torchOnArm?: string
  /** The Dockerfile begins with the runtime, so nothing else installs. */
  readonly isNeeded?: true
}

/** A lock of torch and one package for any machine. */
function lockOf(torch: string): string {
  const packages = [torch, 'idna-3.9-py3-none-any.whl'].map(file => {
    const [name, version] = file.split('-')
    const sha256 = createHash('sha256').update(file).digest('hex')
    const wheel = `{url = "https://files.example/${file}", hashes = {sha256 = "${sha256}"}}`
    return `[[packages]]\nname = "${name}"\nversion = "${version}"\nwheels = [${wheel}]\n`
  })
  return `lock-version = "1.0"\ncreated-by = "test"\n${packages.join('\n')}`
}

async function play(story: Story) {
  const {platforms = ['linux/amd64', 'linux/arm64'], pythonOnArm = '3.12.11\n', broken} = story
  const {torchOnArm = 'torch-2.11.0-cp312-cp312-manylinux_2_28_aarch64.whl'} = story
  const facts = makeFacts({inputs: {platforms, baseImage: 'python:3.12-slim'}})
  const {work} = stepOf(makePlan(facts), 'runtime')
  const registry = makeMemoryRegistry()
  const {digest: base} = registry.put(PYTHON, {}, '3.12-slim')
  const files = new Map([[`${facts.paths.action}/dockerfiles/foundation.Dockerfile`, 'FROM scratch']])
  for (const {lock, platform} of work.images) {
    files.set(
      lock,
      lockOf(platform === 'linux/arm64' ? torchOnArm : 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl')
    )
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
  const follow = async ({args}: Command): Promise<Ran> => {
    const dockerfile = args[args.indexOf('--file') + 1] ?? ''
    const [, what = '', architecture = ''] = /\/(foundation|bytecode)\/([^/]+)\/Dockerfile$/.exec(dockerfile) ?? []
    if (what === 'foundation' && architecture === broken) return NO_PLATFORM
    const copies = (await host.files.read(dockerfile))?.match(/^COPY --link/gm)?.length ?? 1
    const digest = await putImage(`${what} ${architecture}`, copies)
    await host.files.write(
      args[args.indexOf('--metadata-file') + 1] ?? '',
      JSON.stringify({'containerimage.digest': digest})
    )
    return OK
  }
  const [made, read]: [string[], string[]] = [[], []]
  const layers: LayersPort = {
    lay: ({recipes, to}) =>
      Promise.all(
        recipes.map(async ({key, title, wheels}) => {
          made.push(...wheels.map(({name}) => name))
          const digest = await registry.writeBlob(to.image, Buffer.from(key), null)
          const libraries = title === 'PyTorch family' ? 3 : 0
          const layer = {key, title, digest, sizeBytes: 64, mediaType: ZSTD, diffId: `sha256:${key}`}
          return {...layer, wheels: [], sources: 1, files: [], libraries}
        })
      ),
    readSources: async ({title}) => {
      read.push(title)
      return {isRead: true}
    },
    fileIn: ({bytes}) => (Buffer.from(bytes).toString('utf8').includes('arm64') ? pythonOnArm : '3.12.11\n'),
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
    made,
    read,
    runtime,
    answers,
    documentOf,
    notices,
    warnings,
    builds: host.asked.map(({args}) => args.join(' '))
  }
}

describe('the runtime of two platforms', () => {
  test('is an index of one image for each, named by the platform of its configuration', async () => {
    const {runtime, documentOf} = await play({})
    const {manifests} = await documentOf(runtime?.digest)
    expect(manifests.map(({digest, platform}: {digest: string; platform: object}) => [digest, platform])).toEqual([
      [runtime?.images[0]?.digest, {architecture: 'amd64', os: 'linux'}],
      [runtime?.images[1]?.digest, {architecture: 'arm64', os: 'linux'}]
    ])
    expect(runtime?.images).toMatchObject([
      {platform: 'linux/amd64', isForeign: false, python: '3.12.11'},
      {platform: 'linux/arm64', isForeign: true, python: '3.12.11', libraries: 3}
    ])
  })

  test('has each wheel made once, and the layers of a wheel for any machine in both', async () => {
    const {made, runtime, documentOf} = await play({})
    expect(made.toSorted()).toEqual([
      'idna-3.9-py3-none-any.whl',
      'torch-2.11.0-cp312-cp312-manylinux_2_28_aarch64.whl',
      'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'
    ])
    const [own, other] = await Promise.all((runtime?.images ?? []).map(async image => documentOf(image.digest)))
    const digestsOf = (image: {layers: readonly {digest: string}[]}) => image.layers.map(({digest}) => digest)
    // Foundation, torch with its bytecode, and idna with its own: the last two are the same.
    expect(digestsOf(own).length).toBe(5)
    expect(digestsOf(other).slice(3)).toEqual(digestsOf(own).slice(3))
    expect(digestsOf(other)[1]).not.toBe(digestsOf(own)[1])
    expect(runtime?.layers.flatMap(({wheels = []}) => wheels).toSorted()).toEqual([
      'idna 3.9',
      'torch 2.11.0',
      'torch 2.11.0'
    ])
  })

  test('compiles what cannot run here upon this machine’s own base image, by its digest', async () => {
    const {builds, base} = await play({})
    const bytecode = builds.filter(line => line.includes('/bytecode/arm64/'))
    expect(bytecode).toEqual([
      expect.stringContaining(`--build-context foundation=docker-image://python:3.12-slim@${base}`)
    ])
    expect(bytecode).toEqual([expect.stringContaining('--platform linux/amd64')])
  })

  test('of two Pythons have one layer of a wheel for both, whose sources are read where it lies', async () => {
    const {made, read, documentOf, runtime} = await play({pythonOnArm: '3.12.10\n'})
    expect(made.filter(name => name.startsWith('idna')).length).toBe(1)
    expect(read).toEqual(['requirements'])
    const {layers} = await documentOf(runtime?.images[1]?.digest)
    expect(layers.length).toBe(5)
  })

  test('has no bytecode for a Python that this machine’s base image does not have, and says so', async () => {
    const {builds, warnings, runtime, made, read} = await play({pythonOnArm: '3.12.10\n3.12.11\n'})
    expect(runtime?.images[1]?.python).toBe('3.12.10')
    expect(builds.filter(line => line.includes('/bytecode/arm64/'))).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('The base image for linux/arm64 has Python 3.12.10')])
    expect(made.filter(name => name.startsWith('idna')).length).toBe(1)
    expect(read).toEqual([])
  })

  test('of one platform is the image itself', async () => {
    const {runtime} = await play({platforms: ['linux/arm64']})
    expect(runtime?.images.map(({digest, platform}) => [digest, platform])).toEqual([[runtime?.digest, 'linux/arm64']])
  })
})

describe('where one of several platforms cannot be laid', () => {
  test.each<{given: string; story: Story; because: string}>([
    {
      given: 'a base image that the other platform does not have',
      story: {broken: 'arm64'},
      because: 'the base image for linux/arm64 could not be prepared without running it'
    },
    {
      given: 'a package without a wheel for it',
      story: {torchOnArm: 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'},
      because: 'torch 2.11.0 has no wheel for Python 3.12.11 on linux/arm64'
    }
  ])(
    'given $given, then no wheel is fetched, and the notice says what the Dockerfile takes',
    async ({story, because}) => {
      const {made, answers, notices} = await play(story)
      expect(answers?.runtime).toEqual({isLaid: false, because: expect.stringContaining(because)})
      expect(made).toEqual([])
      expect(notices).toEqual([expect.stringContaining('runs commands for linux/arm64: that takes QEMU')])
    }
  )

  test('given a Dockerfile that begins with the runtime, then the run stops', async () => {
    const code: ProblemCode = 'runtime-unavailable'
    const torchOnArm = 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'
    const why = expect.stringContaining('torch 2.11.0 has no wheel for Python 3.12.11 on linux/arm64')
    await expect(play({torchOnArm, isNeeded: true})).rejects.toMatchObject({code, why})
  })

  test('given a base image that is broken on this machine, then the run stops', async () => {
    const code: ProblemCode = 'build-failed'
    await expect(play({broken: 'amd64'})).rejects.toMatchObject({code})
  })
})
