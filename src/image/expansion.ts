/** Looks a variable up; undefined where it is not known. */
export type Lookup = (name: string) => string | undefined

const VARIABLE =
  /\\(?<escaped>[\s\S])|\$(?:(?<plain>\w+)|\{(?<braced>\w+)(?:(?<operator>:?[-+?])(?<word>[^{}]*))?\})|\$(?<rest>\{)/g

/**
 * Replaces `$name`, `${name}`, `${name:-else}` and `${name:+then}` as a Dockerfile does.
 *
 * Returns undefined where a variable is needed that is not known, or a form is used whose result cannot be told.
 */
export function expandVariables(text: string, lookup: Lookup): string | undefined {
  let isKnown = true
  const expanded = text.replaceAll(VARIABLE, (...match) => {
    const groups = match.at(-1) as Record<string, string | undefined>
    if (groups.escaped !== undefined) return groups.escaped
    const value = groups.rest === undefined ? valueFor(groups, lookup) : undefined
    if (value === undefined) isKnown = false
    return value ?? ''
  })
  return isKnown ? expanded : undefined
}

function valueFor(groups: Record<string, string | undefined>, lookup: Lookup): string | undefined {
  const value = lookup(groups.plain ?? groups.braced ?? '')
  const operator = groups.operator ?? ''
  const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator.endsWith('-')) return isSet ? value : expandVariables(groups.word ?? '', lookup)
  if (operator.endsWith('+')) return isSet ? expandVariables(groups.word ?? '', lookup) : ''
  return value
}
