import {createHash} from 'node:crypto'
import {createGunzip, createZstdDecompress} from 'node:zlib'
import {chunksOf} from '../../src/host/flow.ts'
import {addressOf} from '../../src/host/registry-address.ts'
import type {BlobPlace} from '../../src/host/registry-blob.ts'
import {PERSISTENT} from '../../src/host/registry-retry.ts'
import type {Session} from '../../src/host/registry-session.ts'
import type {Layer} from '../../src/model/layers.ts'

/** What a registry has under a layer's digest. */
export interface ReadLayer {
  readonly digest: string
  readonly diffId: string
}

/** Reads a layer from a registry, hashing it packed and unpacked; undefined where the registry does not have it. */
export async function readLayer(
  session: Session,
  place: BlobPlace,
  {digest, mediaType}: Pick<Layer, 'digest' | 'mediaType'>
): Promise<ReadLayer | undefined> {
  const url = addressOf(place.image, `blobs/${digest}`)
  const answer = await session.read({...place, actions: 'pull'}, {method: 'GET', url, headers: {}}, PERSISTENT)
  if (answer.statusCode !== 200) {
    answer.resume()
    return undefined
  }
  const [packed, unpacked] = [createHash('sha256'), createHash('sha256')]
  const unpacker = mediaType.endsWith('+gzip') ? createGunzip() : createZstdDecompress()
  const reading = (async () => {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) unpacked.update(chunk)
  })()
  reading.catch(() => {})
  for await (const chunk of chunksOf(answer, session.transport.stallMs)) {
    packed.update(chunk)
    if (!unpacker.write(chunk)) await Promise.race([new Promise(done => unpacker.once('drain', done)), reading])
  }
  unpacker.end()
  await reading
  return {digest: `sha256:${packed.digest('hex')}`, diffId: `sha256:${unpacked.digest('hex')}`}
}
