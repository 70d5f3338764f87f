import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('shared-layers')
  await stage.build('runtime', {})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('all flavours share the layers of the wheels', () => {
  beforeAll(async () => {
    for (const [FLAVOR, APT_PACKAGES] of [
      ['compile', ''],
      ['notebook', ''],
      ['ssh', 'git']
    ] as const) {
      await stage.build(FLAVOR, {FLAVOR, APT_PACKAGES})
    }
  }, 900_000)

  test.each([
    {flavor: 'compile', most: 150e6},
    {flavor: 'notebook', most: 100e6},
    {flavor: 'ssh', most: 30e6}
  ])('and $flavor adds little to them, where PyTorch has 4 GB', async ({flavor, most}) => {
    const runtime = await stage.layersOf('runtime')
    const layers = await stage.layersOf(flavor)
    expect(layers.slice(-8)).toEqual(runtime.slice(-8))
    const known = new Set(runtime.map(({digest}) => digest))
    const added = layers.filter(({digest}) => !known.has(digest)).reduce((sum, {size}) => sum + size, 0)
    expect(added).toBeLessThan(most)
  })
})
