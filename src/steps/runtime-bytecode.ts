import type {Layer, LayerRecipe, MadeLayer} from '../model/layers.ts'
import type {RuntimeImageWork} from '../model/work-runtime.ts'
import {bytecodeDockerfile, bytecodeKey, bytecodeLayers} from '../wheels/bytecode.ts'
import {buildPart, readImage} from './runtime-build.ts'
import {type Finding, type FoundLayer, findBytecode} from './runtime-find.ts'
import {bringFoundation, type FoundImage} from './runtime-foundation.ts'
import {type BegunLayers, type Making, makeLayers} from './runtime-make.ts'
import {readSources} from './runtime-sources.ts'
import type {StepContext} from './step.ts'

/** Bytecode, and what had to be made anew for its sake. */
export interface ProvidedBytecode {
  readonly found: readonly FoundLayer[]
  readonly made: readonly Layer[]
  /** Layers that were found, and out of which their sources could not be read. */
  readonly remade: readonly MadeLayer[]
}

interface Wanted extends Making {
  readonly work: Making['work'] & RuntimeImageWork
  readonly context: StepContext
  /** It may still be under way. */
  readonly foundation: Promise<FoundImage>
  /** Where bytecode is looked for. */
  readonly finding: Omit<Finding, 'context'>
  /** Layers that need not be made. */
  readonly found: readonly FoundLayer[]
  /** Those that are being made. */
  readonly begun: BegunLayers
}

/**
 * The bytecode of all recipes: found for the layers that were found, else compiled.
 *
 * It begins as soon as the foundation and the sources are there, and waits for no layer that is being packed.
 */
export async function provideBytecode(recipes: readonly LayerRecipe[], wanted: Wanted): Promise<ProvidedBytecode> {
  const {finding, begun, context} = wanted
  const foundation = await wanted.foundation
  const {python} = foundation
  const found = await findBytecode(wanted.found, python, {...finding, context})
  const keys = new Set(found.map(({key}) => key))
  const bare = wanted.found.filter(({key, sources}) => sources > 0 && !keys.has(bytecodeKey(key, python)))
  if (!foundation.isCompiled) {
    const counts = await begun.sources
    if (bare.length > 0 || [...counts.values()].some(count => count > 0)) warnOfPython(foundation, wanted)
    return {found, made: [], remade: []}
  }
  const lost = await readSources(bare, {recipes, python, context})
  // Wheels of two rounds would lie in one folder, which the first one to end removes.
  if (lost.length > 0) await begun.layers
  const remade = await makeLayers(lost, wanted)
  const sources = new Map([
    ...(await begun.sources),
    ...[...bare, ...remade].map(({key, sources}) => [key, sources] as const)
  ])
  const uncompiled = recipes.filter(({key}) => (sources.get(key) ?? 0) > 0)
  return {found, made: await compile(uncompiled, foundation, wanted), remade}
}

/**
 * Compiles sources by one small build upon the foundation, which has exactly the image's Python; where that does not run
 * here, upon this machine's own base image of the same Python.
 *
 * Each layer gets one beside it. Without any, Python would compile at every start, since the image's user cannot write
 * beside the packages.
 */
async function compile(
  recipes: readonly LayerRecipe[],
  foundation: FoundImage,
  {work, context}: Wanted
): Promise<readonly Layer[]> {
  if (recipes.length === 0) return []
  if (!work.isForeign) await bringFoundation(foundation, work.into, context)
  const digest = await buildPart(work.bytecode, {
    text: bytecodeDockerfile(recipes.map(({sources}) => sources.slice(sources.lastIndexOf('/') + 1))),
    what: 'the bytecode of the runtime',
    marks: {'{foundation}': foundation.digest, '{base}': foundation.base},
    context
  })
  const image = await readImage(work.into, digest, context)
  const made = image === undefined ? undefined : bytecodeLayers(recipes, {...image, python: foundation.python})
  if (made === undefined) {
    context.warn('The builder gave no bytecode that can be told apart; Python will compile at every start.')
  }
  return made ?? []
}

function warnOfPython({python}: FoundImage, {work, context}: Wanted): void {
  context.warn(
    `The base image for ${work.platform} has Python ${python}, and the one for this machine has another; ` +
      'so there is no bytecode for it, and Python will compile at every start.'
  )
}
