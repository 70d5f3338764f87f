import {expect, test} from '@jest/globals'
import type {SourcesRead} from '../../src/host/host.ts'
import type {LayerRecipe} from '../../src/model/layers.ts'
import type {FoundLayer} from '../../src/steps/runtime-find.ts'
import {withSources} from '../../src/steps/runtime-sources.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {bytecodeKey} from '../../src/wheels/bytecode.ts'

const PYTHON = '3.13.5'
const AT = {image: {registry: 'ghcr.io', repository: 'acme/layers'}, credential: null}
const RECIPES = ['cuda', 'torch', 'needs'].map(
  (key, at): LayerRecipe => ({key, title: key, wheels: [], sources: `/run/layers/${at}`})
)

function found(key: string, sources: number): FoundLayer {
  const [digest, diffId] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd'
  return {key, title: key, digest, diffId, sizeBytes: 9, mediaType, sources, wheels: [], origin: 'found', at: AT}
}

const CUDA = found('cuda', 0)
const TORCH = found('torch', 2_000)
const NEEDS = found('needs', 40)
const compiled = ({key}: FoundLayer, python: string) => found(bytecodeKey(key, python), 0)

test.each<{
  given: string
  layers: readonly FoundLayer[]
  lost?: string
  read: readonly string[]
  left: readonly string[]
}>([
  {
    given: 'bytecode for all that has sources',
    layers: [CUDA, TORCH, compiled(TORCH, PYTHON)],
    read: [],
    left: ['cuda', 'torch', bytecodeKey('torch', PYTHON)]
  },
  {
    given: 'a layer without bytecode',
    layers: [CUDA, TORCH, NEEDS, compiled(NEEDS, PYTHON)],
    read: ['torch from acme/layers to /run/layers/1'],
    left: ['cuda', 'torch', 'needs', bytecodeKey('needs', PYTHON)]
  },
  {
    given: 'two without, of which one cannot be read',
    layers: [CUDA, TORCH, NEEDS],
    lost: 'torch',
    read: ['torch from acme/layers to /run/layers/1', 'needs from acme/layers to /run/layers/2'],
    left: ['cuda', 'needs']
  }
])('given $given, then it is read where it lies, and used', async ({layers, lost, read, left}) => {
  const asked: string[] = []
  const context = {
    host: {
      log: {info: () => {}},
      layers: {
        readSources: async ({key}: {key: string}, {image}: typeof AT, folder: string): Promise<SourcesRead> => {
          asked.push(`${key} from ${image.repository} to ${folder}`)
          return key === lost ? {isRead: false, because: 'it is gone'} : {isRead: true}
        }
      }
    }
  } as unknown as StepContext
  const used = await withSources(layers, {recipes: RECIPES, python: PYTHON, context})
  expect(asked).toEqual(read)
  expect(used.map(({key}) => key)).toEqual(left)
})
