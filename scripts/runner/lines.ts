/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  push(chunk: Buffer): void
  /** Gives out what stands after the last line end. */
  end(): void
}

const LF = 0x0a
const CR = 0x0d

/** Cuts at LF, CR LF and a lone CR, as the runner does; a line may come in several chunks. */
export function splitLines(onLine: (line: Buffer) => void): LineSplitter {
  let rest: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      for (let index = 0; index < bytes.length; index++) {
        if (bytes[index] !== LF && bytes[index] !== CR) continue
        // A CR at the very end may be half of a CR LF: it waits for the next chunk.
        if (bytes[index] === CR && index === bytes.length - 1) break
        onLine(bytes.subarray(start, index))
        if (bytes[index] === CR && bytes[index + 1] === LF) index++
        start = index + 1
      }
      rest = bytes.subarray(start)
    },
    end() {
      if (rest.length > 0) onLine(rest.at(-1) === CR ? rest.subarray(0, -1) : rest)
      rest = Buffer.alloc(0)
    }
  }
}
