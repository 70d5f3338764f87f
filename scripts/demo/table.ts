/** A row of the closing table. */
export interface Row {
  readonly what: string
  readonly result: string
  readonly seconds: number
  /** Bytes that went to the registry; absent where nothing may go there. */
  readonly pushedBytes?: number
}

/** The closing table as text, columns aligned. */
export function printRows(rows: readonly Row[]): string {
  const cells = [
    ['what happened', 'time', 'pushed', 'result'],
    ...rows.map(row => [row.what, `${row.seconds.toFixed(1)} s`, bytesText(row.pushedBytes), row.result])
  ]
  const widths = [0, 1, 2].map(column => Math.max(...cells.map(line => (line[column] ?? '').length)))
  const lines = cells.map(line =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
  const rule = widths.map(width => '─'.repeat(width)).join('  ')
  return [lines[0], `${rule}  ${'─'.repeat(40)}`, ...lines.slice(1)].join('\n')
}

function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '–'
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`
}
