import type {LayerRecipe} from '../model/layers.ts'
import type {RuntimeImageWork} from '../model/work-runtime.ts'
import {firstOfEach} from '../wheels/layer-store.ts'
import type {FoundImage} from './runtime-foundation.ts'

/** The image of one platform, as far as bytecode goes. */
export interface CompiledImage {
  readonly work: RuntimeImageWork
  readonly recipes: readonly LayerRecipe[]
  readonly foundation: FoundImage
}

/** Images that have one Python, down to its patch release: a source has the same bytecode in all of them. */
export interface PythonGroup {
  readonly python: string
  readonly images: readonly CompiledImage[]
  /** Of all of them, equal ones once. */
  readonly recipes: readonly LayerRecipe[]
  /** The one upon whose foundation sources are compiled; absent where nothing at hand has that Python. */
  readonly compiler?: CompiledImage
}

/** Puts images together that have one Python. The first that runs on this machine compiles for all of them. */
export function groupByPython(images: readonly CompiledImage[]): readonly PythonGroup[] {
  const pythons = [...new Set(images.map(({foundation}) => foundation.python))]
  return pythons.map(python => {
    const own = images.filter(({foundation}) => foundation.python === python)
    const able = own.filter(({foundation}) => foundation.isCompiled)
    const compiler = able.find(({work}) => !work.isForeign) ?? able[0]
    return {
      python,
      images: own,
      recipes: firstOfEach(own.flatMap(({recipes}) => recipes)),
      ...(compiler === undefined ? {} : {compiler})
    }
  })
}
