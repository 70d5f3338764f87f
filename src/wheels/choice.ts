import type {Lock, LockedFile, LockedPackage} from '../model/lock.ts'
import type {ChosenWheel} from './grouping.ts'
import {markerEnvironment, markerHolds} from './marker.ts'
import {parseWheelName} from './wheel-name.ts'

/** The image that wheels are chosen for. */
export interface WheelTarget {
  /** `linux/amd64`. */
  readonly platform: string
  /** `3.11.2`. */
  readonly python: string
}

/** The wheels of a lock that go into an image, and why others cannot. */
export interface WheelChoice {
  readonly wheels: readonly ChosenWheel[]
  /** Sentences; empty where everything can be laid. */
  readonly hindrances: readonly string[]
}

/** The newest glibc that a wheel may ask for: that of Debian 12 and Ubuntu 22.04 is newer, and every base we name has it. */
const NEWEST_GLIBC = 28

/** Chooses the wheel of each package that an installer would take. What needs to be built hinders. */
export function chooseWheels(lock: Lock, target: WheelTarget): WheelChoice {
  const environment = markerEnvironment(target.platform, target.python)
  if (environment === undefined) return {wheels: [], hindrances: [`there are no wheels for ${target.platform}`]}
  const wheels: ChosenWheel[] = []
  const hindrances: string[] = []
  for (const entry of lock.packages) {
    const holds = entry.marker === undefined ? true : markerHolds(entry.marker, environment)
    if (holds === false) continue
    const read =
      holds === undefined
        ? `${entry.name} has a marker that is not understood: ${entry.marker}`
        : wheelOf(entry, target)
    if (typeof read === 'string') hindrances.push(read)
    else wheels.push({project: entry.name, file: read})
  }
  return {wheels, hindrances}
}

/** What must be built whatever the image is, as sentences; packages under a marker may not be for it at all. */
export function packagesToBuild({packages}: Lock): readonly string[] {
  return packages.filter(({marker}) => marker === undefined).flatMap(entry => reasonToBuild(entry) ?? [])
}

function reasonToBuild(entry: LockedPackage): string | undefined {
  switch (entry.source.kind) {
    case 'sdist':
      return `${shownName(entry)} has no wheel and must be built`
    case 'git':
      return `${shownName(entry)} comes from git and must be built`
    case 'directory':
      return `${shownName(entry)} is a folder and must be built`
    case 'wheels':
      return undefined
  }
}

function wheelOf(entry: LockedPackage, target: WheelTarget): LockedFile | string {
  const wheels = entry.source.kind === 'wheels' ? entry.source.wheels : []
  const ranked = wheels
    .map(file => ({file, rank: rankOf(file.name, target)}))
    .filter(({rank}) => rank !== undefined)
    .toSorted((one, other) => (other.rank ?? 0) - (one.rank ?? 0))
  const missing = `${shownName(entry)} has no wheel for Python ${target.python} on ${target.platform}`
  return ranked[0]?.file ?? reasonToBuild(entry) ?? missing
}

function shownName({name, version}: LockedPackage): string {
  return version === undefined ? name : `${name} ${version}`
}

/** How well a wheel fits: made for this Python before made for any, newer glibc before older; undefined where it does not. */
function rankOf(name: string, {platform, python}: WheelTarget): number | undefined {
  const wheel = parseWheelName(name)
  if (wheel === undefined) return undefined
  const machine = platform === 'linux/arm64' ? 'aarch64' : 'x86_64'
  const platforms = wheel.platforms.flatMap(tag => platformRank(tag, machine) ?? [])
  const pythons = wheel.pythons.flatMap(tag => wheel.abis.flatMap(abi => pythonRank(tag, abi, python) ?? []))
  if (platforms.length === 0 || pythons.length === 0) return undefined
  return Math.max(...pythons) * 1000 + Math.max(...platforms)
}

const LEGACY: Readonly<Record<string, number>> = {manylinux1: 5, manylinux2010: 12, manylinux2014: 17}

function platformRank(tag: string, machine: string): number | undefined {
  if (tag === 'any') return 0
  if (tag === `linux_${machine}`) return 1
  if (!tag.endsWith(`_${machine}`)) return undefined
  const glibc = LEGACY[tag.split('_')[0] ?? ''] ?? Number(/^manylinux_2_(\d+)_/.exec(tag)?.[1] ?? Number.NaN)
  return glibc <= NEWEST_GLIBC ? glibc : undefined
}

function pythonRank(tag: string, abi: string, python: string): number | undefined {
  const minor = Number(python.split('.')[1])
  if (tag === `cp3${minor}`) return abi === tag ? 4 : abi === 'abi3' ? 3 : abi === 'none' ? 2 : undefined
  const older = Number(/^cp3(\d+)$/.exec(tag)?.[1] ?? Number.NaN)
  if (abi === 'abi3' && older <= minor) return 3
  const generic = tag === 'py3' ? 0 : Number(/^py3(\d+)$/.exec(tag)?.[1] ?? Number.NaN)
  return abi === 'none' && generic <= minor ? 1 : undefined
}
