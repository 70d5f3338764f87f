import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {caBundle} from '../../scripts/world/ca-bundle.ts'
import {ensureTools} from '../../scripts/world/tools.ts'
import {openSecurePassage} from './gateway.ts'
import type {JobWorld} from './job-world.ts'

/** The git server of a world as a build needs it: by HTTPS, at an address that containers reach as well. */
export interface SecureGit {
  /** The address without port: containers see this machine there. */
  readonly gateway: string
  /** `address:port`. */
  readonly host: string
  /** A file with the machine's certificates and the server's. */
  readonly bundle: string
  close(): Promise<void>
}

/** Opens it. The bundle lies in the world's own place, and goes with it. */
export async function openSecureGit({git, place, docker}: JobWorld, folder: string): Promise<SecureGit> {
  const gateway = docker('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}')
  const openssl = await ensureTools(folder, ['openssl'], () => {})
  const web = await openSecurePassage(gateway, {to: git.url, folder: place, openssl})
  const bundle = join(place, 'bundle.crt')
  writeFileSync(bundle, `${readFileSync(caBundle(folder), 'utf8')}\n${readFileSync(web.certificate, 'utf8')}`)
  return {gateway, host: `${gateway}:${web.port}`, bundle, close: () => web.close()}
}
