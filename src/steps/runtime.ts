import type {LayerRecipe, Packing} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'
import type {RuntimeImage, RuntimeProduct} from '../model/report.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {RuntimeImageWork, RuntimeWork} from '../model/work-runtime.ts'
import {chooseWheels} from '../wheels/choice.ts'
import {groupWheels} from '../wheels/grouping.ts'
import {layerKey} from '../wheels/layer-key.ts'
import {firstOfEach} from '../wheels/layer-store.ts'
import {parseLock} from '../wheels/lock.ts'
import {wheelText} from '../wheels/wheel-name.ts'
import type {KnownStore} from './runtime-find.ts'
import {provideBelow} from './runtime-flavor.ts'
import type {FoundImage} from './runtime-foundation.ts'
import {type LaidLayer, provideLayers} from './runtime-layers.ts'
import {type PutImage, putImage, putIndex} from './runtime-put.ts'
import {readStores, shareLayers, writeStore} from './runtime-store.ts'
import type {StepContext, StepMade} from './step.ts'

type Work = RuntimeWork & {readonly into: ImageAccess}

/** What is known of the runtime of one platform before a wheel is fetched. */
interface Prepared {
  readonly work: Work & RuntimeImageWork
  readonly foundation: FoundImage
  readonly recipes: readonly LayerRecipe[]
}

/** The runtime of one platform, as it lies in the registry. */
interface Laid extends Prepared {
  readonly layers: readonly LaidLayer[]
  readonly put: PutImage
}

/** Why the built-in Dockerfile installs everything instead. */
interface Hindered {
  readonly because: string
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
  const work: Work = {...planned, into}
  const packing: Packing = {...work.packing, library: context.host.layers.libraryOf(work.packing.format)}
  const stores = await readStores(work.store, into, context)
  const [{index: store}] = stores
  const prepared: Prepared[] = []
  for (const image of work.images) {
    const one = await prepare({...work, ...image}, {stores, packing, context})
    if ('because' in one) return unlaid(one, work, context)
    prepared.push(one)
  }
  const laid: Laid[] = []
  for (const one of prepared) {
    const found: readonly KnownStore[] = [...stores, laidHere(laid, into)]
    const {foundation, recipes, work: of} = one
    const layers = await provideLayers(recipes, {stores: found, foundation, packing, work: of, context})
    laid.push({...one, layers, put: await putImage(foundation, layers, {into, settings: work.settings, context})})
  }
  const layers = firstOfEach(laid.flatMap(one => one.layers))
  const recipes = firstOfEach(laid.flatMap(one => one.recipes))
  const [first] = laid
  const digest = laid.length === 1 && first !== undefined ? first.put.digest : await putIndex(laid, {into, context})
  const foundations = laid.flatMap(({foundation: {key, digest, python, below}}) => [
    {key, digest, python},
    ...(below === undefined ? [] : [below])
  ])
  await writeStore({layers, foundations}, store, {store: work.store, into, context})
  await shareLayers(layers, recipes, {store: work.store, into, context})
  const wheels = new Map(recipes.map(recipe => [recipe.key, recipe.wheels.map(({name}) => wheelText(name))]))
  const runtime: RuntimeProduct = {
    digest,
    images: laid.map(imageOf),
    fetchedBytes: recipes
      .filter(({key}) => layers.some(layer => layer.key === key && layer.origin === 'made'))
      .reduce((sum, recipe) => sum + bytesOf(recipe), 0),
    layers: layers.map(({key, title, digest, diffId, sizeBytes, origin}) => {
      const held = wheels.get(key)
      return {title, ...(held === undefined ? {} : {wheels: held}), digest, diffId, sizeBytes, origin}
    })
  }
  return {
    made: laid.map(one => sentenceOf(one, laid.length > 1)).join('; '),
    products: {runtime, answers: {runtime: {isLaid: true}}}
  }
}

/** The base image's foundation, and the recipes of all layers upon it; or why there can be none. */
async function prepare(
  work: Work & RuntimeImageWork,
  {stores, packing, context}: {stores: readonly KnownStore[]; packing: Packing; context: StepContext}
): Promise<Prepared | Hindered> {
  const {platform} = work
  const lock = parseLock((await context.host.files.read(work.lock)) ?? '', 'The lock of this run')
  const foundation = await foundationOf(work, {stores, context})
  if ('because' in foundation) return foundation
  const {hindrances, wheels} = chooseWheels(lock, {platform, python: foundation.python})
  const [hindrance] = hindrances
  if (hindrance !== undefined) {
    return {because: `${hindrance}${hindrances.length > 1 ? `, and ${hindrances.length - 1} more` : ''}`}
  }
  const recipes = groupWheels(wheels).map(
    (group, at): LayerRecipe => ({
      key: layerKey(group, packing),
      title: group.title,
      wheels: group.wheels.map(({file}) => file),
      sources: `${work.bytecode.directory}/layers/${at}`
    })
  )
  return {work, foundation, recipes}
}

/** What does not run here is made of this machine's own base image; where that does not do, the Dockerfile may all the same. */
async function foundationOf(
  work: Work & RuntimeImageWork,
  {stores, context}: {stores: readonly KnownStore[]; context: StepContext}
): Promise<FoundImage | Hindered> {
  try {
    return await provideBelow(work, stores[0]?.index.foundations ?? [], context)
  } catch (thrown) {
    if (!work.isForeign || !(thrown instanceof Problem) || thrown.code !== 'build-failed') throw thrown
    return {because: `the base image for ${work.platform} could not be prepared without running it: ${thrown.what}`}
  }
}

/** Throws `runtime-unavailable` where the Dockerfile begins with the runtime, so that nothing else can install. */
function unlaid({because}: Hindered, {images, otherwise}: RuntimeWork, {notice}: StepContext): StepMade {
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

/** What the platforms before have laid: wheels for any machine are the same layers for each. */
function laidHere(laid: readonly Laid[], into: ImageAccess): KnownStore {
  const layers = laid.flatMap(one => one.layers)
  return {kind: 'own', at: into, isHere: true, index: {layers, foundations: []}}
}

function imageOf({work: {platform, isForeign}, foundation: {python}, layers, put: {digest}}: Laid): RuntimeImage {
  const libraries = layers.reduce((sum, layer) => sum + (layer.libraries ?? 0), 0)
  return {platform, digest, python, isForeign, libraries}
}

function sentenceOf({work, foundation, recipes, layers}: Laid, isOneOfSeveral: boolean): string {
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
