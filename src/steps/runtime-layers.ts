import type {Layer, LayerRecipe} from '../model/layers.ts'
import type {RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import {clashBetween} from '../wheels/clash.ts'
import {provideBytecode} from './runtime-bytecode.ts'
import {type FoundLayer, findLayers, type KnownStore} from './runtime-find.ts'
import type {FoundImage} from './runtime-foundation.ts'
import {beginLayers, type Making} from './runtime-make.ts'
import type {StepContext} from './step.ts'
import type {Begin} from './together.ts'

/** A layer of the runtime, and where it came from. */
export interface LaidLayer extends Layer {
  readonly origin: FoundLayer['origin'] | 'made'
  /** How many libraries in it are for the machine that its wheels name, where it was made in this run. */
  readonly libraries?: number
}

/** What layers are provided with. */
export interface Providing extends Making {
  readonly stores: readonly KnownStore[]
  /** It may still be under way: only bytecode waits for it. */
  readonly foundation: Promise<FoundImage>
  readonly work: RuntimeWork & RuntimeImageWork & Making['work']
  readonly context: StepContext
  /** Of the whole in which the foundation is made as well: one failure ends all of it. */
  readonly begin: Begin
}

/**
 * The layers of the recipes in their order, each followed by its bytecode: found where the repository has them, else made.
 *
 * Sources are compiled while their layers are still being packed and sent.
 */
export async function provideLayers(
  recipes: readonly LayerRecipe[],
  providing: Providing
): Promise<readonly LaidLayer[]> {
  const {stores, foundation, work, context, begin} = providing
  const finding = {stores, into: work.into, isWhole: work.isWhole}
  const found = await findLayers(recipes, {...finding, context})
  const isFound = ({key}: LayerRecipe) => found.some(layer => layer.key === key)
  const missing = recipes.filter(recipe => !isFound(recipe))
  const begun = beginLayers(missing, providing, begin)
  const [made, compiled] = await Promise.all([
    begun.layers,
    begin(own => provideBytecode(recipes, {...providing, finding, found, begun, context: own}))
  ])
  const all = [...made, ...compiled.remade]
  const problem = clashBetween(all.map(({files}) => files))
  if (problem !== undefined) throw problem
  const laid: readonly LaidLayer[] = [
    ...[...all, ...compiled.made].map(layer => ({...layer, origin: 'made' as const})),
    ...[...found, ...compiled.found]
  ]
  const {python} = await foundation
  return recipes.flatMap(({key}) =>
    [key, bytecodeKey(key, python)].flatMap(name => laid.find(layer => layer.key === name) ?? [])
  )
}
