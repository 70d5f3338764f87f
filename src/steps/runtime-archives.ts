import type {LayerRecipe} from '../model/layers.ts'
import type {StepContext} from './step.ts'

/**
 * Leaves one archive of sources for all layers that have the same: those of wheels of one release for two machines do.
 *
 * Resolves with the name of the archive that holds the sources of a layer, by the layer's key.
 */
export async function shareArchives(
  recipes: readonly LayerRecipe[],
  {host: {files}}: StepContext
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const byDigest = new Map<string, string>()
  for (const {key, sources} of recipes) {
    const own = sources.slice(sources.lastIndexOf('/') + 1)
    const digest = (await files.digestOf(sources)) ?? own
    const name = byDigest.get(digest) ?? own
    byDigest.set(digest, name)
    names.set(key, name)
    if (name !== own) await files.remove(sources)
  }
  return names
}
