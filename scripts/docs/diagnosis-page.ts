import {CAUSES} from '../../src/gpu/causes.ts'
import {FINDING_CODES} from '../../src/gpu/findings.ts'

/** The known causes, one heading per code, in the order in which they are tried. */
export function printCauses(): string {
  const codes = [...new Set(CAUSES.map(({code}) => code))]
  return codes.map(code => sectionOf(code)).join('\n\n')
}

/** What is measured rather than read, one heading per code. */
export function printFindings(): string {
  return FINDING_CODES.map(({code, cause, fix}) => [`### ${code}`, cause, `**Fix.** ${fix}`].join('\n\n')).join('\n\n')
}

function sectionOf(code: string): string {
  const rows = CAUSES.filter(cause => cause.code === code)
  const seen = rows.flatMap(({patterns, only}) => patterns.map(pattern => `* ${shown(pattern)}${condition(only)}`))
  const reports = rows.flatMap(row => row.reports)
  const fixes = [...new Set(rows.map(({fix}) => fix))]
  return [
    `### ${code}`,
    rows.map(({cause}) => cause).join(' '),
    seen.join('\n'),
    `**Fix.** ${fixes.join(' ')}`,
    ...(reports.length === 0 ? [] : [`Met by others: ${reports.join(', ')}.`])
  ].join('\n\n')
}

function shown(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? `\`${pattern}\`` : `matches \`${pattern.source}\``
}

function condition(only: (typeof CAUSES)[number]['only']): string {
  if (only === undefined) return ''
  return only === 'isMig' ? ' (on a partitioned GPU)' : ' (while an image is transferred)'
}
