import {isSource} from '../wheels/bytecode.ts'
import {installWheel} from '../wheels/installation.ts'
import {openSourceArchive, type SourceArchive} from './source-archive.ts'
import {openWheelFile} from './wheel-file.ts'
import type {FetchedWheel} from './wheel-layer.ts'

/**
 * Puts the Python sources of wheels into an archive, each under the path that its layer has it at; resolves with their number.
 *
 * They are compiled while the layer itself is still being packed. Throws `wheel-invalid`.
 */
export async function archiveSources(wheels: readonly FetchedWheel[], archive: string): Promise<number> {
  const sources = await openSourceArchive(archive)
  try {
    for (const wheel of wheels) await putSources(wheel, sources)
    return await sources.end()
  } finally {
    await sources.close()
  }
}

async function putSources({name, path: file}: FetchedWheel, sources: SourceArchive): Promise<void> {
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

async function copied(pieces: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const kept: Uint8Array[] = []
  for await (const piece of pieces) kept.push(Uint8Array.from(piece))
  return kept
}
