import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import type {Layer} from '../../src/model/layers.ts'
import {
  EMPTY_STORE,
  isSameStore,
  parseStore,
  remember,
  type StoreIndex,
  storeText
} from '../../src/wheels/layer-store.ts'

const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
const digest = hex.map(text => `sha256:${text}`)

const layers: fc.Arbitrary<Layer> = fc.record({
  key: hex,
  title: fc.string({maxLength: 30}),
  digest,
  sizeBytes: fc.nat(),
  mediaType: fc.constantFrom(
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.oci.image.layer.v1.tar+gzip'
  ),
  diffId: digest,
  sources: fc.nat(),
  wheels: fc.array(fc.record({name: fc.string({maxLength: 20}), sha256: hex}), {maxLength: 4})
})

const stores: fc.Arbitrary<StoreIndex> = fc.record({
  layers: fc.uniqueArray(layers, {maxLength: 6, selector: ({key}) => key}),
  foundations: fc.uniqueArray(
    fc.record({key: hex, digest, python: fc.constantFrom('3.11.2', '3.12.10', '3.14.0rc1')}),
    {
      maxLength: 3,
      selector: ({key}) => key
    }
  )
})

describe('the index of layers', () => {
  test('comes back as it was written', () => {
    fc.assert(fc.property(stores, store => expect(parseStore(storeText(store))).toEqual(store)))
  })

  test('what is no index is an empty one, whatever it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => expect(parseStore(text)).toEqual(EMPTY_STORE)))
  })

  test('an entry with a bent digest is passed over, the others are not', () => {
    fc.assert(
      fc.property(layers, layers, (good, bad) => {
        fc.pre(good.key !== bad.key)
        const text = storeText({layers: [good, {...bad, diffId: 'sha256:beef'}], foundations: []})
        expect(parseStore(text).layers).toEqual([good])
      })
    )
  })

  test('what was used last stands in front, and each key stands there once', () => {
    fc.assert(
      fc.property(stores, stores, (used, known) => {
        const next = remember(known, used)
        expect(next.layers.slice(0, used.layers.length)).toEqual(used.layers)
        expect(new Set(next.layers.map(({key}) => key)).size).toBe(next.layers.length)
        expect(isSameStore(remember(next, used), next)).toBe(true)
      })
    )
  })
})
