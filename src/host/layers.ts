import {mkdir, rm} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import type {LayerRecipe, MadeLayer, Packing} from '../model/layers.ts'
import type {LockedFile} from '../model/lock.ts'
import {fetchOrder} from '../wheels/fetch-order.ts'
import {fileInTar} from '../wheels/tar-read.ts'
import {pressArchive} from './archive-layer.ts'
import type {LayersPort, LayRequest} from './host.ts'
import {readSources} from './layer-sources.ts'
import {type LayerThread, startLayerThread} from './layer-threads.ts'
import {uploadLayer} from './layer-upload.ts'
import type {Session} from './registry-session.ts'
import {inTurns} from './turns.ts'

/** Downloads at once. More do not help where the line is the limit, and each holds a part of a file on the disk. */
const FETCHES = 4
/** More threads than this wait for the network. */
const MOST_PRESSES = 8

const MEDIA_TYPES: Readonly<Record<Packing['format'], string>> = {
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip'
}

/** Opens what makes layers of wheels: worker threads that fetch and press, while this one sends to the registry. */
export function openLayers({
  workerFile,
  session,
  environment,
  cancelled,
  presses = Math.min(MOST_PRESSES, availableParallelism()),
  stallMs
}: {
  workerFile: string
  session: Session
  environment: Readonly<Record<string, string | undefined>>
  cancelled: AbortSignal
  presses?: number
  stallMs?: number
}): LayersPort {
  return {
    fileIn,
    readSources: (layer, from, archive) => readSources(layer, {session, from, archive, cancelled}),
    layArchive: async (archive, {to, packing, title}) => {
      const pressed = await uploadLayer({session, to, title}, sink => pressArchive(archive, packing, sink))
      return {...pressed, mediaType: MEDIA_TYPES[packing.format]}
    },
    libraryOf: format => process.versions[format === 'zstd' ? 'zstd' : 'zlib'] ?? '',
    lay: async request => {
      const settings = {environment: proxiesOf(environment), ...(stallMs === undefined ? {} : {stallMs})}
      const stopped = AbortSignal.any([cancelled, ...(request.stopped === undefined ? [] : [request.stopped])])
      await mkdir(request.directory, {recursive: true, mode: 0o700})
      // From here to the first task nothing is waited for: a thread that was ended before would never answer.
      stopped.throwIfAborted()
      const start = () => startLayerThread(workerFile, settings)
      const fetcher = start()
      const pressers = Array.from({length: Math.min(presses, request.recipes.length)}, start)
      const end = () => Promise.all([fetcher, ...pressers].map(thread => thread.end()))
      const onStop = () => void end()
      stopped.addEventListener('abort', onStop, {once: true})
      try {
        return await layAll(request, {session, fetcher, pressers})
      } finally {
        stopped.removeEventListener('abort', onStop)
        await end()
        await rm(request.directory, {recursive: true, force: true})
      }
    }
  }
}

/** A small layer: what it unpacks to is small too, or it is not what we look for. */
const FILE_LIMIT_BYTES = 64 * 1024 ** 2

function fileIn({bytes, mediaType}: {bytes: Uint8Array; mediaType: string}, path: string): string | undefined {
  try {
    const file = fileInTar(unpack(bytes, mediaType), path)
    return file === undefined ? undefined : Buffer.from(file).toString('utf8')
  } catch {
    // Whoever put it there may have put anything.
    return undefined
  }
}

function unpack(bytes: Uint8Array, mediaType: string): Uint8Array {
  const options = {maxOutputLength: FILE_LIMIT_BYTES}
  if (mediaType.endsWith('zstd')) return zstdDecompressSync(bytes, options)
  return mediaType.endsWith('gzip') ? gunzipSync(bytes, options) : bytes
}

interface Workshop {
  readonly session: Session
  readonly fetcher: LayerThread
  readonly pressers: readonly LayerThread[]
}

/** Fetches in the order that keeps the presses busy; of what has been fetched, the largest is pressed first. */
async function layAll(request: LayRequest, workshop: Workshop): Promise<readonly MadeLayer[]> {
  const {recipes} = request
  const fetching = inTurns(Array.from({length: FETCHES}, () => workshop.fetcher))
  const pressing = inTurns(workshop.pressers)
  const made = fetchOrder(recipes, bytesOf).map(async (recipe, place) => {
    const wheels = await Promise.all(
      recipe.wheels.map(wheel => fetching(-place, thread => fetchOne(thread, {wheel, recipe, request})))
    )
    const [layer] = await Promise.all([
      pressing(bytesOf(recipe), thread => pressOne(thread, {recipe, wheels, request, session: workshop.session})),
      archiveSources(workshop.fetcher, {recipe, wheels, request})
    ])
    await Promise.all(wheels.map(({path}) => rm(path, {force: true})))
    request.onProgress({made: layer})
    return layer
  })
  const layers = await allOrFirst(made)
  return recipes.flatMap(({key}) => layers.find(layer => layer.key === key) ?? [])
}

/** Like `Promise.all`; what else is thrown after the first is nobody's news. */
function allOrFirst<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  for (const promise of promises) promise.catch(() => {})
  return Promise.all(promises)
}

async function fetchOne(
  thread: LayerThread,
  {wheel, recipe, request}: {wheel: LockedFile; recipe: LayerRecipe; request: LayRequest}
): Promise<{readonly name: string; readonly path: string}> {
  // A wheel for any machine may lie in layers of two platforms, and the first one that is done removes its own.
  const path = `${request.directory}/${recipe.key.slice(0, 16)}-${wheel.sha256}`
  await thread.send({
    task: {kind: 'fetch', wheel, path},
    onBytes: fetchedBytes => request.onProgress({fetchedBytes})
  })
  return {name: wheel.name, path}
}

/** By the thread that fetches: those that press have no time for it until they are done with what they have. */
async function archiveSources(
  thread: LayerThread,
  {recipe, wheels, request}: Pick<Pressing, 'recipe' | 'wheels' | 'request'>
): Promise<void> {
  const told = await thread.send({task: {kind: 'sources', wheels, archive: recipe.sources}})
  if (told.kind !== 'sources') throw new Error(`A worker thread answered ${told.kind}.`)
  request.onProgress({sources: {key: recipe.key, count: told.count}})
}

interface Pressing {
  readonly recipe: LayerRecipe
  readonly wheels: readonly {readonly name: string; readonly path: string}[]
  readonly request: LayRequest
  readonly session: Session
}

function pressOne(thread: LayerThread, {recipe, wheels, request, session}: Pressing): Promise<MadeLayer> {
  const {key, title} = recipe
  return uploadLayer({session, to: request.to, title}, async sink => {
    const told = await thread.send({
      task: {kind: 'press', wheels, packing: request.packing},
      onBytes: laidBytes => request.onProgress({laidBytes}),
      onPiece: piece => {
        request.onProgress({pushedBytes: piece.length})
        return sink(piece)
      }
    })
    if (told.kind !== 'pressed') throw new Error(`A worker thread answered ${told.kind}.`)
    const held = recipe.wheels.map(({name, sha256}) => ({name, sha256}))
    return {key, title, wheels: held, mediaType: MEDIA_TYPES[request.packing.format], ...told.pressed}
  })
}

function bytesOf({wheels}: LayerRecipe): number {
  return wheels.reduce((sum, {sizeBytes}) => sum + (sizeBytes ?? 0), 0)
}

/** What of this process's environment a thread needs: no login is in it. */
function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const wanted = Object.entries(environment).filter(([name]) => /^(?:https?|no|all)_proxy$/i.test(name))
  return Object.fromEntries(wanted.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
