import type {Layer, LayerRecipe, MadeLayer} from '../model/layers.ts'
import {bytecodeDockerfile, bytecodeKey} from '../wheels/bytecode.ts'
import {firstOfEach} from '../wheels/layer-store.ts'
import {inTurns} from './in-turns.ts'
import {shareArchives} from './runtime-archives.ts'
import {runPart} from './runtime-build.ts'
import {type Finding, type FoundLayer, findBytecode} from './runtime-find.ts'
import {bringFoundation} from './runtime-foundation.ts'
import {type BegunLayers, type Making, makeLayers} from './runtime-make.ts'
import {type CompiledImage, groupByPython, type PythonGroup} from './runtime-python-groups.ts'
import {readSources} from './runtime-sources.ts'
import type {StepContext} from './step.ts'

/** Builds that compile at a time: nearly always one does it for all platforms. */
const SIDE_BY_SIDE = 2
/** Archives of bytecode that are packed and sent at a time. */
const LAID_AT_ONCE = 4

/** Bytecode, and what had to be made anew for its sake. */
export interface ProvidedBytecode {
  readonly found: readonly FoundLayer[]
  readonly made: readonly Layer[]
  /** Layers that were found, and out of which their sources could not be read. */
  readonly remade: readonly MadeLayer[]
}

interface Wanted extends Making {
  readonly context: StepContext
  /** Where bytecode is looked for. */
  readonly finding: Omit<Finding, 'context'>
  /** Layers that need not be made. */
  readonly found: readonly FoundLayer[]
  /** Those that are being made. */
  readonly begun: BegunLayers
}

/** Images of one Python, with what is known of their bytecode. */
interface Surveyed extends PythonGroup {
  readonly found: readonly FoundLayer[]
  /** Layers that were found, and their bytecode was not. */
  readonly bare: readonly FoundLayer[]
}

type Compiling = Surveyed & Required<Pick<PythonGroup, 'compiler'>>

/**
 * The bytecode of all layers of all images: found for layers that were found, else compiled, once for each Python.
 *
 * It waits for no layer that is being packed, unless that holds the sources of one that cannot be read.
 */
export async function provideBytecode(images: readonly CompiledImage[], wanted: Wanted): Promise<ProvidedBytecode> {
  const {begun, context} = wanted
  const groups: Surveyed[] = []
  for (const group of groupByPython(images)) groups.push(await survey(group, wanted))
  const compiling = groups.flatMap(({compiler, ...group}) => (compiler === undefined ? [] : [{...group, compiler}]))
  const lost = await readSources(firstOfEach(compiling.flatMap(({bare}) => bare)), {
    recipes: firstOfEach(compiling.flatMap(({recipes}) => recipes)),
    pythons: compiling.flatMap(({python, bare}) => (bare.length > 0 ? [python] : [])),
    context
  })
  // Wheels of two rounds would lie in one folder, which the first one to end removes.
  if (lost.length > 0) await begun.layers
  const remade = await makeLayers(lost, wanted)
  const counts = await begun.sources
  for (const group of groups) if (group.compiler === undefined) warnOfPython(uncompiled(group, counts), group, context)
  const shared = await shareArchives(firstOfEach(compiling.flatMap(group => uncompiled(group, counts))), context)
  const made = await inTurns(compiling, SIDE_BY_SIDE, group => {
    const recipes = uncompiled(group, counts).flatMap(({key}) => shared.get(key) ?? [])
    return compile(recipes, group, wanted)
  })
  return {found: groups.flatMap(({found}) => found), made: made.flat(), remade}
}

/** What the stores have of a group's bytecode. */
async function survey(group: PythonGroup, {finding, context, ...wanted}: Wanted): Promise<Surveyed> {
  const {python, recipes} = group
  const layers = wanted.found.filter(layer => recipes.some(({key}) => key === layer.key))
  const found = await findBytecode(layers, python, {...finding, context})
  const keys = new Set(found.map(({key}) => key))
  const bare = layers.filter(({key, sources}) => sources > 0 && !keys.has(bytecodeKey(key, python)))
  return {...group, found, bare}
}

/** What of a group has sources and no bytecode: new layers, and those that were found without. */
function uncompiled({recipes, bare}: Surveyed, counts: ReadonlyMap<string, number>): readonly LayerRecipe[] {
  return recipes.filter(({key}) => bare.some(layer => layer.key === key) || (counts.get(key) ?? 0) > 0)
}

/**
 * Compiles sources by one small build upon a foundation, which has exactly the image's Python; where that does not run
 * here, upon this machine's own base image of the same Python.
 *
 * Each layer gets one beside it, and layers with the same sources get the same. Without any, Python would compile at every
 * start, since the image's user cannot write beside the packages.
 */
async function compile(
  recipes: readonly LayerRecipe[],
  {python, compiler: {work, foundation}}: Compiling,
  {work: {into}, packing, context}: Wanted
): Promise<readonly Layer[]> {
  if (recipes.length === 0) return []
  if (!work.isForeign) await bringFoundation(foundation, into, context)
  const byArchive = Map.groupBy(recipes, ({sources}) => sources.slice(sources.lastIndexOf('/') + 1))
  await runPart(work.bytecode, {
    text: bytecodeDockerfile([...byArchive.keys()]),
    what: 'the bytecode of the runtime',
    marks: {'{foundation}': foundation.digest, '{base}': foundation.base},
    context
  })
  const laid = await inTurns([...byArchive], LAID_AT_ONCE, async ([archive, sharing]) => {
    const title = [...new Set(sharing.map(recipe => recipe.title))].join(' and ')
    const request = {to: into, packing, title: `bytecode of ${title}`}
    const packed = await context.host.layers.layArchive(`${work.bytecode.archives}/${archive}`, request)
    return sharing.map(({key, title}): Layer => {
      return {key: bytecodeKey(key, python), title: `bytecode of ${title}`, ...packed, sources: 0, wheels: []}
    })
  })
  return laid.flat()
}

function warnOfPython(uncompiled: readonly LayerRecipe[], {images, python}: PythonGroup, {warn}: StepContext): void {
  if (uncompiled.length === 0) return
  const platforms = images.map(({work}) => work.platform).join(' and ')
  warn(
    `The base image for ${platforms} has Python ${python}, and the one for this machine has another; ` +
      'so there is no bytecode for it, and Python will compile at every start.'
  )
}
