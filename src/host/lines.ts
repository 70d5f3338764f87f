import {StringDecoder} from 'node:string_decoder'

/** A line without an end is handed over once it has grown to this, so that no program can fill our memory. */
const LONGEST_LINE = 1024 * 1024

/** Takes the bytes of a stream as they come and hands over whole lines. */
export interface LineSplitter {
  take(chunk: Buffer): void
  /** The stream has ended: what is left is a line. */
  finish(): void
}

/** Splits at LF, CRLF and lone CR (progress that rewrites its line), also where a chunk ends within one of them. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8')
  let pending = ''

  function handOver(text: string): void {
    // A CR at the very end may be the first half of CRLF: it waits for the next chunk.
    const parts = (pending + text).split(/\r\n|\n|\r(?!$)/)
    pending = parts.pop() ?? ''
    for (const line of parts) onLine(line)
    if (pending.length < LONGEST_LINE) return
    onLine(pending)
    pending = ''
  }

  return {
    take: chunk => handOver(decoder.write(chunk)),
    finish: () => {
      handOver(decoder.end())
      if (pending !== '') onLine(pending.replace(/\r$/, ''))
      pending = ''
    }
  }
}
