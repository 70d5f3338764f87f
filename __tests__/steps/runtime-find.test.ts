import {setImmediate as nextTurn} from 'node:timers/promises'
import {describe, expect, test} from '@jest/globals'
import type {RegistryPort} from '../../src/host/host.ts'
import {layoutAt} from '../../src/image/layout-folder.ts'
import type {ImageName} from '../../src/model/inputs.ts'
import type {Layer, LayerRecipe} from '../../src/model/layers.ts'
import {Problem} from '../../src/model/problem.ts'
import {findBytecode, findLayers, type KnownStore} from '../../src/steps/runtime-find.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {bytecodeKey} from '../../src/wheels/bytecode.ts'
import {KNOWN_LAYERS} from '../../src/wheels/known-layers.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'

const APP: ImageName = {registry: 'ghcr.io', repository: 'acme/app'}
const LAYERS: ImageName = {registry: 'ghcr.io', repository: 'acme/layers'}
const PYTHON = '3.12.11'
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'

/** A layer that the action's table knows, and one that it does not. */
const KNOWN = KNOWN_LAYERS[0]
const RECIPES: readonly LayerRecipe[] = [recipe('known', KNOWN?.wheels[0]?.[1] ?? ''), recipe('other', 'ee'.repeat(32))]

function recipe(key: string, sha256: string): LayerRecipe {
  const url = `https://files.pythonhosted.org/${key}.whl`
  return {key, title: `layer ${key}`, wheels: [{name: `${key}.whl`, url, sha256}], sources: ''}
}

/** Puts a blob for each entry into a store's repository, and returns the index that names them. */
async function storeOf(
  kind: KnownStore['kind'],
  {
    registry,
    diffIds,
    sources = 0,
    python = PYTHON
  }: {registry: ReturnType<typeof makeMemoryRegistry>; diffIds: object; sources?: number; python?: string}
): Promise<KnownStore> {
  const image = kind === 'own' ? APP : LAYERS
  const entryOf = async (key: string, diffId: string, count: number): Promise<Layer> => {
    const digest = await registry.writeBlob(image, Buffer.from(`${kind} ${key}`), null)
    return {key, title: key, digest, sizeBytes: 9, mediaType: ZSTD, diffId, sources: count, wheels: []}
  }
  const layers: Layer[] = []
  for (const [key, diffId] of Object.entries(diffIds)) {
    layers.push(await entryOf(key, diffId, sources))
    if (sources > 0) layers.push(await entryOf(bytecodeKey(key, python), diffId, 0))
  }
  return {kind, at: {image, credential: null}, isHere: kind === 'own', index: {layers, foundations: []}}
}

const TRUE = KNOWN?.diffId ?? ''
const FALSE = `sha256:${'00'.repeat(32)}`

test.each<{
  given: string
  stores: readonly {
    kind: KnownStore['kind']
    diffIds: Readonly<Record<string, string>>
    sources?: number
    /** Whose bytecode it has. */
    python?: string
  }[]
  found: readonly string[]
  warned: number
}>([
  {
    given: 'the own repository remembers both',
    stores: [{kind: 'own', diffIds: {known: TRUE, other: FALSE}}],
    found: ['known found', 'other found'],
    warned: 0
  },
  {
    given: 'the own repository says of a known wheel what cannot be',
    stores: [{kind: 'own', diffIds: {known: FALSE, other: FALSE}}],
    found: ['other found'],
    warned: 1
  },
  {
    given: 'a shared store remembers both',
    stores: [{kind: 'shared', diffIds: {known: TRUE, other: FALSE}}],
    found: ['known mounted'],
    warned: 0
  },
  {
    given: 'a shared store has bytecode with them, which no table can know',
    stores: [{kind: 'shared', diffIds: {known: TRUE}, sources: 3}],
    found: ['known mounted'],
    warned: 0
  },
  {
    given: 'the own repository has bytecode of another Python with them',
    stores: [{kind: 'own', diffIds: {known: TRUE, other: FALSE}, sources: 3, python: '3.13.5'}],
    found: ['known found', 'other found'],
    warned: 0
  },
  {
    given: 'the own repository has them, and a store of protected refs the bytecode of this Python',
    stores: [
      {kind: 'own', diffIds: {known: TRUE}, sources: 3, python: '3.13.5'},
      {kind: 'protected', diffIds: {known: TRUE}, sources: 3}
    ],
    found: ['known found', 'known bytecode mounted'],
    warned: 0
  },
  {
    given: 'protected refs alone can write to the shared store',
    stores: [{kind: 'protected', diffIds: {known: TRUE, other: FALSE}, sources: 3}],
    found: ['known mounted', 'known bytecode mounted', 'other mounted', 'other bytecode mounted'],
    warned: 0
  },
  {
    given: 'protected refs alone can write to it, and it is wrong about a known wheel all the same',
    stores: [{kind: 'protected', diffIds: {known: FALSE, other: FALSE}}],
    found: ['other mounted'],
    warned: 1
  },
  {
    given: 'the own repository is poisoned, and the shared store is not',
    stores: [
      {kind: 'own', diffIds: {known: FALSE}},
      {kind: 'shared', diffIds: {known: TRUE}}
    ],
    found: ['known mounted'],
    warned: 1
  }
])('given $given', async ({stores, found, warned}) => {
  const registry = makeMemoryRegistry()
  const warnings: string[] = []
  const context = {
    host: {registry, log: {debug: () => {}}},
    warn: (text: string) => warnings.push(text)
  } as unknown as StepContext
  const known: KnownStore[] = []
  for (const {kind, ...store} of stores) known.push(await storeOf(kind, {registry, ...store}))
  const into = {image: APP, credential: null}
  const finding = {stores: known, into, isWhole: true, context}
  const wheels = await findLayers(RECIPES, finding)
  const bytecode = await findBytecode(wheels, PYTHON, finding)
  const layers = RECIPES.flatMap(({key}) =>
    [key, bytecodeKey(key, PYTHON)].flatMap(name => [...wheels, ...bytecode].find(layer => layer.key === name) ?? [])
  )
  const names = new Map(
    RECIPES.flatMap(
      ({key}) =>
        [
          [key, key],
          [bytecodeKey(key, PYTHON), `${key} bytecode`]
        ] as const
    )
  )
  expect(layers.map(({key, origin}) => `${names.get(key)} ${origin}`)).toEqual(found)
  for (const {digest} of layers) expect(await registry.hasBlob(APP, digest, null)).toBe(true)
  expect(warnings).toHaveLength(warned)
  for (const text of warnings)
    expect(text).toMatch(/layer known .*acme\/(?:app|layers)|acme\/(?:app|layers) says of layer known/)
})

