import type {Lock} from '../model/lock.ts'
import {nearestOf} from '../model/nearest.ts'
import {Problems} from '../model/problem.ts'
import type {LockWork} from '../model/work-sources.ts'
import {normalizedName, parseLock} from '../wheels/lock.ts'
import {withoutPackages} from '../wheels/lock-text.ts'
import type {Unresolved} from '../wheels/resolver-words.ts'
import {unknownExtension} from '../wheels/unknown-extension.ts'
import type {StepContext} from './step.ts'

/** A package to be compiled that does not state what it requires. */
export interface UnstatedPackage {
  readonly name: string
  /** It was asked for by its address: a release of git, or an archive. */
  readonly isDirect: boolean
}

/** Wheels alone; of what is compiled the sources alone, as the lock shall hold them. */
export function sourceArgs(compiled: readonly string[]): readonly string[] {
  return compiled.length === 0
    ? ['--no-build']
    : ['--only-binary', ':all:', ...compiled.flatMap(name => ['--no-binary', name])]
}

/** The package that stands in the way, where it is one that is compiled; undefined where that is not what was said. */
export function unstatedIn(obstacle: Unresolved, {extensions}: LockWork): UnstatedPackage | undefined {
  if (obstacle.kind !== 'needs-build') return undefined
  const name = normalizedName(obstacle.package)
  return extensions?.packages.includes(name) === true ? {name, isDirect: obstacle.isDirect === true} : undefined
}

/**
 * Stops where the package in the way is most likely what an entry of `extensions` was meant to name.
 *
 * `named` are the packages that requirement files name: an entry that is one of them was meant as it stands.
 */
export function checkMisspelt(obstacle: Unresolved, named: readonly string[], {extensions}: LockWork): void {
  if (obstacle.kind !== 'needs-build' || extensions === undefined) return
  const name = normalizedName(obstacle.package)
  const strange = extensions.packages.filter(each => !named.includes(each) && nearestOf(each, [name]) !== undefined)
  if (strange.includes(name) || strange.length === 0) return
  const choices = {folders: extensions.projects, packages: [...new Set([name, ...named])]}
  throw new Problems(strange.map(each => unknownExtension({package: each}, choices)))
}

/**
 * Has uv take such packages for ones that require nothing, instead of building them in order to know.
 *
 * What their wheels then ask for is held against the image's packages where they are compiled.
 */
export async function unstatedArgs(
  unstated: readonly UnstatedPackage[],
  path: string,
  {files}: StepContext['host']
): Promise<readonly string[]> {
  if (unstated.length === 0) return []
  // uv takes no metadata without a version for what has an address; the version does not stay in the lock.
  const entries = unstated.map(
    ({name, isDirect}) => `{ name = "${name}",${isDirect ? ' version = "0",' : ''} requires-dist = [] }`
  )
  await files.write(path, `dependency-metadata = [${entries.join(', ')}]\n`)
  return ['--config-file', path]
}

/** Says for which packages that was done. */
export function tellUnstated(unstated: readonly UnstatedPackage[], {notice}: StepContext): void {
  for (const {name} of unstated) {
    notice(
      `${name} does not state what it requires, so it is locked as if it required nothing. What its wheel asks for must be in \`requirements\`; it is held against the lock when it has been compiled.`
    )
  }
}

/**
 * Reads a lock that the build is given, with what `extensions` name in it, or taken out of it for a PyTorch without CUDA.
 *
 * Throws `extension-unknown` for each name that is no package of it.
 */
export function extensionsChecked(
  text: string,
  shown: string,
  {extensions}: LockWork
): {readonly lock: Lock; readonly text: string} {
  const lock = parseLock(text, shown)
  if (extensions === undefined) return {lock, text}
  const packages = lock.packages.map(({name}) => name)
  const strange = extensions.packages.filter(name => !packages.includes(name))
  if (strange.length > 0) {
    const choices = {folders: extensions.projects, packages}
    throw new Problems(strange.map(name => unknownExtension({package: name}, choices)))
  }
  if (!extensions.isWithout) return {lock, text}
  const rest = withoutPackages(text, extensions.packages)
  return {lock: parseLock(rest, shown), text: rest}
}
