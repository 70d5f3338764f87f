import type {Command, Host} from '../host/host.ts'
import {Secret} from '../model/secret.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {ContainerWork} from '../model/work-container.ts'
import {type Ended, runOverLostLayer} from './lost-layer.ts'

const PULL_MS = 45 * 60_000
const REMOVE_MS = 60_000
const WORDS = 60

/** Environment of the docker commands: the engine, and a configuration that holds the door's password alone. */
export interface Client {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

/** The docker client of a step that pulls for itself. */
export function clientOf(work: Pick<ContainerWork, 'docker' | 'endpoint' | 'directory'>): Client {
  const endpoint = work.endpoint === undefined ? {} : {DOCKER_HOST: work.endpoint}
  return {file: work.docker, env: {DOCKER_CONFIG: work.directory, DOCKER_CLI_HINTS: 'false', ...endpoint}}
}

/** What came of a pull: an image that the engine has until it is removed, or how docker failed and its last words. */
export type Pulled =
  | {readonly isPulled: true; readonly reference: string; remove(): Promise<void>}
  | {readonly isPulled: false; readonly exitCode: number; readonly words: readonly string[]}

/**
 * Pulls an image by its digest through a door of our own; post removes what its caller does not.
 *
 * The engine never holds a credential of the registry.
 */
export async function pullImage({
  access,
  digest,
  size,
  client,
  directory,
  host
}: {
  readonly access: ImageAccess
  readonly digest: string
  /** For the log. */
  readonly size: {readonly layers: number; readonly compressedBytes: number}
  readonly client: Client
  /** `DOCKER_CONFIG` of the client. */
  readonly directory: string
  readonly host: Host
}): Promise<Pulled> {
  const local = 'image'
  const door = await host.openDoor([{local, ...access, actions: 'pull'}])
  const reference = `${door.address}/${local}@${digest}`
  const auth = Buffer.from(`${door.user}:${door.password.reveal()}`).toString('base64')
  const remove = async () => {
    await host.commands.ask({...client, args: ['image', 'rm', reference], timeoutMs: REMOVE_MS})
  }
  try {
    await host.files.write(
      `${directory}/config.json`,
      new Secret('docker configuration', JSON.stringify({auths: {[door.address]: {auth}}}))
    )
    host.ledger.record({kind: 'remove-image', reference, docker: client.file, environment: client.env})
    host.log.info(`Pulling ${size.layers} layers, ${(size.compressedBytes / 1e9).toFixed(1)} GB, by digest`)
    const command = {...client, args: ['pull', '--quiet', reference], timeoutMs: PULL_MS}
    const pulled = await runOverLostLayer(() => followed(command, host), {endOf: ended => ended, host})
    if (pulled.exitCode === 0) return {isPulled: true, reference, remove}
    await remove()
    return {isPulled: false, ...pulled}
  } finally {
    await door.close()
  }
}

async function followed(command: Command, host: Host): Promise<Ended> {
  const words: string[] = []
  const {exitCode} = await host.commands.follow(command, line => words.push(line))
  return {exitCode, words: words.slice(-WORDS)}
}
