import type {GpuReport} from '../model/gpu-report.ts'

const FEWEST_LETTERS = 3
const STAND_IN = '<host>'

/**
 * A report without the names of the machine that it was made on, in whatever programs printed there: reports are handed around.
 *
 * A name counts in full and by its first label, with capitals or without, and only where it stands as a word of its own.
 */
export function withoutHostNames(report: GpuReport, names: readonly string[]): GpuReport {
  const all = names.flatMap(name => [name, name.split('.')[0] ?? ''])
  const telling = [...new Set(all)].filter(name => name.length >= FEWEST_LETTERS && name !== 'localhost')
  if (telling.length === 0) return report
  const words = telling.toSorted((one, other) => other.length - one.length).map(escaped)
  const pattern = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'gi')
  const covered = (text: string) => text.replaceAll(pattern, STAND_IN)
  return {
    ...report,
    tiers: report.tiers.map(tier => ({
      ...tier,
      checks: tier.checks.map(check => ({
        ...check,
        message: covered(check.message),
        evidence: check.evidence.map(covered)
      }))
    })),
    diagnosis: report.diagnosis.map(found => ({...found, evidence: found.evidence.map(covered)}))
  }
}

function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, character => `\\${character}`)
}
