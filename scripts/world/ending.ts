const interrupts = new Set<() => void>()
const pending = new Set<() => Promise<void>>()
const SIGNALS = {SIGINT: 130, SIGTERM: 143, SIGHUP: 129} as const
let watching = false
let ending = false

/**
 * Has something put away when the calling script ends in any way that it can notice: a signal, an error, or nothing left to do.
 *
 * Returns the same action, to be called by a script that ends in order; it runs once at most.
 */
export function atEnd(action: () => Promise<void>): () => Promise<void> {
  const once = async (): Promise<void> => {
    if (pending.delete(once)) await action()
  }
  pending.add(once)
  watchForEnd()
  return once
}

/** Has work that is going on broken off at once when the script is told to end, before anything is put away. */
export function atInterrupt(action: () => void): void {
  interrupts.add(action)
  watchForEnd()
}

function watchForEnd(): void {
  if (watching) return
  watching = true
  for (const [signal, exitCode] of Object.entries(SIGNALS)) process.on(signal, () => endWith(exitCode))
  process.on('uncaughtException', error => {
    // What a command throws because we are ending it is no news.
    if (!ending) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    if (!ending) endWith(1)
  })
  process.on('beforeExit', () => {
    if (pending.size > 0 && !ending) void putAway()
  })
}

// Whoever asks a second time does not want to wait.
function endWith(exitCode: number): void {
  if (ending) process.exit(exitCode)
  ending = true
  for (const interrupt of interrupts) interrupt()
  void putAway().finally(() => process.exit(exitCode))
}

// Last made, first put away: a registry goes before the engine that it serves. What the script still starts meanwhile goes too.
async function putAway(): Promise<void> {
  for (let action = [...pending].at(-1); action !== undefined; action = [...pending].at(-1)) {
    try {
      await action()
    } catch (error) {
      process.stderr.write(`Could not put everything away: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}
