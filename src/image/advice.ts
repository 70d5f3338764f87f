import type {Advice} from '../model/facts.ts'
import {BASE_RULES} from './advice-bases.ts'
import {DOOR_RULES} from './advice-doors.ts'
import {INSTALL_RULES} from './advice-installs.ts'
import {LAYER_RULES} from './advice-layers.ts'
import type {AdviceRule} from './advice-rule.ts'
import {SECRET_RULES, TRUST_RULES} from './advice-secrets.ts'
import {silencesIn} from './advice-silence.ts'
import {type AdviceReading, viewDockerfile} from './advice-view.ts'

export type {AdviceReading} from './advice-view.ts'

/** Every rule, the gravest first: that is the order in which they are shown. */
export const ADVICE_RULES: readonly AdviceRule[] = [
  ...SECRET_RULES,
  ...TRUST_RULES,
  ...DOOR_RULES,
  ...LAYER_RULES,
  ...BASE_RULES.filter(({level}) => level === 'warning'),
  ...INSTALL_RULES.filter(({level}) => level === 'warning'),
  ...BASE_RULES.filter(({level}) => level === 'notice'),
  ...INSTALL_RULES.filter(({level}) => level === 'notice')
]

/**
 * What could be better in a Dockerfile, the gravest first; each with its line and what to write instead.
 *
 * Only stages that the build executes count. A comment above an instruction silences rules for it, see
 * `advice-silence.ts`. Throws what `parseDockerfile` throws.
 */
export function adviseOn(text: string, reading: AdviceReading): readonly Advice[] {
  const view = viewDockerfile(text, reading)
  const silences = silencesIn(text, reading.shown)
  return ADVICE_RULES.flatMap(rule =>
    rule
      .find(view)
      .filter(({line}) => !silences.covers(rule, line))
      .toSorted((one, other) => one.line - other.line)
      .filter((found, at, all) => found.line !== all[at - 1]?.line)
      .map(found => ({rule: rule.name, level: rule.level, file: reading.shown, why: rule.why, ...found}))
  )
}
