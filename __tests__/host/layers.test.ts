import {createHash} from 'node:crypto'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {zstdDecompressSync} from 'node:zlib'
import {afterEach, describe, expect, test} from '@jest/globals'
import type {LayRequest} from '../../src/host/host.ts'
import {openLayers} from '../../src/host/layers.ts'
import {layoutAt} from '../../src/image/layout-folder.ts'
import type {LayerRecipe} from '../../src/model/layers.ts'
import type {LockedFile} from '../../src/model/lock.ts'
import {END_OF_TAR, tarHeader, tarPadding} from '../../src/wheels/tar.ts'
import {filesIn} from '../support/archived.ts'
import {elfHead} from '../support/elf.ts'
import {wheelFiles, type Zipped, zipOf} from '../wheels/zip-writer.ts'
import {imageAt, openTestSession} from './registry-fixture.ts'
import {type Reply, type ScriptedServer, type Seen, scriptServer} from './scripted-server.ts'

// Worker threads, downloads and uploads are the real ones; the index and the registry are servers that misbehave on request.

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url))
const ended: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that no compressor makes smaller: SHA-256 of a counter. */
const BIG = Buffer.concat(Array.from({length: 20_000}, (_, at) => createHash('sha256').update(String(at)).digest()))
const ALPHA = zipOf(
  wheelFiles('alpha', [
    {name: 'alpha/__init__.py', content: 'a = 1\n'},
    {name: 'alpha/data', content: BIG}
  ])
)
const BETA = zipOf(wheelFiles('beta', [{name: 'beta.py', content: 'b = 2\n'}]))

interface Story {
  readonly wheels?: Readonly<Record<string, Uint8Array>>
  /** What the index does instead. */
  readonly index?: (seen: Seen, nth: number) => Reply | undefined
  /** What the registry does instead. */
  readonly registry?: (seen: Seen, nth: number) => Reply | undefined
  /** The hash that the lock names, where it is not the wheel's. */
  readonly locked?: string
  /** Which wheels share a layer; without it, each has its own. */
  readonly layers?: 'one of all' | 'the first alone, and one of all'
  /** A folder that gets the layers in place of the registry. */
  readonly folder?: string
  readonly stopped?: AbortSignal
  readonly onProgress?: LayRequest['onProgress']
}

