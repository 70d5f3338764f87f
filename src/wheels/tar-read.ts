import {walkTar} from './tar-entries.ts'

/** A file that a tar holds. */
export interface TarFile {
  readonly path: string
  readonly content: Uint8Array
}

/** Reads a tar as it comes, in pieces of any size; keeps no more of it than one wanted file. */
export interface TarReader {
  /** The wanted files that are complete with these bytes. Throws an `Error` for what is no tar. */
  take(bytes: Uint8Array): readonly TarFile[]
}

/**
 * Reads regular files of what the action and BuildKit write; a wanted one that is larger than the limit is no tar that one
 * of them has written.
 */
export function openTarReader(wants: (path: string) => boolean, {limitBytes}: {limitBytes: number}): TarReader {
  let file: {readonly path: string; readonly content: Uint8Array; filled: number} | undefined
  let files: TarFile[] = []
  const walk = walkTar({
    begin({path, kind, sizeBytes}) {
      file = undefined
      if (kind !== 'file' || !wants(path)) return
      if (sizeBytes > limitBytes) throw new Error(`${path} has ${sizeBytes} bytes, more than ${limitBytes}.`)
      file = {path, content: new Uint8Array(sizeBytes), filled: 0}
    },
    bytes(piece) {
      if (file === undefined) return
      file.content.set(piece, file.filled)
      file.filled += piece.length
    },
    end() {
      if (file !== undefined) files.push({path: file.path, content: file.content})
    }
  })
  return {
    take: bytes => {
      files = []
      walk.take(bytes)
      return files
    }
  }
}

/** The content of a file in a small tar; undefined where there is none of that name. */
export function fileInTar(tar: Uint8Array, wanted: string): Uint8Array | undefined {
  try {
    return openTarReader(path => path === wanted, {limitBytes: tar.length}).take(tar)[0]?.content
  } catch {
    return undefined
  }
}
