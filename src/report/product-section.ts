import {stepOf} from '../model/plan.ts'
import type {Outcome, Products, Report} from '../model/report.ts'
import {layerSection} from './layer-section.ts'
import {block, code, escaped, first, table} from './markdown.ts'
import {countText, share, sizeText} from './quantity.ts'

const MOST_ROWS = 100

/** The parts of the summary that tell what was built, as far as something was. */
export function builtSection({outcome, overlay}: Report): readonly string[] {
  const {products} = outcome
  return [imageTable(outcome, overlay), layerSection(products), cacheSection(products), submoduleSection(products)]
}

function imageTable({plan, products}: Outcome, overlay: string | undefined): string {
  const loaded = products.digest === undefined ? undefined : stepOf(plan, 'build').work.loadAs
  const rows = [
    ...textRow('digest', products.digest),
    ...textRow('pull it by', products.tags?.length ? products.candidate : undefined),
    ...textRow('image id', products.imageId),
    ...textRow('loaded as', loaded),
    ...(products.locks ?? []).map(lock => [`lock for ${lock.platform}`, lockText(lock)]),
    ...foreignRows(products),
    ...listRow('tags', products.tags),
    ...listRow('left alone', products.keptTags),
    ...(overlay === undefined
      ? []
      : [['for a cluster', `${code(overlay)}, a component for ${code('kubectl apply -k')}`]]),
    ...(products.pushedBytes === undefined ? [] : [['sent', escaped(sizeText(products.pushedBytes))]])
  ]
  return rows.length === 0 ? '' : `#### Image\n\n${table(['', ''], rows)}`
}

/** What nobody ran: that is said where people look at the image. */
function foreignRows({runtime}: Products): readonly (readonly string[])[] {
  const foreign = runtime?.images.filter(({isForeign}) => isForeign) ?? []
  return foreign.map(({platform, libraries}) => [
    platform,
    libraries === 0
      ? 'put together, and not run on this machine'
      : `put together, and not run on this machine; libraries for it in new layers: ${libraries}`
  ])
}

function lockText({packages, sizeBytes, sha256}: NonNullable<Products['locks']>[number]): string {
  return `${countText(packages, 'package')}, ${escaped(sizeText(sizeBytes))}, sha256 ${code(sha256.slice(0, 16))}`
}

function textRow(name: string, value: string | undefined): readonly (readonly string[])[] {
  return value === undefined ? [] : [[name, code(value)]]
}

function listRow(name: string, values: readonly string[] | undefined): readonly (readonly string[])[] {
  if (values === undefined || values.length === 0) return []
  const {shown, left} = first(values, MOST_ROWS)
  return [[name, [...shown.map(code), ...(left === 0 ? [] : [`and ${left} more`])].join('<br>')]]
}

function cacheSection({cachedSteps}: Products): string {
  if (cachedSteps === undefined || cachedSteps.total === 0) return ''
  const {cached, total} = cachedSteps
  return `#### Cache\n\n${block([`${cached} of ${countText(total, 'build step')}  ${share(cached, total)}`])}`
}

function submoduleSection({submodules}: Products): string {
  if (submodules === undefined || submodules.length === 0) return ''
  const {shown, left} = first(submodules, MOST_ROWS)
  const rows = shown.map(({path, url, state}) => [
    code(path),
    code(url),
    state === 'fetched' ? '✅ fetched' : '➖ left out: this event may not read it'
  ])
  const more = left === 0 ? '' : `\n\n… and ${left} more`
  return `#### Submodules\n\n${table(['path', 'from', ''], rows)}${more}`
}