interface Registry {
  readonly server: ScriptedServer
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** A registry that keeps what it is sent, and takes a blob only under its own digest. */
async function openRegistry(other: Story['registry']): Promise<Registry> {
  const parts = new Map<string, Buffer>()
  const blobs = new Map<string, Uint8Array>()
  let uploads = 0
  const server = await scriptServer((seen, {nth}) => {
    const told = other?.(seen, nth)
    if (told !== undefined) return told
    const url = new URL(seen.path, 'http://registry')
    if (url.pathname === '/v2/') return {status: 200}
    if (seen.method === 'POST') {
      uploads += 1
      return {status: 202, headers: {location: `/v2/acme/app/blobs/uploads/${uploads}`}}
    }
    const id = url.pathname.split('/').at(-1) ?? ''
    if (seen.method === 'PATCH') {
      parts.set(id, Buffer.concat([parts.get(id) ?? Buffer.alloc(0), seen.body]))
      return {status: 202, headers: {location: url.pathname}}
    }
    const digest = url.searchParams.get('digest') ?? ''
    const bytes = parts.get(id) ?? Buffer.alloc(0)
    if (digest !== `sha256:${sha256(bytes)}`) return {status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}'}
    blobs.set(digest, bytes)
    return {status: 201}
  })
  ended.push(server.close)
  return {server, blobs}
}

async function openIndex(wheels: Readonly<Record<string, Uint8Array>>, other: Story['index']): Promise<ScriptedServer> {
  const server = await scriptServer((seen, {nth}) => {
    const told = other?.(seen, nth)
    if (told !== undefined) return told
    const bytes = wheels[seen.path.slice(1)]
    if (bytes === undefined) return {status: 404}
    const from = Number(/^bytes=(\d+)-$/.exec(seen.headers.range ?? '')?.[1] ?? 0)
    return {status: from === 0 ? 200 : 206, body: bytes.subarray(from)}
  })
  ended.push(server.close)
  return server
}

/** The wheels of each layer. */
function sharing(files: readonly LockedFile[], layers: Story['layers']): readonly (readonly LockedFile[])[] {
  if (layers === undefined) return files.map(file => [file])
  return layers === 'one of all' ? [files] : [files.slice(0, 1), files]
}

async function lay(story: Story = {}) {
  const wheels = story.wheels ?? {'alpha-1.0-py3-none-any.whl': ALPHA, 'beta-1.0-py3-none-any.whl': BETA}
  const registry = await openRegistry(story.registry)
  const index = await openIndex(wheels, story.index)
  const {session, credentialFor, close} = openTestSession()
  const directory = join(mkdtempSync(join(tmpdir(), 'layers-')), 'wheels')
  ended.push(close, () => rmSync(join(directory, '..'), {recursive: true, force: true}))
  const sources = join(directory, '..', 'sources')
  const files = Object.entries(wheels).map(([name, bytes]) => ({
    url: `http://${index.host}/${name}`,
    name,
    sizeBytes: bytes.length,
    sha256: story.locked ?? sha256(bytes)
  }))
  const recipes = sharing(files, story.layers).map((held): LayerRecipe => {
    const title = held.map(({name}) => name).join(' and ')
    return {key: title, title, wheels: held, sources: join(sources, title)}
  })
  const layers = openLayers({
    workerFile: WORKER,
    session,
    environment: {},
    cancelled: new AbortController().signal,
    presses: 2,
    stallMs: 2_000
  })
  const made = layers.lay({
    recipes,
    packing: {format: 'zstd', level: 1, library: 'test'},
    directory,
    to:
      story.folder === undefined
        ? {image: imageAt(registry.server.host), credential: credentialFor(registry.server.host)}
        : {image: layoutAt(story.folder), credential: null},
    onProgress: story.onProgress ?? (() => {}),
    ...(story.stopped === undefined ? {} : {stopped: story.stopped})
  })
  const outcome = await made.then(
    done => ({done, thrown: undefined}),
    (thrown: unknown) => ({done: undefined, thrown})
  )
  return {...outcome, layers, registry, index, directory, sources}
}

describe('laying wheels', () => {
  test('every wheel becomes a blob that its digest and its diffID name', async () => {
    const {done = [], registry, directory} = await lay()
    expect(done.map(({title}) => title)).toEqual(['alpha-1.0-py3-none-any.whl', 'beta-1.0-py3-none-any.whl'])
    for (const layer of done) {
      const blob = registry.blobs.get(layer.digest)
      expect(blob?.length).toBe(layer.sizeBytes)
      const tar = zstdDecompressSync(blob ?? new Uint8Array())
      expect(`sha256:${sha256(tar)}`).toBe(layer.diffId)
    }
    expect(existsSync(directory)).toBe(false)
  })

  test('the same wheels give the same layers', async () => {
    const [one, other] = [await lay(), await lay()]
    expect(one.done?.map(({digest, diffId}) => [digest, diffId])).toEqual(
      other.done?.map(({digest, diffId}) => [digest, diffId])
    )
  })

  test('a layer is sent in one part, whatever its size', async () => {
    const {registry} = await lay({layers: 'one of all'})
    expect(registry.server.lines().filter(line => line.startsWith('PATCH')).length).toBe(1)
  })

  test('a folder gets the very layers that a registry gets, and nothing is asked of a registry', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layout-'))
    ended.push(() => rmSync(folder, {recursive: true, force: true}))
    const {done = [], registry} = await lay({folder})
    const other = await lay()
    expect(done.map(({digest}) => digest)).toEqual(other.done?.map(({digest}) => digest))
    for (const {digest} of done) {
      expect(`sha256:${sha256(readFileSync(join(folder, 'blobs', digest.replace(':', '/'))))}`).toBe(digest)
    }
    expect(readdirSync(folder)).toEqual(['blobs'])
    expect(registry.server.seen).toEqual([])
  })

  test('the sources that are read out of a layer are those that its wheels gave when it was made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layout-'))
    ended.push(() => rmSync(folder, {recursive: true, force: true}))
    const {done = [], layers, sources} = await lay({folder})
    for (const layer of done) {
      const again = join(folder, 'again', layer.title)
      const read = await layers.readSources(layer, {image: layoutAt(folder), credential: null}, again)
      expect(read).toEqual({isRead: true})
      expect(filesIn(again)).toEqual(filesIn(join(sources, layer.title)))
      expect(Object.keys(filesIn(again)).length).toBe(layer.sources)
    }
    expect(done.map(layer => layer.sources)).toEqual([1, 1])
  })

  test.each([
    {given: 'as it is', isStored: true},
    {given: 'deflated', isStored: false}
  ])('a file that is read in many pieces and lies $given in its wheel is laid as it is', async ({isStored}) => {
    const large = Buffer.concat(Array.from({length: 16}, (_, at) => Buffer.concat([Buffer.from([at]), BIG])))
    const wheel = zipOf(wheelFiles('alpha', [{name: 'alpha/data.bin', content: large, isStored}]))
    const folder = mkdtempSync(join(tmpdir(), 'layout-'))
    ended.push(() => rmSync(folder, {recursive: true, force: true}))
    const {done = [], thrown} = await lay({folder, wheels: {'alpha-1.0-py3-none-any.whl': wheel}})
    expect(thrown).toBeUndefined()
    const [digest = ''] = done.map(layer => layer.digest)
    const tar = zstdDecompressSync(readFileSync(join(folder, 'blobs', digest.replace(':', '/'))))
    expect(tar.includes(large)).toBe(true)
  })

  test('a wheel that two layers hold is there for both, whichever is done first', async () => {
    const {done = [], thrown} = await lay({layers: 'the first alone, and one of all'})
    expect(thrown).toBeUndefined()
    expect(done.map(({wheels}) => wheels.length)).toEqual([1, 2])
  })

  test('of an archive that a builder gave, the bytecode becomes a layer, and nothing else that lies in it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layout-'))
    ended.push(() => rmSync(folder, {recursive: true, force: true}))
    const {layers} = await lay({folder})
    const module = 'opt/venv/lib/python/site-packages/alpha/__pycache__/__init__.cpython-312.pyc'
    const archive = join(folder, 'bytecode.tar')
    const entry = (path: string, text: string) => {
      const bytes = Buffer.from(text)
      return [tarHeader({kind: 'file', path, mode: 0o777, sizeBytes: bytes.length}), bytes, tarPadding(bytes.length)]
    }
    writeFileSync(archive, Buffer.concat([...entry(module, 'code'), ...entry('etc/passwd', 'evil'), END_OF_TAR]))
    const request = {
      to: {image: layoutAt(folder), credential: null},
      packing: {format: 'zstd', level: 1, library: 'test'},
      title: 'bytecode'
    } as const
    const {digest, diffId} = await layers.layArchive(archive, request)
    const tar = zstdDecompressSync(readFileSync(join(folder, 'blobs', digest.replace(':', '/'))))
    expect(`sha256:${sha256(tar)}`).toBe(diffId)
    writeFileSync(join(folder, 'layer.tar'), tar)
    expect(filesIn(join(folder, 'layer.tar'))).toEqual({[module]: 'code'})
    symlinkSync(archive, join(folder, 'link.tar'))
    await expect(layers.layArchive(join(folder, 'link.tar'), request)).rejects.toThrow(/ELOOP/)
  })

  test('sources lie in their archive while the registry still waits for the layer', async () => {
    const counts: Record<string, number> = {}
    const order: string[] = []
    const {done, sources} = await lay({
      onProgress: progress => {
        if ('made' in progress) order.push('layer')
        if (!('sources' in progress)) return
        order.push('sources')
        counts[progress.sources.key] = progress.sources.count
      },
      // The first answer of the registry comes once the sources of both have been told.
      registry: ({method}) =>
        method === 'PATCH' && order.length < 2 ? {status: 503, headers: {'retry-after': '0'}} : undefined
    })
    expect(done?.length).toBe(2)
    expect(order.slice(0, 2)).toEqual(['sources', 'sources'])
    expect(counts).toEqual({'alpha-1.0-py3-none-any.whl': 1, 'beta-1.0-py3-none-any.whl': 1})
    const archived = Object.keys(counts).flatMap(name => Object.keys(filesIn(join(sources, name))))
    expect(archived.map(path => path.split('/').at(-1)).toSorted()).toEqual(['__init__.py', 'beta.py'])
  })

  test('when nobody wants the layers any more, it ends, and nothing more is fetched or sent', async () => {
    const stopping = new AbortController()
    const {thrown, registry, directory, index} = await lay({
      stopped: stopping.signal,
      index: () => {
        stopping.abort()
        return undefined
      }
    })
    expect(thrown).toBeInstanceOf(Error)
    expect(registry.blobs.size).toBe(0)
    expect(existsSync(directory)).toBe(false)
    const late = await lay({stopped: stopping.signal})
    expect(late.thrown).toMatchObject({name: 'AbortError'})
    expect([index.seen.length > 0, late.index.seen.length]).toEqual([true, 0])
  })

  test('given a wheel that turns out to be broken, a folder keeps nothing of its layer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'layout-'))
    ended.push(() => rmSync(folder, {recursive: true, force: true}))
    const broken = zipOf(
      wheelFiles('alpha', [{name: 'alpha/data', content: BIG, central: {crc32: 7}, local: {crc32: 7}}])
    )
    const {thrown} = await lay({folder, wheels: {'alpha-1.0-py3-none-any.whl': broken}})
    expect(thrown).toEqual(expect.objectContaining({code: 'wheel-invalid'}))
    expect(readdirSync(folder, {recursive: true}).filter(name => !/^blobs(?:.sha256)?$/.test(String(name)))).toEqual([])
  })

  test('a download that breaks off is gone on with where it broke', async () => {
    const {done, index} = await lay({
      index: ({path}, nth) =>
        path.includes('alpha') && nth === 1
          ? {status: 200, headers: {'content-length': String(ALPHA.length)}, body: ALPHA, cutAfter: 400_000}
          : undefined
    })
    expect(done?.length).toBe(2)
    const ranges = index.seen.flatMap(({headers}) => headers.range ?? [])
    expect(ranges).toEqual([expect.stringMatching(/^bytes=\d+-$/)])
  })

  test('an upload that breaks off is made and sent again', async () => {
    let isBroken = false
    const {done, registry} = await lay({
      registry: ({method}) => {
        if (method !== 'PATCH' || isBroken) return undefined
        isBroken = true
        return 'reset'
      }
    })
    expect(done?.length).toBe(2)
    expect(registry.blobs.size).toBe(2)
  })

  test('libraries are counted by the machine that the name of their wheel tells', async () => {
    const name = 'alpha-1.0-py3-none-manylinux_2_28_aarch64.whl'
    const libraries: readonly Zipped[] = [
      {name: 'alpha/a.so', content: elfHead('aarch64')},
      // As large as those that are unpacked as a stream.
      {name: 'alpha/b.so', content: Buffer.concat([elfHead('aarch64'), Buffer.alloc(9 * 1024 ** 2)])},
      {name: 'alpha/for-another.so', content: elfHead('x86_64')}
    ]
    const {done} = await lay({wheels: {[name]: zipOf(wheelFiles('alpha', libraries))}})
    expect(done?.map(layer => layer.libraries)).toEqual([2])
  })

  const clashing: readonly Zipped[] = [{name: 'alpha/__init__.py', content: 'a = 3\n'}]
  test.each<{given: string; story: Story; code: string}>([
    {given: 'a wheel that is not the locked one', story: {locked: 'f'.repeat(64)}, code: 'wheel-mismatch'},
    {
      given: 'a longer file than the locked one',
      story: {
        index: ({path}) => (path.includes('beta') ? {status: 200, body: Buffer.concat([BETA, BETA])} : undefined)
      },
      code: 'wheel-mismatch'
    },
    {given: 'a wheel that is gone', story: {index: () => ({status: 404})}, code: 'download-failed'},
    {
      given: 'bytes that are no zip',
      story: {wheels: {'alpha-1.0-py3-none-any.whl': Buffer.from('<html>not found</html>'.repeat(99))}},
      code: 'wheel-invalid'
    },
    {
      given: 'a wheel with a file that does not unpack to what it says',
      story: {
        wheels: {
          'alpha-1.0-py3-none-any.whl': zipOf(
            wheelFiles('alpha', [{name: 'alpha/data', content: BIG, central: {crc32: 7}, local: {crc32: 7}}])
          )
        }
      },
      code: 'wheel-invalid'
    },
    {
      given: 'a wheel with libraries for another machine than its name says',
      story: {
        wheels: {
          'alpha-1.0-py3-none-manylinux_2_28_aarch64.whl': zipOf(
            wheelFiles('alpha', [{name: 'alpha/a.so', content: elfHead('x86_64')}])
          )
        }
      },
      code: 'wheel-invalid'
    },
    {
      given: 'two wheels with different files for one path',
      story: {
        layers: 'one of all',
        wheels: {'alpha-1.0-py3-none-any.whl': ALPHA, 'beta-1.0-py3-none-any.whl': zipOf(wheelFiles('beta', clashing))}
      },
      code: 'wheels-clash'
    },
    {
      given: 'a registry that refuses',
      story: {
        registry: ({method}) => (method === 'POST' ? {status: 403, body: '{"errors":[{"code":"DENIED"}]}'} : undefined)
      },
      code: 'registry-refused'
    }
  ])('given $given, then it is named, and no layer of it can be referred to', async ({story, code}) => {
    const {thrown, registry, directory} = await lay(story)
    expect(thrown).toMatchObject({code})
    const names = registry.server.lines().filter(line => line.startsWith('PUT'))
    expect(names.length).toBe(registry.blobs.size)
    if (code !== 'wheel-mismatch' && code !== 'download-failed') expect(registry.blobs.size).toBeLessThan(2)
    expect(existsSync(directory)).toBe(false)
  })
})
