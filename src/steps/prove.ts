import {runArguments} from '../gpu/container.ts'
import {DISK_FACTOR, DISK_MARGIN, type ImageState} from '../gpu/host-checks.ts'
import {lineChecks, worstOf} from '../gpu/judgement.ts'
import {problemsOfProof} from '../gpu/proof.ts'
import {newNonce} from '../gpu/seal.ts'
import type {Host} from '../host/host.ts'
import type {GpuCheck} from '../model/gpu-report.ts'
import type {Problem} from '../model/problem.ts'
import type {ProofProduct} from '../model/report.ts'
import {Secret} from '../model/secret.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {ProveWork} from '../model/work-proof.ts'
import {readImage} from './gpu-image.ts'
import {runOverLostLayer} from './lost-layer.ts'
import {proofKey, recallProof, rememberProof} from './proof-memory.ts'
import {type Client, clientOf, pullImage} from './pulled-image.ts'
import {withRequirements} from './requirement-check.ts'
import type {StepContext, StepMade} from './step.ts'
import {type Heard, hearValidator, NOTHING_SAID, runContainer} from './validator-run.ts'

/** For the whole container, beyond what the validator's own timers add up to: a cold disk reads 7 GB. */
const LIMIT_MS = 10 * 60_000
const INSPECT_MS = 60_000

/** What is run. */
interface Subject {
  readonly digest: string
  readonly kind: ProofProduct['kind']
}

/**
 * Runs what was built, without a GPU and without anything else, and holds what is in it against what was asked for.
 *
 * An image upon a runtime is proven by its runtime, which holds all the packages; one that was proven before is believed.
 * A failure ends the run: no tag is moved, and the candidate stays under its digest.
 */
export async function proveImage(work: ProveWork, context: StepContext): Promise<StepMade> {
  const {products} = context
  const client = clientOf(work)
  if (work.loadedAs !== undefined) {
    const name = work.loadedAs
    const user = await userOf(name, {client, host: context.host})
    const checks = await runHere({reference: name, user}, {work, client, host: context.host})
    return madeOf({subject: products.imageId ?? name, kind: 'image', origin: 'made', checks}, {work, context})
  }
  const subject = subjectOf(work, context)
  if (work.image === null || subject === undefined) throw new Error('The plan proves an image and names none.')
  return proveInRegistry(subject, {...work, image: work.image}, context)
}

async function proveInRegistry(
  {digest, kind}: Subject,
  work: ProveWork & {readonly image: ImageAccess},
  context: StepContext
): Promise<StepMade> {
  const {host, warn} = context
  const read = () => readImage(work.image, {digest, platform: work.platform, host})
  // The runtime of this platform is one image; what the build made may be an index of several.
  const early = kind === 'runtime' ? undefined : await read()
  const subject = early?.manifest ?? digest
  const key = await proofKey(work, host)
  const recalled = await recallProof({subject, key}, work, host)
  if (recalled !== undefined) {
    const proof: ProofProduct = {subject, kind, origin: 'found', result: 'pass', checks: [], provenBy: recalled}
    return {made: `proven before (${recalled})`, products: {proof}}
  }
  const image = early ?? (await read())
  const short = await roomMissing(image, work, host)
  if (short !== undefined) {
    warn(`The image was not proven: ${short}`)
    return {made: `not proven: ${short}`}
  }
  const client = clientOf(work)
  const checks = await host.log.group('Proof without a GPU', async () => {
    const pulled = await pullImage({access: work.image, digest, size: image, client, directory: work.directory, host})
    if (!pulled.isPulled) return judged({...pulled, transcript: NOTHING_SAID, hasTimedOut: false, isUnpulled: true})
    const {reference, remove} = pulled
    try {
      return await runHere({reference, user: image.user}, {work, client, host})
    } finally {
      if (work.isPulledAgain) context.resources.held = {bytes: image.compressedBytes, remove}
      else await remove()
    }
  })
  const made = madeOf({subject, kind, origin: 'made', checks}, {work, context})
  if (made.problems === undefined) await rememberProof({subject, key, checks}, work, context)
  return made
}

