import type {LayerRecipe, Packing} from '../model/layers.ts'
import type {Lock} from '../model/lock.ts'
import {Problem} from '../model/problem.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {chooseWheels} from '../wheels/choice.ts'
import {groupWheels} from '../wheels/grouping.ts'
import {layerKey} from '../wheels/layer-key.ts'
import {parseLock} from '../wheels/lock.ts'
import type {KnownStore} from './runtime-find.ts'
import {provideBelow} from './runtime-flavor.ts'
import type {FoundImage} from './runtime-foundation.ts'
import {type LaidLayer, provideLayers} from './runtime-layers.ts'
import type {StepContext} from './step.ts'
import {type Begin, together} from './together.ts'

/** The work of the step, where there is a place for what it lays. */
export type Laying = RuntimeWork & {readonly into: ImageAccess}

/** What is at hand for all platforms. */
export interface Site {
  /** First what the image's own repository remembers. */
  readonly stores: readonly [KnownStore, ...KnownStore[]]
  readonly packing: Packing
  readonly context: StepContext
}

interface Platform {
  readonly work: Laying & RuntimeImageWork
  readonly lock: Lock
  /** It may still be under way. */
  readonly foundation: Promise<FoundImage>
}

interface Chosen extends Platform {
  readonly recipes: readonly LayerRecipe[]
}

/** The layers of one platform, and what they are laid upon. */
export interface Laid extends Chosen {
  readonly layers: readonly LaidLayer[]
}

/** Why wheels cannot be laid; it completes a sentence. The built-in Dockerfile may install everything instead. */
export class CannotLay extends Error {}

/**
 * Provides foundations and layers of all platforms at the same time: which wheels to lay follows from the Python that the
 * base image has by its name, and a foundation takes seconds.
 *
 * Where nothing is said, or the base image has another Python after all, layers wait for the foundations. Throws `CannotLay`.
 */
export async function layPlatforms(work: Laying, site: Site): Promise<readonly Laid[]> {
  const {context, packing} = site
  const locked = await Promise.all(
    work.images.map(async image => ({work: {...work, ...image}, lock: await lockOf(image, context)}))
  )
  return together(context, async begin => {
    const platforms = withFoundations(locked, site, begin)
    const expected = expectedFor(platforms, work.python, packing)
    const ahead = begin(own => layAll(expected, work, {...site, context: own, begin}))
    const actual: Chosen[] = []
    for (const platform of platforms) {
      const choice = choose(platform, (await platform.foundation).python, packing)
      if ('because' in choice) throw new CannotLay(choice.because)
      actual.push(choice)
    }
    const laid = await ahead
    if (keysOf(laid) === keysOf(actual)) return laid
    return layAll(actual, work, {...site, stores: [...site.stores, laidHere(laid, work.into)], begin})
  })
}

/** Begins the foundations, one after the other: each is a build of its own. */
function withFoundations(
  locked: readonly Omit<Platform, 'foundation'>[],
  site: Site,
  begin: Begin
): readonly Platform[] {
  let before: Promise<unknown> = Promise.resolve()
  return locked.map(({work, lock}) => {
    const turn = before
    const foundation = begin(async context => {
      await turn
      return foundationOf(work, {...site, context})
    })
    before = foundation
    return {work, lock, foundation}
  })
}

/** What does not run here is made of this machine's own base image; where that does not do, the Dockerfile may all the same. */
async function foundationOf(work: Platform['work'], {stores, context}: Site): Promise<FoundImage> {
  try {
    return await provideBelow(work, {stores, context})
  } catch (thrown) {
    if (!work.isForeign || !(thrown instanceof Problem) || thrown.code !== 'build-failed') throw thrown
    throw new CannotLay(`the base image for ${work.platform} could not be prepared without running it: ${thrown.what}`)
  }
}

/** What is laid before the foundations are there: nothing, unless it is known for all platforms. */
function expectedFor(platforms: readonly Platform[], python: string | undefined, packing: Packing): readonly Chosen[] {
  if (python === undefined) return []
  const choices = platforms.map(platform => choose(platform, python, packing))
  const expected = choices.flatMap(choice => ('because' in choice ? [] : [choice]))
  return expected.length === platforms.length ? expected : []
}

function choose(platform: Platform, python: string, packing: Packing): Chosen | {readonly because: string} {
  const {work, lock} = platform
  const {hindrances, wheels} = chooseWheels(lock, {platform: work.platform, python})
  const [hindrance] = hindrances
  if (hindrance !== undefined) {
    return {because: `${hindrance}${hindrances.length > 1 ? `, and ${hindrances.length - 1} more` : ''}`}
  }
  const recipes = groupWheels(wheels).map((group): LayerRecipe => {
    const key = layerKey(group, packing)
    // By its key: what was laid for another Python lies beside it.
    const sources = `${work.sources}/${key.slice(0, 16)}.tar`
    return {key, title: group.title, wheels: group.wheels.map(({file}) => file), sources}
  })
  return {...platform, recipes}
}

/** In one go: so nothing is idle between two platforms, and what is for any machine is laid once. */
async function layAll(
  chosen: readonly Chosen[],
  work: Laying,
  site: Omit<Site, 'stores'> & {readonly stores: readonly KnownStore[]; readonly begin: Begin}
): Promise<readonly Laid[]> {
  const layers = await provideLayers(chosen, {...site, work})
  return chosen.map((one, at) => ({...one, layers: layers[at] ?? []}))
}

function laidHere(laid: readonly Laid[], into: ImageAccess): KnownStore {
  const layers = laid.flatMap(one => one.layers)
  return {kind: 'own', at: into, isHere: true, index: {layers, foundations: []}}
}

function keysOf(chosen: readonly Chosen[]): string {
  return JSON.stringify(chosen.map(({recipes}) => recipes.map(({key}) => key)))
}

async function lockOf({lock}: RuntimeImageWork, {host}: StepContext): Promise<Lock> {
  return parseLock((await host.files.read(lock)) ?? '', 'The lock of this run')
}
