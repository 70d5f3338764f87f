import type {LayerRecipe, Packing} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {RuntimeImage, RuntimeProduct} from '../model/report.ts'
import type {RuntimeWork} from '../model/work-runtime.ts'
import {bringsInit} from '../wheels/init.ts'
import {firstOfEach} from '../wheels/layer-store.ts'
import {wheelText} from '../wheels/wheel-name.ts'
import type {FoundImage} from './runtime-foundation.ts'
import {CannotLay, type Laid, type Laying, layPlatforms, type Site} from './runtime-lay.ts'
import type {LaidLayer} from './runtime-layers.ts'
import {type PutImage, putImage, putIndex} from './runtime-put.ts'
import {readStores, shareLayers, writeStore} from './runtime-store.ts'
import type {StepContext, StepMade} from './step.ts'

/** The runtime of one platform, as it lies in the registry. */
interface Put extends Omit<Laid, 'foundation'> {
  readonly foundation: FoundImage
  readonly put: PutImage
}

/**
 * Lays the locked wheels as layers upon the base image: those that the repository remembers are used as they are, the
 * others are fetched, checked and sent. Ends with an image that only its digest names, or with an index of one image for
 * each platform.
 *
 * Where a package has no wheel, it says so, and the built-in Dockerfile installs everything instead.
 */
export async function layRuntime(planned: RuntimeWork, context: StepContext): Promise<StepMade> {
  const {into} = planned
  if (into === null) throw new Error('The plan lays wheels and names no repository for them.')
  const work: Laying = {...planned, into}
  const packing: Packing = {...work.packing, library: context.host.layers.libraryOf(work.packing.format)}
  const site: Site = {stores: await readStores(work.store, into, context), packing, context}
  try {
    return await putRuntime(await layPlatforms(work, site), work, site)
  } catch (thrown) {
    if (thrown instanceof CannotLay) return unlaid(thrown.message, work, context)
    throw thrown
  }
}

/** Puts the images together, and remembers what they are made of. */
async function putRuntime(laid: readonly Laid[], work: Laying, {stores, context}: Site): Promise<StepMade> {
  const {into, store} = work
  const images: Put[] = []
  for (const {foundation: provided, ...one} of laid) {
    const foundation = await provided
    const settings = {...work.settings, hasInit: bringsInit(one.recipes)}
    images.push({...one, foundation, put: await putImage(foundation, one.layers, {into, settings, context})})
  }
  const layers = firstOfEach(images.flatMap(one => one.layers))
  const recipes = firstOfEach(images.flatMap(one => one.recipes))
  const [first] = images
  const digest = images.length === 1 && first !== undefined ? first.put.digest : await putIndex(images, {into, context})
  const foundations = images.flatMap(({foundation: {key, digest, python, below}}) => [
    {key, digest, python},
    ...(below === undefined ? [] : [below])
  ])
  const known = stores[0].index
  await writeStore({layers, foundations}, known, {store, into, context})
  const own = firstOfEach(images.flatMap(({foundation}) => foundation.own ?? []))
  await shareLayers({layers, foundations: own}, recipes, {store, into, context})
  const wheels = new Map(recipes.map(recipe => [recipe.key, recipe.wheels.map(({name}) => wheelText(name))]))
  const runtime: RuntimeProduct = {
    digest,
    images: images.map(imageOf),
    fetchedBytes: recipes
      .filter(({key}) => layers.some(layer => layer.key === key && layer.origin === 'made'))
      .reduce((sum, recipe) => sum + bytesOf(recipe), 0),
    layers: layers.map(({key, title, digest, diffId, sizeBytes, origin}) => {
      const held = wheels.get(key)
      return {title, ...(held === undefined ? {} : {wheels: held}), digest, diffId, sizeBytes, origin}
    })
  }
  return {
    made: images.map(one => sentenceOf(one, images.length > 1)).join('; '),
    products: {runtime, answers: {runtime: {isLaid: true}}}
  }
}

/** Throws `runtime-unavailable` where the Dockerfile begins with the runtime, so that nothing else can install. */
function unlaid(because: string, {images, otherwise}: RuntimeWork, {notice}: StepContext): StepMade {
  if (otherwise === null) throw runtimeMissing(because)
  const foreign = images.filter(({isForeign}) => isForeign).map(({platform}) => platform)
  if (foreign.length > 0) {
    notice(
      `The built-in Dockerfile installs the packages, and runs commands for ${foreign.join(' and ')}: that takes QEMU ` +
        '(docker/setup-qemu-action), or a `builder` with a node of that platform.'
    )
  }
  return {
    made: `nothing: ${because}`,
    products: {answers: {runtime: {isLaid: false, because}}}
  }
}

function runtimeMissing(because: string): Problem {
  return new Problem('runtime-unavailable', {
    what: 'The Dockerfile begins with `FROM runtime`, and no runtime can be laid for it.',
    why: `Nothing else can install the packages: ${because}.`,
    fix: 'Take what has no wheel out of `requirements` or the lock, and install it by a RUN in the Dockerfile upon the runtime.'
  })
}

function imageOf({work: {platform, isForeign}, foundation: {python}, layers, put: {digest}}: Put): RuntimeImage {
  const libraries = layers.reduce((sum, layer) => sum + (layer.libraries ?? 0), 0)
  return {platform, digest, python, isForeign, libraries}
}

function sentenceOf({work, foundation, recipes, layers}: Put, isOneOfSeveral: boolean): string {
  const count = recipes.reduce((sum, {wheels}) => sum + wheels.length, 0)
  const place = isOneOfSeveral ? `${work.platform}: ` : ''
  return `${place}${count} wheels in ${layers.length} layers, ${foundText(layers)}, Python ${foundation.python}`
}

/** `3 of them found`, and how those came that another repository had. */
function foundText(layers: readonly LaidLayer[]): string {
  const count = (wanted: LaidLayer['origin']) => layers.filter(({origin}) => origin === wanted).length
  const ways = (['mounted', 'copied'] as const).filter(way => count(way) > 0).map(way => `${count(way)} ${way}`)
  const found = layers.length - count('made')
  return `${found} of them found${ways.length === 0 ? '' : ` (${ways.join(', ')})`}`
}

/** Of the wheels of a layer, packed. */
function bytesOf({wheels}: LayerRecipe): number {
  return wheels.reduce((sum, {sizeBytes}) => sum + (sizeBytes ?? 0), 0)
}
