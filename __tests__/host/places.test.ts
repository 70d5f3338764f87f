import {createHash} from 'node:crypto'
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {afterEach, describe, expect, test} from '@jest/globals'
import {blobIn, putChecked} from '../../src/host/layout-folder.ts'
import {withFolders} from '../../src/host/places.ts'
import {registryClient} from '../../src/host/registry.ts'
import {layoutAt} from '../../src/image/layout-folder.ts'
import {imageText} from '../../src/image/reference.ts'
import {imageAt, openTestSession} from './registry-fixture.ts'
import {scriptServer} from './scripted-server.ts'

// A folder where a repository stands otherwise, on a real disk; what is brought comes from a real HTTP server.

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const LAYER = Buffer.from('a layer')
const ended: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A folder, and a registry that answers every request for a blob with these bytes. */
async function open(served: Uint8Array = LAYER) {
  const folder = mkdtempSync(join(tmpdir(), 'layout-'))
  const server = await scriptServer(({path}) => (path === '/v2/' ? {status: 200} : {status: 200, body: served}))
  const {session, close} = openTestSession()
  ended.push(() => rmSync(folder, {recursive: true, force: true}), server.close, close)
  const place = layoutAt(folder)
  const registry = withFolders(registryClient(session), session)
  const bring = (digest: string) => registry.copyBlob(imageAt(server.host), place, digest, {from: null, to: null})
  return {folder, server, registry, place, bring}
}

describe('a folder in place of a repository', () => {
  test('is called as buildx calls it', () => {
    expect(imageText(layoutAt('/run/layout'))).toBe('oci-layout:///run/layout')
  })

  test('gives back what was put, by its digest, and is an image layout then', async () => {
    const {folder, registry, place} = await open()
    const config = Buffer.from('{}')
    expect(await registry.writeBlob(place, config, null)).toBe(digestOf(config))
    const bytes = Buffer.from(JSON.stringify({mediaType: MANIFEST, config: {digest: digestOf(config)}, layers: []}))
    const digest = await registry.writeManifest(place, '', {digest: '', mediaType: MANIFEST, bytes}, null)
    expect(await registry.readManifest(place, digest, null)).toEqual({digest, mediaType: MANIFEST, bytes})
    expect(await registry.readBlob(place, digestOf(config), null)).toEqual(config)
    expect(JSON.parse(readFileSync(join(folder, 'oci-layout'), 'utf8'))).toEqual({imageLayoutVersion: '1.0.0'})
    expect(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))).toEqual({
      schemaVersion: 2,
      manifests: [{mediaType: MANIFEST, digest, size: bytes.length}]
    })
  })

  test('names all that is put at the same time', async () => {
    const {folder, registry, place} = await open()
    const put = Array.from({length: 20}, (_, nth) => {
      const bytes = Buffer.from(JSON.stringify({mediaType: MANIFEST, layers: [], annotations: {nth: `${nth}`}}))
      return registry.writeManifest(place, '', {digest: '', mediaType: MANIFEST, bytes}, null)
    })
    const digests = await Promise.all(put)
    const {manifests} = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
    expect(manifests.map((entry: {digest: string}) => entry.digest).toSorted()).toEqual(digests.toSorted())
  })

  test('knows no tags, and nothing that nobody put', async () => {
    const {registry, place} = await open()
    expect(await registry.readManifest(place, 'main', null)).toBeUndefined()
    expect(await registry.readManifest(place, digestOf(LAYER), null)).toBeUndefined()
    expect(await registry.hasBlob(place, digestOf(LAYER), null)).toBe(false)
  })

  test('gets a blob of a registry, and asks for it once', async () => {
    const {registry, place, bring, server} = await open()
    await bring(digestOf(LAYER))
    await bring(digestOf(LAYER))
    expect(await registry.hasBlob(place, digestOf(LAYER), null)).toBe(true)
    expect(server.seen.filter(({path}) => path.includes('/blobs/')).map(({method}) => method)).toEqual(['GET'])
  })

  test('keeps every byte of a body that is ready before the folder is', async () => {
    const {folder} = await open()
    await putChecked(folder, Readable.from([LAYER.subarray(0, 3), LAYER.subarray(3)]), digestOf(LAYER))
    expect(await blobIn(folder, digestOf(LAYER))).toEqual(LAYER)
  })

  test('refuses a blob that is not what its digest says, and keeps nothing of it', async () => {
    const {folder, bring} = await open(Buffer.from('other bytes'))
    await expect(bring(digestOf(LAYER))).rejects.toEqual(expect.objectContaining({code: 'digest-mismatch'}))
    expect(readdirSync(folder)).toEqual(['blobs'])
  })
})
