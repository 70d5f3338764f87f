import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterEach, describe, expect, test} from '@jest/globals'
import type {SourcesRead} from '../../src/host/host.ts'
import {readSources} from '../../src/host/layer-sources.ts'
import {layoutAt} from '../../src/image/layout-folder.ts'
import type {Layer} from '../../src/model/layers.ts'
import {LAYOUT} from '../../src/wheels/layout.ts'
import {END_OF_TAR, tarHeader, tarPadding} from '../../src/wheels/tar.ts'
import {filesIn} from '../support/archived.ts'
import {imageAt, openTestSession} from './registry-fixture.ts'
import {type Reply, scriptServer} from './scripted-server.ts'

// The bytes of a layer come over HTTP from a server that misbehaves on request, or lie in a folder.

const ended: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Bytes that no compressor makes smaller: SHA-256 of a counter. */
const BIG = Buffer.concat(Array.from({length: 40_000}, (_, at) => createHash('sha256').update(String(at)).digest()))
const LONG = `${LAYOUT.site}/torch/${'deep/'.repeat(40)}模块.py`
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  [`${LAYOUT.site}/torch/__init__.py`]: 'a = 1\n',
  [`${LAYOUT.site}/torch/lib/libtorch.so`]: BIG,
  [`${LAYOUT.site}/torch/empty.py`]: '',
  [LONG]: 'b = 2\n',
  [`${LAYOUT.scripts}/tool.py`]: 'no source of a package\n'
}
const SOURCES = 3

function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content)
    const sizeBytes = bytes.length
    return [tarHeader({kind: 'file', path, mode: 0o644, sizeBytes}), bytes, tarPadding(sizeBytes)]
  })
  return Buffer.concat([tarHeader({kind: 'folder', path: 'opt/venv', mode: 0o755}), ...parts, END_OF_TAR])
}

interface Story {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly format?: 'gzip'
  /** What the index says of it. */
  readonly remembered?: Partial<Layer>
  /** What the registry does instead of sending the layer. */
  readonly registry?: (packed: Uint8Array, nth: number) => Reply | undefined
  /** The layer lies in a folder in place of a registry. */
  readonly inFolder?: true
}

async function read({files = FILES, format, remembered, registry, inFolder}: Story) {
  const tar = tarOf(files)
  const packed = format === 'gzip' ? gzipSync(tar) : zstdCompressSync(tar)
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${format ?? 'zstd'}`
  const layer: Layer = {
    key: 'k',
    title: 'torch',
    digest: sha256(packed),
    sizeBytes: packed.length,
    mediaType,
    diffId: sha256(tar),
    sources: SOURCES,
    wheels: [],
    ...remembered
  }
  const server = await scriptServer(({path}, {nth}) =>
    path.startsWith('/v2/acme/app/blobs/') ? (registry?.(packed, nth) ?? {status: 200, body: packed}) : {status: 200}
  )
  const {session, credentialFor, close} = openTestSession()
  const place = mkdtempSync(join(tmpdir(), 'sources-'))
  ended.push(server.close, close, () => rmSync(place, {recursive: true, force: true}))
  const layout = join(place, 'layout')
  mkdirSync(join(layout, 'blobs/sha256'), {recursive: true})
  writeFileSync(join(layout, 'blobs', layer.digest.replace(':', '/')), packed)
  const archive = join(place, 'layers/4')
  const outcome: SourcesRead = await readSources(layer, {
    session,
    archive,
    from: inFolder
      ? {image: layoutAt(layout), credential: null}
      : {image: imageAt(server.host), credential: credentialFor(server.host)},
    cancelled: new AbortController().signal
  })
  const gets = server.lines().filter(line => line.startsWith('GET /v2/acme/app/blobs/'))
  return {outcome, archive, place, gets}
}

describe('the sources of a layer', () => {
  test.each<{given: string; story: Story; gets: number}>([
    {given: 'a layer in zstd', story: {}, gets: 1},
    {given: 'a layer in gzip', story: {format: 'gzip'}, gets: 1},
    {given: 'a layer in a folder of this machine', story: {inFolder: true}, gets: 0},
    {
      given: 'a connection that breaks in the middle, twice',
      story: {
        registry: (packed, nth) => (nth < 3 ? {status: 200, body: packed, cutAfter: packed.length / 2} : undefined)
      },
      gets: 3
    }
  ])('given $given, are archived as they are', async ({story, gets}) => {
    const {outcome, archive, gets: asked} = await read(story)
    expect(outcome).toEqual({isRead: true})
    const files = filesIn(archive)
    expect(Object.keys(files).toSorted()).toEqual(
      [`${LAYOUT.site}/torch/__init__.py`, `${LAYOUT.site}/torch/empty.py`, LONG].toSorted()
    )
    expect(files[LONG]).toBe('b = 2\n')
    expect(asked.length).toBe(gets)
  })

  test.each<{given: string; story: Story; because: RegExp}>([
    {
      given: 'other bytes than its digest says',
      story: {registry: () => ({status: 200, body: zstdCompressSync(tarOf({...FILES, more: 'x'}))})},
      because: /delivered other bytes than sha256:/
    },
    {
      given: 'bytes that unpack to something else than its diffID says',
      story: {remembered: {diffId: sha256(Buffer.from('another tar'))}},
      because: /delivered other bytes than sha256:/
    },
    {
      given: 'bytes that do not unpack',
      story: {registry: () => ({status: 200, body: 'no layer'})},
      because: /zstd|frame|Unknown/i
    },
    {
      given: 'more sources than were remembered',
      story: {remembered: {sources: 2}},
      because: /holds 3 sources, and 2 were remembered/
    },
    {
      given: 'a source whose path leads out of where packages lie',
      story: {files: {...FILES, [`${LAYOUT.site}/../../../../../../../out.py`]: ''}, remembered: {sources: 4}},
      because: /holds 3 sources, and 4 were remembered/
    },
    {
      given: 'a source as large as no program text is',
      story: {files: {...FILES, [`${LAYOUT.site}/huge.py`]: Buffer.alloc(65 * 1024 ** 2)}},
      because: /huge\.py has 68157440 bytes/
    },
    {given: 'a registry that has lost it', story: {registry: () => ({status: 404})}, because: /404|not found/i},
    {
      given: 'a connection that always breaks',
      story: {registry: packed => ({status: 200, body: packed, cutAfter: 1_000})},
      because: /aborted|ECONNRESET/
    }
  ])('given $given, are not archived: it says why, and nothing is left', async ({story, because}) => {
    const {outcome, archive, place} = await read(story)
    expect(outcome).toEqual({isRead: false, because: expect.stringMatching(because)})
    expect(existsSync(archive)).toBe(false)
    expect(existsSync(join(place, 'out.py'))).toBe(false)
  })
})
