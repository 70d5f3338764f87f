import type {BlobPlace} from '../../src/host/registry-blob.ts'
import type {Session} from '../../src/host/registry-session.ts'
import type {Layer} from '../../src/model/layers.ts'
import type {LockedFile} from '../../src/model/lock.ts'
import {knownDiffId} from '../../src/wheels/known-layers.ts'
import {deriveDiffId} from './derive.ts'
import {readLayer} from './read-layer.ts'
import type {Shelf} from './shelf.ts'

/** What came of looking at a remembered layer. */
export interface Verified {
  readonly layer: Layer
  /** `whole`: only that the layer is what its entry says, because nothing tells what it should be. */
  readonly verdict: 'same' | 'whole' | 'differs' | 'unchecked'
  /** Completes "torch: …". */
  readonly because: string
}

/** What layers are held against. */
export interface Bench {
  readonly place: BlobPlace
  readonly session: Session
  readonly shelf: Shelf
  /** For the wheels of one layer at a time. */
  readonly folder: string
  /** Stands for the action's own table. */
  readonly known?: typeof knownDiffId
}

/**
 * Holds a remembered layer against its wheels, made into a layer once more, and against what the registry has under its
 * digest. One layer at a time: the disk holds the wheels of one, memory holds none.
 */
export async function verifyLayer(layer: Layer, bench: Bench): Promise<Verified> {
  const {place, session, known = knownDiffId} = bench
  const read = await readLayer(session, place, layer)
  if (read === undefined) return {layer, verdict: 'unchecked', because: 'the registry does not have it any more'}
  if (read.digest !== layer.digest) return differs(layer, `the registry sends ${read.digest} under its digest`)
  if (read.diffId !== layer.diffId) return differs(layer, `the entry says ${layer.diffId}, and it holds ${read.diffId}`)
  if (layer.wheels.length === 0)
    return {layer, verdict: 'whole', because: 'no wheel is in it; it holds what its entry says'}
  const files = await filesOf(layer, bench)
  if (typeof files === 'string') return {layer, verdict: 'unchecked', because: files}
  const derived = await deriveDiffId(files, {folder: bench.folder, transport: session.transport})
  if (derived !== layer.diffId) return differs(layer, `its wheels give ${derived}, and it holds ${layer.diffId}`)
  const tabled = known(files)
  if (tabled !== undefined && tabled !== derived) {
    return differs(layer, `its wheels give ${derived}, and the action’s table says ${tabled}`)
  }
  return {layer, verdict: 'same', because: `its wheels give ${derived}`}
}

function differs(layer: Layer, because: string): Verified {
  return {layer, verdict: 'differs', because}
}

async function filesOf({wheels}: Layer, {shelf}: Bench): Promise<readonly LockedFile[] | string> {
  const files: LockedFile[] = []
  for (const wheel of wheels) {
    const file = await shelf.find(wheel)
    if (file === undefined) return `no index that was named has ${wheel.name}`
    files.push(file)
  }
  return files
}
