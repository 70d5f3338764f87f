import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import type {Transport} from '../../src/host/registry-transport.ts'
import {fetchWheel} from '../../src/host/wheel-fetch.ts'
import {pressWheels} from '../../src/host/wheel-layer.ts'
import type {LockedFile} from '../../src/model/lock.ts'

/** Whose digest does not count is packed as fast as can be. */
const PACKING = {format: 'zstd', level: 1, library: ''} as const

/**
 * Makes the layer of wheels once more and returns its diffID; nothing of it is kept.
 *
 * One wheel after the other is fetched, so a folder with room for the wheels of one layer is enough.
 */
export async function deriveDiffId(
  wheels: readonly LockedFile[],
  {folder, transport}: {readonly folder: string; readonly transport: Transport}
): Promise<string> {
  const place = join(folder, 'wheels')
  mkdirSync(place, {recursive: true})
  try {
    const fetched: {readonly name: string; readonly path: string}[] = []
    for (const wheel of wheels) {
      const path = join(place, wheel.sha256)
      await fetchWheel(wheel, path, {transport, onBytes: () => {}})
      fetched.push({name: wheel.name, path})
    }
    const made = {packing: PACKING, sink: async () => {}, onBytes: () => {}}
    return (await pressWheels(fetched, made)).diffId
  } finally {
    rmSync(place, {recursive: true, force: true})
  }
}
