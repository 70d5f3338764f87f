import {isSource} from '../wheels/bytecode.ts'
import {installWheel} from '../wheels/installation.ts'
import {openSourceFiles} from './source-files.ts'
import {openWheelFile} from './wheel-file.ts'
import type {FetchedWheel} from './wheel-layer.ts'

/**
 * Lays the Python sources of wheels into a folder, each where its layer has it, and resolves with their number.
 *
 * They are compiled while the layer itself is still being packed. Throws `wheel-invalid`.
 */
export async function laySources(wheels: readonly FetchedWheel[], folder: string): Promise<number> {
  const sources = openSourceFiles(folder)
  for (const {name, path: file} of wheels) {
    const opened = await openWheelFile(name, file)
    try {
      for (const {path, content} of installWheel(name, opened.entries, opened.read)) {
        if (!isSource(path)) continue
        // A copy: where a piece lies is used again for the next one.
        const pieces = content instanceof Uint8Array ? [content] : await copied(opened.pieces(content))
        await sources.put(path, Buffer.concat(pieces))
      }
    } finally {
      await opened.close()
    }
  }
  return sources.count()
}

async function copied(pieces: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const kept: Uint8Array[] = []
  for await (const piece of pieces) kept.push(Uint8Array.from(piece))
  return kept
}
