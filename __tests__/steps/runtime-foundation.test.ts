import {describe, expect, test} from '@jest/globals'
import type {LayersPort} from '../../src/host/host.ts'
import {Problem} from '../../src/model/problem.ts'
import type {KnownStore} from '../../src/steps/runtime-find.ts'
import {assembleFoundation} from '../../src/steps/runtime-foundation-parts.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'

// A foundation that another repository of the same owner has made upon the same base image.

const APP = {registry: 'ghcr.io', repository: 'acme/app'}
const LAYERS = {registry: 'ghcr.io', repository: 'acme/layers'}
const PYTHON = {registry: 'docker.io', repository: 'library/python'}
const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'
const KEY = 'f'.repeat(64)
const SHA = (letter: string) => `sha256:${letter.repeat(64)}`

async function play({
  kind,
  key = KEY,
  isLost = false,
  isGone = false,
  says = '3.12.11\n',
  architecture = 'amd64'
}: {
  kind: KnownStore['kind']
  key?: string
  /** The store has its layer no more. */
  isLost?: boolean
  /** The registry of the base image answers no more. */
  isGone?: boolean
  /** What stands in the layer where its Python does. */
  says?: string
  architecture?: string
}) {
  const memory = makeMemoryRegistry()
  const blob = await memory.writeBlob(PYTHON, Buffer.from('base layer'), null)
  const config = {os: 'linux', architecture, config: {}, rootfs: {type: 'layers', diff_ids: [SHA('b')]}}
  const configDigest = await memory.writeBlob(PYTHON, Buffer.from(JSON.stringify(config)), null)
  const manifest = {
    schemaVersion: 2,
    config: {digest: configDigest, size: 9},
    layers: [{mediaType: ZSTD, digest: blob, size: 10}]
  }
  const digest = SHA('9')
  await memory.writeManifest(
    PYTHON,
    digest,
    {digest, mediaType: '', bytes: Buffer.from(JSON.stringify(manifest))},
    null
  )
  const own = isLost ? SHA('0') : await memory.writeBlob(LAYERS, Buffer.from('own layer'), null)
  const layer = {key, title: 'foundation for linux/amd64', digest: own, sizeBytes: 9, mediaType: ZSTD, diffId: SHA('e')}
  const store: KnownStore = {
    kind,
    at: {image: LAYERS, credential: null},
    isHere: false,
    index: {layers: [{...layer, sources: 0, wheels: []}], foundations: []}
  }
  const gone = new Problem('registry-refused', {what: 'Gone.', why: 'Gone.', fix: 'None.'})
  const registry = {
    ...memory,
    readManifest: async (...asked: Parameters<typeof memory.readManifest>) => {
      if (isGone && asked[0] === PYTHON) throw gone
      return memory.readManifest(...asked)
    },
    readBlob: async (...asked: Parameters<typeof memory.readBlob>) => {
      if (isLost && asked[1] === own) throw gone
      return memory.readBlob(...asked)
    },
    copyBlob: async (...asked: Parameters<typeof memory.copyBlob>) => {
      if (isLost && asked[2] === own) throw gone
      return memory.copyBlob(...asked)
    }
  }
  const context = {
    host: {registry, layers: {fileIn: () => says} as unknown as LayersPort, log: {debug: () => {}}}
  } as unknown as StepContext
  const base = {image: PYTHON, credential: null, digest}
  const into = {image: APP, credential: null}
  const made = await assembleFoundation({key: KEY, platform: 'linux/amd64', base, into}, {stores: [store], context})
  return {made, registry, blob, own}
}

describe('a foundation that a shared store remembers', () => {
  test('is put together of its one layer and of the base image itself, as an image in the own repository', async () => {
    const {made, registry, blob, own} = await play({kind: 'protected'})
    const manifest = await registry.readManifest(APP, made?.digest ?? '', null)
    expect(manifest?.bytes.toString()).toBe(made?.manifest)
    const {layers, config} = JSON.parse(made?.manifest ?? '')
    expect(layers.map((layer: {digest: string}) => layer.digest)).toEqual([blob, own])
    for (const {digest} of [config, ...layers]) expect(await registry.hasBlob(APP, digest, null)).toBe(true)
    expect(JSON.parse(made?.config ?? '').rootfs.diff_ids).toEqual([SHA('b'), SHA('e')])
  })

  test.each<{given: string; story: Parameters<typeof play>[0]}>([
    {given: 'a store to which others can write', story: {kind: 'shared'}},
    {given: 'a store that remembers another one', story: {kind: 'protected', key: 'a'.repeat(64)}},
    {given: 'a layer that its registry lost', story: {kind: 'protected', isLost: true}},
    {given: 'a layer that does not say its Python', story: {kind: 'protected', says: '<html>'}},
    {given: 'a base image that cannot be read', story: {kind: 'protected', isGone: true}},
    {given: 'a base image for another platform', story: {kind: 'protected', architecture: 'arm64'}}
  ])('given $given, then it is built, and nothing is named', async ({story}) => {
    const {made, registry} = await play(story)
    expect(made).toBeUndefined()
    expect(registry.writes.filter(write => write.startsWith('acme/app:'))).toEqual([])
  })
})
