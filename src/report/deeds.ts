import {imageText} from '../image/reference.ts'
import type {
  BuilderWork,
  BuildWork,
  CacheWork,
  GitWork,
  PlannedStep,
  PreflightWork,
  PromoteWork
} from '../model/plan.ts'
import {countText} from './quantity.ts'

/** What a step will do, or would have done, in few words. */
export function deedOf(step: PlannedStep): string {
  switch (step.name) {
    case 'git':
      return gitDeed(step.work)
    case 'preflight':
      return preflightDeed(step.work)
    case 'builder':
      return builderDeed(step.work)
    case 'build':
      return buildDeed(step.work)
    case 'promote':
      return promoteDeed(step.work)
    case 'cache':
      return cacheDeed(step.work)
  }
}

function gitDeed(work: GitWork): string {
  const depth = work.depth === 'recursive' ? 'fetch submodules and theirs' : 'fetch submodules'
  const places = work.credentials.map(({host, path}) => (path === '' ? host : `${host}/${path}`))
  const reach = places.length === 0 ? 'without a credential' : `with credentials for ${places.join(', ')}`
  const withheld = work.withheld.length === 0 ? '' : `; withheld: ${work.withheld.join(', ')}`
  return `${depth} ${reach}${withheld}`
}

function preflightDeed(work: PreflightWork): string {
  if (work.images.length === 0) return 'ask no registry'
  return `ask whether ${work.images.map(({image}) => imageText(image)).join(', ')} will take a push`
}

function builderDeed(work: BuilderWork): string {
  const builder = work.use === 'adopt' ? `use the builder ${work.name}` : `create a builder`
  const key = work.reach === 'door' ? 'it holds no registry key' : 'it gets the registry credentials itself'
  const buildx = work.installBuildx === undefined ? '' : `; fetch buildx ${work.installBuildx.version}`
  return `${builder} (${work.driver}), ${key}${buildx}`
}

function buildDeed(work: BuildWork): string {
  const file = work.dockerfile.source === 'built-in' ? 'the built-in Dockerfile' : shownPath(work)
  const given = [...work.secrets, ...work.ssh].map(({id}) => id)
  const mounts = given.length === 0 ? '' : `, which may mount ${given.join(', ')}`
  return `build ${file}${mounts}; ${resultOf(work)}`
}

function resultOf(work: BuildWork): string {
  if (work.output === 'load') return 'load it into the engine'
  if (work.output === 'discard' || work.candidate === null) return 'keep nothing of it'
  return `send it to ${imageText(work.candidate.image)} without a tag`
}

function shownPath(work: BuildWork): string {
  const inside = `${work.workspace}/`
  return work.dockerfile.path.startsWith(inside) ? work.dockerfile.path.slice(inside.length) : work.dockerfile.path
}

function promoteDeed(work: PromoteWork): string {
  if (work.tags.length === 0) return 'write no tag'
  const images = work.images.map(({image}) => imageText(image)).join(', ')
  return `write ${countText(work.tags.length, 'tag')} in ${images}: ${work.tags.map(({tag}) => tag).join(', ')}`
}

function cacheDeed(work: CacheWork): string {
  return work.backend === 'none' ? 'keep no layer cache' : `export the layer cache (${work.backend})`
}
