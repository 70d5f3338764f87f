import {flavorKey, foundationKey} from '../wheels/layer-store.ts'
import {buildPart, readBuilt, readDockerfile} from './runtime-build.ts'
import {
  bringFoundation,
  type FoundationRequest,
  type FoundationSite,
  type FoundImage,
  findFoundation,
  pinBase,
  provideFoundation
} from './runtime-foundation.ts'

/**
 * What wheels are laid upon: the foundation of the base image, with what the flavour has besides wheels.
 *
 * One that a repository remembers is taken as it is for some days; then the distribution is asked for its packages anew.
 */
export async function provideBelow(work: FoundationRequest, site: FoundationSite): Promise<FoundImage> {
  const {context} = site
  const {flavor, foundation, platform, into} = work
  const base = await pinBase(foundation, context)
  if (flavor === null) return provideFoundation(work, base, site)
  const text = await readDockerfile(flavor.dockerfile, context)
  const now = context.host.clock.now()
  const key = flavorKey(foundationKey({base: base.digest ?? '', platform}), {...flavor, text, now})
  const mayKnow = base.digest !== undefined && !flavor.isAskedAnew
  const found = mayKnow ? await findFoundation(key, work, {...site, base}) : undefined
  if (found !== undefined) return found
  const plain = await bringFoundation(await provideFoundation(work, base, site), into, context)
  const marks = {'{foundation}': plain.digest}
  const digest = await buildPart(flavor, {text, what: 'the flavour, below the wheels of the runtime', marks, context})
  const {key: keyBelow, digest: digestBelow, python} = plain
  const below = {key: keyBelow, digest: digestBelow, python}
  return {...plain, key, digest, ...(await readBuilt(into, digest, context)), origin: 'made', below}
}
