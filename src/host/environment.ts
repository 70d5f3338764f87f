import {Secret} from '../model/secret.ts'

/**
 * Variables that every program gets. All others stay with us: the action's own environment holds every input, the
 * runtime token and the identity token.
 */
const BASE: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TZ',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_API_VERSION',
  'BUILDKIT_HOST'
])

/** Families of variables that every program gets. */
const BASE_FAMILIES = ['LC_', 'XDG_']

/** The environment of a program: the small base, then what the command names. Secrets are revealed here. */
export function environmentOf(
  ours: Readonly<Record<string, string | undefined>>,
  named: Readonly<Record<string, string | Secret>> = {}
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(ours)) {
    if (value !== undefined && isBase(name)) environment[name] = value
  }
  for (const [name, value] of Object.entries(named)) {
    environment[name] = value instanceof Secret ? value.reveal() : value
  }
  return environment
}

function isBase(name: string): boolean {
  return BASE.has(name) || BASE_FAMILIES.some(family => name.startsWith(family))
}
