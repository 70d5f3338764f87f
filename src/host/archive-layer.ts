import {constants} from 'node:fs'
import {open} from 'node:fs/promises'
import type {Packing} from '../model/layers.ts'
import {isBytecode} from '../wheels/bytecode.ts'
import {openTarReader} from '../wheels/tar-read.ts'
import {openTarPress, type Pressed, type Sink} from './tar-press.ts'

const PIECE_BYTES = 1024 ** 2
/** Bytecode of one source is held whole. */
const FILE_LIMIT_BYTES = 64 * 1024 ** 2

/**
 * Makes a layer of the bytecode in an archive that a builder gave, in the order in which it lies there.
 *
 * What else the archive holds is left out: whoever wrote it runs in the base image, and that may be anybody's. Throws what
 * the sink throws, and an `Error` for what is no tar.
 */
export async function pressArchive(archive: string, packing: Packing, sink: Sink): Promise<Pressed> {
  const press = openTarPress(packing, sink)
  try {
    const reader = openTarReader(isBytecode, {limitBytes: FILE_LIMIT_BYTES})
    // No link is followed out of the folder that the builder wrote into.
    const file = await open(archive, constants.O_RDONLY | constants.O_NOFOLLOW)
    for await (const chunk of file.createReadStream({highWaterMark: PIECE_BYTES}) as AsyncIterable<Buffer>) {
      for (const {path, content} of reader.take(chunk)) {
        await press.begin({kind: 'file', path, mode: 0o644, sizeBytes: content.length})
        await press.write(content)
      }
    }
    return await press.end()
  } catch (thrown) {
    press.abandon()
    throw thrown
  }
}
