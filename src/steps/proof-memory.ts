import {sha256Of} from '../gpu/seal.ts'
import type {Host} from '../host/host.ts'
import type {GpuCheck} from '../model/gpu-report.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {ProveWork} from '../model/work-proof.ts'
import {EMPTY_CONFIG} from '../wheels/layer-store.ts'
import type {StepContext} from './step.ts'

/** What a remembered proof calls itself. */
const PROOF_TYPE = 'application/vnd.pytorch-cuda-image.proof.v1+json'
const KEY = 'dev.pytorch-cuda-image.proof.key'
const RUN = 'dev.pytorch-cuda-image.proof.run'

type Work = ProveWork & {readonly image: ImageAccess}

/** What was proven of a digest: the expectations, and the very checks that were run. */
export async function proofKey({expected, validator}: ProveWork, host: Host): Promise<string> {
  const files = (await host.files.list(validator, {depth: 1})).filter(name => name.endsWith('.py')).toSorted()
  const texts = await Promise.all(files.map(name => host.files.read(`${validator}/${name}`)))
  const {torch = null, cuda = null, gpus, archList} = expected
  const said = [torch, cuda, gpus.map(({capability}) => capability).toSorted(), archList]
  return sha256Of(JSON.stringify([said, files, texts]))
}

/**
 * Which run proved this before, by what is attached to the image in its own repository; undefined where none did.
 *
 * Whoever can attach something there can push the image itself. What cannot be asked is not remembered.
 */
export async function recallProof(
  {subject, key}: {readonly subject: string; readonly key: string},
  {image: {image, credential}, memory}: Work,
  host: Host
): Promise<string | undefined> {
  if (!memory.mayRead) return undefined
  try {
    const found = await host.registry.listReferrers(image, {subject, artifactType: PROOF_TYPE}, credential)
    const proof = found.find(({annotations}) => annotations?.[KEY] === key)
    return proof === undefined ? undefined : (proof.annotations?.[RUN] ?? 'an earlier run')
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    host.log.debug(`Whether ${subject} was proven before could not be asked: ${thrown.message}`)
    return undefined
  }
}

/** Attaches what was found to the image, so that the next run need not pull it. It never fails a run. */
export async function rememberProof(
  {subject, key, checks}: {readonly subject: string; readonly key: string; readonly checks: readonly GpuCheck[]},
  {image: {image, credential}, memory, run}: Work,
  {host, warn}: StepContext
): Promise<void> {
  if (!memory.mayWrite) return
  try {
    const manifest = await host.registry.readManifest(image, subject, credential)
    if (manifest === undefined) return
    const bytes = Buffer.from(JSON.stringify({subject, key, run, checks}))
    await host.registry.writeBlob(image, Buffer.from('{}'), credential)
    const digest = await host.registry.writeBlob(image, bytes, credential)
    await host.registry.attach(
      image,
      {
        subject: {mediaType: manifest.mediaType, digest: subject, size: manifest.bytes.length},
        artifactType: PROOF_TYPE,
        config: EMPTY_CONFIG,
        layers: [{mediaType: 'application/json', digest, size: bytes.length}],
        annotations: {[KEY]: key, [RUN]: run}
      },
      credential
    )
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    warn(`The next run will prove the same image again: ${thrown.what}`)
  }
}
