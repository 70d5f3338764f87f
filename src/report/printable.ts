// Control characters, invisible ones and those that reverse the direction of text: none may reach a reader as such.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A text on one line that a terminal takes for nothing but text.
 *
 * Branch names, paths, answers of registries and the like go through here. That no line becomes a command to the
 * runner is the log's own care.
 */
export function printable(text: string): string {
  return visible(text.replace(/\s+/gu, ' ')).trim()
}

/** The same for a text of several lines, such as the end of a build's log. */
export function printableLines(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/).map(line => visible(line.replaceAll('\t', '  ')))
}

function visible(line: string): string {
  return line.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
