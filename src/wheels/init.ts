import type {LayerRecipe} from '../model/layers.ts'
import {LAYOUT} from './layout.ts'
import {normalizedName} from './lock.ts'
import {parseWheelName} from './wheel-name.ts'

/**
 * The first process of a container: it hands signals on to the command, and takes dead children away.
 *
 * It is a package among the others, so it is locked by its hash, lies in a layer and needs neither apt nor a build.
 * Source: https://pypi.org/project/dumb-init/ (read 2026-11-30): wheels for x86-64 and arm64, of 9 kB each, for glibc 2.17 and
 * newer and any Python 3; this release is the last one, of April 2022.
 */
export const INIT = {
  project: 'dumb-init',
  requirement: 'dumb-init==1.2.5.post1',
  /** What stands before the command. */
  entrypoint: [`/${LAYOUT.scripts}/dumb-init`, '--']
} as const

/** Whether the init is among the wheels of layers, in whatever release. */
export function bringsInit(recipes: readonly Pick<LayerRecipe, 'wheels'>[]): boolean {
  const projects = recipes.flatMap(({wheels}) => wheels.map(({name}) => parseWheelName(name)?.distribution ?? ''))
  return projects.some(project => normalizedName(project) === INIT.project)
}
