import {createHash} from 'node:crypto'
import type {Layer, LayerWheel} from '../model/layers.ts'
import {LAYOUT} from './layout.ts'

/** What a repository remembers of layers and foundations that were made for it. */
export interface StoreIndex {
  readonly layers: readonly Layer[]
  readonly foundations: readonly StoredFoundation[]
}

/** An image with an empty environment to lay wheels into. */
export interface StoredFoundation {
  readonly key: string
  /** Of its manifest. */
  readonly digest: string
  /** Its Python, as `3.11.2`. */
  readonly python: string
}

/** What a foundation is known by: the image below it, and how the environment is laid out. */
export function foundationKey({base, platform}: {base: string; platform: string}): string {
  return keyOf([LAYOUT.version, platform, base])
}

/**
 * What a flavour upon a foundation is known by: that, what it was built by, and in which span of days, counted from 1970.
 *
 * The next span has another key, so packages of the distribution are never older than one span.
 */
export function flavorKey(
  below: string,
  {
    text,
    arguments: args,
    keptDays,
    now
  }: {text: string; arguments: Readonly<Record<string, string>>; keptDays: number; now: Date}
): string {
  const span = Math.floor(now.getTime() / DAY_MS / keptDays)
  return keyOf(['flavor', below, text, Object.entries(args).toSorted(), keptDays, span])
}

const DAY_MS = 86_400_000

function keyOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The tag under which a repository remembers its layers. */
export const STORE_TAG = 'pytorch-cuda-image-layers'

/** Nothing is remembered. */
export const EMPTY_STORE: StoreIndex = {layers: [], foundations: []}

/** What the index calls itself, so that nobody takes it for an image. */
export const STORE_TYPE = 'application/vnd.pytorch-cuda-image.layer-store.v1+json'

/** The empty JSON object that stands where an image has its configuration (OCI image specification 1.1). */
export const EMPTY_CONFIG = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2
} as const

/** How much is remembered; what is oldest falls out, and with it what keeps its bytes from being collected. */
const MOST_LAYERS = 320
const MOST_FOUNDATIONS = 8

const SHA256 = /^sha256:[0-9a-f]{64}$/
const KEY = 'dev.pytorch-cuda-image.layer.key'
const TITLE = 'dev.pytorch-cuda-image.layer.title'
const DIFF_ID = 'dev.pytorch-cuda-image.layer.diff-id'
const SOURCES = 'dev.pytorch-cuda-image.layer.sources'
const LAYOUT_VERSION = 'dev.pytorch-cuda-image.layer.layout'
const WHEELS = 'dev.pytorch-cuda-image.layer.wheels'
const FOUNDATION = 'dev.pytorch-cuda-image.foundation.'

/** Reads an index. What in it is not as it must be is passed over: a store that forgets costs time and nothing else. */
export function parseStore(text: string): StoreIndex {
  const json = jsonOf(text)
  const layers = Array.isArray(json.layers) ? json.layers.flatMap(layerIn) : []
  const annotations = isRecord(json.annotations) ? json.annotations : {}
  return {layers, foundations: Object.entries(annotations).flatMap(foundationIn)}
}

/** The index as a manifest, so that its registry keeps the layers that it names. */
export function storeText({layers, foundations}: StoreIndex): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: STORE_TYPE,
    config: EMPTY_CONFIG,
    layers: layers.map(({key, title, digest, sizeBytes, mediaType, diffId, sources, wheels}) => ({
      mediaType,
      digest,
      size: sizeBytes,
      annotations: {
        [KEY]: key,
        [TITLE]: title,
        [DIFF_ID]: diffId,
        [SOURCES]: String(sources),
        [LAYOUT_VERSION]: String(LAYOUT.version),
        [WHEELS]: JSON.stringify(wheels.map(({name, sha256}) => [name, sha256]))
      }
    })),
    annotations: Object.fromEntries(
      foundations.map(({key, digest, python}) => [`${FOUNDATION}${key}`, `${digest} ${python}`])
    )
  })
}

/** An index with what a run has used in front: the newest is what the next run most likely wants. */
export function remember(store: StoreIndex, used: StoreIndex): StoreIndex {
  return {
    layers: firstOfEach([...used.layers, ...store.layers]).slice(0, MOST_LAYERS),
    foundations: firstOfEach([...used.foundations, ...store.foundations]).slice(0, MOST_FOUNDATIONS)
  }
}

/** Whether an index would say anything new. */
export function isSameStore(one: StoreIndex, other: StoreIndex): boolean {
  const keys = ({layers, foundations}: StoreIndex) =>
    [...layers, ...foundations].map(({key, digest}) => `${key} ${digest}`)
  return keys(one).toSorted().join() === keys(other).toSorted().join()
}

/** Entries without those whose key came before. */
export function firstOfEach<T extends {readonly key: string}>(entries: readonly T[]): readonly T[] {
  const seen = new Set<string>()
  return entries.filter(({key}) => !seen.has(key) && seen.add(key))
}

function layerIn(entry: unknown): readonly Layer[] {
  if (!isRecord(entry) || !isRecord(entry.annotations)) return []
  const {mediaType, digest, size, annotations} = entry
  const [key, title, diffId] = [annotations[KEY], annotations[TITLE], annotations[DIFF_ID]]
  const sources = Number(annotations[SOURCES])
  const isWhole =
    typeof mediaType === 'string' &&
    mediaType.startsWith('application/vnd.oci.image.layer.v1.tar+') &&
    typeof digest === 'string' &&
    SHA256.test(digest) &&
    typeof diffId === 'string' &&
    SHA256.test(diffId) &&
    typeof size === 'number' &&
    typeof key === 'string' &&
    typeof title === 'string' &&
    annotations[SOURCES] !== undefined &&
    // A layer of another layout has another key: nobody will look for it here.
    annotations[LAYOUT_VERSION] === String(LAYOUT.version) &&
    Number.isSafeInteger(sources)
  return isWhole
    ? [{key, title, digest, sizeBytes: size, mediaType, diffId, sources, wheels: wheelsIn(annotations[WHEELS])}]
    : []
}

function wheelsIn(text: unknown): readonly LayerWheel[] {
  const rows: unknown = typeof text === 'string' ? parsed(text) : undefined
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: unknown) => {
    const [name, sha256]: readonly unknown[] = Array.isArray(row) ? row : []
    return typeof name === 'string' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
      ? [{name, sha256}]
      : []
  })
}

function foundationIn([name, value]: [string, unknown]): readonly StoredFoundation[] {
  if (!name.startsWith(FOUNDATION) || typeof value !== 'string') return []
  const [digest = '', python = ''] = value.split(' ')
  const isWhole = SHA256.test(digest) && /^\d+\.\d+(?:\.\d+)?/.test(python)
  return isWhole ? [{key: name.slice(FOUNDATION.length), digest, python}] : []
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  const json = parsed(text)
  return isRecord(json) ? json : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
