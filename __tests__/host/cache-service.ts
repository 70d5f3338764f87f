import {type ScriptedServer, type Seen, scriptServer} from './scripted-server.ts'

const SERVICE = '/twirp/github.actions.results.api.v1.CacheService/'

/**
 * GitHub's cache service, version 2, as far as one small entry goes: three calls, and the store that they lead to.
 *
 * A token that may only read is refused with the service's own words.
 */
export async function startCacheService({mayWrite}: {mayWrite: boolean}): Promise<ScriptedServer> {
  const blobs = new Map<string, Buffer>()
  let key = ''
  const json = (value: object) => ({
    status: 200,
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(value)
  })
  const calls: Readonly<Record<string, (asked: Record<string, string>, host: string) => object>> = {
    CreateCacheEntry: (asked, host) => {
      if (!mayWrite) return {ok: false, message: 'cache write denied: token has no writable scopes'}
      key = asked.key ?? ''
      return {ok: true, signed_upload_url: `http://${host}/store/caches/blob?sig=upload`}
    },
    FinalizeCacheEntryUpload: () => ({ok: true, entry_id: '7'}),
    GetCacheEntryDownloadURL: (asked, host) => {
      const isHit =
        blobs.size > 0 && [asked.key, ...(asked.restore_keys ?? [])].some(wanted => key.startsWith(wanted ?? '-'))
      return isHit
        ? {ok: true, signed_download_url: `http://${host}/store/caches/blob?sig=download`, matched_key: key}
        : {ok: false}
    }
  }

  return scriptServer(({method, path, headers, body}: Seen, {host}) => {
    if (path.startsWith(SERVICE))
      return json(calls[path.slice(SERVICE.length)]?.(JSON.parse(body.toString()), host) ?? {})
    if (method === 'PUT') {
      blobs.set('blob', body)
      return {status: 201, headers: {etag: '"1"', 'x-ms-request-server-encrypted': 'true'}}
    }
    const blob = blobs.get('blob') ?? Buffer.alloc(0)
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(String(headers.range ?? headers['x-ms-range'] ?? '')) ?? []
    if (from === undefined) return {status: 200, body: blob}
    const end = to === undefined || to === '' ? blob.length - 1 : Math.min(Number(to), blob.length - 1)
    return {
      status: 206,
      headers: {'content-range': `bytes ${from}-${end}/${blob.length}`},
      body: blob.subarray(Number(from), end + 1)
    }
  })
}
