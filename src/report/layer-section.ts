import type {Layer, Products} from '../model/report.ts'
import {block, escaped, first, folded, prose} from './markdown.ts'
import {bar, countText, sizeText} from './quantity.ts'

const MOST_ROWS = 100
const MOST_WHEELS = 400
const DIGEST_LENGTH = 19
const LONGEST_TITLE = 30

/** What a line shows besides the layer itself. */
interface Beside {
  readonly greatest: number
  readonly before: ReadonlySet<string> | undefined
  /** Which wheels a layer holds, or where it lies, by its digest. */
  readonly titles: ReadonlyMap<string, string>
}

/** The layers as bars, in the order in which they lie, with what of them was there before and which wheels are in them. */
export function layerSection({layers, previous, runtime}: Products): string {
  if (layers === undefined || layers.length === 0) return ''
  const {shown, left} = first(layers, MOST_ROWS)
  const greatest = Math.max(...layers.map(({sizeBytes}) => sizeBytes))
  const before = previous === undefined ? undefined : new Set(previous.layers.map(({digest}) => digest))
  const titles = titlesOf(layers, runtime)
  const lines = shown.map(layer => lineOf(layer, {greatest, before, titles}))
  const head = `#### Layers: ${countText(layers.length, 'layer')}, ${escaped(sizeText(sumOf(layers)))} compressed`
  const picture = block(left === 0 ? lines : [...lines, `… and ${left} more`])
  return [head, ...comparisonOf(layers, previous), picture, ...groupsOf(runtime)].join('\n\n')
}

/** The wheels of layers that hold several: their titles have no room for them. */
function groupsOf(runtime: Products['runtime']): readonly string[] {
  const groups = (runtime?.layers ?? []).filter(({wheels = []}) => wheels.length > 1)
  if (groups.length === 0) return []
  const lines = groups.flatMap(({title, digest, wheels = []}) => [
    `${digest.slice(0, DIGEST_LENGTH)}  ${title}`,
    ...wheels.map(wheel => `  ${wheel}`)
  ])
  const {shown, left} = first(lines, MOST_WHEELS)
  return [folded('Layers of several wheels', block(left === 0 ? shown : [...shown, `… and ${left} more`]))]
}

/** A reused layer is drawn hollow: whoever has the image before it pulls only what is solid. */
function lineOf({digest, sizeBytes}: Layer, {greatest, before, titles}: Beside): string {
  const isReused = before?.has(digest) === true
  const drawn = bar(sizeBytes, greatest)
  const width = Math.max(0, ...[...titles.values()].map(title => title.length))
  const columns = [
    `${digest.slice(0, DIGEST_LENGTH)} ${sizeText(sizeBytes).padStart(9)}`,
    ...(before === undefined ? [] : [isReused ? 'reused' : 'new   ']),
    ...(width === 0 ? [] : [(titles.get(digest) ?? '').padEnd(width)]),
    isReused ? drawn.replaceAll('█', '░') : drawn
  ]
  return columns.join('  ').trimEnd()
}

/** What the image has beside wheels: its base and packages of the distribution below them, the code above. */
function titlesOf(layers: readonly Layer[], runtime: Products['runtime']): ReadonlyMap<string, string> {
  const laid = new Map(runtime?.layers.map(({digest, title}) => [digest, shortened(title)]))
  const places = layers.flatMap(({digest}, at) => (laid.has(digest) ? [at] : []))
  const [lowest = layers.length, highest = layers.length] = [places[0], places.at(-1)]
  const others = layers.flatMap(({digest}, at): readonly (readonly [string, string])[] => {
    if (at < lowest && places.length > 0) return [[digest, 'below the wheels']]
    return at > highest ? [[digest, 'above the wheels']] : []
  })
  return new Map([...others, ...laid])
}

function shortened(title: string): string {
  return title.length <= LONGEST_TITLE ? title : `${title.slice(0, LONGEST_TITLE - 1)}…`
}

function comparisonOf(layers: readonly Layer[], previous: Products['previous']): readonly string[] {
  if (previous === undefined) return []
  const before = new Set(previous.layers.map(({digest}) => digest))
  const fresh = layers.filter(({digest}) => !before.has(digest))
  const change = sumOf(layers) - sumOf(previous.layers)
  const size = change === 0 ? 'the same size' : `${sizeText(Math.abs(change))} ${change > 0 ? 'more' : 'less'}`
  const pull = fresh.length === 0 ? 'nothing' : `${sizeText(sumOf(fresh))} in ${countText(fresh.length, 'layer')}`
  return [prose(`Against \`${previous.reference}\`: ${size}; whoever has that one pulls ${pull}.`)]
}

function sumOf(layers: readonly Layer[]): number {
  return layers.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
}
