import {describe, expect, test} from '@jest/globals'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import {bytecodeDockerfile, bytecodeKey, bytecodeLayers, isSource} from '../../src/wheels/bytecode.ts'

const SITE = 'opt/venv/lib/python/site-packages'

describe('what is compiled', () => {
  test.each([
    {given: 'a module', path: `${SITE}/torch/nn/functional.py`, then: true},
    {given: 'a library', path: `${SITE}/torch/lib/libtorch.so`, then: false},
    {given: 'a stub', path: `${SITE}/torch/nn/functional.pyi`, then: false},
    {given: 'a script, which is run and never imported', path: 'opt/venv/bin/tool.py', then: false}
  ])('given $given, then $then', ({path, then}) => {
    expect(isSource(path)).toBe(then)
  })
})

describe('the key of bytecode', () => {
  test('tells the layer and the whole version of Python apart', () => {
    const keys = ['3.12.4', '3.12.5', '3.13.0'].flatMap(python => ['a', 'b'].map(layer => bytecodeKey(layer, python)))
    expect(new Set(keys).size).toBe(6)
  })
})

test('the Dockerfile has one layer for each folder, and can be read', () => {
  const text = bytecodeDockerfile(['0', '7'])
  expect(text.match(/^COPY --link .*$/gm)).toEqual([
    'COPY --link --from=compile /bytecode/0/ /',
    'COPY --link --from=compile /bytecode/7/ /'
  ])
  expect(parseDockerfile(text).stages.map(({from}) => from)).toEqual(['foundation', 'scratch'])
})

describe('the layers that were compiled', () => {
  const of = [
    {key: 'k0', title: 'torch'},
    {key: 'k1', title: 'requirements'}
  ]
  const manifest = JSON.stringify({
    layers: [
      {mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: 'sha256:a0', size: 10},
      {mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: 'sha256:a1', size: 20}
    ]
  })
  const config = JSON.stringify({rootfs: {diff_ids: ['sha256:d0', 'sha256:d1']}})

  test('belong to their sources in order', () => {
    expect(bytecodeLayers(of, {manifest, config, python: '3.12.4'})).toMatchObject([
      {
        key: bytecodeKey('k0', '3.12.4'),
        title: 'bytecode of torch',
        digest: 'sha256:a0',
        diffId: 'sha256:d0',
        sources: 0
      },
      {key: bytecodeKey('k1', '3.12.4'), digest: 'sha256:a1', diffId: 'sha256:d1', sizeBytes: 20}
    ])
  })

  test.each([
    {given: 'one layer is missing', manifest: JSON.stringify({layers: []}), config},
    {given: 'a diffID is missing', manifest, config: JSON.stringify({rootfs: {diff_ids: ['sha256:d0']}})},
    {given: 'it is no image', manifest: '{}', config: '{}'}
  ])('given $given, then there are none', told => {
    expect(bytecodeLayers(of, {...told, python: '3.12.4'})).toBeUndefined()
  })
})
