import {type Reply, type Seen, scriptServer} from '../host/scripted-server.ts'

/** What a weak service does instead of answering. */
export type Weakness = 'hang' | 'reset' | {readonly status: number}

/** GitHub's cache service, version 2, with the store of blobs that it leads to. */
export interface CacheService {
  /** Variables of the runner that lead to it. */
  readonly services: Readonly<Record<string, string>>
  /** Keys of the entries that were finished, in order. */
  keys(): readonly string[]
  /** Bytes of the newest entry. */
  newestBytes(): number
  /** Names of the calls that it got, in order. */
  calls(): readonly string[]
  /** From now on: what it does instead of answering, or nothing. */
  be(weakness: Weakness | undefined): void
  close(): Promise<void>
}

/** What a call asks; JSON of protobuf messages, whose names clients write in either way. */
interface Asked {
  readonly key: string
  readonly version: string
  readonly restore_keys?: readonly string[]
  readonly restoreKeys?: readonly string[]
}

interface Entry {
  readonly key: string
  readonly version: string
  readonly blob: string
}

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/'

/**
 * Starts a cache service on 127.0.0.1.
 *
 * As GitHub's does, it finds an entry only under the version that it was saved with, by its key or by the newest one
 * that begins with a restore key, and never takes a key twice.
 */
export async function startCacheService(): Promise<CacheService> {
  const blobs = new Map<string, Buffer>()
  const blocks = new Map<string, Buffer>()
  const reserved = new Map<string, string>()
  const entries: Entry[] = []
  let weakness: Weakness | undefined

  const nameOf = ({key, version}: Asked) => `${version} ${key}`
  const find = ({key, version, restore_keys, restoreKeys = restore_keys ?? []}: Asked) => {
    const known = entries.filter(entry => entry.version === version).toReversed()
    return [key, ...restoreKeys]
      .map((wanted, at) => known.find(entry => (at === 0 ? entry.key === wanted : entry.key.startsWith(wanted))))
      .find(entry => entry !== undefined)
  }
  const calls: Readonly<Record<string, (asked: Asked, host: string) => object>> = {
    CreateCacheEntry: (asked, host) => {
      if (reserved.has(nameOf(asked))) return {ok: false, message: 'cache entry with the same key exists'}
      const blob = `/store/caches/${reserved.size}`
      reserved.set(nameOf(asked), blob)
      return {ok: true, signed_upload_url: `http://${host}${blob}?sig=signature-for-upload`}
    },
    FinalizeCacheEntryUpload: asked => {
      const blob = reserved.get(nameOf(asked)) ?? ''
      entries.push({key: asked.key, version: asked.version, blob})
      return {ok: blobs.has(blob), entry_id: String(entries.length)}
    },
    GetCacheEntryDownloadURL: (asked, host) => {
      const entry = find(asked)
      if (entry === undefined) return {ok: false}
      return {
        ok: true,
        signed_download_url: `http://${host}${entry.blob}?sig=signature-for-download`,
        matched_key: entry.key
      }
    }
  }

  function put(url: URL, body: Buffer): Reply {
    const part = url.searchParams.get('comp')
    const created = {status: 201, headers: {etag: '"1"', 'x-ms-request-server-encrypted': 'true'}}
    if (part === 'block') blocks.set(`${url.pathname} ${url.searchParams.get('blockid')}`, body)
    else if (part !== 'blocklist') blobs.set(url.pathname, body)
    else {
      const ids = [...body.toString().matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)].map(([, id]) => id)
      blobs.set(url.pathname, Buffer.concat(ids.map(id => blocks.get(`${url.pathname} ${id}`) ?? Buffer.alloc(0))))
    }
    return created
  }

  function get(url: URL, {method, headers}: Seen): Reply {
    const blob = blobs.get(url.pathname)
    if (blob === undefined) return {status: 404}
    const told = {etag: '"1"', 'x-ms-blob-type': 'BlockBlob', 'accept-ranges': 'bytes'}
    const range = /bytes=(\d+)-(\d*)/.exec(String(headers['x-ms-range'] ?? headers.range ?? ''))
    if (method === 'HEAD' || range === null) return {status: 200, headers: told, body: blob}
    const [from, to] = [Number(range[1]), range[2] === '' ? blob.length - 1 : Number(range[2])]
    const end = Math.min(to, blob.length - 1)
    const part = {'content-range': `bytes ${from}-${end}/${blob.length}`}
    return {status: 206, headers: {...told, ...part}, body: blob.subarray(from, end + 1)}
  }

  const server = await scriptServer((seen, {host}) => {
    if (weakness !== undefined) return weakness
    const url = new URL(seen.path, `http://${host}`)
    if (!url.pathname.startsWith(SERVICE)) return seen.method === 'PUT' ? put(url, seen.body) : get(url, seen)
    const answer = calls[url.pathname.slice(SERVICE.length)]?.(JSON.parse(seen.body.toString()), host)
    const headers = {'content-type': 'application/json'}
    return answer === undefined ? {status: 404} : {status: 200, headers, body: JSON.stringify(answer)}
  })
  return {
    services: {
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: `http://${server.host}/`,
      ACTIONS_RUNTIME_TOKEN: tokenFor('refs/heads/main')
    },
    keys: () => entries.map(({key}) => key),
    newestBytes: () => blobs.get(entries.at(-1)?.blob ?? '')?.length ?? 0,
    calls: () => server.seen.filter(({path}) => path.startsWith(SERVICE)).map(({path}) => path.slice(SERVICE.length)),
    be: next => {
      weakness = next
    },
    close: server.close
  }
}

/** A token as runners get it; BuildKit reads from it which scopes it may write. */
function tokenFor(scope: string): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {ac: JSON.stringify([{Scope: scope, Permission: 3}]), exp: 4_102_444_800}
  return `${encoded({alg: 'RS256', typ: 'JWT'})}.${encoded(claims)}.${'s'.repeat(43)}`
}
