import type {Layer} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {believesPrograms} from '../wheels/belief.ts'
import {foundationManifest, foundationUpon, manifestFor} from '../wheels/foundation-image.ts'
import {digestOf, OCI} from '../wheels/runtime-image.ts'
import {inTurns} from './in-turns.ts'
import {readImage} from './runtime-build.ts'
import type {KnownStore} from './runtime-find.ts'
import {type Pythons, pythonsIn} from './runtime-python.ts'
import type {StepContext} from './step.ts'

/** Layers of a base image that are brought at a time. */
const SIDE_BY_SIDE = 4

/** A foundation that was put together of a base image and a layer, without a build. */
export interface AssembledFoundation {
  readonly digest: string
  readonly manifest: string
  readonly config: string
  readonly pythons: Pythons
}

interface Wanted {
  readonly key: string
  readonly platform: string
  /** The base image, and its digest. */
  readonly base: ImageAccess & {readonly digest: string}
  readonly into: ImageAccess
}

/**
 * Puts a foundation together of the layer that a shared store remembers and is believed in, and the base image itself.
 *
 * Only that one small layer comes from the store; everything below it comes from where the base image lies, by the digest
 * that it has there today. Undefined where nothing is remembered, or something of it cannot be had: then it is built.
 */
export async function assembleFoundation(
  wanted: Wanted,
  {stores, context}: {readonly stores: readonly KnownStore[]; readonly context: StepContext}
): Promise<AssembledFoundation | undefined> {
  for (const {kind, at, isHere, index} of stores) {
    const layer = index.layers.find(({key}) => key === wanted.key)
    if (isHere || layer === undefined || !believesPrograms(kind)) continue
    try {
      const assembled = await assemble(layer, at, {...wanted, context})
      if (assembled !== undefined) return assembled
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code === 'cancelled') throw thrown
      context.host.log.debug(`The ${layer.title} is built, since it could not be put together: ${thrown.message}`)
    }
  }
  return undefined
}

async function assemble(
  layer: Layer,
  at: ImageAccess,
  {platform, base, into, context}: Wanted & {readonly context: StepContext}
): Promise<AssembledFoundation | undefined> {
  const {registry} = context.host
  const [image, pythons] = await Promise.all([baseFor(platform, base, context), pythonsIn(layer, at, context)])
  const upon = image === undefined ? undefined : foundationUpon(image, {layer, platform})
  if (upon === undefined || pythons === undefined) return undefined
  const bring = (from: ImageAccess, digest: string) =>
    registry.copyBlob(from.image, into.image, digest, {from: from.credential, to: into.credential})
  await inTurns(upon.layers, SIDE_BY_SIDE, ({digest}) => bring(digest === layer.digest ? at : base, digest))
  const bytes = Buffer.from(upon.config)
  const config = {digest: await registry.writeBlob(into.image, bytes, into.credential), size: bytes.length}
  const manifest = foundationManifest(upon.layers, config)
  const put = {digest: digestOf(Buffer.from(manifest)), mediaType: OCI.manifest, bytes: Buffer.from(manifest)}
  const digest = await registry.writeManifest(into.image, put.digest, put, into.credential)
  return {digest, manifest, config: upon.config, pythons}
}

async function baseFor(
  platform: string,
  base: Wanted['base'],
  context: StepContext
): Promise<{readonly manifest: string; readonly config: string} | undefined> {
  const top = await context.host.registry.readManifest(base.image, base.digest, base.credential)
  const digest = top === undefined ? undefined : manifestFor(Buffer.from(top.bytes).toString('utf8'), platform)
  if (digest === undefined) return undefined
  return readImage(base, digest === 'itself' ? base.digest : digest, context)
}
