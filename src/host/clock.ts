import {performance} from 'node:perf_hooks'
import type {ClockPort} from './host.ts'

/** The machine's clocks: `elapsedMs` counts from the start of the process and never goes back. */
export const machineClock: ClockPort = {
  now: () => new Date(),
  elapsedMs: () => performance.now()
}
