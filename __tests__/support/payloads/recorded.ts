import {createRequire} from 'node:module'

/** A payload as GitHub sent it. */
export type Recorded = Readonly<Record<string, unknown>>

interface Sent {
  readonly name: string
  readonly examples: readonly Recorded[]
}

/** github.com, and five releases of GitHub Enterprise Server. */
const SENDERS = ['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35'] as const

const require = createRequire(import.meta.url)
const SENT = SENDERS.flatMap(sender => require(`@octokit/webhooks-examples/${sender}/index.json`) as readonly Sent[])

/**
 * All recorded payloads of a webhook, of one `action` where it is given.
 *
 * Source: `@octokit/webhooks-examples`, payloads that GitHub sent, with names and numbers of people replaced.
 */
export function recorded(event: string, action?: string): readonly Recorded[] {
  return SENT.filter(({name}) => name === event)
    .flatMap(({examples}) => examples)
    .filter(payload => action === undefined || payload.action === action)
}

/** A recorded payload with one value changed, at a path of names; what stands on the way stays as it is. */
export function edited(payload: Recorded, path: readonly string[], value: unknown): Recorded {
  const [first, ...rest] = path
  if (first === undefined) return value as Recorded
  return {...payload, [first]: rest.length === 0 ? value : edited((payload[first] ?? {}) as Recorded, rest, value)}
}

/** A recorded payload without one of its values. */
export function without(payload: Recorded, path: readonly string[]): Recorded {
  return JSON.parse(JSON.stringify(edited(payload, path, undefined))) as Recorded
}
