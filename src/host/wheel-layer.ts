import {crc32} from 'node:zlib'
import type {LayerFiles, Packing} from '../model/layers.ts'
import {isSource} from '../wheels/bytecode.ts'
import {clash} from '../wheels/clash.ts'
import {checkMachine, machineOf} from '../wheels/elf.ts'
import {installWheel, type LaidFile, laidBytes} from '../wheels/installation.ts'
import {openTarPress, type Pressed, type Sink, type TarPress} from './tar-press.ts'
import {openWheelFile, type WheelFile} from './wheel-file.ts'

/** A wheel that was fetched and is what the lock says. */
export interface FetchedWheel {
  readonly name: string
  readonly path: string
}

/** A layer of wheels that was made: its files, how many are Python sources, and how many libraries of its machine. */
export type PressedWheels = Pressed & {readonly files: LayerFiles; readonly sources: number; readonly libraries: number}

/**
 * Makes one layer of wheels.
 *
 * Throws `wheel-invalid`, `wheels-clash`, and what the sink throws.
 */
export async function pressWheels(
  wheels: readonly FetchedWheel[],
  made: {packing: Packing; sink: Sink; onBytes: (count: number) => void}
): Promise<PressedWheels> {
  const press = openTarPress(made.packing, made.sink)
  const files = new Map<string, readonly [string, number, number]>()
  let libraries = 0
  try {
    for (const wheel of wheels) {
      const machines = new Map<string, number>()
      const opened = await openWheelFile(wheel.name, wheel.path)
      try {
        for (const laid of installWheel(wheel.name, opened.entries, opened.read)) {
          const file = [laid.path, sumOf(laid), laidBytes(laid)] as const
          const known = files.get(laid.path)
          const problem = known === undefined ? undefined : clash(known, file)
          if (problem !== undefined) throw problem
          if (known !== undefined) continue
          files.set(laid.path, file)
          const machine = await layFile(press, {laid, opened, onBytes: made.onBytes})
          if (machine !== undefined) machines.set(machine, (machines.get(machine) ?? 0) + 1)
        }
        libraries += checkMachine(wheel.name, machines)
      } finally {
        await opened.close()
      }
    }
    const sources = [...files.keys()].filter(isSource).length
    return {...(await press.end()), files: [...files.values()], sources, libraries}
  } catch (thrown) {
    press.abandon()
    throw thrown
  }
}

interface Laying {
  readonly laid: LaidFile
  readonly opened: WheelFile
  readonly onBytes: (count: number) => void
}

/** Resolves with the machine that the file runs on, where it is a library. */
async function layFile(press: TarPress, {laid, opened, onBytes}: Laying): Promise<string | undefined> {
  const {path, mode, content} = laid
  let machine: string | undefined
  let isBegun = false
  await press.begin({kind: 'file', path, mode, sizeBytes: laidBytes(laid)})
  const pieces = content instanceof Uint8Array ? [content] : opened.pieces(content)
  for await (const piece of pieces) {
    if (!isBegun) machine = machineOf(piece)
    isBegun = true
    await press.write(piece)
    onBytes(piece.length)
  }
  return machine
}

function sumOf({content}: LaidFile): number {
  return content instanceof Uint8Array ? crc32(content) : content.crc32
}
