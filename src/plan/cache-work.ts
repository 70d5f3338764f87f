import type {CacheWork} from '../model/work-build.ts'
import {argumentsByEnvironment} from './arguments.ts'
import type {Recipe} from './build.ts'
import type {Caching} from './cache.ts'
import {agentVariablesOf} from './secrets.ts'

/** The export of the layer cache, which runs buildx once more over what was just built. */
export function cacheWork({
  recipe,
  caching,
  argv
}: {
  recipe: Recipe
  caching: Caching
  argv: readonly string[]
}): CacheWork {
  const {backend, runnerVariables, directory} = caching
  return {
    backend,
    argv,
    buildArgs: argumentsByEnvironment(recipe.arguments),
    runnerVariables: [...runnerVariables, ...agentVariablesOf(recipe.facts)],
    ...(directory === undefined ? {} : {localCache: directory})
  }
}
