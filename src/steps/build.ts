import type {Host} from '../host/host.ts'
import type {BuildWork, ImageAccess} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import {problemOfBuild, runBuildx, variablesOf} from './buildx.ts'
import {restoreLocalCache} from './local-cache.ts'
import type {StepContext, StepMade} from './step.ts'

const REMOVE_TIMEOUT_MS = 60_000

/** What `--metadata-file` holds that is ours to tell. The rest (arguments, references of the builder) stays out. */
const TOLD = ['containerimage.digest', 'containerimage.config.digest', 'containerimage.descriptor'] as const

/**
 * Builds, and ends with a candidate: a digest that no tag points to.
 *
 * Throws `build-failed`, `disk-full`, `engine-lost` or `registry-refused` with the failing step's last lines.
 */
export async function buildCandidate(work: BuildWork, context: StepContext): Promise<StepMade> {
  const {host} = context
  if (work.localCache !== undefined) await restoreLocalCache(work.localCache, host)
  await writeBuildFiles(work, host)
  await handOverSecrets(work, host)
  const environment = {...work.buildArgs, ...variablesOf(work.runnerVariables, host)}
  const image = recordLeftImage(work, context)
  const built = await host.log.group('docker buildx build', () =>
    runBuildx(work.argv, environment, {context, cwd: work.workspace})
  )
  if (image !== undefined) await removeImage(image, context)
  if (built.ran.exitCode !== 0) throw problemOfBuild(built)
  const metadata = await readMetadata(work.metadataFile, host)
  const digest = textAt(metadata, 'containerimage.digest')
  const told = textAt(metadata, 'containerimage.config.digest')
  // For want of the real one, buildx puts the image's own digest there with the docker driver.
  const imageId = told === digest ? undefined : told
  const counts = built.progress.counts()
  const door = context.resources.door?.address
  const products: Products = {
    metadata,
    cachedSteps: counts,
    cachesRead: built.progress.cachesRead().map(name => (door === undefined ? name : name.replace(door, '{door}'))),
    ...(digest === undefined ? {} : {digest}),
    ...(imageId === undefined ? {} : {imageId}),
    ...(await candidateOf(work.candidate, {digest, context}))
  }
  return {made: `${digest ?? 'built'} (${counts.cached} of ${counts.total} steps from cache)`, products}
}

/** Lays the built-in Dockerfile and its ignore file where BuildKit reads them. The user's own ignore lines come first. */
async function writeBuildFiles(work: BuildWork, host: Host): Promise<void> {
  if (work.dockerfile.source !== 'built-in') return
  const text = await host.files.read(work.dockerfile.path)
  if (text === undefined) {
    throw new Problem('dockerfile-missing', {
      what: `The built-in Dockerfile is not at ${work.dockerfile.path}.`,
      why: 'The action was copied without its dockerfiles directory.',
      fix: 'Use the action from its repository at a released version.'
    })
  }
  await host.files.write(`${work.directory}/dockerfile/Dockerfile`, text)
  await host.files.write(`${work.directory}/dockerfile/Dockerfile.dockerignore`, `${work.ignore.join('\n')}\n`)
}

/** Secrets and keys go to files of mode 0600; those that are files already stay where they are. */
async function handOverSecrets(work: BuildWork, host: Host): Promise<void> {
  for (const {path, key} of work.keyFiles) await host.files.write(path, host.secrets.redeem(key))
  for (const secret of work.secrets) {
    if (secret.from !== 'value') continue
    await host.files.write(`${work.directory}/secrets/${secret.id}`, host.secrets.redeem(secret.value))
  }
}

/** The docker driver keeps what it pushed under the door's name; post takes it away where we cannot. */
function recordLeftImage(work: BuildWork, {host, resources}: StepContext): string | undefined {
  if (work.leavesImage === undefined) return undefined
  const reference = work.leavesImage.replaceAll('{door}', resources.door?.address ?? '')
  const {file, environment} = resources.docker
  const plain = Object.fromEntries(Object.entries(environment).filter(([, value]) => typeof value === 'string'))
  host.ledger.record({kind: 'remove-image', reference, docker: file, environment: plain as Record<string, string>})
  return reference
}

async function removeImage(reference: string, {host, resources}: StepContext): Promise<void> {
  const {file, environment} = resources.docker
  await host.commands.ask({file, args: ['image', 'rm', reference], env: environment, timeoutMs: REMOVE_TIMEOUT_MS})
}

async function readMetadata(path: string, host: Host): Promise<Readonly<Record<string, unknown>>> {
  const text = await host.files.read(path)
  if (text === undefined) return {}
  const all = JSON.parse(text) as Record<string, unknown>
  return Object.fromEntries(TOLD.flatMap(key => (key in all ? [[key, all[key]]] : [])))
}

function textAt(metadata: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = metadata[key]
  return typeof value === 'string' ? value : undefined
}

/** Reads the candidate back from the registry: what it holds is what is told, not what buildx says it pushed. */
async function candidateOf(
  access: ImageAccess | null,
  {digest, context}: {digest: string | undefined; context: StepContext}
): Promise<Partial<Products>> {
  if (access === null) return {}
  const {host, resources} = context
  const {image, credential} = access
  const name = `${image.registry}/${image.repository}`
  const manifest = digest === undefined ? undefined : await host.registry.readManifest(image, digest, credential)
  if (digest === undefined || manifest === undefined) {
    throw new Problem('digest-mismatch', {
      what: `buildx reported ${digest ?? 'no digest'}, but ${name} has no such manifest.`,
      why: 'What was pushed cannot be identified, so no tag may point to it.',
      fix: 'Run the job again; if it stays so, name another builder with `builder`.'
    })
  }
  const platform = await platformOf(manifest.bytes, access, host)
  const layers = (platform.layers ?? []).map(layer => ({
    digest: layer.digest,
    sizeBytes: layer.size,
    mediaType: layer.mediaType
  }))
  const pushedBytes = resources.door?.traffic().pushedBytes
  return {
    candidate: `${name}@${digest}`,
    layers,
    ...(platform.config === undefined ? {} : {imageId: platform.config.digest}),
    ...(pushedBytes === undefined ? {} : {pushedBytes})
  }
}

interface ManifestJson {
  readonly config?: {readonly digest: string}
  readonly layers?: readonly {readonly digest: string; readonly size: number; readonly mediaType: string}[]
  readonly manifests?: readonly {readonly digest: string; readonly platform?: {readonly os: string}}[]
}

/** The manifest of the image, or of the first platform of an index. */
async function platformOf(bytes: Uint8Array, access: ImageAccess, host: Host): Promise<ManifestJson> {
  const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as ManifestJson
  if (json.layers !== undefined) return json
  // Attestations stand in the index as manifests of the platform `unknown`.
  const platform = json.manifests?.find(entry => entry.platform?.os !== 'unknown')
  if (platform === undefined) return {}
  const child = await host.registry.readManifest(access.image, platform.digest, access.credential)
  return child === undefined ? {} : platformOf(child.bytes, access, host)
}
