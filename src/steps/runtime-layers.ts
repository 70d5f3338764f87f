import type {LayProgress} from '../host/host.ts'
import type {Layer, LayerRecipe, MadeLayer, Packing} from '../model/layers.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import {clashBetween} from '../wheels/clash.ts'
import {compileSources} from './runtime-bytecode.ts'
import {type FoundLayer, findLayers, type KnownStore} from './runtime-find.ts'
import type {FoundImage} from './runtime-foundation.ts'
import {layProgress} from './runtime-progress.ts'
import {bareLayers, withSources} from './runtime-sources.ts'
import type {StepContext} from './step.ts'

/** A layer of the runtime, and where it came from. */
export interface LaidLayer extends Layer {
  readonly origin: FoundLayer['origin'] | 'made'
  /** How many libraries in it are for the machine that its wheels name, where it was made in this run. */
  readonly libraries?: number
}

interface Providing {
  readonly stores: readonly KnownStore[]
  readonly foundation: FoundImage
  readonly packing: Packing
  readonly work: RuntimeWork & RuntimeImageWork & {readonly into: ImageAccess}
  readonly context: StepContext
}

/** The layers of the recipes in their order, each followed by its bytecode: found where the repository has them, else made. */
export async function provideLayers(
  recipes: readonly LayerRecipe[],
  providing: Providing
): Promise<readonly LaidLayer[]> {
  const {stores, foundation, work, context} = providing
  const {python, isCompiled} = foundation
  const remembered = await findLayers(recipes, {stores, python, into: work.into, isWhole: work.isWhole, context})
  const found = isCompiled ? await withSources(remembered, {recipes, python, context}) : remembered
  const isFound = ({key}: LayerRecipe) => found.some(layer => layer.key === key)
  const made = await makeLayers(
    recipes.filter(recipe => !isFound(recipe)),
    providing
  )
  const bare = bareLayers([...found, ...made], python)
  const folders = bare.map(({key}) => String(recipes.findIndex(recipe => recipe.key === key)))
  const compiled = await compileSources(bare, {folders, work, foundation, context})
  const laid: readonly LaidLayer[] = [
    ...found,
    ...[...made, ...compiled].map(layer => ({...layer, origin: 'made' as const}))
  ]
  return recipes.flatMap(({key}) =>
    [key, bytecodeKey(key, python)].flatMap(name => laid.find(layer => layer.key === name) ?? [])
  )
}

async function makeLayers(
  recipes: readonly LayerRecipe[],
  {packing, work, context}: Providing
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
    const problem = clashBetween(made.map(({files}) => files))
    if (problem !== undefined) throw problem
    return made
  } finally {
    progress.end()
  }
}
