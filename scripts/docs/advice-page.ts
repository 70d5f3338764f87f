import {ADVICE_RULES} from '../../src/image/advice.ts'
import {table} from './tables.ts'

/** The rules at a glance, in the order in which advice is shown. */
export function printAdviceTable(): string {
  const rows = ADVICE_RULES.map(({name, level, otherNames = []}) => [
    `[\`${name}\`](#${name})`,
    level,
    otherNames.map(each => `\`${each}\``).join(', ')
  ])
  return table(['rule', 'level', 'also silenced by'], rows)
}

/** Each rule with what it costs, and a Dockerfile before and after. */
export function printAdviceRules(): string {
  return ADVICE_RULES.map(({name, why, examples}) =>
    [`### ${name}`, why, block(examples.found), 'Better:', block(examples.mended)].join('\n\n')
  ).join('\n\n')
}

function block(dockerfile: string): string {
  return `\`\`\`dockerfile\n${dockerfile.trimEnd().replaceAll('@sha256:0000', '@sha256:…')}\n\`\`\``
}
