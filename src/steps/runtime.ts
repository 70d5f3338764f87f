import type {LayProgress} from '../host/host.ts'
import type {Layer, LayerRecipe, MadeLayer, Packing} from '../model/layers.ts'
import type {ImageAccess, RuntimeWork} from '../model/plan.ts'
import type {Problem} from '../model/problem.ts'
import type {RuntimeProduct} from '../model/report.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import {chooseWheels} from '../wheels/choice.ts'
import {clashBetween} from '../wheels/clash.ts'
import {groupWheels} from '../wheels/grouping.ts'
import {layerKey} from '../wheels/layer-key.ts'
import type {StoreIndex} from '../wheels/layer-store.ts'
import {parseLock} from '../wheels/lock.ts'
import {digestOf, OCI, runtimeConfig, runtimeManifest} from '../wheels/runtime-image.ts'
import {compileSources} from './runtime-bytecode.ts'
import {type FoundImage, provideFoundation} from './runtime-foundation.ts'
import {layProgress} from './runtime-progress.ts'
import {readStore, writeStore} from './runtime-store.ts'
import type {StepContext, StepMade} from './step.ts'

type Work = RuntimeWork & {readonly into: ImageAccess}

/**
 * Lays the locked wheels as layers upon the base image: those that the repository remembers are used as they are, the
 * others are fetched, checked and sent. Ends with an image that only its digest names.
 *
 * Where a package has no wheel, it says so, and the built-in Dockerfile installs everything instead.
 */
export async function layRuntime(planned: RuntimeWork, context: StepContext): Promise<StepMade> {
  const {into} = planned
  if (into === null) throw new Error('The plan lays wheels and names no repository for them.')
  const work: Work = {...planned, into}
  const {host} = context
  const lock = parseLock((await host.files.read(work.lock)) ?? '', 'The lock of this run')
  const store = await readStore(work.store, into, context)
  const foundation = await provideFoundation(work, store.foundations, context)
  const choice = chooseWheels(lock, {platform: work.platform, python: foundation.python})
  if (choice.hindrances.length > 0) {
    const because = `${choice.hindrances[0]}${choice.hindrances.length > 1 ? `, and ${choice.hindrances.length - 1} more` : ''}`
    return {
      made: `nothing: ${because}`,
      products: {answers: {...context.products.answers, runtime: {isLaid: false, because}}}
    }
  }
  const packing: Packing = {...work.packing, library: host.layers.libraryOf(work.packing.format)}
  const recipes = groupWheels(choice.wheels).map(
    (group, at): LayerRecipe => ({
      key: layerKey(group, packing),
      title: group.title,
      wheels: group.wheels.map(({file}) => file),
      sources: `${work.bytecode.directory}/layers/${at}`
    })
  )
  const {python} = foundation
  const found = await foundLayers(recipes, {store, python, work, context})
  const made = await madeLayers(
    recipes.filter(({key}) => !found.has(key)),
    {packing, work, context}
  )
  const fresh = made.filter(({sources}) => sources > 0)
  const folders = fresh.map(({key}) => String(recipes.findIndex(recipe => recipe.key === key)))
  const compiled = await compileSources(fresh, {folders, work, foundation, context})
  const laid = [...[...found.values()].flat(), ...made, ...compiled]
  const layers = recipes.flatMap(({key}) =>
    [key, bytecodeKey(key, python)].flatMap(name => laid.find(layer => layer.key === name) ?? [])
  )
  const digest = await putTogether(foundation, layers, {work, context})
  const used = {layers, foundations: [{key: foundation.key, digest: foundation.digest, python}]}
  await writeStore(used, store, {store: work.store, into, context})
  const runtime: RuntimeProduct = {
    digest,
    python,
    fetchedBytes: recipes
      .filter(recipe => !found.has(recipe.key))
      .reduce((sum, {wheels}) => sum + wheels.reduce((bytes, {sizeBytes}) => bytes + (sizeBytes ?? 0), 0), 0),
    layers: layers.map(layer => ({
      title: layer.title,
      digest: layer.digest,
      diffId: layer.diffId,
      sizeBytes: layer.sizeBytes,
      origin: made.includes(layer as MadeLayer) || compiled.includes(layer) ? 'made' : 'found'
    }))
  }
  const foundCount = runtime.layers.filter(({origin}) => origin === 'found').length
  return {
    made: `${choice.wheels.length} wheels in ${layers.length} layers, ${foundCount} of them found, Python ${python}`,
    products: {runtime, answers: {...context.products.answers, runtime: {isLaid: true}}}
  }
}

/** Layers that the repository remembers and still has, each with its bytecode where it holds sources. */
async function foundLayers(
  recipes: readonly LayerRecipe[],
  {store, python, work, context}: {store: StoreIndex; python: string; work: Work; context: StepContext}
): Promise<ReadonlyMap<string, readonly Layer[]>> {
  const {image, credential} = work.into
  const known = recipes.flatMap(({key}) => {
    const layer = store.layers.find(stored => stored.key === key)
    const bytecode = store.layers.find(stored => stored.key === bytecodeKey(key, python))
    if (layer === undefined || (layer.sources > 0 && bytecode === undefined)) return []
    return [[layer, ...(layer.sources > 0 && bytecode !== undefined ? [bytecode] : [])]]
  })
  const hasAll = (layers: readonly Layer[]) =>
    Promise.all(layers.map(({digest}) => context.host.registry.hasBlob(image, digest, credential)))
  const there = await Promise.all(known.map(hasAll))
  return new Map(
    known.flatMap((layers, at) => (there[at]?.every(Boolean) === true ? [[layers[0]?.key ?? '', layers] as const] : []))
  )
}

async function madeLayers(
  recipes: readonly LayerRecipe[],
  {packing, work, context}: {packing: Packing; work: Work; context: StepContext}
): Promise<readonly MadeLayer[]> {
  if (recipes.length === 0) return []
  const {host} = context
  const progress = layProgress(recipes, host)
  try {
    const made = await host.layers.lay({
      recipes,
      packing,
      directory: work.directory,
      to: work.into,
      onProgress: (step: LayProgress) => progress.take(step)
    })
    const problem: Problem | undefined = clashBetween(made.map(({files}) => files))
    if (problem !== undefined) throw problem
    return made
  } finally {
    progress.end()
  }
}

/** Puts configuration and manifest; all that they name is there already. */
async function putTogether(
  foundation: FoundImage,
  layers: readonly Layer[],
  {work, context}: {work: Work; context: StepContext}
): Promise<string> {
  const {registry} = context.host
  const {image, credential} = work.into
  const config = Buffer.from(runtimeConfig(foundation.config, layers, work.settings))
  const digest = await registry.writeBlob(image, config, credential)
  const descriptor = {mediaType: OCI.config, digest, size: config.length}
  const bytes = Buffer.from(runtimeManifest(foundation.manifest, layers, descriptor))
  const manifest = {digest: digestOf(bytes), mediaType: OCI.manifest, bytes}
  return registry.writeManifest(image, manifest.digest, manifest, credential)
}
