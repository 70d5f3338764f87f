import {satisfies} from '@renovatebot/pep440'
import type {Lock, LockedPackage} from '../model/lock.ts'
import {parseWheelName, type WheelName} from './wheel-name.ts'

/** What an image asks of the lock that it is made from. */
export interface LockTarget {
  /** `3.12`; absent where the base image does not tell. */
  readonly python?: string
  /** `linux/amd64`. */
  readonly platform: string
  /** Packages that belong to the release of PyTorch, by name: `{torch: '2.8.0', torchvision: '0.23.0'}`. */
  readonly versions: Readonly<Record<string, string>>
  /** `cu128`, `cpu`; absent where it was not asked for. */
  readonly cuda?: string
  /** The NumPy that this torch works with, as a specifier: `<2`; absent where any will do. */
  readonly numpy?: string
}

/** BuildKit's platforms in the words of wheels. */
const MACHINES: Readonly<Record<string, string>> = {'linux/amd64': 'x86_64', 'linux/arm64': 'aarch64'}

/** Everything by which a lock does not fit an image: sentences, empty where it does. */
export function misfitsOf(lock: Lock, target: LockTarget): readonly string[] {
  return [
    ...otherPython(lock, target),
    ...otherVersions(lock, target),
    ...otherNumpy(lock, target),
    ...otherCuda(lock, target),
    ...withoutWheel(lock, target)
  ]
}

/**
 * The CUDA that a lock's torch is built for, read from the wheels beside it; `cpu` where no CUDA library is among them.
 *
 * A local version (`2.8.0+cu126`) says it; PyPI's wheels have none, and there the version of the CUDA runtime does.
 * Undefined where there is no torch, or nothing that tells.
 */
export function cudaOf(lock: Lock): string | undefined {
  const torch = lock.packages.find(({name}) => name === 'torch')
  if (torch?.version === undefined) return undefined
  const local = /\+(cu\d{3}|cpu)\b/.exec(torch.version)?.[1]
  if (local !== undefined) return local
  const runtime = lock.packages.find(({name}) => /^nvidia-cuda-runtime(?:-cu\d+)?$/.test(name))
  const [, major, minor] = /^(\d+)\.(\d)\b/.exec(runtime?.version ?? '') ?? []
  if (major !== undefined) return `cu${major}${minor}`
  const hasCuda = lock.packages.some(({name}) => /^(?:nvidia|cuda)-/.test(name))
  return hasCuda || torch.source.kind !== 'wheels' ? undefined : 'cpu'
}

/** How many bytes a lock's files are, as far as it tells. */
export function downloadBytes(lock: Lock): number {
  return lock.packages.reduce((sum, {source}) => {
    if (source.kind === 'wheels') return sum + (source.wheels[0]?.sizeBytes ?? 0)
    return source.kind === 'sdist' ? sum + (source.sdist.sizeBytes ?? 0) : sum
  }, 0)
}

/** `>=3.12` is what uv writes for 3.12: the lock's wheels are for that one, and source may need it. */
function otherPython({requiresPython}: Lock, {python}: LockTarget): readonly string[] {
  const [, oldest] = /^>=\s*(\d+\.\d+)/.exec(requiresPython ?? '') ?? []
  if (oldest === undefined || python === undefined) return []
  const isOlder = Number(python.split('.')[1]) < Number(oldest.split('.')[1])
  return isOlder ? [`it requires Python ${requiresPython}, and the image has ${python}`] : []
}

function otherVersions({packages}: Lock, {versions}: LockTarget): readonly string[] {
  return Object.entries(versions).flatMap(([name, version]) => {
    const found = packages.find(entry => entry.name === name)
    if (found === undefined) return [`it has no ${name}, and the image is for ${name} ${version}`]
    if (found.version === undefined || publicVersion(found.version) === version) return []
    return [`it has ${name} ${found.version}, and the image is for ${name} ${version}`]
  })
}

function otherNumpy({packages}: Lock, {numpy, versions}: LockTarget): readonly string[] {
  const found = packages.find(({name}) => name === 'numpy')?.version
  if (numpy === undefined || found === undefined || satisfies(found, numpy)) return []
  return [`it has numpy ${found}, and torch ${versions.torch} works with numpy${numpy} alone`]
}

function otherCuda(lock: Lock, {cuda, platform}: LockTarget): readonly string[] {
  const found = cudaOf(lock)
  if (cuda === undefined || found === undefined || found === cuda) return []
  return [
    found === 'cpu'
      ? `its torch for ${platform} is a CPU build: no CUDA library is among its packages, and the image is for ${cuda}`
      : `its torch is built for ${found}, and the image is for ${cuda}`
  ]
}

/** Packages under a marker may not be for this image at all. */
function withoutWheel({packages}: Lock, target: LockTarget): readonly string[] {
  return packages.flatMap(entry => {
    if (entry.marker !== undefined || entry.source.kind !== 'wheels') return []
    const names = entry.source.wheels.map(({name}) => name)
    if (names.some(name => fits(parseWheelName(name), target))) return []
    return [`${wordsOf(entry)} has no wheel for ${environmentOf(target)}, only ${names.slice(0, 3).join(', ')}`]
  })
}

function fits(wheel: WheelName | undefined, {python, platform}: LockTarget): boolean {
  if (wheel === undefined) return false
  const machine = MACHINES[platform] ?? platform.split('/')[1] ?? platform
  const isForMachine = wheel.platforms.some(
    name => name === 'any' || (/^(?:many)?linux/.test(name) && name.endsWith(`_${machine}`))
  )
  return isForMachine && (python === undefined || isForPython(wheel, Number(python.split('.')[1])))
}

function isForPython({pythons, abis}: WheelName, minor: number): boolean {
  if (pythons.some(name => name === 'py3' || name === `py3${minor}`)) return true
  if (pythons.includes(`cp3${minor}`))
    return abis.some(abi => abi === `cp3${minor}` || abi === 'abi3' || abi === 'none')
  // The stable ABI holds for every later Python.
  return abis.includes('abi3') && pythons.some(name => Number(/^cp3(\d+)$/.exec(name)?.[1] ?? Number.NaN) <= minor)
}

function environmentOf({python, platform}: LockTarget): string {
  return python === undefined ? platform : `Python ${python} on ${platform}`
}

function wordsOf({name, version}: LockedPackage): string {
  return version === undefined ? name : `${name} ${version}`
}

function publicVersion(version: string): string {
  return version.split('+')[0] ?? version
}