test('a layer that the store’s registry lost is not found', async () => {
  const registry = makeMemoryRegistry()
  const store = await storeOf('own', {registry, diffIds: {other: FALSE}})
  const lost = store.index.layers.map(layer => ({...layer, digest: FALSE}))
  const context = {host: {registry, log: {debug: () => {}}}, warn: () => {}} as unknown as StepContext
  const stores = [{...store, index: {layers: lost, foundations: []}}]
  const into = {image: APP, credential: null}
  expect(await findLayers(RECIPES, {stores, into, isWhole: true, context})).toEqual([])
})

describe('given layers that go into a folder, and an own repository that is elsewhere', () => {
  const FOLDER = layoutAt('/run/layout')

  test.each<{given: string; isWhole: boolean; isLost?: true; found: readonly string[]; inFolder: boolean}>([
    {given: 'all must lie in it, they are copied', isWhole: true, found: ['copied', 'copied'], inFolder: true},
    {
      given: 'naming them is enough, they stay where they are',
      isWhole: false,
      found: ['found', 'found'],
      inFolder: false
    },
    {
      given: 'all must lie in it and they are lost, they are not found',
      isWhole: true,
      isLost: true,
      found: [],
      inFolder: false
    },
    {
      given: 'naming them is enough and they are lost, they are not found',
      isWhole: false,
      isLost: true,
      found: [],
      inFolder: false
    }
  ])('given $given', async ({isWhole, isLost, found, inFolder}) => {
    const registry = makeMemoryRegistry()
    const store = await storeOf('own', {registry, diffIds: {known: TRUE, other: FALSE}})
    const index = isLost
      ? {layers: store.index.layers.map(layer => ({...layer, digest: FALSE})), foundations: []}
      : store.index
    const lost: RegistryPort = {
      ...registry,
      async copyBlob(...asked) {
        if (isLost) throw new Problem('registry-refused', {what: 'Gone.', why: 'Gone.', fix: 'None.'})
        return registry.copyBlob(...asked)
      }
    }
    const context = {host: {registry: lost, log: {debug: () => {}}}, warn: () => {}} as unknown as StepContext
    const layers = await findLayers(RECIPES, {
      stores: [{...store, isHere: false, index}],
      into: {image: FOLDER, credential: null},
      isWhole,
      context
    })
    expect(layers.map(({origin}) => origin)).toEqual(found)
    for (const {digest} of layers) expect(await registry.hasBlob(FOLDER, digest, null)).toBe(inFolder)
  })
})

test.each([
  {given: 'a repository of its own, which is only asked', kind: 'own', atOnce: 12},
  {given: 'a store whose layers may pass through this machine', kind: 'protected', atOnce: 4}
] as const)('given $given, then $atOnce layers are found at once', async ({kind, atOnce}) => {
  const registry = makeMemoryRegistry()
  const recipes = Array.from({length: 12}, (_, at) => recipe(`layer-${at}`, `${at + 10}`.repeat(32)))
  const diffIds = Object.fromEntries(recipes.map(({key}) => [key, FALSE]))
  const store = await storeOf(kind, {registry, diffIds})
  let [now, most] = [0, 0]
  const counted = async <T>(act: () => Promise<T>): Promise<T> => {
    now += 1
    most = Math.max(most, now)
    await nextTurn()
    now -= 1
    return act()
  }
  const counting: RegistryPort = {
    ...registry,
    hasBlob: (...asked) => counted(() => registry.hasBlob(...asked)),
    copyBlob: (...asked) => counted(() => registry.copyBlob(...asked))
  }
  const context = {host: {registry: counting, log: {debug: () => {}}}, warn: () => {}} as unknown as StepContext
  const into = {image: APP, credential: null}
  const found = await findLayers(recipes, {stores: [store], into, isWhole: true, context})
  expect([found.length, most]).toEqual([12, atOnce])
})
