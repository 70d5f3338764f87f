import {nearestOf} from '../model/nearest.ts'
import type {Advice} from '../model/source.ts'
import {BASE_RULES} from './advice-bases.ts'
import {DOOR_RULES} from './advice-doors.ts'
import {INSTALL_RULES} from './advice-installs.ts'
import {LAYER_RULES} from './advice-layers.ts'
import type {AdviceRule} from './advice-rule.ts'
import {RUNTIME_RULES} from './advice-runtime.ts'
import {SECRET_RULES, TRUST_RULES} from './advice-secrets.ts'
import {type Silences, silencesIn} from './advice-silence.ts'
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
  ...RUNTIME_RULES,
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
  const found = ADVICE_RULES.flatMap(rule =>
    rule
      .find(view)
      .filter(({line}) => !silences.covers(rule, line))
      .toSorted((one, other) => one.line - other.line)
      .filter((found, at, all) => found.line !== all[at - 1]?.line)
      .map(found => ({rule: rule.name, level: rule.level, file: reading.shown, why: rule.why, ...found}))
  )
  return [...found, ...silences.named.flatMap(each => strange(each, reading.shown))]
}

/** A comment that silences a rule that does not exist: nothing is silenced by it, and nobody would notice. */
function strange({name, line, isFirst}: Silences['named'][number], file: string): readonly Advice[] {
  const names = ADVICE_RULES.flatMap(rule => [rule.name, ...(rule.otherNames ?? [])])
  if (names.some(known => known.toLowerCase() === name)) return []
  const nearest = nearestOf(name, names)
  // Behind a comma a reason may begin as well.
  if (nearest === undefined && !isFirst) return []
  return [
    {
      rule: 'unknown-rule',
      level: 'notice',
      file,
      line,
      what: `\`advice ignore=${name}\` names no rule.`,
      why: 'Nothing is silenced by it.',
      fix: nearest === undefined ? 'All rules stand in docs/dockerfile-advice.md.' : `Did you mean \`${nearest}\`?`
    }
  ]
}
