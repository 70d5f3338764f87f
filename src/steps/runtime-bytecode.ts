import type {Layer} from '../model/layers.ts'
import type {ImageAccess, RuntimeWork} from '../model/plan.ts'
import {bytecodeDockerfile, bytecodeLayers} from '../wheels/bytecode.ts'
import {problemOfBuild, runBuildx} from './buildx.ts'
import {type FoundImage, readImage} from './runtime-foundation.ts'
import type {StepContext} from './step.ts'

/**
 * Compiles the sources of layers by one small build upon the foundation, which has exactly the image's Python.
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
    work: RuntimeWork & {readonly into: ImageAccess}
    foundation: FoundImage
    context: StepContext
  }
): Promise<readonly Layer[]> {
  if (layers.length === 0) return []
  const {host, warn} = context
  const {argv, directory, metadataFile} = work.bytecode
  await host.files.write(`${directory}/Dockerfile`, bytecodeDockerfile(folders))
  const built = await host.log.group('docker buildx build (the bytecode of the runtime)', () =>
    runBuildx(
      argv.map(argument => argument.replaceAll('{foundation}', foundation.digest)),
      {},
      {context, cwd: directory}
    )
  )
  if (built.ran.exitCode !== 0) throw problemOfBuild(built)
  const metadata = JSON.parse((await host.files.read(metadataFile)) ?? '{}') as Record<string, unknown>
  const image = await readImage(work.into, String(metadata['containerimage.digest']), context)
  const made = image === undefined ? undefined : bytecodeLayers(layers, {...image, python: foundation.python})
  if (made === undefined)
    warn('The builder gave no bytecode that can be told apart; Python will compile at every start.')
  return made ?? []
}
