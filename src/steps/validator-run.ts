import {type Announcement, type Transcript, transcriptReader} from '../gpu/lines.ts'
import type {Command, Host} from '../host/host.ts'
import type {Client} from './pulled-image.ts'

const REMOVE_MS = 60_000
const WORDS = 60

/** What a run of the validator came to. */
export interface Heard {
  readonly exitCode: number
  readonly transcript: Transcript
  /** The last lines of what was printed beside the validator's own. */
  readonly words: readonly string[]
  /** It was ended by the limit for the whole of it. */
  readonly hasTimedOut: boolean
}

/** How a validator is heard. */
export interface Hearing {
  /** The number under which its lines are marked; it stands in the order on the command's standard input. */
  readonly nonce: string
  /** Beyond what the validator's own timers add up to. */
  readonly limitMs: number
  /** Hears what has to be acted on at once. */
  readonly onSaid?: (said: Announcement) => void
}

/** Runs a command that is a container with the validator in it; whatever happens, the container is gone afterwards. */
export async function runContainer<T>(
  name: string,
  {client, host}: {readonly client: Client; readonly host: Host},
  run: () => Promise<T>
): Promise<T> {
  host.ledger.record({kind: 'remove-container', name, docker: client.file, environment: client.env})
  try {
    return await run()
  } finally {
    await host.commands.ask({...client, args: ['rm', '--force', name], timeoutMs: REMOVE_MS})
  }
}

/** Runs what the validator speaks through, and reads what it says. */
export async function hearValidator(command: Command, {nonce, limitMs, onSaid}: Hearing, host: Host): Promise<Heard> {
  const reader = transcriptReader(nonce)
  const words: string[] = []
  const ran = await host.commands.follow({...command, timeoutMs: limitMs, lines: 'as-printed'}, (line, stream) => {
    const said = stream === 'stdout' ? reader.take(line) : 'other'
    onSaid?.(said)
    if (stream === 'stderr' || !line.startsWith('{"format"')) words.push(host.secrets.cover(line))
    else tell(line, host)
    if (words.length > 2 * WORDS) words.splice(0, WORDS)
  })
  const transcript = reader.transcript()
  const hasTimedOut = ran.exitCode === 124 && !transcript.isComplete
  return {exitCode: ran.exitCode, transcript, words: words.slice(-WORDS), hasTimedOut}
}

/** What a validator that never started has said. */
export const NOTHING_SAID: Transcript = {checks: [], tiers: [], forged: [], isComplete: false}

/** Shows a check as it ends, so that a log that is read while it grows says how far it is. */
function tell(line: string, host: Host): void {
  try {
    const {event, status, id, message} = JSON.parse(line) as Record<string, string>
    if (event === 'check')
      host.log.info(`${status?.padEnd(4)} ${id}: ${host.secrets.cover(message ?? '')}`.slice(0, 300))
  } catch {
    // No line of the validator's; if it should have been one, the transcript says that something is missing.
  }
}
