import {archFlagsOf, type ImageState} from '../gpu/host-checks.ts'
import type {Host} from '../host/host.ts'
import {LABELS} from '../model/labels.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'

interface ManifestJson {
  readonly config?: {readonly digest: string}
  readonly layers?: readonly {readonly size: number}[]
  readonly manifests?: readonly {
    readonly digest: string
    readonly platform?: {readonly os: string; readonly architecture: string}
  }[]
}

interface ConfigJson {
  readonly os?: string
  readonly architecture?: string
  readonly config?: {readonly User?: string; readonly Labels?: Readonly<Record<string, string>> | null}
}

/** What an image says of itself in its registry, read by its digest, before a byte of its layers is pulled. */
export async function readImage(
  {image, credential}: ImageAccess,
  {digest, platform, host}: {readonly digest: string; readonly platform: string; readonly host: Host}
): Promise<ImageState> {
  const {manifest, own, variant} = await manifestOf(
    digest,
    async reference => {
      const found = await host.registry.readManifest(image, reference, credential)
      if (found === undefined) throw vanished(`${image.registry}/${image.repository}@${reference}`)
      return JSON.parse(Buffer.from(found.bytes).toString('utf8')) as ManifestJson
    },
    platform
  )
  const layers = manifest.layers ?? []
  const config = await configOf(manifest, bytes => host.registry.readBlob(image, bytes, credential))
  const labels = config.config?.Labels ?? {}
  const torch = labels[LABELS.torch]
  const cuda = labels[LABELS.cuda]
  const minDriver = labels[LABELS.minDriver] ?? ''
  const said = config.os === undefined ? variant : `${config.os}/${config.architecture ?? ''}`
  return {
    digest,
    manifest: own,
    compressedBytes: layers.reduce((sum, {size}) => sum + size, 0),
    layers: layers.length,
    user: config.config?.User ?? '',
    labels,
    archList: archFlagsOf(labels[LABELS.archList] ?? ''),
    ...(torch === undefined ? {} : {torch}),
    ...(cuda === undefined ? {} : {cuda}),
    ...(/^\d+(?:\.\d+)+$/.test(minDriver) ? {minDriver} : {}),
    ...(said === undefined ? {} : {platform: said})
  }
}

/** The manifest of the image that this machine would run: of an index, the one for its architecture. */
async function manifestOf(
  digest: string,
  read: (reference: string) => Promise<ManifestJson>,
  platform: string
): Promise<{manifest: ManifestJson; own: string; variant: string | undefined}> {
  const manifest = await read(digest)
  if (manifest.manifests === undefined) return {manifest, own: digest, variant: undefined}
  const images = manifest.manifests.filter(entry => entry.platform?.os === 'linux')
  const fitting = images.find(entry => entry.platform?.architecture === platform)
  if (fitting === undefined) {
    throw new Problem('digest-mismatch', {
      what: `${digest} holds no image for linux/${platform}.`,
      why: 'This machine cannot run any other.',
      fix: 'Validate on a machine of an architecture that the image is built for, or add it to `platforms`.',
      evidence: images.map(entry => `linux/${entry.platform?.architecture}`)
    })
  }
  return {manifest: await read(fitting.digest), own: fitting.digest, variant: `linux/${platform}`}
}

async function configOf({config}: ManifestJson, read: (digest: string) => Promise<Uint8Array>): Promise<ConfigJson> {
  if (config === undefined) return {}
  try {
    return JSON.parse(Buffer.from(await read(config.digest)).toString('utf8')) as ConfigJson
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}

function vanished(reference: string): Problem {
  return new Problem('digest-mismatch', {
    what: `${reference} is not in the registry.`,
    why: 'Only the very image that was built may be validated.',
    fix: 'Look whether `image` and `digest` belong together, and whether something deletes untagged images while jobs run.'
  })
}
