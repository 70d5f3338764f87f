import type {Host} from '../host/host.ts'
import type {LocalCache} from '../model/work-build.ts'

interface Descriptor {
  readonly digest: string
  readonly mediaType?: string
}

/** `index.json`, an index or a manifest; BuildKit lists layers and its own configuration in any of them. */
interface Listing {
  readonly manifests?: readonly Descriptor[]
  readonly layers?: readonly Descriptor[]
  readonly config?: Descriptor
}

const IS_LISTING = /image\.(?:index|manifest)\.v1\+json|manifest\.(?:list\.)?v2\+json/

/** Makes a directory that is ours one that nobody else can read, and that post removes. */
export async function claimLocalCache({directory, isOurs}: LocalCache, host: Host): Promise<void> {
  if (!isOurs) return
  host.ledger.record({kind: 'remove-path', path: directory})
  await host.files.makeDirectory(directory)
}

/** Puts the layer cache of an earlier run where the build looks for it. */
export async function restoreLocalCache(cache: LocalCache, host: Host): Promise<void> {
  await claimLocalCache(cache, host)
  const {directory, key, archive, restoreKeys} = cache
  const hit = await host.cache.restore({paths: [directory], key, archive}, restoreKeys)
  host.log.info(hit === undefined ? 'No layer cache was restored.' : `Layer cache restored from ${hit}.`)
}

/** Hands the layer cache to the runner's cache service; returns what became of it. */
export async function saveLocalCache(cache: LocalCache, host: Host): Promise<string> {
  const {directory, isOurs, key, archive} = cache
  // In a directory that the workflow names, another job may be writing at this moment.
  if (isOurs) await dropLeftovers(directory, host)
  if (await host.cache.save({paths: [directory], key, archive})) return `saved as ${key}`
  return isOurs ? 'not saved' : `kept in ${directory}`
}

/** BuildKit only ever adds to a directory: without this each run would save all layers of all runs before it. */
async function dropLeftovers(directory: string, host: Host): Promise<void> {
  const blobs = `${directory}/blobs/sha256`
  const needed = new Set<string>()
  async function need(path: string): Promise<void> {
    const {manifests = [], layers = [], config}: Listing = JSON.parse((await host.files.read(path)) ?? '{}')
    for (const {digest, mediaType = ''} of [...manifests, ...layers, ...(config === undefined ? [] : [config])]) {
      const name = digest.replace('sha256:', '')
      if (needed.has(name)) continue
      needed.add(name)
      if (IS_LISTING.test(mediaType)) await need(`${blobs}/${name}`)
    }
  }
  await need(`${directory}/index.json`)
  for (const name of await host.files.list(blobs, {depth: 1})) {
    if (!needed.has(name)) await host.files.remove(`${blobs}/${name}`)
  }
}
