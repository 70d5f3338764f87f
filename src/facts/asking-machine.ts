import type {Command, Host, Ran} from '../host/host.ts'

// What is absent says so at once. An engine under load, or a graphics driver that has to wake up, takes its seconds.
const TIMEOUT_MS = 20_000

/** Asks a program a question; what takes longer than 20 seconds counts as no answer. */
export function askShortly(host: Host, command: Command): Promise<Ran> {
  return host.commands.ask({timeoutMs: TIMEOUT_MS, ...command})
}
