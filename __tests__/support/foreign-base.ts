import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {gzipSync} from 'node:zlib'
import type {BaseImage} from '../../scripts/world/rootfs.ts'
import {END_OF_TAR, tarHeader, tarPadding} from '../../src/wheels/tar.ts'
import type {JobWorld} from './job-world.ts'

/** Numbers of machines in ELF files. */
const MACHINES = {amd64: 62, arm64: 183}
const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const ACCEPT = [MANIFEST, 'application/vnd.docker.distribution.manifest.v2+json'].join(', ')

interface ManifestJson {
  readonly mediaType?: string
  readonly config: {readonly mediaType: string; readonly digest: string}
  readonly layers: readonly object[]
}

/**
 * A base image for two platforms, of which the other one is a stand-in: this machine's own files, in a configuration that
 * names the other platform, with a Python whose header says so. Nothing in it runs there, and here it cannot be started.
 *
 * Where the base is pulled it is for several platforms already. The registry must take pushes without a login.
 */
export async function twoPlatforms(
  {reference, source}: BaseImage,
  {engine}: Pick<JobWorld, 'engine'>
): Promise<string> {
  if (source === 'pulled') return reference
  const [, host = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? []
  const api = `http://${host}/v2/${repository}`
  const own = await read(`${api}/manifests/${tag}`)
  const manifest = JSON.parse(own.toString('utf8')) as ManifestJson
  const config = JSON.parse((await read(`${api}/blobs/${manifest.config.digest}`)).toString('utf8')) as {
    rootfs: {diff_ids: readonly string[]}
    architecture: 'amd64' | 'arm64'
  }
  const other = config.architecture === 'amd64' ? 'arm64' : 'amd64'

  const inBase = (...command: readonly string[]) =>
    execFileSync(engine.dockerPath, ['run', '--rm', reference, ...command], {
      env: {...process.env, ...engine.env},
      maxBuffer: 64 * 1024 ** 2
    })
  const where = inBase('python3', '-c', 'import os, sys; print(os.path.realpath(sys.executable))')
  const program = where.toString('utf8').trim()
  const python = inBase('cat', program)
  python.writeUInt16LE(MACHINES[other], 18)
  const file = {kind: 'file', path: program.slice(1), mode: 0o755, sizeBytes: python.length} as const
  const tar = Buffer.concat([tarHeader(file), python, tarPadding(python.length), END_OF_TAR])
  const layer = await put(api, gzipSync(tar))
  const foreign = {
    ...config,
    architecture: other,
    rootfs: {type: 'layers', diff_ids: [...config.rootfs.diff_ids, digestOf(tar)]},
    history: []
  }
  const isDocker = manifest.mediaType !== MANIFEST
  const layerType = isDocker
    ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    : 'application/vnd.oci.image.layer.v1.tar+gzip'
  const mediaType = manifest.mediaType ?? MANIFEST
  const text = JSON.stringify({
    ...manifest,
    config: {mediaType: manifest.config.mediaType, ...(await put(api, Buffer.from(JSON.stringify(foreign))))},
    layers: [...manifest.layers, {mediaType: layerType, ...layer}]
  })
  const stand = await putManifest(api, {reference: digestOf(Buffer.from(text)), mediaType, text})
  const index = {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [
      {mediaType, digest: digestOf(own), size: own.length, platform: {os: 'linux', architecture: config.architecture}},
      {mediaType, ...stand, platform: {os: 'linux', architecture: other}}
    ]
  }
  const both = `${tag}-two`
  await putManifest(api, {reference: both, mediaType: INDEX, text: JSON.stringify(index)})
  return `${host}/${repository}:${both}`
}

interface Named {
  readonly digest: string
  readonly size: number
}

async function read(address: string): Promise<Buffer> {
  const answer = await fetch(address, {headers: {accept: ACCEPT}})
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}.`)
  return Buffer.from(await answer.arrayBuffer())
}

async function put(api: string, bytes: Uint8Array): Promise<Named> {
  const begun = await fetch(`${api}/blobs/uploads/`, {method: 'POST'})
  const place = new URL(begun.headers.get('location') ?? '', api)
  const digest = digestOf(bytes)
  place.searchParams.set('digest', digest)
  const headers = {'content-type': 'application/octet-stream'}
  const answer = await fetch(place, {method: 'PUT', body: Uint8Array.from(bytes), headers})
  if (!answer.ok) throw new Error(`${place.href} answers ${answer.status}.`)
  return {digest, size: bytes.length}
}

async function putManifest(
  api: string,
  {reference, mediaType, text}: {readonly reference: string; readonly mediaType: string; readonly text: string}
): Promise<Named> {
  const address = `${api}/manifests/${reference}`
  const answer = await fetch(address, {method: 'PUT', body: text, headers: {'content-type': mediaType}})
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}: ${await answer.text()}`)
  return {digest: digestOf(Buffer.from(text)), size: Buffer.byteLength(text)}
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
