import type {Facts} from '../model/facts.ts'
import type {DiskForecast, DiskPart} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import {weightOf} from '../pytorch/weight.ts'
import type {BuilderChoice} from './builder.ts'
import {permit} from './permit.ts'
import type {Variant} from './variant.ts'

/** What the forecast says, as problem or warning. */
export interface DiskFindings {
  readonly forecast?: DiskForecast
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Bytes on disk for each byte of the wheels, measured with PyTorch 2.8.0 for CUDA 12.8 (docs/performance.md). */
const INSTALLED = 2.05
const COMPRESSED = 1.06
/** A slim Python image, unpacked and as it was pulled. */
const BASE_BYTES = 350e6

/**
 * What the build will take on the disk of the engine, held against what is free there.
 *
 * Too little is an error only where no cache can spare the builder the work: a new machine without a layer cache. Else it
 * is a warning, because layers that are there already, or that nobody has to unpack, take nothing.
 */
export function checkDisk(
  facts: Facts,
  {variant, builder}: {readonly variant: Variant; readonly builder: BuilderChoice}
): DiskFindings {
  const forecast = forecastOf(facts, {variant, builder})
  if (forecast === undefined) return {problems: [], warnings: []}
  if (forecast.neededBytes <= forecast.freeBytes) return {forecast, problems: [], warnings: []}
  if (mayBeSpared(facts)) return {forecast, problems: [], warnings: [warningOf(forecast)]}
  return {forecast, problems: [problemOf(forecast)], warnings: []}
}

function forecastOf(
  facts: Facts,
  {variant, builder}: {readonly variant: Variant; readonly builder: BuilderChoice}
): DiskForecast | undefined {
  const {machine, inputs, source} = facts
  const {disk, engine} = machine
  // An engine on another machine has a disk of its own, which nobody asked.
  const isHere = disk !== undefined && engine !== undefined && disk.place === engine.rootDir
  const isBuilt = inputs.mode !== 'validate' && inputs.mode !== 'promote'
  const weight = variant.set === undefined ? undefined : weightOf(variant.set)
  if (!isBuilt || !isHere || weight === undefined || source.dockerfile.source !== 'built-in') return undefined
  const isPushed = permit(facts, 'push').allowed
  const count = Math.max(1, inputs.platforms.length)
  const wheels = weight.bytes * count
  const parts: readonly DiskPart[] = [
    {what: 'base image', bytes: BASE_BYTES * count},
    {what: 'wheels, installed', bytes: Math.round(wheels * INSTALLED)},
    ...(isPushed ? [{what: 'layers, compressed', bytes: Math.round(wheels * COMPRESSED)}] : []),
    ...(inputs.load ? [{what: 'the image in the engine (load)', bytes: Math.round(wheels * loadedShare(builder))}] : [])
  ]
  return {
    place: disk.place,
    freeBytes: disk.freeBytes,
    neededBytes: parts.reduce((sum, {bytes}) => sum + bytes, 0),
    parts,
    isEstimate: weight.isEstimate
  }
}

/** The engine's own builder unpacks once more; another one hands over an archive first. */
function loadedShare({driver}: BuilderChoice): number {
  return driver === 'docker' ? INSTALLED : INSTALLED + COMPRESSED
}

/** Layers may lie in the builder already, or be taken from a cache without being unpacked. */
function mayBeSpared(facts: Facts): boolean {
  const {machine, inputs} = facts
  return !machine.isEphemeral || (permit(facts, 'cache-read').allowed && inputs.cache.backend !== 'none')
}

function warningOf(forecast: DiskForecast): string {
  return `${numbersOf(forecast)} Unless the layer cache spares the builder the work, the disk will be full before the build ends.`
}

function problemOf(forecast: DiskForecast): Problem {
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
