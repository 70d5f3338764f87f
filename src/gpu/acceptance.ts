import type {GpuReport} from '../model/gpu-report.ts'

/** Why a report does not let an image be promoted. */
export interface Refusal {
  readonly code:
    | 'gpu-report-unreadable'
    | 'gpu-report-changed'
    | 'gpu-report-mismatch'
    | 'gpu-report-failed'
    | 'gpu-report-stale'
  readonly what: string
  readonly evidence: readonly string[]
}

/** What a report must be about. */
export interface Wanted {
  readonly digest: string
  /** The run that promotes: it accepts reports of its own alone. */
  readonly runId: string
  readonly now: Date
  /** SHA-256 of the file, as it came by another way than the file did; absent where nobody gave it. */
  readonly sha256?: string
}

/** A run of GitHub ends after 35 days; an answer about a machine is worth a day. */
const OLDEST_MS = 24 * 60 * 60 * 1000

/** Reads a report that someone hands over, and says why it does not count, if so. */
export function acceptReport(
  {path, text, sha256}: {readonly path: string; readonly text: string; readonly sha256: string},
  wanted: Wanted
): GpuReport | Refusal {
  if (wanted.sha256 !== undefined && wanted.sha256 !== sha256) {
    return refusal('gpu-report-changed', `${path} is not the file that the validation wrote.`, [
      `written: ${wanted.sha256}`,
      `found: ${sha256}`
    ])
  }
  const report = parseReport(text)
  if (report === undefined) {
    return refusal('gpu-report-unreadable', `${path} is no GPU report.`, [text.slice(0, 200)])
  }
  if (report.image.digest !== wanted.digest) {
    return refusal('gpu-report-mismatch', `${path} is about another image.`, [
      `to promote: ${wanted.digest}`,
      `validated: ${report.image.digest}`
    ])
  }
  const age = wanted.now.getTime() - Date.parse(report.started_at)
  if (report.run.id !== wanted.runId || !(age >= -60_000 && age <= OLDEST_MS)) {
    return refusal('gpu-report-stale', `${path} is from another run, or too old.`, [
      `run: ${report.run.id}, ours: ${wanted.runId}`,
      `started: ${report.started_at}`
    ])
  }
  if (report.result === 'fail' || report.tiers.some(({status}) => status === 'fail')) {
    const causes = report.diagnosis.map(({check, code, cause}) => `${check}: ${code}: ${cause}`)
    return refusal('gpu-report-failed', `${path} says that the validation failed.`, causes.slice(0, 20))
  }
  return report
}

/** Whether an answer of `acceptReport` is a refusal. */
export function isRefusal(answer: GpuReport | Refusal): answer is Refusal {
  return 'what' in answer
}

/** A report as far as promotion depends on it; undefined for anything else. */
export function parseReport(text: string): GpuReport | undefined {
  try {
    const report = JSON.parse(text) as Partial<GpuReport> | null
    const isWhole =
      report?.schema_version === 1 &&
      /^sha256:[0-9a-f]{64}$/.test(report.image?.digest ?? '') &&
      typeof report.run?.id === 'string' &&
      !Number.isNaN(Date.parse(report.started_at ?? '')) &&
      ['pass', 'warn', 'fail'].includes(report.result ?? '') &&
      Array.isArray(report.tiers) &&
      report.tiers.some(({id}) => id === 'T3') &&
      Array.isArray(report.diagnosis)
    return isWhole ? (report as GpuReport) : undefined
  } catch {
    return undefined
  }
}

function refusal(code: Refusal['code'], what: string, evidence: readonly string[]): Refusal {
  return {code, what, evidence}
}
