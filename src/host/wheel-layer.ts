import {crc32} from 'node:zlib'
import type {LayerFiles, Packing} from '../model/layers.ts'
import {clash} from '../wheels/clash.ts'
import {installWheel, type LaidFile, laidBytes} from '../wheels/installation.ts'
import {openTarPress, type Pressed, type Sink, type TarPress} from './tar-press.ts'
import {openWheelFile, type WheelFile} from './wheel-file.ts'

/** A wheel that was fetched and is what the lock says. */
export interface FetchedWheel {
  readonly name: string
  readonly path: string
}

/** Makes one layer of wheels. Throws `wheel-invalid`, `wheels-clash`, and what the sink throws. */
export async function pressWheels(
  wheels: readonly FetchedWheel[],
  {packing, sink, onBytes}: {packing: Packing; sink: Sink; onBytes: (count: number) => void}
): Promise<Pressed & {readonly files: LayerFiles}> {
  const press = openTarPress(packing, sink)
  const files = new Map<string, readonly [string, number, number]>()
  try {
    for (const wheel of wheels) {
      const opened = await openWheelFile(wheel.name, wheel.path)
      try {
        for (const laid of installWheel(wheel.name, opened.entries, opened.read)) {
          const file = [laid.path, sumOf(laid), laidBytes(laid)] as const
          const known = files.get(laid.path)
          const problem = known === undefined ? undefined : clash(known, file)
          if (problem !== undefined) throw problem
          if (known !== undefined) continue
          files.set(laid.path, file)
          await layFile(press, {laid, opened, onBytes})
        }
      } finally {
        await opened.close()
      }
    }
    return {...(await press.end()), files: [...files.values()]}
  } catch (thrown) {
    press.abandon()
    throw thrown
  }
}

async function layFile(
  press: TarPress,
  {laid, opened, onBytes}: {laid: LaidFile; opened: WheelFile; onBytes: (count: number) => void}
): Promise<void> {
  const {path, mode, content} = laid
  await press.begin({kind: 'file', path, mode, sizeBytes: laidBytes(laid)})
  const pieces = content instanceof Uint8Array ? [content] : opened.pieces(content)
  for await (const piece of pieces) {
    await press.write(piece)
    onBytes(piece.length)
  }
}

function sumOf({content}: LaidFile): number {
  return content instanceof Uint8Array ? crc32(content) : content.crc32
}
