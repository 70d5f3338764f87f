import {satisfies, validRange} from '@renovatebot/pep440'
import {normalizedName} from './lock.ts'
import {type MarkerEnvironment, markerHolds} from './marker.ts'

/** Installed projects by their normalised name, as their own metadata has them. */
export type Installed = Readonly<Record<string, {readonly version: string; readonly requires: readonly string[]}>>

/** `name[extra] (>=1,<2); marker`, and `name @ url`. */
const REQUIREMENT = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*\S+|\(?([^;()]*)\)?)\s*(?:;\s*(.*))?$/

/**
 * Requirements of installed projects that are not met: sentences, empty where all are.
 *
 * As `pip check` has it: what an extra would bring is none of it. A marker that cannot be told, and a specifier that is
 * none, say nothing.
 */
export function unmetRequirements(installed: Installed, environment: MarkerEnvironment): readonly string[] {
  return Object.entries(installed).flatMap(([name, {version, requires}]) =>
    requires.flatMap(text => {
      const [, required, range = '', marker] = REQUIREMENT.exec(text) ?? []
      if (required === undefined) return []
      if (marker !== undefined && markerHolds(marker, environment) !== true) return []
      const found = installed[normalizedName(required)]
      if (found === undefined) return [`${name} ${version} requires ${required}, which is not installed`]
      const wanted = range.trim()
      if (wanted === '' || !validRange(wanted) || satisfies(found.version, wanted, {prereleases: true})) return []
      return [`${name} ${version} requires ${required} ${wanted}, and ${found.version} is installed`]
    })
  )
}
