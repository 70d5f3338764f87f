import {printable, printableLines} from './printable.ts'

// What may stand in a cell or a sentence as it is. Everything else becomes a numeric entity, which Markdown prints and never obeys.
const PLAIN = /[^\p{L}\p{N}\p{So} .,;()/+=%?'"’‘“”…–—→·×-]/gu

/** Untrusted text as Markdown that shows just that text: no markup, no HTML, no links, no table borders. */
export function escaped(text: string): string {
  return printable(text)
    .replace(PLAIN, entity)
    .replace(/&#58;(?= |$)/g, ':')
    .replace(/(www)\./gi, '$1&#46;')
}

/** The same, with what stands between backticks in the typeface of code, as our own sentences use them. */
export function prose(text: string): string {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : edged(part)))
    .join('')
}

// `escaped` trims, which must not glue a word to the code before or after it.
function edged(part: string): string {
  const lead = /^\s/.test(part) ? ' ' : ''
  const trail = /\s$/.test(part) && part.trim() !== '' ? ' ' : ''
  return `${lead}${escaped(part)}${trail}`
}

/** Digests cut to the length by which people know them. */
export function shortDigests(text: string): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…')
}

/** Untrusted text in the typeface of code. */
export function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

/** Lines as a block of code that nothing in them can end. */
export function block(lines: readonly string[]): string {
  const shown = lines.flatMap(line => printableLines(line))
  const longest = Math.max(2, ...shown.flatMap(line => (line.match(/`+/g) ?? []).map(run => run.length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}text`, ...shown, fence].join('\n')
}

/** Markdown behind a sentence that opens it. Raw HTML keeps the Markdown in it only between empty lines. */
export function folded(head: string, content: string): string {
  return `<details><summary>${escaped(head)}</summary>\n\n${content}\n\n</details>`
}

/** A table of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** At most `count` of the items, and what to say of the others. */
export function first<T>(items: readonly T[], count: number): {readonly shown: readonly T[]; readonly left: number} {
  return {shown: items.slice(0, count), left: Math.max(0, items.length - count)}
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`
}
