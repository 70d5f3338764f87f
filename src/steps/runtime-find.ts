import type {Layer, LayerRecipe} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {beliefIn, believesPrograms, type StoreKind} from '../wheels/belief.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import type {StoreIndex} from '../wheels/layer-store.ts'
import {AT_ONCE, inTurns} from './in-turns.ts'
import type {StepContext} from './step.ts'

/** An index of layers that was read, and where its layers lie. */
export interface KnownStore {
  readonly kind: StoreKind
  readonly at: ImageAccess
  /** Whether that is where the runtime's layers go. */
  readonly isHere: boolean
  readonly index: StoreIndex
}

/** How a layer that was remembered came to the image's repository, and where it was remembered. */
export interface FoundLayer extends Layer {
  readonly at: ImageAccess
  readonly origin: 'found' | 'mounted' | 'copied'
}

/** Blobs that are brought from another repository at a time; each may be streamed through this machine. */
const BRINGING = 4

/** Where is looked, and what is enough. */
export interface Finding {
  /** The nearest first. */
  readonly stores: readonly KnownStore[]
  readonly into: ImageAccess
  /** Whether layers that lie elsewhere must be brought there; else it is enough that they are where they are. */
  readonly isWhole: boolean
  readonly context: StepContext
}

/**
 * Layers of the recipes that a store remembers, is believed in, and still has. They lie where the runtime's layers go
 * then, or where they are is enough.
 */
export async function findLayers(recipes: readonly LayerRecipe[], finding: Finding): Promise<readonly FoundLayer[]> {
  const found = await inTurns(recipes, atOnce(finding), recipe =>
    findIn(finding, store => believedLayer(recipe, store, finding.context))
  )
  return found.flatMap(layer => layer ?? [])
}

/** The bytecode of layers that were found, for one Python, likewise. */
export async function findBytecode(
  of: readonly Layer[],
  python: string,
  finding: Finding
): Promise<readonly FoundLayer[]> {
  const withSources = of.filter(({sources}) => sources > 0)
  const found = await inTurns(withSources, atOnce(finding), ({key}) =>
    findIn(finding, store => believedBytecode(bytecodeKey(key, python), store))
  )
  return found.flatMap(layer => layer ?? [])
}

/** Where layers lie already, or elsewhere is good enough, asking is all. */
function atOnce({stores, isWhole}: Finding): number {
  return !isWhole || stores.every(({isHere}) => isHere) ? AT_ONCE.asking : BRINGING
}

/** From the first store that remembers it, is believed, and has it. */
async function findIn(
  finding: Finding,
  remembered: (store: KnownStore) => Layer | undefined
): Promise<FoundLayer | undefined> {
  for (const store of finding.stores) {
    const layer = remembered(store)
    const origin = layer === undefined ? undefined : await bring(layer, store, finding)
    if (layer !== undefined && origin !== undefined) return {...layer, origin, at: store.at}
  }
  return undefined
}

function believedLayer(recipe: LayerRecipe, store: KnownStore, {warn}: StepContext): Layer | undefined {
  const layer = store.index.layers.find(({key}) => key === recipe.key)
  if (layer === undefined) return undefined
  const belief = beliefIn(layer, {wheels: recipe.wheels, kind: store.kind})
  if (belief.holds) return layer
  if (belief.why === 'poisoned') warn(poisoned(layer, {title: recipe.title, store, expected: belief.expected}))
  return undefined
}

function believedBytecode(key: string, {kind, index}: KnownStore): Layer | undefined {
  return believesPrograms(kind) ? index.layers.find(layer => layer.key === key) : undefined
}

async function bring(
  {digest, title}: Layer,
  {at, isHere}: KnownStore,
  {into, isWhole, context}: Finding
): Promise<FoundLayer['origin'] | undefined> {
  const {registry, log} = context.host
  if (isHere) return (await registry.hasBlob(into.image, digest, into.credential)) ? 'found' : undefined
  try {
    if (!isWhole) return (await registry.hasBlob(at.image, digest, at.credential)) ? 'found' : undefined
    const credentials = {from: at.credential, to: into.credential}
    const way = await registry.copyBlob(at.image, into.image, digest, credentials)
    return way === 'there' ? 'found' : way
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code === 'cancelled') throw thrown
    log.debug(
      `The layer of ${title} could not be had from ${at.image.registry}/${at.image.repository}: ${thrown.message}`
    )
    return undefined
  }
}

function poisoned(
  {diffId}: Layer,
  {title, store: {at}, expected}: {title: string; store: KnownStore; expected: string}
): string {
  return (
    `The index of layers in ${at.image.registry}/${at.image.repository} says of ${title} what cannot be: ` +
    `its wheels give ${expected}, and the index names ${diffId}. The layer is made anew. ` +
    'Find out who wrote to that repository; see docs/layers.md#when-a-remembered-layer-is-refused.'
  )
}
