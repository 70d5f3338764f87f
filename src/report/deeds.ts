import {layoutFolder} from '../image/layout-folder.ts'
import {imageText} from '../image/reference.ts'
import type {PlannedStep} from '../model/plan.ts'
import type {BuilderWork, BuildWork, CacheWork, PreflightWork} from '../model/work-build.ts'
import type {ProveWork} from '../model/work-proof.ts'
import type {PromoteWork, ValidateWork} from '../model/work-release.ts'
import type {RuntimeWork} from '../model/work-runtime.ts'
import type {GitWork, LockWork} from '../model/work-sources.ts'
import {countText} from './quantity.ts'

/** What a step will do, or would have done, in few words. */
export function deedOf(step: PlannedStep): string {
  switch (step.name) {
    case 'git':
      return gitDeed(step.work)
    case 'lock':
      return lockDeed(step.work)
    case 'preflight':
      return preflightDeed(step.work)
    case 'builder':
      return builderDeed(step.work)
    case 'runtime':
      return runtimeDeed(step.work)
    case 'build':
      return buildDeed(step.work)
    case 'prove':
      return proveDeed(step.work)
    case 'validate':
      return validateDeed(step.work)
    case 'promote':
      return promoteDeed(step.work)
    case 'cache':
      return cacheDeed(step.work)
  }
}

function gitDeed(work: GitWork): string {
  const withheld = work.withheld.length === 0 ? '' : `; withheld: ${work.withheld.join(', ')}`
  return `${mintDeed(work)}${fetchDeed(work)}${withheld}`
}

function mintDeed({app}: GitWork): string {
  const repositories = (app?.tokens ?? []).flatMap(({owner, repositories: names}) =>
    names.map(({name}) => `${owner}/${name}`)
  )
  return repositories.length === 0 ? '' : `let the App ${app?.id} mint a token for ${repositories.join(', ')}; `
}

const DEPTHS: Readonly<Record<GitWork['depth'], string>> = {
  recursive: 'fetch submodules and theirs',
  top: 'fetch submodules',
  none: 'ask whether repositories can be read'
}

function fetchDeed({depth, credentials, keys}: GitWork): string {
  const places = credentials
    .filter(({isMinted}) => isMinted !== true)
    .map(({host, path}) => (path === '' ? host : `${host}/${path}`))
  const byToken = places.length === 0 ? [] : [`credentials for ${places.join(', ')}`]
  const byKey = keys.length === 0 ? [] : [`the keys ${keys.map(({id}) => id).join(', ')}`]
  const reach = credentials.length + keys.length === 0 ? 'without a credential' : withAll([...byToken, ...byKey])
  return `${DEPTHS[depth]} ${reach}`.trimEnd()
}

function withAll(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `with ${parts.join(' and ')}`
}

function lockDeed({committed, requirements, packages, python, targets, uv}: LockWork): string {
  if (committed !== undefined) return `take the repository’s lock, sha256 ${committed.sha256.slice(0, 12)}`
  const files = requirements.length === 0 ? '' : ` with ${requirements.map(({path}) => path).join(', ')}`
  const platforms = targets.map(({platform}) => platform).join(', ')
  const fetched = uv.install ? `; fetch uv ${uv.version}` : ''
  return `resolve ${packages.join(' ')}${files} for Python ${python} on ${platforms}${fetched}`
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

function runtimeDeed({images, into}: RuntimeWork): string {
  const folder = into === null ? undefined : layoutFolder(into.image)
  const where = into === null ? '' : `, in ${folder === undefined ? imageText(into.image) : 'a folder of this run'}`
  const platforms = images.length > 1 ? ` for ${images.map(({platform}) => platform).join(' and ')}` : ''
  return `lay the locked wheels as layers upon ${images[0]?.foundation.base.text}${platforms}${where}`
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

function proveDeed({expected, loadedAs}: ProveWork): string {
  const {torch, cuda, gpus} = expected
  const named = gpus.length === 0 ? [] : [`kernels for ${gpus.map(({name}) => name).join(', ')}`]
  const wanted = [...(torch === undefined ? [] : [`torch ${torch}`]), ...(cuda === undefined ? [] : [cuda]), ...named]
  const what = loadedAs === undefined ? 'pull and run it' : 'run it'
  return `${what} without a GPU, and look for ${wanted.join(', ') || 'nothing in particular'}`
}

function validateDeed(work: ValidateWork): string {
  const image = work.image === null ? 'nothing' : imageText(work.image.image)
  const what = work.digest === undefined ? `the candidate of ${image}` : `${image}@${work.digest.slice(0, 19)}…`
  const where = work.place === 'engine' ? 'in a container without network, secrets or root' : 'in this very container'
  return `run ${what} on the GPU ${where} (${work.level})`
}

function promoteDeed(work: PromoteWork): string {
  if (work.tags.length === 0) return 'write no tag'
  const images = work.images.map(({image}) => imageText(image)).join(', ')
  const reports = work.reports.length === 0 ? '' : ` after reading ${countText(work.reports.length, 'GPU report')}`
  return `write ${countText(work.tags.length, 'tag')} in ${images}: ${work.tags.map(({tag}) => tag).join(', ')}${reports}`
}

function cacheDeed(work: CacheWork): string {
  return work.backend === 'none' ? 'keep no layer cache' : `export the layer cache (${work.backend})`
}
