import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {getCACertificates} from 'node:tls'

// Debian, Ubuntu and Alpine; then Fedora and its relatives.
const SYSTEM_BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt']

/**
 * A file with the certificates that this machine trusts, a company's own among them where it is installed.
 *
 * A bare machine has no such file: there it is written into the world's folder from what Node trusts, `NODE_EXTRA_CA_CERTS` included.
 */
export function caBundle(folder: string): string {
  const installed = SYSTEM_BUNDLES.find(file => existsSync(file))
  if (installed !== undefined) return installed
  const file = join(folder, 'ca-bundle.crt')
  mkdirSync(folder, {recursive: true})
  writeFileSync(file, `${getCACertificates('default').join('\n')}\n`)
  return file
}
