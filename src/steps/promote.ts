import type {Host, Manifest} from '../host/host.ts'
import type {ImageName} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {PromoteWork, Tag} from '../model/work-release.ts'
import {copyImage} from './copy.ts'
import {acceptReports} from './gpu-reports.ts'
import {isBehind, isSameCommit} from './standing.ts'
import type {StepContext, StepMade} from './step.ts'

/**
 * Writes tags onto the candidate's digest by putting its very manifest bytes, and reads each one back.
 *
 * Immutable tags come first and are never moved; a moving tag that stands on something newer is left alone.
 * Where GPU reports were handed over, all of them have to be about this digest and pass, before the first tag is looked at.
 * Throws `tag-immutable`, `digest-mismatch` and the codes of `acceptReports`.
 */
export async function promote(work: PromoteWork, context: StepContext): Promise<StepMade> {
  const {host, products, notice} = context
  const [primary] = work.images
  const digest = work.digest ?? products.digest
  if (digest !== undefined) await acceptReports(work, {digest, host})
  const candidate =
    primary === undefined || digest === undefined
      ? undefined
      : await host.registry.readManifest(primary.image, digest, primary.credential)
  if (primary === undefined || candidate === undefined) {
    throw new Problem('digest-mismatch', {
      what: 'The candidate is no longer in the registry.',
      why: 'Tags are only put onto the very digest that was built.',
      fix: 'Run the job again, and look whether something deletes untagged images while jobs run.'
    })
  }
  for (const access of work.images.slice(1)) await copyImage(candidate, {from: primary, to: access, host})
  const tags: string[] = []
  const keptTags: string[] = []
  // One class after the other over all images: a crash in between leaves moving tags on the old image everywhere.
  for (const tag of work.tags) {
    for (const access of imagesOf(tag, work.images)) {
      const reference = `${nameOf(access.image)}:${tag.tag}`
      const kept = await writeTag(tag, {access, candidate, work, host})
      if (kept === undefined) tags.push(reference)
      else {
        keptTags.push(reference)
        notice(`${reference} was left where it is: ${kept}`)
      }
    }
  }
  return {made: `${tags.length} tags on ${candidate.digest}`, products: {digest: candidate.digest, tags, keptTags}}
}

function imagesOf(tag: Tag, images: readonly ImageAccess[]): readonly ImageAccess[] {
  if (tag.image === undefined) return images
  return images.filter(({image}) => nameOf(image) === nameOf(tag.image as ImageName))
}

function nameOf(image: ImageName): string {
  return `${image.registry}/${image.repository}`
}

/** Puts one tag; gives the reason where the tag has to stay on what it stands on. */
async function writeTag(
  tag: Tag,
  {access, candidate, work, host}: {access: ImageAccess; candidate: Manifest; work: PromoteWork; host: Host}
): Promise<string | undefined> {
  const {image, credential} = access
  const standing = await host.registry.readManifest(image, tag.tag, credential)
  if (standing?.digest === candidate.digest) return undefined
  if (standing !== undefined && tag.class === 'immutable') {
    // Provenance holds the time of the build, so that a re-run of one commit has a digest of its own.
    if (await isSameCommit(work, {standing, access, host})) return 'an earlier run published it from this very commit.'
    throw immutable(tag, {image, standing, candidate})
  }
  if (standing !== undefined && (await isBehind(work, {standing, access, host}))) {
    return 'it already stands on a newer commit or run than this one.'
  }
  await host.registry.writeManifest(image, tag.tag, candidate, credential)
  const written = await host.registry.readManifest(image, tag.tag, credential)
  if (written?.digest === candidate.digest) return undefined
  throw new Problem('digest-mismatch', {
    what: `${nameOf(image)}:${tag.tag} was written, but reads back as ${written?.digest ?? 'nothing'}.`,
    why: `It must be ${candidate.digest}: another run wrote the tag at the same moment, or the registry changed the manifest.`,
    fix: 'Let one run at a time publish a tag: give the workflow a `concurrency` group.'
  })
}

function immutable(
  tag: Tag,
  {image, standing, candidate}: {image: ImageName; standing: Manifest; candidate: Manifest}
): Problem {
  return new Problem('tag-immutable', {
    what: `${nameOf(image)}:${tag.tag} already exists with another digest.`,
    why: 'A version or commit tag names one image for ever; people pin it.',
    fix: 'Publish a new version, or delete the tag in the registry if nobody uses it. What was built stays usable by its digest.',
    evidence: [`there: ${standing.digest}`, `new: ${candidate.digest}`]
  })
}
