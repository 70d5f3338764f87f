import type {Layer, LayerRecipe} from '../model/layers.ts'
import type {RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import {clashBetween} from '../wheels/clash.ts'
import {firstOfEach} from '../wheels/layer-store.ts'
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

/** The image of one platform that wants layers. */
export interface LayeredImage {
  readonly work: RuntimeImageWork
  /** In the order in which they are laid. */
  readonly recipes: readonly LayerRecipe[]
  /** It may still be under way: only bytecode waits for it. */
  readonly foundation: Promise<FoundImage>
}

/** What layers are provided with. */
export interface Providing extends Making {
  readonly stores: readonly KnownStore[]
  readonly work: Pick<RuntimeWork, 'isWhole'> & Making['work']
  readonly context: StepContext
  /** Of the whole in which foundations are made as well: one failure ends all of it. */
  readonly begin: Begin
}

/**
 * The layers of each image in its order, each followed by its bytecode: found where a store has them, else made.
 *
 * Those of all images are made in one go, and what several of them have is made once. Sources are compiled while their
 * layers are still being packed and sent.
 */
export async function provideLayers(
  images: readonly LayeredImage[],
  providing: Providing
): Promise<readonly (readonly LaidLayer[])[]> {
  const {stores, work, context, begin} = providing
  const finding = {stores, into: work.into, isWhole: work.isWhole}
  const recipes = firstOfEach(images.flatMap(image => image.recipes))
  const found = await findLayers(recipes, {...finding, context})
  const begun = beginLayers(without(found, recipes), providing, begin)
  const ready = Promise.all(images.map(async image => ({...image, foundation: await image.foundation})))
  const [made, compiled] = await Promise.all([
    begun.layers,
    begin(async own => provideBytecode(await ready, {...providing, finding, found, begun, context: own}))
  ])
  const fresh = [...made, ...compiled.remade]
  for (const image of images) {
    const problem = clashBetween(fresh.filter(layer => isOf(image, layer)).map(({files}) => files))
    if (problem !== undefined) throw problem
  }
  const laid: readonly LaidLayer[] = [
    ...[...fresh, ...compiled.made].map(layer => ({...layer, origin: 'made' as const})),
    ...[...found, ...compiled.found]
  ]
  return (await ready).map(({recipes, foundation: {python}}) =>
    recipes.flatMap(({key}) =>
      [key, bytecodeKey(key, python)].flatMap(name => laid.find(layer => layer.key === name) ?? [])
    )
  )
}

function without(found: readonly FoundLayer[], recipes: readonly LayerRecipe[]): readonly LayerRecipe[] {
  const keys = new Set(found.map(({key}) => key))
  return recipes.filter(({key}) => !keys.has(key))
}

function isOf({recipes}: LayeredImage, {key}: Layer): boolean {
  return recipes.some(recipe => recipe.key === key)
}
