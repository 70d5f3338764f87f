/** One line of git configuration. */
export interface Setting {
  readonly section: string
  readonly subsection?: string
  readonly name: string
  readonly value: string
}

/** What of the machine's own git configuration our git calls use, as a pattern for `git config --get-regexp`. */
export const MACHINE_SETTINGS = String.raw`^(http|url)\.`

/** How to reach servers, as the machine's owner set it. `sslVerify` is not among them: no token goes to an unproven server. */
const TRANSPORT = [
  'proxy',
  'proxyauthmethod',
  'proxysslcert',
  'proxysslkey',
  'proxysslcainfo',
  'sslcainfo',
  'sslcapath',
  'sslbackend',
  'sslversion',
  'sslcipherlist',
  'pinnedpubkey',
  'version',
  'postbuffer',
  'lowspeedlimit',
  'lowspeedtime',
  'maxrequests',
  'curloptresolve'
]

/** The machine's own proof of identity towards servers: only for code that may use what the machine may. */
const IDENTITY = ['sslcert', 'sslkey', 'sslcerttype', 'sslkeytype']

/** Reads what git prints with `--null` for `--get-regexp`. */
export function parseSettings(printed: string): readonly Setting[] {
  const settings: Setting[] = []
  for (const record of printed.split('\0')) {
    // Keys hold no line break; values may.
    const [key = '', ...lines] = record.split('\n')
    const [, section, , subsection, name] = /^([^.]+)(\.(.*))?\.([^.]+)$/.exec(key) ?? []
    if (section === undefined || name === undefined) continue
    settings.push({section, ...(subsection === undefined ? {} : {subsection}), name, value: lines.join('\n')})
  }
  return settings
}

/**
 * Of the machine's settings those that say how to reach servers: proxies, certificates, mirrors.
 *
 * Helpers, headers and rewrites to an address with a credential stay behind: they would send logins that nobody gave us.
 */
export function carriedSettings(
  settings: readonly Setting[],
  identity: 'with-identity' | 'without-identity'
): readonly Setting[] {
  const names = identity === 'with-identity' ? [...TRANSPORT, ...IDENTITY] : TRANSPORT
  return settings.filter(({section, subsection, name}) => {
    if (section === 'url') return name === 'insteadof' && /^https:\/\/[^@]+$/i.test(subsection ?? '')
    return names.includes(name)
  })
}

/** Settings as the text of a configuration file; order is kept, since git reads it as precedence. */
export function printSettings(settings: readonly Setting[]): string {
  let printed = ''
  let above = ''
  for (const setting of settings) {
    const own = header(setting)
    if (own !== above) printed += `${own}\n`
    printed += `\t${setting.name} = ${quoted(setting.value)}\n`
    above = own
  }
  return printed
}

function header({section, subsection}: Setting): string {
  return subsection === undefined ? `[${section}]` : `[${section} "${subsection.replace(/["\\]/g, '\\$&')}"]`
}

function quoted(value: string): string {
  const escaped = value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return `"${escaped}"`
}
