import {bytesText} from '../world/say.ts'
import type {Measured} from './measure.ts'

/** What of a measurement is compared. */
export type Quantity = 'seconds' | 'secondsUnproven' | 'addedBytes' | 'sentBytes' | 'imageBytes' | 'peakBytes'

/** How each quantity is read and written. */
export const QUANTITIES: Readonly<
  Record<Quantity, {readonly of: (measured: Measured) => number | undefined; readonly text: (value: number) => string}>
> = {
  seconds: {of: ({seconds}) => seconds, text: secondsText},
  secondsUnproven: {of: ({seconds, proofSeconds = 0}) => seconds - proofSeconds, text: secondsText},
  addedBytes: {of: ({addedBytes}) => addedBytes, text: bytesText},
  sentBytes: {of: ({sentBytes}) => sentBytes, text: bytesText},
  imageBytes: {of: ({imageBytes}) => imageBytes, text: bytesText},
  peakBytes: {of: ({peakBytes}) => peakBytes, text: bytesText}
}

/** Seconds as people read them: `0.98 s`, `109 s`. */
export function secondsText(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`
}
