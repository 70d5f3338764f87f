import type {Layer} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {FoundationWork, RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {foundationLayer} from '../wheels/foundation-image.ts'
import {foundationKey, type StoredFoundation} from '../wheels/layer-store.ts'
import {OCI} from '../wheels/runtime-image.ts'
import {buildPart, type ManifestJson, readBuilt, readDockerfile, readImage} from './runtime-build.ts'
import type {KnownStore} from './runtime-find.ts'
import {assembleFoundation} from './runtime-foundation-parts.ts'
import {type Pythons, pythonsIn} from './runtime-python.ts'
import type {StepContext} from './step.ts'

/** The foundation of a runtime, ready to be laid upon. */
export interface FoundImage extends StoredFoundation {
  readonly manifest: string
  readonly config: string
  /** The base image that it is made of, by its digest where that is known. */
  readonly base: string
  /** Whether bytecode is made for it: not where it does not run and this machine's base image has another Python. */
  readonly isCompiled: boolean
  /** Where its bytes lie, if they are not in the place of the runtime. */
  readonly elsewhere?: ImageAccess
  readonly origin: 'made' | 'found'
  /** The foundation without a flavour that this one was made of. */
  readonly below?: StoredFoundation
  /** The layer that makes a public base image one, for other repositories upon the same base. */
  readonly own?: Layer
}

/** What a foundation is made with, or found by. */
export type FoundationRequest = RuntimeImageWork & Place

type Place = Pick<RuntimeWork, 'store' | 'isWhole'> & {readonly into: ImageAccess}

/** The base image of a foundation: by its digest, which is undefined where only the engine has the image. */
export interface PinnedBase {
  readonly text: string
  readonly digest: string | undefined
}

/** Asks what the base image is today. */
export async function pinBase(work: FoundationWork, context: StepContext): Promise<PinnedBase> {
  const digest = await baseDigest(work, context)
  return {text: pinnedBase(work, digest), digest}
}

/**
 * Finds the foundation that the image's repository remembers for this base image, else puts it together of what a shared
 * store remembers, else builds it.
 */
export async function provideFoundation(
  work: FoundationRequest,
  base: PinnedBase,
  site: FoundationSite
): Promise<FoundImage> {
  const {foundation, platform} = work
  const key = foundationKey({base: base.digest ?? '', platform})
  const found =
    base.digest === undefined
      ? undefined
      : ((await findFoundation(key, work, {...site, base})) ??
        (await sharedFoundation({...work, key, base: {...base, digest: base.digest}}, site)))
  const image = found ?? (await buildFoundation(key, work, {...site, base}))
  const own = base.digest === undefined || !foundation.isPublic ? undefined : foundationLayer({key, platform}, image)
  return {...image, ...(own === undefined ? {} : {own})}
}

/** Where foundations are looked for: first what the image's own repository remembers. */
export interface FoundationSite {
  readonly stores: readonly [KnownStore, ...KnownStore[]]
  readonly context: StepContext
}

async function sharedFoundation(
  {
    key,
    platform,
    into,
    foundation,
    base
  }: FoundationRequest & {readonly key: string; readonly base: PinnedBase & {readonly digest: string}},
  {stores, context}: FoundationSite
): Promise<FoundImage | undefined> {
  const {image, credential} = foundation.base
  const wanted = {key, platform, into, base: {image, credential, digest: base.digest}}
  const assembled = await assembleFoundation(wanted, {stores, context})
  if (assembled === undefined) return undefined
  const {pythons, ...texts} = assembled
  return {
    key,
    python: pythons.image,
    ...texts,
    base: base.text,
    isCompiled: pythons.machine === undefined,
    origin: 'found'
  }
}

async function buildFoundation(
  key: string,
  {foundation, into}: FoundationRequest,
  {base, context}: FoundationSite & {readonly base: PinnedBase}
): Promise<FoundImage> {
  const text = await readDockerfile(foundation.dockerfile, context)
  const marks = {'{base}': base.text}
  const digest = await buildPart(foundation, {text, what: 'the base of the runtime', marks, context})
  const read = await readBuilt(into, digest, context)
  const {image: python, machine} = await pythonsOf(read.manifest, into, context)
  return {key, digest, python, ...read, base: base.text, isCompiled: machine === undefined, origin: 'made'}
}

/** A foundation that a repository remembers under a key, and still has. */
export async function findFoundation(
  key: string,
  {into, isForeign, store, isWhole}: FoundationRequest,
  {base, stores, context}: FoundationSite & {readonly base: PinnedBase}
): Promise<FoundImage | undefined> {
  const remembered = store.mayRead ? stores[0].index.foundations.find(entry => entry.key === key) : undefined
  if (remembered === undefined) return undefined
  const {elsewhere} = store
  const at = elsewhere ?? into
  const read = await readImage(at, remembered.digest, context)
  if (read === undefined) return undefined
  const found: FoundImage = {
    ...remembered,
    ...read,
    base: base.text,
    isCompiled: !isForeign || (await pythonsOf(read.manifest, at, context)).machine === undefined,
    origin: 'found',
    ...(elsewhere === undefined ? {} : {elsewhere})
  }
  return isWhole ? bringFoundation(found, into, context) : found
}

/** A foundation with all its bytes in a place, for those who build upon it there. */
export async function bringFoundation(found: FoundImage, into: ImageAccess, {host}: StepContext): Promise<FoundImage> {
  const {elsewhere, ...here} = found
  if (elsewhere === undefined) return here
  const {config, layers} = JSON.parse(found.manifest) as ManifestJson
  const credentials = {from: elsewhere.credential, to: into.credential}
  for (const {digest} of [config, ...layers]) {
    await host.registry.copyBlob(elsewhere.image, into.image, digest, credentials)
  }
  const manifest = {digest: found.digest, mediaType: OCI.manifest, bytes: Buffer.from(found.manifest)}
  await host.registry.writeManifest(into.image, found.digest, manifest, into.credential)
  return here
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

function pinnedBase({base: {text}}: FoundationWork, pinned: string | undefined): string {
  return pinned === undefined || text.includes('@') ? text : `${text}@${pinned}`
}

/** Throws where a foundation that was built here does not say its Python. */
async function pythonsOf(manifest: string, at: ImageAccess, context: StepContext): Promise<Pythons> {
  const last = (JSON.parse(manifest) as ManifestJson).layers.at(-1)
  const found = last === undefined ? undefined : await pythonsIn(last, at, context)
  if (found === undefined) throw new Error('The foundation does not say which Python it has.')
  return found
}
