import {describe, expect, test} from '@jest/globals'
import type {Layer} from '../../src/model/layers.ts'
import {beliefIn, believesPrograms, type StoreKind} from '../../src/wheels/belief.ts'
import {KNOWN_LAYERS, knownDiffId} from '../../src/wheels/known-layers.ts'
import {LAYOUT} from '../../src/wheels/layout.ts'
import {isPublicWheel} from '../../src/wheels/public-wheel.ts'

const TRUE_ID = `sha256:${'a1'.repeat(32)}`
const OTHER_ID = `sha256:${'b2'.repeat(32)}`
const WHEEL = {url: 'https://files.pythonhosted.org/torch.whl', name: 'torch.whl', sha256: 'c3'.repeat(32)}

function layer(diffId: string): Layer {
  const zstd = 'application/vnd.oci.image.layer.v1.tar+zstd'
  return {
    key: 'k',
    title: 'torch',
    digest: OTHER_ID,
    sizeBytes: 1,
    mediaType: zstd,
    diffId,
    sources: 1,
    wheels: [WHEEL]
  }
}

describe('what is believed of a remembered layer', () => {
  test.each<{kind: StoreKind; table: 'agrees' | 'disagrees' | 'does not know it'; then: string}>([
    {kind: 'own', table: 'agrees', then: 'believed'},
    {kind: 'own', table: 'disagrees', then: 'poisoned'},
    {kind: 'own', table: 'does not know it', then: 'believed'},
    {kind: 'shared', table: 'agrees', then: 'believed'},
    {kind: 'shared', table: 'disagrees', then: 'poisoned'},
    {kind: 'shared', table: 'does not know it', then: 'unknown'},
    {kind: 'protected', table: 'agrees', then: 'believed'},
    {kind: 'protected', table: 'disagrees', then: 'poisoned'},
    {kind: 'protected', table: 'does not know it', then: 'believed'}
  ])('in a store that is $kind, where the table $table: $then', ({kind, table, then}) => {
    const known = () => (table === 'does not know it' ? undefined : TRUE_ID)
    const belief = beliefIn(layer(table === 'disagrees' ? OTHER_ID : TRUE_ID), {wheels: [WHEEL], kind, known})
    expect(belief.holds ? 'believed' : belief.why).toBe(then)
  })

  test.each<{kind: StoreKind; then: boolean}>([
    {kind: 'own', then: true},
    {kind: 'shared', then: false},
    {kind: 'protected', then: true}
  ])('bytecode and foundations in a store that is $kind: $then', ({kind, then}) => {
    expect(believesPrograms(kind)).toBe(then)
  })
})

describe('the table of known layers', () => {
  test('has PyTorch 2.8.0 for Python 3.12, CUDA’s libraries with it', () => {
    const names = KNOWN_LAYERS.flatMap(({wheels}) => wheels.map(([name]) => name))
    for (const name of [
      /^torch-2\.8\.0-cp312-/,
      /^nvidia_cudnn_cu12-/,
      /^nvidia_cublas_cu12-/,
      /^triton-3\.4\.0-cp312-/
    ]) {
      expect(names.find(one => name.test(one))).toBeDefined()
    }
  })

  test('every row is for this layout, whole, and alone for its wheels', () => {
    const keys = KNOWN_LAYERS.map(({wheels}) => JSON.stringify(wheels))
    expect(new Set(keys).size).toBe(keys.length)
    for (const {layout, wheels, diffId} of KNOWN_LAYERS) {
      expect(layout).toBe(LAYOUT.version)
      expect(diffId).toMatch(/^sha256:[0-9a-f]{64}$/)
      for (const [name, sha256] of wheels) expect(`${name} ${sha256}`).toMatch(/^\S+\.whl [0-9a-f]{64}$/)
      expect(knownDiffId(wheels.map(([, sha256]) => ({sha256})))).toBe(diffId)
    }
  })

  test('does not know the layer of a part of its wheels, nor of the same in another order', () => {
    const row = KNOWN_LAYERS.find(({wheels}) => wheels.length > 1)
    const wheels = (row?.wheels ?? []).map(([, sha256]) => ({sha256}))
    expect(knownDiffId(wheels.slice(1))).toBeUndefined()
    expect(knownDiffId(wheels.toReversed())).toBeUndefined()
  })
})

describe('what may lie where other repositories read', () => {
  test.each([
    {url: 'https://files.pythonhosted.org/packages/six-1.17.0-py2.py3-none-any.whl', then: true},
    {
      url: 'https://download.pytorch.org/whl/cu126/torch-2.8.0%2Bcu126-cp312-cp312-manylinux_2_28_x86_64.whl',
      then: true
    },
    {url: 'http://files.pythonhosted.org/packages/six-1.17.0-py2.py3-none-any.whl', then: false},
    {url: 'https://user:token@files.pythonhosted.org/packages/six.whl', then: false},
    {url: 'https://pypi.acme.dev/six.whl', then: false},
    {url: 'https://download.pytorch.org/whl/six.whl?signature=abc', then: false},
    {url: 'https://files.pythonhosted.org.acme.dev/six.whl', then: false}
  ])('$url: $then', ({url, then}) => {
    expect(isPublicWheel({url})).toBe(then)
  })
})
