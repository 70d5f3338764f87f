import type {LayProgress} from '../host/host.ts'
import type {LayerRecipe, MadeLayer, Packing} from '../model/layers.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeWork} from '../model/work-runtime.ts'
import {layProgress} from './runtime-progress.ts'
import type {StepContext} from './step.ts'
import type {Begin} from './together.ts'

/** How layers are made, and where they go. */
export interface Making {
  readonly packing: Packing
  readonly work: Pick<RuntimeWork, 'directory'> & {readonly into: ImageAccess}
}

/** Layers that are being made. */
export interface BegunLayers {
  /** How many sources each recipe has, as soon as all of them lie in their folders. */
  readonly sources: Promise<ReadonlyMap<string, number>>
  readonly layers: Promise<readonly MadeLayer[]>
}

/** Begins to make layers beside what runs already. Their sources are there long before the last one is packed and sent. */
export function beginLayers(recipes: readonly LayerRecipe[], making: Making, begin: Begin): BegunLayers {
  const counts = new Map<string, number>()
  const sources = Promise.withResolvers<ReadonlyMap<string, number>>()
  const onSources = (key: string, count: number) => {
    counts.set(key, count)
    if (counts.size === recipes.length) sources.resolve(counts)
  }
  const layers = begin(context => makeLayers(recipes, {...making, context, onSources}))
  layers.then(made => sources.resolve(new Map(made.map(layer => [layer.key, layer.sources]))), sources.reject)
  sources.promise.catch(() => {})
  return {sources: sources.promise, layers}
}

/** Fetches wheels and makes layers of them, with its progress shown. */
export async function makeLayers(
  recipes: readonly LayerRecipe[],
  {
    packing,
    work,
    context,
    onSources = () => {}
  }: Making & {readonly context: StepContext; readonly onSources?: (key: string, count: number) => void}
): Promise<readonly MadeLayer[]> {
  if (recipes.length === 0) return []
  const {host, stopped} = context
  const progress = layProgress(recipes, host)
  try {
    return await host.layers.lay({
      recipes,
      packing,
      directory: work.directory,
      to: work.into,
      ...(stopped === undefined ? {} : {stopped}),
      onProgress: (step: LayProgress) => {
        progress.take(step)
        if ('sources' in step) onSources(step.sources.key, step.sources.count)
      }
    })
  } finally {
    progress.end()
  }
}
