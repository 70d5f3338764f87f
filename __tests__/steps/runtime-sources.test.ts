import {expect, test} from '@jest/globals'
import type {SourcesRead} from '../../src/host/host.ts'
import type {LayerRecipe} from '../../src/model/layers.ts'
import type {FoundLayer} from '../../src/steps/runtime-find.ts'
import {readSources} from '../../src/steps/runtime-sources.ts'
import type {StepContext} from '../../src/steps/step.ts'

const PYTHONS = ['3.13.5']
const AT = {image: {registry: 'ghcr.io', repository: 'acme/layers'}, credential: null}
const RECIPES = ['cuda', 'torch', 'needs'].map(
  (key, at): LayerRecipe => ({key, title: key, wheels: [], sources: `/run/layers/${at}`})
)

function found(key: string, sources: number): FoundLayer {
  const [digest, diffId] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd'
  return {key, title: key, digest, diffId, sizeBytes: 9, mediaType, sources, wheels: [], origin: 'found', at: AT}
}

const TORCH = found('torch', 2_000)
const NEEDS = found('needs', 40)

test.each<{
  given: string
  bare: readonly FoundLayer[]
  lost?: string
  read: readonly string[]
  remade: readonly string[]
}>([
  {given: 'bytecode for all that has sources', bare: [], read: [], remade: []},
  {
    given: 'a layer without bytecode',
    bare: [TORCH],
    read: ['torch from acme/layers to /run/layers/1'],
    remade: []
  },
  {
    given: 'two without, of which one cannot be read',
    bare: [TORCH, NEEDS],
    lost: 'torch',
    read: ['torch from acme/layers to /run/layers/1', 'needs from acme/layers to /run/layers/2'],
    remade: ['torch']
  }
])(
  'given $given, then sources are read where they lie, and what is lost is told',
  async ({bare, lost, read, remade}) => {
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
    const again = await readSources(bare, {recipes: RECIPES, pythons: PYTHONS, context})
    expect(asked).toEqual(read)
    expect(again.map(({key}) => key)).toEqual(remade)
  }
)
