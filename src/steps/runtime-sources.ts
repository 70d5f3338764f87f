import type {Layer, LayerRecipe} from '../model/layers.ts'
import {bytecodeKey} from '../wheels/bytecode.ts'
import {inTurns} from './in-turns.ts'
import type {FoundLayer} from './runtime-find.ts'
import type {StepContext} from './step.ts'

/** Layers that are read at a time: each is unpacked as it comes. */
const SIDE_BY_SIDE = 2

/** Layers with sources and without bytecode for this Python. */
export function bareLayers<T extends Layer>(layers: readonly T[], python: string): readonly T[] {
  const keys = new Set(layers.map(({key}) => key))
  return layers.filter(({key, sources}) => sources > 0 && !keys.has(bytecodeKey(key, python)))
}

/**
 * Layers that were found, without those whose sources must be compiled for this Python and cannot be had.
 *
 * A wheel's layer is the same for every Python, so the sources come from the layer itself: its wheels are not fetched,
 * and nothing is sent but bytecode.
 */
export async function withSources(
  found: readonly FoundLayer[],
  {recipes, python, context}: {recipes: readonly LayerRecipe[]; python: string; context: StepContext}
): Promise<readonly FoundLayer[]> {
  const {layers, log} = context.host
  const bare = bareLayers(found, python)
  if (bare.length === 0) return found
  log.info(`Reads the sources of ${bare.length} layers where they lie: nobody has compiled them for Python ${python}.`)
  const lost = await inTurns(bare, SIDE_BY_SIDE, async ({key, title, at, ...layer}) => {
    const folder = recipes.find(recipe => recipe.key === key)?.sources
    if (folder === undefined) throw new Error(`The layer of ${title} was found for no recipe.`)
    const read = await layers.readSources({key, title, ...layer}, at, folder)
    if (read.isRead) return []
    log.info(`The layer of ${title} is made anew, since its sources could not be read: ${read.because}`)
    return [key]
  })
  const lostKeys = new Set(lost.flat())
  return found.filter(({key}) => !lostKeys.has(key))
}
