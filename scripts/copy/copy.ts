import type {Manifest, RegistryPort} from '../../src/host/host.ts'
import {imageText} from '../../src/image/reference.ts'
import {Problem} from '../../src/model/problem.ts'
import {sizeText} from '../../src/report/quantity.ts'
import {listTags, type Place} from './listing.ts'
import {openTransfer, type Route, referrersTag} from './transfer.ts'

/** What became of one tag. */
export interface TagCopied {
  readonly tag: string
  readonly state: 'copied' | 'there already' | 'failed'
  readonly digest?: string
  /** What stopped it. */
  readonly because?: string
}

/** A copy of some or all tags. */
export interface CopyWork extends Omit<Route, 'onBlob'> {
  readonly tags?: readonly string[]
  readonly moves: boolean
  readonly say: (line: string) => void
}

/** Tags under which signatures and the like stand beside the digest that they are about. */
const COMPANIONS = ['', '.sig', '.att', '.sbom']

/**
 * Copies tags one after the other, each with all that belongs to it, and reads each one back.
 *
 * One tag that fails does not keep the others from being copied.
 */
export async function copyTags(work: CopyWork): Promise<readonly TagCopied[]> {
  const {from, say} = work
  const all = await listTags(work.session, from)
  const wanted = work.tags ?? all
  const copied: TagCopied[] = []
  if (wanted.length === 0) return copied
  let bytes = 0
  const transfer = openTransfer({
    ...work,
    onBlob: ({digest, size}) => {
      bytes += size
      say(`  ${digest.slice(0, 19)} ${sizeText(size)}`)
    }
  })
  const waiting = [...wanted]
  for (let tag = waiting.shift(); tag !== undefined; tag = waiting.shift()) {
    const before = bytes
    const result = await copyTag(tag, {work, carry: transfer.carry})
    const moved = bytes === before ? '' : `, ${sizeText(bytes - before)} made sure of`
    say(`${tag}: ${result.state}${moved}${result.because === undefined ? '' : `: ${result.because}`}`)
    copied.push(result)
    // Signatures of what was copied go along, also where only some tags were asked for.
    const companions = all.filter(
      name =>
        ![...waiting, ...copied.map(other => other.tag)].includes(name) &&
        [...transfer.carried].some(digest => COMPANIONS.some(end => name === `${referrersTag(digest)}${end}`))
    )
    waiting.push(...companions)
  }
  return copied
}

async function copyTag(
  tag: string,
  {work, carry}: {work: CopyWork; carry: (manifest: Manifest) => Promise<void>}
): Promise<TagCopied> {
  const {from, to, registry, moves} = work
  try {
    const source = await registry.readManifest(from.image, tag, from.credential)
    if (source === undefined) return {tag, state: 'failed', because: `${imageText(from.image)} has no such tag.`}
    const {digest} = source
    const standing = await readStanding(registry, to, tag)
    const isList = isReferrersList(tag)
    if (standing !== undefined && standing.digest !== digest && !moves && !isList) {
      const because = `the tag stands on ${standing.digest} there, and on ${digest} here. --move moves it.`
      return {tag, state: 'failed', digest, because}
    }
    await carry(source)
    // The list of referrers under a tag grows on each side by itself; what it lists was carried.
    const now = isList ? await readStanding(registry, to, tag) : standing
    if (now?.digest === digest) return {tag, state: 'there already', digest}
    if (isList && now !== undefined) return {tag, state: 'there already', digest: now.digest}
    await registry.writeManifest(to.image, tag, source, to.credential)
    const written = await registry.readManifest(to.image, tag, to.credential)
    if (written?.digest === digest) return {tag, state: 'copied', digest}
    return {tag, state: 'failed', digest, because: `it reads back as ${written?.digest ?? 'nothing'}.`}
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return {tag, state: 'failed', because: [thrown.what, ...thrown.evidence].join(' ')}
  }
}

/** A repository that does not exist yet may be refused rather than empty; writing to it will tell. */
async function readStanding(registry: RegistryPort, {image, credential}: Place, tag: string) {
  try {
    return await registry.readManifest(image, tag, credential)
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'registry-refused') return undefined
    throw thrown
  }
}

function isReferrersList(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}$/.test(tag)
}
