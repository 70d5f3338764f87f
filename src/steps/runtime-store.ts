import type {ImageAccess, RuntimeWork} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import {EMPTY_STORE, isSameStore, parseStore, remember, type StoreIndex, storeText} from '../wheels/layer-store.ts'
import {OCI} from '../wheels/runtime-image.ts'
import type {StepContext} from './step.ts'

type Store = RuntimeWork['store']

/** What the repository remembers; nothing where this event may not read it, or where it cannot be had. */
export async function readStore(store: Store, into: ImageAccess, {host}: StepContext): Promise<StoreIndex> {
  if (!store.mayRead) return EMPTY_STORE
  try {
    const manifest = await host.registry.readManifest(into.image, store.tag, into.credential)
    return manifest === undefined ? EMPTY_STORE : parseStore(Buffer.from(manifest.bytes).toString('utf8'))
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    host.log.debug(`The index of layers could not be read: ${thrown.message}`)
    return EMPTY_STORE
  }
}

/**
 * Remembers what was used. Two runs at once may overwrite each other's lines, which costs making a layer again.
 *
 * It never fails a run: the image does not need it.
 */
export async function writeStore(
  used: StoreIndex,
  known: StoreIndex,
  {store, into, context}: {store: Store; into: ImageAccess; context: StepContext}
): Promise<void> {
  const {host, warn} = context
  const next = remember(known, used)
  if (!store.mayWrite || isSameStore(next, known)) return
  try {
    await host.registry.writeBlob(into.image, Buffer.from('{}'), into.credential)
    const bytes = Buffer.from(storeText(next))
    const manifest = {digest: '', mediaType: OCI.manifest, bytes}
    await host.registry.writeManifest(into.image, store.tag, manifest, into.credential)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    warn(`The next build will not find the layers of this one: ${thrown.what}`)
  }
}
