import type {Manifest} from '../host/host.ts'
import type {FoundationWork, ImageAccess, RuntimeWork} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import {foundationKey, type StoredFoundation} from '../wheels/layer-store.ts'
import {LAYOUT} from '../wheels/layout.ts'
import {problemOfBuild, runBuildx} from './buildx.ts'
import type {StepContext} from './step.ts'

/** The foundation of a runtime, ready to be laid upon. */
export interface FoundImage extends StoredFoundation {
  readonly manifest: string
  readonly config: string
  readonly origin: 'made' | 'found'
}

interface ManifestJson {
  readonly config: {readonly digest: string}
  readonly layers: readonly {readonly digest: string; readonly mediaType: string}[]
}

/** Finds the foundation that the repository remembers for this base image, else builds it. */
export async function provideFoundation(
  {foundation, into, platform, store}: RuntimeWork & {readonly into: ImageAccess},
  known: readonly StoredFoundation[],
  context: StepContext
): Promise<FoundImage> {
  const pinned = await baseDigest(foundation, context)
  const key = foundationKey({base: pinned ?? '', platform})
  const remembered = pinned === undefined || !store.mayRead ? undefined : known.find(entry => entry.key === key)
  if (remembered !== undefined) {
    const read = await readImage(into, remembered.digest, context)
    if (read !== undefined) return {...remembered, ...read, origin: 'found'}
  }
  const digest = await buildFoundation(foundation, pinned, context)
  const read = await readImage(into, digest, context)
  if (read === undefined) throw lost(into, digest)
  const python = await pythonIn(read.manifest, into, context)
  return {key, digest, python, ...read, origin: 'made'}
}

/** What the base image is today; undefined where only the engine has it. */
async function baseDigest({base}: FoundationWork, {host}: StepContext): Promise<string | undefined> {
  if (base.reference.startsWith('sha256:')) return base.reference
  try {
    const manifest = await host.registry.readManifest(base.image, base.reference, base.credential)
    return manifest?.digest
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    host.log.debug(`The digest of ${base.text} could not be asked: ${thrown.message}`)
    return undefined
  }
}

async function buildFoundation(
  work: FoundationWork,
  pinned: string | undefined,
  context: StepContext
): Promise<string> {
  const {host} = context
  const text = await host.files.read(work.dockerfile)
  if (text === undefined) {
    throw new Problem('dockerfile-missing', {
      what: `The action’s own Dockerfile is not at ${work.dockerfile}.`,
      why: 'The action was copied without its dockerfiles directory.',
      fix: 'Use the action from its repository at a released version.'
    })
  }
  await host.files.write(`${work.directory}/Dockerfile`, text)
  const base = pinned === undefined || work.base.text.includes('@') ? work.base.text : `${work.base.text}@${pinned}`
  const argv = work.argv.map(argument => argument.replaceAll('{base}', base))
  const built = await host.log.group('docker buildx build (the base of the runtime)', () =>
    runBuildx(argv, {}, {context, cwd: work.directory})
  )
  if (built.ran.exitCode !== 0) throw problemOfBuild(built)
  const metadata = JSON.parse((await host.files.read(work.metadataFile)) ?? '{}') as Record<string, unknown>
  const digest = metadata['containerimage.digest']
  if (typeof digest !== 'string') throw lost(undefined, 'no digest')
  return digest
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

/** The foundation says in its last layer which Python it has. */
async function pythonIn(manifest: string, {image, credential}: ImageAccess, {host}: StepContext): Promise<string> {
  const layers = (JSON.parse(manifest) as ManifestJson).layers
  const last = layers.at(-1)
  if (last !== undefined) {
    const bytes = await host.registry.readBlob(image, last.digest, credential)
    const version = host.layers.fileIn({bytes, mediaType: last.mediaType}, `${LAYOUT.prefix}/python-version`)?.trim()
    if (version !== undefined && /^\d+\.\d+\.\d+/.test(version)) return version
  }
  throw new Error('The foundation does not say which Python it has.')
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
