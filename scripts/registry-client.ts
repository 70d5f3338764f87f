import {setMaxListeners} from 'node:events'
import type {RegistryPort} from '../src/host/host.ts'
import {registryClient} from '../src/host/registry.ts'
import type {BlobPlace} from '../src/host/registry-blob.ts'
import {openSession, type Session} from '../src/host/registry-session.ts'
import {openTokens} from '../src/host/registry-token.ts'
import {openTransport, type Transport} from '../src/host/registry-transport.ts'
import {openSecrets} from '../src/host/secrets.ts'
import type {Side} from './registry-login.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a command has that speaks with registries: the action's own client, for a terminal. */
export interface Conversation {
  readonly registry: RegistryPort
  readonly session: Session
  readonly transport: Transport
  /** Aborts at the first signal. */
  readonly cancelled: AbortSignal
  /** Prints a line, its secrets covered. */
  say(line: string): void
  placeOf(side: Side): BlobPlace
  close(): void
}

/** Opens a conversation with registries; the proxies of the environment count. */
export function openConversation(environment: Readonly<Record<string, string | undefined>>): Conversation {
  const cancelling = new AbortController()
  const cancelled = cancelling.signal
  setMaxListeners(0, cancelled)
  for (const signal of SIGNALS) process.once(signal, () => cancelling.abort(signal))
  const secrets = openSecrets({mask: () => {}, say: () => {}})
  const transport = openTransport({environment, cancelled})
  const mask = (value: string) => void secrets.keep('registry token', value)
  const session = openSession({transport, tokens: openTokens({transport, secrets, mask, cancelled}), cancelled})
  return {
    registry: registryClient(session),
    session,
    transport,
    cancelled,
    say: line => void process.stdout.write(`${secrets.cover(line)}\n`),
    placeOf({image, login}) {
      if (login === undefined) return {image, credential: null}
      const token = secrets.keep(`token for ${image.registry}/${image.repository}`, login.token)
      return {image, credential: {host: image.registry, path: image.repository, user: login.user, token}}
    },
    close: () => transport.close()
  }
}
