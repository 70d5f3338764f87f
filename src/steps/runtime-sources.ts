import type {LayerRecipe} from '../model/layers.ts'
import {inTurns} from './in-turns.ts'
import type {FoundLayer} from './runtime-find.ts'
import type {StepContext} from './step.ts'

/** Layers that are read at a time: each is unpacked as it comes. */
const SIDE_BY_SIDE = 2

/**
 * Puts the sources of layers that were found into the archives of their recipes; resolves with the recipes of those whose
 * sources cannot be had, which must be made anew.
 *
 * A wheel's layer is the same for every Python, so the sources come from the layer itself: its wheels are not fetched,
 * and nothing is sent but bytecode.
 */
export async function readSources(
  bare: readonly FoundLayer[],
  {recipes, pythons, context}: {recipes: readonly LayerRecipe[]; pythons: readonly string[]; context: StepContext}
): Promise<readonly LayerRecipe[]> {
  const {layers, log} = context.host
  if (bare.length === 0) return []
  const wanted = pythons.join(' and ')
  log.info(`Reads the sources of ${bare.length} layers where they lie: nobody has compiled them for Python ${wanted}.`)
  const lost = await inTurns(bare, SIDE_BY_SIDE, async ({title, at, origin, ...layer}) => {
    const recipe = recipes.find(({key}) => key === layer.key)
    if (recipe === undefined) throw new Error(`The layer of ${title} was found for no recipe.`)
    const read = await layers.readSources({title, ...layer}, at, recipe.sources)
    if (read.isRead) return []
    log.info(`The layer of ${title} is made anew, since its sources could not be read: ${read.because}`)
    return [recipe]
  })
  return lost.flat()
}
