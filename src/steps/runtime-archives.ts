import type {LayerRecipe} from '../model/layers.ts'
import type {StepContext} from './step.ts'

/**
 * Leaves one archive of sources for all layers that have the same: those of wheels of one release for two machines do.
 *
 * Resolves with the recipes, by their keys, each with the archive that its sources are in.
 */
export async function shareArchives(
  recipes: readonly LayerRecipe[],
  {host: {files}}: StepContext
): Promise<ReadonlyMap<string, LayerRecipe>> {
  const shared = new Map<string, LayerRecipe>()
  const byDigest = new Map<string, string>()
  for (const recipe of recipes) {
    const {key, sources} = recipe
    const digest = (await files.digestOf(sources)) ?? sources
    const archive = byDigest.get(digest) ?? sources
    byDigest.set(digest, archive)
    shared.set(key, {...recipe, sources: archive})
    if (archive !== sources) await files.remove(sources)
  }
  return shared
}
