import {BUILD_ACCESS} from '../git/build-access.ts'
import type {Host} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import {Secret} from '../model/secret.ts'
import type {BuildWork} from '../model/work-build.ts'
import {lastWordsOf, problemOfBuild, runBuildx, uponRuntime, variablesOf} from './buildx.ts'
import {readCandidate} from './candidate.ts'
import {exists} from './git-app.ts'
import {restoreLocalCache} from './local-cache.ts'
import {runOverLostLayer} from './lost-layer.ts'
import type {StepContext, StepMade} from './step.ts'

const REMOVE_TIMEOUT_MS = 60_000

/** What `--metadata-file` holds that is ours to tell. The rest (arguments, references of the builder) stays out. */
const TOLD = ['containerimage.digest', 'containerimage.config.digest', 'containerimage.descriptor'] as const

/**
 * Builds, and ends with a candidate: a digest that no tag points to.
 *
 * Throws `build-failed`, `disk-full`, `emulation-missing`, `engine-lost` or `registry-refused` with the failing step's last lines.
 */
export async function buildCandidate(work: BuildWork, context: StepContext): Promise<StepMade> {
  const {host} = context
  if (work.localCache !== undefined) await restoreLocalCache(work.localCache, host)
  await writeBuildFiles(work, host)
  await handOverSecrets(work, context)
  const environment = {...work.buildArgs, ...variablesOf(work.runnerVariables, host)}
  const image = recordLeftImage(work, context)
  const argv = uponRuntime(work.argv, context)
  const build = () =>
    host.log.group('docker buildx build', () => runBuildx(argv, environment, {context, cwd: work.workspace}))
  const built = await runOverLostLayer(build, {endOf: lastWordsOf, host})
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
    ...(await readCandidate(work, {digest, context}))
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
async function handOverSecrets(work: BuildWork, {host, products}: StepContext): Promise<void> {
  for (const {path, key} of work.keyFiles) await host.files.write(path, host.secrets.redeem(key))
  const credentials = work.access.credentials
    .filter(credential => exists(credential, products.appTokens ?? []))
    .map(credential => ({...credential, value: host.secrets.redeem(credential.token).reveal()}))
  for (const secret of work.secrets) {
    if (secret.from === 'access') {
      const text = BUILD_ACCESS[secret.form]({...work.access, credentials})
      await host.files.write(`${work.directory}/secrets/${secret.id}`, new Secret(secret.id, text))
    }
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
