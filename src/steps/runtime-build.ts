import type {Manifest} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {PartWork} from '../model/work-runtime.ts'
import {problemOfBuild, runBuildx} from './buildx.ts'
import {inOnePiece} from './held-lines.ts'
import type {StepContext} from './step.ts'

/** What is read of a manifest. */
export interface ManifestJson {
  readonly config: {readonly digest: string}
  readonly layers: readonly {readonly digest: string; readonly mediaType: string}[]
}

/** How a part is built. */
interface PartBuild {
  /** The Dockerfile. */
  readonly text: string
  /** What people see. */
  readonly what: string
  /** What stands in the arguments for what was not known when they were planned. */
  readonly marks: Readonly<Record<string, string>>
  readonly context: StepContext
}

/**
 * Builds a part of the runtime by a Dockerfile that is written into its own folder; returns the digest.
 *
 * Throws as the build of the image does, and `digest-mismatch` where buildx does not say what it has built.
 */
export async function buildPart(
  {argv, directory, metadataFile}: PartWork,
  {text, what, marks, context}: PartBuild
): Promise<string> {
  await runPart({argv, directory}, {text, what, marks, context})
  return builtDigest(metadataFile, context)
}

/** The same, for what is no image. */
export async function runPart(
  {argv, directory}: Pick<PartWork, 'argv' | 'directory'>,
  {text, what, marks, context}: PartBuild
): Promise<void> {
  await context.host.files.write(`${directory}/Dockerfile`, text)
  const filled = (argument: string) =>
    Object.entries(marks).reduce((said, [mark, value]) => said.replaceAll(mark, value), argument)
  const built = await inOnePiece(`docker buildx build (${what})`, context, held =>
    runBuildx(argv.map(filled), {}, {context: held, cwd: directory})
  )
  if (built.ran.exitCode !== 0) throw problemOfBuild(built)
}

/** The text of a Dockerfile of the action's own. Throws `dockerfile-missing` where it is not there. */
export async function readDockerfile(path: string, {host}: StepContext): Promise<string> {
  const text = await host.files.read(path)
  if (text === undefined) {
    throw new Problem('dockerfile-missing', {
      what: `The action’s own Dockerfile is not at ${path}.`,
      why: 'The action was copied without its dockerfiles directory.',
      fix: 'Use the action from its repository at a released version.'
    })
  }
  return text
}

/** The digest of what buildx has built, as its metadata file says. */
async function builtDigest(metadataFile: string, {host}: StepContext): Promise<string> {
  const metadata = JSON.parse((await host.files.read(metadataFile)) ?? '{}') as Record<string, unknown>
  const digest = metadata['containerimage.digest']
  if (typeof digest !== 'string') throw lost(undefined, 'no digest')
  return digest
}

/** Manifest and configuration of what was built a moment ago. Throws `digest-mismatch` where that is no image. */
export async function readBuilt(
  into: ImageAccess,
  digest: string,
  context: StepContext
): Promise<{readonly manifest: string; readonly config: string}> {
  const read = await readImage(into, digest, context)
  if (read === undefined) throw lost(into, digest)
  return read
}

/** Manifest and configuration of an image by its digest; undefined where it is none. */
export async function readImage(
  {image, credential}: ImageAccess,
  digest: string,
  {host}: StepContext
): Promise<{readonly manifest: string; readonly config: string} | undefined> {
  const manifest = await host.registry.readManifest(image, digest, credential)
  if (manifest === undefined) return undefined
  const json = jsonOf(manifest)
  // With an index around it, the builder put something beside the image that we did not ask for.
  if (json.layers === undefined) return undefined
  const config = await host.registry.readBlob(image, json.config.digest, credential)
  return {manifest: textOf(manifest.bytes), config: textOf(config)}
}

function jsonOf({bytes}: Manifest): ManifestJson {
  return JSON.parse(textOf(bytes)) as ManifestJson
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function lost(into: ImageAccess | undefined, digest: string): Problem {
  const name = into === undefined ? 'The builder' : `${into.image.registry}/${into.image.repository}`
  return new Problem('digest-mismatch', {
    what: `${name} has no usable manifest for the base of the runtime (${digest}).`,
    why: 'What was built cannot be identified, so nothing is laid upon it.',
    fix: 'Run the job again; if it stays so, name another builder with `builder`.'
  })
}
