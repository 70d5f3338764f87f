import type {RunRequest} from './request.ts'
import type {LogLine} from './result.ts'

/**
 * How main may be ended from outside.
 *
 * `cancel` is the runner's way; `kill` takes the node process alone, as a machine short of memory does; `crash` takes
 * its whole tree, and the job ends there.
 */
export type Interruption = 'cancel' | 'kill' | 'crash'

/** Waits for the moment at which main shall be ended. */
export interface Interrupt {
  /** Aborted, with an `Interruption` as its reason, when the moment has come. */
  readonly signal: AbortSignal
  /** Starts the clock. */
  start(): void
  see(line: LogLine): void
  /** Main is over: nothing that comes now counts. */
  stop(): void
}

/** Makes the interrupt that a request asks for; without one it never fires. */
export function makeInterrupt(request: RunRequest): Interrupt {
  const controller = new AbortController()
  const moments = [
    {how: 'cancel', at: request.cancelAfter},
    {how: 'kill', at: request.killAfter},
    {how: 'crash', at: request.crashAfter}
  ] as const satisfies readonly {how: Interruption; at: number | RegExp | undefined}[]
  const timers: NodeJS.Timeout[] = []
  const fire = (how: Interruption) => controller.abort(how)
  const onAbort = () => fire('cancel')
  return {
    signal: controller.signal,
    start() {
      request.signal?.addEventListener('abort', onAbort, {once: true})
      if (request.signal?.aborted === true) fire('cancel')
      for (const {how, at} of moments) if (typeof at === 'number') timers.push(setTimeout(fire, at, how))
    },
    see(line) {
      if (line.by !== 'main') return
      for (const {how, at} of moments) if (at instanceof RegExp && at.test(line.text)) fire(how)
    },
    stop() {
      request.signal?.removeEventListener('abort', onAbort)
      for (const timer of timers) clearTimeout(timer)
    }
  }
}
