import type {Host, Manifest} from '../host/host.ts'
import {LABELS} from '../model/labels.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {PromoteWork} from '../model/work-release.ts'

interface ImageJson {
  readonly annotations?: Readonly<Record<string, string>>
  readonly config?: {readonly digest: string}
  readonly manifests?: readonly {readonly digest: string; readonly platform?: {readonly os: string}}[]
}

interface ConfigJson {
  readonly config?: {readonly Labels?: Readonly<Record<string, string>>}
}

/**
 * Whether this run is older than the image that a moving tag stands on, so that the tag has to stay.
 *
 * Between two releases the higher version stays, so that mending an old one does not take `latest` from the new one.
 * Else history decides where GitHub can tell it. Where it cannot (a shallow history, a force push, no token), the later
 * run of the same workflow wins. An image that says nothing of itself is no reason to stay.
 */
export async function isBehind(
  work: PromoteWork,
  {standing, access, host}: {standing: Manifest; access: ImageAccess; host: Host}
): Promise<boolean> {
  const labels = await labelsOf(standing, {access, host})
  const revision = labels[LABELS.revision]
  if (revision === undefined) return false
  const versions = orderOf(labels[LABELS.version], work.version)
  if (versions !== 0) return versions > 0
  if (revision !== work.revision) {
    const relation = await host.github.compareCommits(revision, work.revision)
    if (relation === 'behind') return true
    if (relation === 'ahead') return false
  }
  const runNumber = Number(labels[LABELS.runNumber])
  return labels[LABELS.workflow] === work.workflow && Number.isInteger(runNumber) && runNumber > work.runNumber
}

/** Above zero where the first is the higher release, zero where they are not two releases. */
function orderOf(one: string | undefined, other: string | undefined): number {
  const [first = [], second = []] = [one, other].map(text =>
    RELEASE.exec(text ?? '')
      ?.slice(1)
      .map(Number)
  )
  if (first.length !== second.length) return 0
  return first.map((part, at) => part - (second[at] ?? 0)).find(difference => difference !== 0) ?? 0
}

const RELEASE = /^(\d+)\.(\d+)\.(\d+)$/

/** Whether an image was built from the same commit as this run: a re-run finds its own immutable tags in place. */
export async function isSameCommit(
  work: PromoteWork,
  {standing, access, host}: {standing: Manifest; access: ImageAccess; host: Host}
): Promise<boolean> {
  const labels = await labelsOf(standing, {access, host})
  return labels[LABELS.revision] === work.revision
}

/** Labels of an image; annotations of its index count as well, since registries show those. */
async function labelsOf(
  manifest: Manifest,
  {access, host}: {access: ImageAccess; host: Host}
): Promise<Readonly<Record<string, string>>> {
  const json = JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) as ImageJson
  const {image, credential} = access
  if (json.annotations?.[LABELS.revision] !== undefined) return json.annotations
  const platform = json.manifests?.find(entry => entry.platform?.os !== 'unknown')
  if (platform !== undefined) {
    const child = await host.registry.readManifest(image, platform.digest, credential)
    return child === undefined ? {} : labelsOf(child, {access, host})
  }
  if (json.config === undefined) return {}
  return labelsIn(await host.registry.readBlob(image, json.config.digest, credential))
}

/** Labels of an image configuration. What is none (an artifact of another kind under the tag) has no labels. */
function labelsIn(bytes: Uint8Array): Readonly<Record<string, string>> {
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as ConfigJson).config?.Labels ?? {}
  } catch {
    return {}
  }
}
