import {once} from 'node:events'
import {PassThrough} from 'node:stream'
import {layoutFolder} from '../image/layout-folder.ts'
import {putStream} from './layout-folder.ts'
import {free} from './memory.ts'
import type {BlobPlace} from './registry-blob.ts'
import {speaking} from './registry-problem.ts'
import {isTransient, PERSISTENT} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'
import {uploadStream} from './registry-upload.ts'
import type {Sink} from './tar-press.ts'

/** How often a layer is made and sent anew when the registry's connection broke in the middle. */
const UPLOAD_TRIES = 4

/** Where a layer goes, and what people know it by. */
export interface LayerTarget {
  readonly session: Session
  readonly to: BlobPlace
  readonly title: string
}

/** Makes a layer and hands its pieces on, each its own; resolves with what it became. */
type Make<T> = (sink: Sink) => Promise<T>

/**
 * Sends a layer while it is made, or writes it into a folder; makes it anew where a broken connection asks for that.
 *
 * Throws what the making throws, and the registry's problems. Nothing that is half done can be referred to.
 */
export function uploadLayer<T extends {readonly digest: string}>(target: LayerTarget, make: Make<T>): Promise<T> {
  return speaking(`take the layer of ${target.title}`, target.to.image, async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await makeAndSend(target, make)
      } catch (thrown) {
        const mayHelp = thrown instanceof NoAnswer || (thrown instanceof Refusal && isTransient(thrown.status))
        if (!mayHelp || attempt === UPLOAD_TRIES) throw thrown
      }
    }
  })
}

async function makeAndSend<T extends {readonly digest: string}>({session, to}: LayerTarget, make: Make<T>): Promise<T> {
  // Of objects: a stream of bytes would copy what lies in it together before it hands it out.
  const body = new PassThrough({objectMode: true, highWaterMark: 2})
  body.on('error', () => {})
  const digest = Promise.withResolvers<string>()
  digest.promise.catch(() => {})
  const folder = layoutFolder(to.image)
  const sent =
    folder === undefined
      ? uploadStream(session, {place: to, body, digest: digest.promise, onSent: free}, PERSISTENT)
      : putStream(folder, body, () => digest.promise)
  // When the registry gives up first, nobody reads the body any more: whoever waits for room must hear of it.
  const lost = sent.then(() => new Promise<never>(() => {}))
  lost.catch(() => body.destroy())
  const sink = async (piece: Uint8Array) => {
    if (!body.write(piece)) await Promise.race([once(body, 'drain'), lost])
  }
  try {
    const made = await Promise.race([make(sink), lost])
    body.end()
    digest.resolve(made.digest)
    await sent
    return made
  } catch (thrown) {
    digest.reject(thrown)
    body.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
    await sent.catch(() => {})
    throw thrown
  }
}
