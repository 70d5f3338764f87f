/** How a registry wants to be spoken to: without a login, with one at each request, or with a token from `realm`. */
export type Challenge =
  | {readonly scheme: 'none'}
  | {readonly scheme: 'basic'}
  | {readonly scheme: 'bearer'; readonly realm: string; readonly service?: string}

/** One `name="value"` of the header; values may be quoted or bare. */
const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

/**
 * Reads `WWW-Authenticate`. A token is preferred where several ways are offered; what is not understood is `none`.
 *
 * The scope in it is left out on purpose: registries put placeholders there, and we ask for what a step needs only.
 */
export function parseChallenge(header: string | undefined): Challenge {
  if (header === undefined) return {scheme: 'none'}
  const bearer = header.search(/(^|,\s*)bearer\s/i)
  if (bearer >= 0) return bearerOf(header.slice(bearer))
  return /(^|,\s*)basic(\s|$)/i.test(header) ? {scheme: 'basic'} : {scheme: 'none'}
}

function bearerOf(text: string): Challenge {
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, bare] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '')
  }
  const realm = parameters.get('realm')
  const service = parameters.get('service')
  if (realm === undefined || !URL.canParse(realm)) return {scheme: 'none'}
  return {scheme: 'bearer', realm, ...(service === undefined ? {} : {service})}
}
