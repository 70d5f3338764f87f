import type {Host} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {Layer, Products} from '../model/report.ts'
import type {BuildWork, ImageAccess} from '../model/work-build.ts'
import type {StepContext} from './step.ts'

const MOST_LAYERS_TOLD = 12

/**
 * Reads the candidate back from the registry: what it holds is what is told, not what buildx says it pushed.
 *
 * Throws `digest-mismatch`, and `image-too-large` where its layers are over the budget.
 */
export async function readCandidate(
  {candidate, maxBytes, compareWith}: Pick<BuildWork, 'candidate' | 'maxBytes' | 'compareWith'>,
  {digest, context}: {readonly digest: string | undefined; readonly context: StepContext}
): Promise<Partial<Products>> {
  const {host, resources, notice} = context
  if (candidate === null) {
    if (maxBytes !== undefined)
      notice('`max-size` was not checked: nothing was sent to a registry, so nothing was packed.')
    return {}
  }
  const {image, credential} = candidate
  const name = `${image.registry}/${image.repository}`
  const manifest = digest === undefined ? undefined : await host.registry.readManifest(image, digest, credential)
  if (digest === undefined || manifest === undefined) {
    throw new Problem('digest-mismatch', {
      what: `buildx reported ${digest ?? 'no digest'}, but ${name} has no such manifest.`,
      why: 'What was pushed cannot be identified, so no tag may point to it.',
      fix: 'Run the job again; if it stays so, name another builder with `builder`.'
    })
  }
  const platforms = await platformsOf(manifest.bytes, candidate, host)
  const [first] = platforms
  const layers = layersOf(first)
  for (const platform of platforms) checkBudget(layersOf(platform), maxBytes)
  const previous = compareWith === undefined ? undefined : await previousOf(compareWith, candidate, host)
  const laid = context.products.runtime?.layers.filter(({origin}) => origin === 'made') ?? []
  const throughDoor = resources.door?.traffic().pushedBytes
  const pushedBytes =
    throughDoor === undefined ? undefined : laid.reduce((sum, {sizeBytes}) => sum + sizeBytes, throughDoor)
  return {
    candidate: `${name}@${digest}`,
    layers,
    ...(previous === undefined ? {} : {previous}),
    ...(first?.config === undefined ? {} : {imageId: first.config.digest}),
    ...(pushedBytes === undefined ? {} : {pushedBytes})
  }
}

interface ManifestJson {
  readonly config?: {readonly digest: string}
  readonly layers?: readonly {readonly digest: string; readonly size: number; readonly mediaType: string}[]
  readonly manifests?: readonly {readonly digest: string; readonly platform?: {readonly os: string}}[]
}

/** The image's own manifest, or those of an index. */
async function platformsOf(bytes: Uint8Array, access: ImageAccess, host: Host): Promise<readonly ManifestJson[]> {
  const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as ManifestJson
  if (json.layers !== undefined) return [json]
  // Attestations stand in the index as manifests of the platform `unknown`.
  const entries = (json.manifests ?? []).filter(entry => entry.platform?.os !== 'unknown')
  const found: ManifestJson[] = []
  for (const {digest} of entries) {
    const child = await host.registry.readManifest(access.image, digest, access.credential)
    if (child !== undefined) found.push(...(await platformsOf(child.bytes, access, host)))
  }
  return found
}

function layersOf(platform: ManifestJson | undefined): readonly Layer[] {
  return (platform?.layers ?? []).map(({digest, size, mediaType}) => ({digest, sizeBytes: size, mediaType}))
}

/** Stops before any tag moves: an image that grew past its budget is not what the others pull. */
function checkBudget(layers: readonly Layer[], maxBytes: number | undefined): void {
  const total = layers.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
  if (maxBytes === undefined || total <= maxBytes) return
  const largest = layers.toSorted((one, other) => other.sizeBytes - one.sizeBytes)
  throw new Problem('image-too-large', {
    what: `The image is ${megabytes(total)} compressed, and \`max-size\` allows ${megabytes(maxBytes)}.`,
    why: `It is ${megabytes(total - maxBytes)} over its budget, so no tag was moved to it.`,
    fix: 'Look at the largest layers below: what need not be in the image goes into .dockerignore or out of the requirements. Or raise `max-size`.',
    evidence: largest
      .slice(0, MOST_LAYERS_TOLD)
      .map(({digest, sizeBytes}) => `${megabytes(sizeBytes).padStart(10)}  ${digest.slice(0, 19)}`)
  })
}

/** The image that a tag stands on until this run moves it. That it cannot be read is no reason to stop. */
async function previousOf(tag: string, access: ImageAccess, host: Host): Promise<Products['previous']> {
  const {image, credential} = access
  try {
    const manifest = await host.registry.readManifest(image, tag, credential)
    if (manifest === undefined) return undefined
    const [first] = await platformsOf(manifest.bytes, access, host)
    const layers = layersOf(first)
    return layers.length === 0 ? undefined : {reference: `${image.registry}/${image.repository}:${tag}`, layers}
  } catch (thrown) {
    host.log.debug(`The image that ${tag} stands on could not be read: ${String(thrown)}`)
    return undefined
  }
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`
}
