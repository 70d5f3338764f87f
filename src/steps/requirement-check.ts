import {hostCheck} from '../gpu/judgement.ts'
import type {GpuCheck} from '../model/gpu-report.ts'
import {type Installed, unmetRequirements} from '../wheels/requirements.ts'

/**
 * What the validator found, with the host's own verdict on what the packages of the image require of each other.
 *
 * The list of packages is left out of what it gives: it has been judged, and hundreds of lines of it tell a reader nothing.
 */
export function withRequirements(checks: readonly GpuCheck[]): readonly GpuCheck[] {
  const measured = checks.find(({id}) => id === 't1.packages')?.measured
  if (measured === undefined) return checks
  const unmet = unmetRequirements(
    (measured.packages ?? {}) as Installed,
    (measured.environment ?? {}) as Readonly<Record<string, string>>
  )
  const verdict =
    unmet.length === 0
      ? hostCheck('t1.requirements', 'pass', undefined, 'Every package has what it requires.', [])
      : hostCheck('t1.requirements', 'fail', 'REQUIREMENT_UNMET', `${unmet[0]}.`, unmet)
  return [...checks.map(check => (check.id === 't1.packages' ? {...check, measured: {}} : check)), verdict]
}
