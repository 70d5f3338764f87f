import {mkdir, open} from 'node:fs/promises'
import {dirname} from 'node:path'
import {END_OF_TAR, tarHeader, tarPadding} from '../wheels/tar.ts'

/** Sources that are to be compiled, in one tar: a builder takes thousands of files far slower than one with the same bytes. */
export interface SourceArchive {
  /** Adds a source; one that is there already counts once. */
  put(path: string, content: Uint8Array): Promise<void>
  /** Ends the tar; resolves with how many sources are in it. */
  end(): Promise<number>
  /** Lets go of the file, ended or not. */
  close(): Promise<void>
}

/** What is gathered before it is written. */
const PIECE_BYTES = 1024 ** 2

/** Begins the archive, in a folder that is made where it is missing. */
export async function openSourceArchive(path: string): Promise<SourceArchive> {
  await mkdir(dirname(path), {recursive: true, mode: 0o700})
  const file = await open(path, 'w', 0o600)
  const paths = new Set<string>()
  let pieces: Uint8Array[] = []
  let waiting = 0
  const flush = async () => {
    // Not `writev`, which may leave off in the middle where the disk is full, and say nothing.
    await file.writeFile(Buffer.concat(pieces))
    pieces = []
    waiting = 0
  }
  return {
    put: async (source, content) => {
      if (paths.has(source)) return
      paths.add(source)
      const header = tarHeader({kind: 'file', path: source, mode: 0o644, sizeBytes: content.length})
      pieces.push(header, content, tarPadding(content.length))
      waiting += content.length
      if (waiting >= PIECE_BYTES) await flush()
    },
    end: async () => {
      pieces.push(END_OF_TAR)
      await flush()
      return paths.size
    },
    close: () => file.close()
  }
}
