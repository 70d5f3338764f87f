import type {DiskForecast} from '../model/disk.ts'
import {Problem} from '../model/problem.ts'

/** The forecast with what the wheels of a lock really weigh; parts that have nothing to do with wheels stay. */
export function refineForecast(forecast: DiskForecast, wheelBytes: number): DiskForecast {
  const parts = forecast.parts.map(part =>
    part.perWheelByte === undefined ? part : {...part, bytes: Math.round(part.perWheelByte * wheelBytes)}
  )
  return {...forecast, parts, neededBytes: parts.reduce((sum, {bytes}) => sum + bytes, 0), isEstimate: false}
}

/** Whether it fits. */
export function hasRoom({neededBytes, freeBytes}: DiskForecast): boolean {
  return neededBytes <= freeBytes
}

/** Too little room, where a cache may spare the builder the work. */
export function roomWarning(forecast: DiskForecast): string {
  return `${numbersOf(forecast)} Unless the layer cache spares the builder the work, the disk will be full before the build ends.`
}

/** Too little room, where nothing can. */
export function roomProblem(forecast: DiskForecast): Problem {
  return new Problem('disk-too-small', {
    what: numbersOf(forecast),
    why: 'The build would stop when the disk is full, after everything was downloaded.',
    fix: 'Use a runner with a larger disk, free some space before this step, leave `load` out, or build for CPU with `cuda: cpu` where no GPU is needed.',
    evidence: forecast.parts.map(({what, bytes}) => `${gigabytes(bytes).padStart(8)}  ${what}`)
  })
}

function numbersOf({neededBytes, freeBytes, place, isEstimate}: DiskForecast): string {
  const about = isEstimate ? 'about ' : ''
  return `The build needs ${about}${gigabytes(neededBytes)} where the engine stores, and ${gigabytes(freeBytes)} are free in ${place}.`
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
