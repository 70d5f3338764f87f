import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import type {Command, CommandsPort, LayersPort, Ran} from '../../src/host/host.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {Products} from '../../src/model/report.ts'
import {makePlan} from '../../src/plan/plan.ts'
import type {KnownStore} from '../../src/steps/runtime-find.ts'
import {provideBelow} from '../../src/steps/runtime-flavor.ts'
import type {FoundImage} from '../../src/steps/runtime-foundation.ts'
import type {StepContext} from '../../src/steps/step.ts'
import type {StoredFoundation} from '../../src/wheels/layer-store.ts'
import type {FactsSaid} from '../support/facts.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {type MemoryRegistry, makeMemoryRegistry} from '../support/memory-registry.ts'

// What is built, and upon what, where a repository remembers some of it: builds answer as BuildKit does.

const APP = {registry: 'ghcr.io', repository: 'acme/app'}
const PYTHON = {registry: 'docker.io', repository: 'library/python'}
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

interface Story {
  readonly inputs?: NonNullable<FactsSaid['inputs']>
  readonly known?: readonly StoredFoundation[]
  readonly now?: string
  readonly dockerfile?: string
  readonly fails?: true
  readonly registry?: MemoryRegistry
}

async function play({inputs, known = [], now = '2026-11-20T09:30:00Z', dockerfile = 'FROM base', ...story}: Story) {
  const {registry = makeMemoryRegistry(), fails} = story
  const facts = makeFacts({inputs: {flavor: 'compile', baseImage: 'python:3.12-slim', ...inputs}})
  const {work} = stepOf(makePlan(facts), 'runtime')
  const [image] = work.images
  if (image === undefined || work.into === null) throw new Error('The plan lays nothing.')
  if (registry.standing(PYTHON, '3.12-slim') === undefined) registry.put(PYTHON, {}, '3.12-slim')
  const built: string[] = []
  const follow = async ({args}: Command): Promise<Ran> => {
    const directory = args.at(-1) ?? ''
    const what = /\/(foundation|flavor)\//.exec(directory)?.[1] ?? ''
    built.push(what === 'flavor' ? `flavor upon ${args.find(word => word.startsWith('base='))?.split('@')[1]}` : what)
    if (fails && what === 'flavor') return {exitCode: 1, stdout: '', stderr: 'E: Unable to locate package libgl9'}
    const blob = Buffer.from(`${what} ${built.length}`)
    const layer = {digest: await registry.writeBlob(APP, blob, null), mediaType: 'tar', size: blob.length}
    const config = Buffer.from(JSON.stringify({config: {Cmd: [what]}}))
    const descriptor = {digest: await registry.writeBlob(APP, config, null), size: config.length}
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, config: descriptor, layers: [layer]}))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    await registry.writeManifest(APP, digest, {digest, mediaType: MANIFEST, bytes}, null)
    const metadata = args[args.indexOf('--metadata-file') + 1] ?? ''
    await host.files.write(metadata, JSON.stringify({'containerimage.digest': digest}))
    return {exitCode: 0, stdout: '', stderr: ''}
  }
  const host = {
    ...makeFakeHost({
      files: {
        [`${facts.paths.action}/dockerfiles/foundation.Dockerfile`]: 'FROM scratch',
        [`${facts.paths.action}/dockerfiles/pytorch-cuda.Dockerfile`]: dockerfile
      },
      programs: {ask: async () => ({exitCode: 0, stdout: '', stderr: ''}), follow} as unknown as CommandsPort,
      registry,
      layers: {fileIn: () => '3.12.11\n'} as unknown as LayersPort
    }),
    clock: {now: () => new Date(now), elapsedMs: () => 0}
  }
  const own: KnownStore = {kind: 'own', at: work.into, isHere: true, index: {layers: [], foundations: known}}
  const context: StepContext = {
    host,
    products: {} as Products,
    resources: {docker: {file: 'docker', environment: {}}},
    notice: () => {},
    warn: () => {}
  }
  const found = await provideBelow({...work, ...image, into: work.into}, {stores: [own], context})
  return {found, built, registry}
}

function rememberedOf({key, digest, python, below}: FoundImage): readonly StoredFoundation[] {
  return [{key, digest, python}, ...(below === undefined ? [] : [below])]
}

describe('what wheels are laid upon', () => {
  test('given nothing that is remembered, then the flavour is built upon the foundation, and both can be remembered', async () => {
    const {found, built} = await play({})
    expect(built).toEqual(['foundation', `flavor upon ${found.below?.digest}`])
    expect(found).toMatchObject({origin: 'made', python: '3.12.11', isCompiled: true})
    expect(JSON.parse(found.config)).toEqual({config: {Cmd: ['flavor']}})
    expect(found.key).not.toBe(found.below?.key)
  })

  test('given no flavour and no packages of apt, then it is the foundation alone', async () => {
    const {found, built} = await play({inputs: {flavor: 'runtime'}})
    expect(built).toEqual(['foundation'])
    expect(found.below).toBeUndefined()
  })

  test.each<{then: string; story: Story; builds: readonly string[]}>([
    {then: 'the same again', story: {}, builds: []},
    {then: 'six days later', story: {now: '2026-11-25T23:59:59Z'}, builds: []},
    {then: 'the next span of seven days', story: {now: '2026-11-27T09:30:00Z'}, builds: ['flavor']},
    {then: 'a newer Dockerfile of the action', story: {dockerfile: 'FROM base AS flavor'}, builds: ['flavor']},
    {then: 'another flavour', story: {inputs: {flavor: 'ssh'}}, builds: ['flavor']},
    {then: 'one more package', story: {inputs: {aptPackages: ['git']}}, builds: ['flavor']},
    {then: 'no flavour any more', story: {inputs: {flavor: 'runtime'}}, builds: []},
    {then: '--no-cache', story: {inputs: {buildxArgs: ['--no-cache']}}, builds: ['flavor']},
    {
      then: 'a store that may not be read',
      story: {inputs: {cache: {backend: 'none'}}},
      builds: ['foundation', 'flavor']
    }
  ])('given one that is remembered, and $then, then built is $builds', async ({story, builds}) => {
    const {found: before, registry} = await play({})
    const {built, found} = await play({...story, registry, known: rememberedOf(before)})
    expect(built.map(what => what.split(' ')[0])).toEqual(builds)
    expect(found.python).toBe('3.12.11')
  })

  test('given a base image that is another today, then both are built anew', async () => {
    const {found: before, registry} = await play({})
    registry.put(PYTHON, {newer: 'yes'}, '3.12-slim')
    const {built} = await play({registry, known: rememberedOf(before)})
    expect(built.map(what => what.split(' ')[0])).toEqual(['foundation', 'flavor'])
  })

  test('given a package that apt does not have, then the run ends with what it said', async () => {
    await expect(play({fails: true})).rejects.toMatchObject({code: 'build-failed'})
  })
})
