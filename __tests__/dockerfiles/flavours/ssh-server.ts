import {freePort, layFile} from '../workshop.ts'
import type {FlavourStage} from './flavour-stage.ts'

/** Paths of the two files of a key pair. */
export interface KeyPair {
  readonly secret: string
  readonly open: string
}

/** A container of the image `ssh` that listens. */
export interface SshServer {
  readonly container: string
  readonly port: number
  /** A line for `known_hosts`. */
  readonly hostKey: string
}

/** Makes a key pair by the image's own ssh-keygen. */
export async function makeKey({place, runIn}: FlavourStage, name: string): Promise<KeyPair> {
  const script = 'ssh-keygen -q -t ed25519 -N "" -C "" -f /tmp/key && cat /tmp/key.pub && cat /tmp/key'
  const {said} = await runIn('ssh', [], 'sh', '-c', script)
  const [open = '', ...secret] = said.split('\n')
  return {
    secret: layFile(place, name, `${secret.join('\n')}\n`),
    open: layFile(place, `${name}.pub`, `${open}\n`)
  }
}

/** Starts a container that lets the holder of a key in, and waits until it listens; `options` are docker's. */
export async function startSshServer(
  {start, saidBy, runIn}: FlavourStage,
  {open}: KeyPair,
  environment: Readonly<Record<string, string>> = {},
  options: readonly string[] = []
): Promise<SshServer> {
  const port = await freePort()
  const given = Object.entries({PORT: String(port), ...environment}).flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`
  ])
  const strict = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL']
  const keys = ['--volume', `${open}:/run/secrets/authorized_keys:ro`]
  const container = await start('ssh', [...strict, ...given, ...keys, ...options])
  await saidBy(container, /Server listening on/)
  const {said} = await runIn('ssh', [], 'ssh-keyscan', '-T', '10', '-t', 'ed25519', '-p', String(port), '127.0.0.1')
  return {container, port, hostKey: said.split('\n').find(line => !line.startsWith('#')) ?? ''}
}
