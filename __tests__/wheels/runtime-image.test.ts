import {describe, expect, test} from '@jest/globals'
import type {Layer} from '../../src/model/layers.ts'
import {runtimeConfig, runtimeIndex, runtimeManifest} from '../../src/wheels/runtime-image.ts'

const SHA = (letter: string) => `sha256:${letter.repeat(64)}`
const TORCH: Layer = {
  key: 'c'.repeat(64),
  title: 'torch',
  digest: SHA('1'),
  sizeBytes: 800,
  mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
  diffId: SHA('2'),
  wheels: [],
  sources: 0
}
const SETTINGS = {
  user: '10001:10001',
  workingDirectory: '/app',
  environment: {VIRTUAL_ENV: '/opt/venv'},
  path: {before: '/opt/venv/bin', after: '/home/app/.local/bin'},
  start: {init: ['/opt/venv/bin/dumb-init', '--'], command: ['python3']},
  hasInit: false
}
const BASE = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  config: {
    Env: ['PATH=/usr/local/bin:/usr/bin', 'LANG=C.UTF-8', 'VIRTUAL_ENV=/old'],
    Entrypoint: ['/old'],
    Labels: {a: 'b'}
  },
  rootfs: {type: 'layers', diff_ids: [SHA('a')]},
  history: [{created_by: 'debootstrap'}]
})

describe('runtimeConfig', () => {
  const config = JSON.parse(runtimeConfig(BASE, [TORCH], SETTINGS))

  test('is that of the base, with the layers behind', () => {
    expect(config).toMatchObject({architecture: 'amd64', os: 'linux', rootfs: {diff_ids: [SHA('a'), SHA('2')]}})
    expect(config.history.length).toBe(2)
  })

  test('puts the environment in front of the base’s PATH, and keeps what the base says else', () => {
    expect(config.config.Env).toEqual([
      'LANG=C.UTF-8',
      'VIRTUAL_ENV=/opt/venv',
      'PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/home/app/.local/bin'
    ])
    expect(config.config.Labels).toEqual({a: 'b'})
  })

  test('starts as the user of the image, in its folder, without the entrypoint of the base', () => {
    expect(config.config).toMatchObject({User: '10001:10001', WorkingDir: '/app', Cmd: ['python3'], Entrypoint: null})
  })

  test('given a flavour below, then a container starts with what that says', () => {
    const says = {
      Entrypoint: ['/usr/local/bin/start'],
      Cmd: ['/opt/jupyter/bin/notebook'],
      ExposedPorts: {'8888/tcp': {}},
      Healthcheck: {Test: ['CMD', 'true']}
    }
    const below = JSON.stringify({...JSON.parse(BASE), config: {...says, User: '0:0', WorkingDir: '/'}})
    const made = JSON.parse(runtimeConfig(below, [TORCH], {...SETTINGS, start: null}))
    expect(made.config).toMatchObject({...says, User: '10001:10001', WorkingDir: '/app'})
  })

  test('is the same text at any time', () => {
    expect(runtimeConfig(BASE, [TORCH], SETTINGS)).toBe(runtimeConfig(BASE, [TORCH], SETTINGS))
  })
})

test('a layer of Docker’s own kind becomes one of OCI’s in the manifest, with the same bytes', () => {
  const base = JSON.stringify({
    layers: [{mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: SHA('d'), size: 5, urls: []}]
  })
  const config = {mediaType: 'application/vnd.oci.image.config.v1+json', digest: SHA('e'), size: 9}
  expect(JSON.parse(runtimeManifest(base, [TORCH], config)).layers).toEqual([
    {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: SHA('d'), size: 5},
    {mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: SHA('1'), size: 800}
  ])
})

describe('runtimeIndex', () => {
  test('names each image by its digest, with the platform that its own configuration tells', () => {
    const arm = JSON.stringify({...JSON.parse(BASE), architecture: 'arm64', variant: 'v8'})
    const index = runtimeIndex([
      {manifest: {digest: SHA('3'), size: 700}, config: BASE},
      {manifest: {digest: SHA('4'), size: 701}, config: arm}
    ])
    expect(JSON.parse(index)).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest: SHA('3'),
          size: 700,
          platform: {architecture: 'amd64', os: 'linux'}
        },
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest: SHA('4'),
          size: 701,
          platform: {architecture: 'arm64', os: 'linux', variant: 'v8'}
        }
      ]
    })
  })
})
