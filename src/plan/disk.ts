import type {DiskForecast, DiskPart} from '../model/disk.ts'
import type {Facts} from '../model/facts.ts'
import type {MachineDisk} from '../model/machine.ts'
import type {Problem} from '../model/problem.ts'
import type {LockWork} from '../model/work-sources.ts'
import {weightOf} from '../pytorch/weight.ts'
import {hasRoom, roomProblem, roomWarning} from '../wheels/disk-room.ts'
import type {BuilderChoice} from './builder.ts'
import {permit} from './permit.ts'
import type {Variant} from './variant.ts'

/** What the forecast says, as problem or warning. */
export interface DiskFindings {
  readonly forecast?: DiskForecast
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** What was chosen that takes room. */
export interface DiskChoices {
  readonly variant: Variant
  readonly builder: BuilderChoice
  /** The layers of the wheels are laid into a folder of this run. */
  readonly laysIntoFolder: boolean
}

/** Bytes on disk for each byte of the wheels, measured with PyTorch 2.8.0 for CUDA 12.8 (docs/performance.md). */
const FETCHED = 1
const INSTALLED = 2.05
const COMPRESSED = 1.06
/** A slim Python image, unpacked and as it was pulled. */
const BASE_BYTES = 350e6

/** What wheels take on their way into an image, with bytes for each byte of them. */
const ROUTES = {
  installed: [['wheels, installed', INSTALLED]],
  // Laid by us, they take this when the image is pulled to be proven.
  pushed: [
    ['wheels, installed', INSTALLED],
    ['layers, compressed', COMPRESSED]
  ],
  // A builder that is handed the folder copies nothing out of it until the image is loaded.
  folder: [
    ['wheels, as fetched', FETCHED],
    ['layers, in a folder of this run', COMPRESSED]
  ],
  'folder elsewhere': []
} as const satisfies Readonly<Record<string, readonly (readonly [what: string, perWheelByte: number])[]>>

/**
 * What the build will take on the disk of the engine, held against what is free there.
 *
 * Too little is an error only where no cache can spare the builder the work: a new machine without a layer cache. Else it
 * is a warning, because layers that are there already, or that nobody has to unpack, take nothing.
 */
export function checkDisk(facts: Facts, choices: DiskChoices): DiskFindings {
  const forecast = forecastOf(facts, choices)
  if (forecast === undefined) return {problems: [], warnings: []}
  if (hasRoom(forecast)) return {forecast, problems: [], warnings: []}
  if (mayBeSpared(facts)) return {forecast, problems: [], warnings: [roomWarning(forecast)]}
  return {forecast, problems: [roomProblem(forecast)], warnings: []}
}

/**
 * What the lock's real sizes are held against: requirements weigh something too, and what a set was measured at changes.
 *
 * Absent where nothing is forecast, and where too little room has been told already.
 */
export function roomForLock(facts: Facts, choices: DiskChoices): LockWork['room'] {
  const forecast = forecastOf(facts, choices)
  if (forecast === undefined || !hasRoom(forecast)) return undefined
  return {forecast, onShort: mayBeSpared(facts) ? 'warn' : 'fail'}
}

function forecastOf(facts: Facts, {variant, builder, laysIntoFolder}: DiskChoices): DiskForecast | undefined {
  const {machine, inputs, source} = facts
  const {disk, engine} = machine
  // An engine on another machine has a disk of its own, which nobody asked.
  const isHere = disk !== undefined && engine !== undefined && disk.place === engine.rootDir
  const isBuilt = inputs.mode !== 'validate' && inputs.mode !== 'promote'
  const weight = variant.set === undefined ? undefined : weightOf(variant.set)
  if (!isBuilt || !isHere || weight === undefined || source.dockerfile.source !== 'built-in') return undefined
  const count = Math.max(1, inputs.platforms.length)
  const wheels = weight.bytes * count
  const ofWheels = (what: string, perWheelByte: number) => ({
    what,
    bytes: Math.round(wheels * perWheelByte),
    perWheelByte
  })
  const parts: readonly DiskPart[] = [
    {what: 'base image', bytes: BASE_BYTES * count},
    ...ROUTES[routeOf(facts, disk, laysIntoFolder)].map(([what, perWheelByte]) => ofWheels(what, perWheelByte)),
    ...(inputs.load ? [ofWheels('the image in the engine (load)', loadedShare(builder))] : [])
  ]
  return {
    place: disk.place,
    freeBytes: disk.freeBytes,
    neededBytes: parts.reduce((sum, {bytes}) => sum + bytes, 0),
    parts,
    isEstimate: weight.isEstimate
  }
}

function routeOf(facts: Facts, {holdsRun}: MachineDisk, laysIntoFolder: boolean): keyof typeof ROUTES {
  if (laysIntoFolder) return holdsRun ? 'folder' : 'folder elsewhere'
  return permit(facts, 'push').allowed ? 'pushed' : 'installed'
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
