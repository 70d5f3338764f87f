import {addressOf, locationOf} from '../../src/host/registry-address.ts'
import {PERSISTENT} from '../../src/host/registry-retry.ts'
import type {Session} from '../../src/host/registry-session.ts'
import {type Purpose, Refusal} from '../../src/host/registry-token.ts'
import {wordsIn} from '../../src/host/registry-words.ts'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import type {ImageName} from '../../src/model/inputs.ts'

/** A repository of a registry and the login for it. */
export interface Place {
  readonly image: ImageName
  readonly credential: RegistryCredential | null
}

/** What a manifest or an index says of something that it refers to. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly urls?: readonly string[]
}

const INDEX = 'application/vnd.oci.image.index.v1+json'
const PAGE = 500
const MOST_PAGES = 2_000
const LIMIT_BYTES = 8 * 1024 * 1024

/** All tags of a repository, page by page. Throws `Refusal` and `NoAnswer`; a repository that is not there has none. */
export async function listTags(session: Session, place: Place): Promise<readonly string[]> {
  const first = addressOf(place.image, 'tags/list')
  first.searchParams.set('n', String(PAGE))
  const pages = await readPages(session, {place, url: first, accept: 'application/json'})
  const tags = (pages ?? []).flatMap(json => (json as {tags?: readonly string[] | null}).tags ?? [])
  return [...new Set(tags)]
}

/** What refers to a digest (signatures, attestations), by the registry's own list; undefined where it keeps none. */
export async function listReferrers(
  session: Session,
  place: Place,
  digest: string
): Promise<readonly Descriptor[] | undefined> {
  const url = addressOf(place.image, `referrers/${digest}`)
  const pages = await readPages(session, {place, url, accept: INDEX})
  return pages?.flatMap(json => (json as {manifests?: readonly Descriptor[]}).manifests ?? [])
}

async function readPages(
  session: Session,
  {place, url, accept}: {place: Place; url: URL; accept: string}
): Promise<readonly unknown[] | undefined> {
  const purpose: Purpose = {...place, actions: 'pull'}
  const pages: unknown[] = []
  let next: URL | undefined = url
  while (next !== undefined && pages.length < MOST_PAGES) {
    const outgoing = {method: 'GET', url: next, headers: {accept}, limitBytes: LIMIT_BYTES}
    const {status, headers, bytes} = await session.readBytes(purpose, outgoing, PERSISTENT)
    // 404: no such repository, or no such list; some registries say 400 or 405 to what they never heard of.
    if (status === 404 || status === 400 || status === 405) return pages.length === 0 ? undefined : pages
    if (status !== 200) throw new Refusal(status, wordsIn(bytes.toString('utf8')))
    pages.push(jsonOf(bytes.toString('utf8')))
    const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers.link ?? ''))?.[1]
    next = link === undefined ? undefined : locationOf(link, next)
  }
  return pages
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
