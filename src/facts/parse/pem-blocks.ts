import type {Desk} from './desk.ts'

const BLOCK = /-----BEGIN [^-]*-----[\s\S]*?-----END [^-]*-----/g
/** A line of a block that lost its frame. */
const LOOSE_LINE = /^\s*[A-Za-z0-9+/=\\]{40,}\s*$/gm

/** Has every key in a text masked, before anything is said about it; what stands between them stays readable. */
export function maskPemBlocks(text: string, desk: Desk): void {
  for (const [block] of text.matchAll(BLOCK)) desk.keep(`${desk.input} as written`, block)
  for (const [line] of text.replaceAll(BLOCK, '').matchAll(LOOSE_LINE))
    desk.keep(`${desk.input} as written`, line.trim())
}
