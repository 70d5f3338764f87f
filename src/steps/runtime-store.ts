import type {Layer, LayerRecipe} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeWork} from '../model/work-runtime.ts'
import {EMPTY_STORE, isSameStore, parseStore, remember, type StoreIndex, storeText} from '../wheels/layer-store.ts'
import {isPublicWheel} from '../wheels/public-wheel.ts'
import {OCI} from '../wheels/runtime-image.ts'
import {inTurns} from './in-turns.ts'
import type {KnownStore} from './runtime-find.ts'
import type {StepContext} from './step.ts'

type Store = RuntimeWork['store']

/** Blobs that are put into the shared store at a time; where its registry does not mount, each is streamed. */
const SIDE_BY_SIDE = 2

/** What the repository remembers, then what the shared store does; each is empty where it may not or cannot be read. */
export async function readStores(
  {tag, mayRead, elsewhere, shared}: Store,
  into: ImageAccess,
  context: StepContext
): Promise<readonly [own: KnownStore, ...others: KnownStore[]]> {
  const at = elsewhere ?? into
  const index = mayRead ? await readIndex(at, tag, context) : EMPTY_STORE
  const own: KnownStore = {kind: 'own', at, isHere: elsewhere === undefined, index}
  if (shared === undefined || !shared.mayRead) return [own]
  return [own, {kind: shared.kind, at: shared.at, isHere: false, index: await readIndex(shared.at, tag, context)}]
}

async function readIndex({image, credential}: ImageAccess, tag: string, {host}: StepContext): Promise<StoreIndex> {
  try {
    const manifest = await host.registry.readManifest(image, tag, credential)
    return manifest === undefined ? EMPTY_STORE : parseStore(Buffer.from(manifest.bytes).toString('utf8'))
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    host.log.debug(`The index of layers could not be read: ${thrown.message}`)
    return EMPTY_STORE
  }
}

/**
 * Remembers what was used. Two runs at once may overwrite each other's lines, which costs making a layer again.
 *
 * It never fails a run: the image does not need it.
 */
export async function writeStore(
  used: StoreIndex,
  known: StoreIndex,
  {store, into, context}: {store: Store; into: ImageAccess; context: StepContext}
): Promise<void> {
  const next = remember(known, used)
  if (!store.mayWrite || isSameStore(next, known)) return
  await attempt('The next build will not find the layers of this one', context, () =>
    writeIndex(next, {at: into, tag: store.tag, context})
  )
}

/**
 * Puts the layers of public wheels, with their bytecode, where the owner's other repositories find them; and what makes
 * foundations of public base images.
 */
export async function shareLayers(
  {layers, foundations}: {readonly layers: readonly Layer[]; readonly foundations: readonly Layer[]},
  recipes: readonly LayerRecipe[],
  {store, into, context}: {store: Store; into: ImageAccess; context: StepContext}
): Promise<void> {
  const {tag, shared} = store
  if (shared?.mayWrite !== true) return
  const {registry} = context.host
  await attempt('Other repositories will not find the layers of this one', context, async () => {
    // Read anew: other repositories write to it as well.
    const known = await readIndex(shared.at, tag, context)
    const isKnown = ({key, digest}: Layer) => known.layers.some(layer => layer.key === key && layer.digest === digest)
    const mine = [...publicLayers(layers, recipes), ...foundations]
    const fresh = mine.filter(layer => !isKnown(layer))
    if (fresh.length === 0) return
    const credentials = {from: into.credential, to: shared.at.credential}
    await inTurns(fresh, SIDE_BY_SIDE, ({digest}) =>
      registry.copyBlob(into.image, shared.at.image, digest, credentials)
    )
    await writeIndex(remember(known, {layers: mine, foundations: []}), {at: shared.at, tag, context})
  })
}

/** Each layer stands behind its recipe's, and bytecode is as public as the wheels that it was made of. */
function publicLayers(layers: readonly Layer[], recipes: readonly LayerRecipe[]): readonly Layer[] {
  let isPublic = false
  return layers.filter(({key}) => {
    const recipe = recipes.find(one => one.key === key)
    if (recipe !== undefined) isPublic = recipe.wheels.every(isPublicWheel)
    return isPublic
  })
}

async function writeIndex(
  index: StoreIndex,
  {at: {image, credential}, tag, context}: {at: ImageAccess; tag: string; context: StepContext}
): Promise<void> {
  const {registry} = context.host
  await registry.writeBlob(image, Buffer.from('{}'), credential)
  const bytes = Buffer.from(storeText(index))
  await registry.writeManifest(image, tag, {digest: '', mediaType: OCI.manifest, bytes}, credential)
}

async function attempt(loss: string, {warn}: StepContext, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === 'cancelled') throw thrown
    warn(`${loss}: ${thrown.what}`)
  }
}
