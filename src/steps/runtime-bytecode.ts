import type {Layer} from '../model/layers.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeImageWork} from '../model/work-runtime.ts'
import {bytecodeDockerfile, bytecodeLayers} from '../wheels/bytecode.ts'
import {buildPart, readImage} from './runtime-build.ts'
import {bringFoundation, type FoundImage} from './runtime-foundation.ts'
import type {StepContext} from './step.ts'

/**
 * Compiles the sources of layers by one small build upon the foundation, which has exactly the image's Python; where that
 * does not run here, upon this machine's own base image of the same Python.
 *
 * Each layer gets one beside it. Without any, Python would compile at every start, since the image's user cannot write
 * beside the packages.
 */
export async function compileSources(
  layers: readonly Layer[],
  {
    folders,
    work,
    foundation,
    context
  }: {
    /** Names of the folders with the sources, in the order of the layers. */
    folders: readonly string[]
    work: Pick<RuntimeImageWork, 'platform' | 'bytecode' | 'isForeign'> & {readonly into: ImageAccess}
    foundation: FoundImage
    context: StepContext
  }
): Promise<readonly Layer[]> {
  if (layers.length === 0) return []
  const {warn} = context
  if (!foundation.isCompiled) {
    warn(
      `The base image for ${work.platform} has Python ${foundation.python}, and the one for this machine has another; ` +
        'so there is no bytecode for it, and Python will compile at every start.'
    )
    return []
  }
  if (!work.isForeign) await bringFoundation(foundation, work.into, context)
  const digest = await buildPart(work.bytecode, {
    text: bytecodeDockerfile(folders),
    what: 'the bytecode of the runtime',
    marks: {'{foundation}': foundation.digest, '{base}': foundation.base},
    context
  })
  const image = await readImage(work.into, digest, context)
  const made = image === undefined ? undefined : bytecodeLayers(layers, {...image, python: foundation.python})
  if (made === undefined)
    warn('The builder gave no bytecode that can be told apart; Python will compile at every start.')
  return made ?? []
}