/** The runtime of this machine's platform where all packages come from one, else what the build ended with. */
function subjectOf({subject, platform}: ProveWork, {products}: StepContext): Subject | undefined {
  const runtime = products.runtime?.images.find(image => image.platform === `linux/${platform}`)
  if (subject === 'runtime' && runtime !== undefined) return {digest: runtime.digest, kind: 'runtime'}
  return products.digest === undefined ? undefined : {digest: products.digest, kind: 'image'}
}

/** What is wrong with the disk; undefined where the image fits, or where nobody can tell. */
async function roomMissing({compressedBytes}: ImageState, {disk}: ProveWork, host: Host): Promise<string | undefined> {
  const free = await host.files.freeBytes(disk).catch(() => undefined)
  const needed = compressedBytes * DISK_FACTOR + DISK_MARGIN
  if (free === undefined || free >= needed) return undefined
  return `${gigabytes(free)} are free where the engine stores, and pulling it takes up to ${gigabytes(needed)}.`
}

async function userOf(name: string, {client, host}: {client: Client; host: Host}): Promise<string> {
  const args = ['image', 'inspect', '--format', '{{.Config.User}}', name]
  const {stdout} = await host.commands.ask({...client, args, timeoutMs: INSPECT_MS})
  return stdout.trim()
}

/** Starts the validator in an image that the engine has. */
async function runHere(
  {reference, user}: {readonly reference: string; readonly user: string},
  {work, client, host}: {readonly work: ProveWork; readonly client: Client; readonly host: Host}
): Promise<readonly GpuCheck[]> {
  const name = work.container
  const args = runArguments({name, image: reference, user, validator: work.validator})
  const {torch, cuda, gpus, archList} = work.expected
  const expected = {
    ...(torch === undefined ? {} : {torch}),
    ...(cuda === undefined ? {} : {cuda}),
    gpus,
    arch_list: archList
  }
  const nonce = newNonce()
  const stdin = new Secret('validation order', JSON.stringify({nonce, level: 'proof', expected}))
  // An image that was loaded may still have to be unpacked: the engine says nothing where it could not do it at once.
  const hear = () => hearValidator({...client, args, stdin}, {nonce, limitMs: LIMIT_MS}, host)
  const heard = await runContainer(name, {client, host}, () => runOverLostLayer(hear, {endOf: ended => ended, host}))
  return judged(heard)
}

/** What the validator found, with what the host makes of it. */
function judged(heard: Heard & {readonly isUnpulled?: true}): readonly GpuCheck[] {
  const checks = withRequirements(heard.transcript.checks)
  return [...checks, ...lineChecks(heard)].toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

function madeOf(
  proof: Omit<ProofProduct, 'result'>,
  {work, context}: {readonly work: ProveWork; readonly context: StepContext}
): StepMade {
  const {checks} = proof
  const result = worstOf(checks.map(({status}) => status))
  const count = (status: GpuCheck['status']) => checks.filter(check => check.status === status).length
  for (const {id, status, message} of checks) if (status === 'warn') context.warn(`Proof, ${id}: ${message}`)
  const {candidate} = context.products
  const place =
    candidate === undefined
      ? `the image stays in the engine as ${work.loadedAs}`
      : `the candidate stays as ${candidate}`
  const problems: readonly Problem[] = problemsOfProof(checks, place)
  const products = {proof: {...proof, result}}
  const idle = count('skip') === 0 ? '' : `, ${count('skip')} do not apply`
  const made = `${count('pass')} of ${checks.length} checks pass${idle}`
  return problems.length > 0
    ? {made: `${count('fail')} of ${checks.length} checks failed`, products, problems}
    : {made, products}
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
