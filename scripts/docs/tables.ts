/** A cell of a Markdown table: one line, without a border in it. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

/**
 * Replaces what stands between `<!-- <name> -->` and `<!-- end of <name> -->`; everything else is written by hand.
 *
 * Throws when the marks are missing, so that a printed part cannot fall out of a page unseen.
 */
export function filled(page: string, name: string, content: string): string {
  const begin = `<!-- ${name} -->`
  const end = `<!-- end of ${name} -->`
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`The page has no ${begin} … ${end}`)
  return `${page.slice(0, from)}${begin}\n${content}\n${page.slice(to)}`
}
