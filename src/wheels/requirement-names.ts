import {normalizedName} from './lock.ts'

/** `flash-attn`, `kernels[fast]>=1; …` or `kernels @ git+…` at the beginning of a line, or in quotes in a project file. */
const NAMED = /^\s*["']?([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(?:[=<>!~]=|[<>]|@\s|;|["'#]|$)/

/**
 * Packages that a file of requirements names, normalized: enough to tell what was meant, and not what is installed.
 *
 * What they bring with them is known to a lock alone.
 */
export function packagesNamedIn(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  return [...new Set(lines.flatMap(line => NAMED.exec(line)?.[1] ?? []).map(normalizedName))]
}
