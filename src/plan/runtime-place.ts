import {layoutAt, layoutFolder} from '../image/layout-folder.ts'
import {imageText, localNameOf} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {cacheAccess} from './access.ts'
import type {BuilderChoice} from './builder.ts'
import {compressionOf, type LayerUse} from './compression.ts'
import {attributes} from './csv.ts'
import {candidateFields} from './output.ts'
import {mayReadAsAnyone, permit} from './permit.ts'

/** Where the layers of a runtime lie, and where those lie that were made before. */
export interface RuntimePlace {
  /** The image's repository; a folder of this run where nothing may be pushed. */
  readonly into: ImageAccess
  /** The repository that remembers layers, where that is another place. */
  readonly elsewhere?: ImageAccess
  readonly mayRead: boolean
}

/**
 * Where this run lays its wheels: into the image's repository, if it may push and the builder takes a runtime from there.
 *
 * A run that pushes nothing reads what the repository remembers all the same: with the login of the cache where it may
 * read that, else as anybody can who has none.
 */
export function runtimePlace(
  facts: Facts,
  {
    push,
    images,
    builder
  }: {readonly push: Verdict; readonly images: readonly ImageAccess[]; readonly builder: BuilderChoice}
): RuntimePlace | undefined {
  const [first] = images
  if (first === undefined) return undefined
  const mayRead = permit(facts, 'cache-read').allowed
  if (push.allowed && reachesDoor(builder)) return {into: first, mayRead}
  return {
    into: {image: layoutAt(`${facts.paths.run}/layout`), credential: null},
    elsewhere: cacheAccess(facts, first.image),
    mayRead: mayRead || mayReadAsAnyone(facts)
  }
}

/** Whether a builder takes an image from the registry through our door. */
export function reachesDoor({reach, driver, bridge}: BuilderChoice): boolean {
  return reach === 'door' && (driver !== 'docker' || bridge !== undefined)
}

/** Whether a place is a folder, and no repository. */
export function isFolder({into}: Pick<RuntimePlace, 'into'>): boolean {
  return layoutFolder(into.image) !== undefined
}

/** Where buildx finds an image of a place, for `--build-context`; the digest may be a mark that is filled in later. */
export function contextIn({image}: ImageAccess, digest: string): string {
  return layoutFolder(image) === undefined
    ? `docker-image://{door}/${localNameOf(image)}@${digest}`
    : `${imageText(image)}@${digest}`
}

/**
 * The value of `--output` that puts what was built into a place, known by its digest alone.
 *
 * What ends with the run is packed as fast as can be, whatever it is for.
 */
export function outputInto(
  facts: Facts,
  {image}: ImageAccess,
  {builder, use}: {readonly builder: BuilderChoice; readonly use: LayerUse | undefined}
): string {
  const folder = layoutFolder(image)
  if (folder === undefined) return attributes(candidateFields(facts, {builder, image, use}))
  return attributes([
    ['type', 'oci'],
    ['dest', folder],
    ['tar', 'false'],
    ['oci-mediatypes', 'true'],
    ...compressionOf(facts)
  ])
}
