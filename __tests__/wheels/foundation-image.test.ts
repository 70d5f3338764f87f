import {describe, expect, test} from '@jest/globals'
import {foundationLayer, foundationManifest, foundationUpon, manifestFor} from '../../src/wheels/foundation-image.ts'

const SHA = (letter: string) => `sha256:${letter.repeat(64)}`
const DOCKER_GZIP = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
const OCI_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip'
const OCI_ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'
const ASKED = {key: 'k'.repeat(64), platform: 'linux/amd64'}

const LAYER = {
  key: ASKED.key,
  title: 'foundation for linux/amd64',
  digest: SHA('d'),
  sizeBytes: 9,
  mediaType: OCI_ZSTD,
  diffId: SHA('e'),
  sources: 0,
  wheels: []
}

function baseOf({layers = [DOCKER_GZIP], diffIds = [SHA('b')], architecture = 'amd64', more = {}} = {}) {
  return {
    manifest: JSON.stringify({layers: layers.map(mediaType => ({mediaType, digest: SHA('a'), size: 7}))}),
    config: JSON.stringify({
      os: 'linux',
      architecture,
      config: {Env: ['PATH=/usr/bin'], Cmd: ['python3'], User: 'nobody'},
      rootfs: {type: 'layers', diff_ids: diffIds},
      history: [{created_by: 'debootstrap'}],
      ...more
    })
  }
}

test('the layer of a foundation is its last one', () => {
  const manifest = JSON.stringify({
    layers: [
      {mediaType: DOCKER_GZIP, digest: SHA('a'), size: 7},
      {mediaType: OCI_ZSTD, digest: SHA('d'), size: 9}
    ]
  })
  const config = JSON.stringify({rootfs: {diff_ids: [SHA('b'), SHA('e')]}})
  expect(foundationLayer(ASKED, {manifest, config})).toEqual(LAYER)
})

test('what is no image has none', () => {
  expect(foundationLayer(ASKED, {manifest: '{}', config: '{}'})).toBeUndefined()
})

describe('the manifest of a base image for a platform', () => {
  const index = JSON.stringify({
    manifests: [
      {digest: SHA('0'), platform: {os: 'unknown', architecture: 'unknown'}},
      {digest: SHA('1'), platform: {os: 'linux', architecture: 'arm'}},
      {digest: SHA('2'), platform: {os: 'linux', architecture: 'arm64'}},
      {digest: SHA('3'), platform: {os: 'linux', architecture: 'amd64'}}
    ]
  })

  test.each<{given: string; manifest: string; platform: string; then: string | undefined}>([
    {given: 'an index', manifest: index, platform: 'linux/amd64', then: SHA('3')},
    {
      given: 'an index, and a platform whose name another begins with',
      manifest: index,
      platform: 'linux/arm64',
      then: SHA('2')
    },
    {given: 'an index without it', manifest: index, platform: 'linux/riscv64', then: undefined},
    {given: 'one image', manifest: baseOf().manifest, platform: 'linux/amd64', then: 'itself'}
  ])('given $given, then it is $then', ({manifest, platform, then}) => {
    expect(manifestFor(manifest, platform)).toBe(then)
  })
})

describe('a foundation upon its base image', () => {
  test('has the layers of the base under OCI’s names, then its own, and starts as root', () => {
    const upon = foundationUpon(baseOf(), {layer: LAYER, platform: 'linux/amd64'})
    expect(upon?.layers).toEqual([
      {mediaType: OCI_GZIP, digest: SHA('a'), size: 7},
      {mediaType: OCI_ZSTD, digest: SHA('d'), size: 9}
    ])
    const config = JSON.parse(upon?.config ?? '')
    expect(config).toMatchObject({
      os: 'linux',
      architecture: 'amd64',
      config: {Env: ['PATH=/usr/bin'], Cmd: ['python3'], User: '0:0'},
      rootfs: {type: 'layers', diff_ids: [SHA('b'), SHA('e')]}
    })
    expect(config.history.length).toBe(2)
  })

  test('keeps nothing that only engines of old wrote', () => {
    const base = baseOf({more: {container: 'abc', container_config: {Hostname: 'x'}, docker_version: '1.0'}})
    const upon = foundationUpon(base, {layer: LAYER, platform: 'linux/amd64'})
    expect(Object.keys(JSON.parse(upon?.config ?? ''))).toEqual(['architecture', 'os', 'config', 'rootfs', 'history'])
  })

  test.each<{given: string; base: Parameters<typeof baseOf>[0]}>([
    {given: 'a base for another platform', base: {architecture: 'arm64'}},
    {
      given: 'a layer of an unknown kind',
      base: {layers: ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip']}
    },
    {given: 'another number of diffIDs than of layers', base: {diffIds: []}}
  ])('given $given, then there is none', ({base}) => {
    expect(foundationUpon(baseOf(base), {layer: LAYER, platform: 'linux/amd64'})).toBeUndefined()
  })

  test('its manifest names its configuration', () => {
    const manifest = foundationManifest([{mediaType: OCI_ZSTD, digest: SHA('d'), size: 9}], {digest: SHA('c'), size: 3})
    expect(JSON.parse(manifest)).toMatchObject({
      config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: SHA('c'), size: 3},
      layers: [{digest: SHA('d')}]
    })
  })
})
