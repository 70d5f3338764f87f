import type {Layer, Products} from '../model/report.ts'
import {block, escaped, first, prose} from './markdown.ts'
import {bar, countText, sizeText} from './quantity.ts'

const MOST_ROWS = 100
const DIGEST_LENGTH = 19

/** The layers as bars, in the order in which they lie, with what of them was there before. */
export function layerSection({layers, previous}: Products): string {
  if (layers === undefined || layers.length === 0) return ''
  const {shown, left} = first(layers, MOST_ROWS)
  const greatest = Math.max(...layers.map(({sizeBytes}) => sizeBytes))
  const before = previous === undefined ? undefined : new Set(previous.layers.map(({digest}) => digest))
  const lines = shown.map(layer => lineOf(layer, {greatest, before}))
  const head = `#### Layers: ${countText(layers.length, 'layer')}, ${escaped(sizeText(sumOf(layers)))} compressed`
  const picture = block(left === 0 ? lines : [...lines, `… and ${left} more`])
  return [head, ...comparisonOf(layers, previous), picture].join('\n\n')
}

/** A reused layer is drawn hollow: whoever has the image before it pulls only what is solid. */
function lineOf(
  {digest, sizeBytes}: Layer,
  {greatest, before}: {readonly greatest: number; readonly before: ReadonlySet<string> | undefined}
): string {
  const name = `${digest.slice(0, DIGEST_LENGTH)} ${sizeText(sizeBytes).padStart(9)}`
  if (before === undefined) return `${name}  ${bar(sizeBytes, greatest)}`.trimEnd()
  const isReused = before.has(digest)
  const drawn = bar(sizeBytes, greatest)
  return `${name}  ${isReused ? 'reused' : 'new   '}  ${isReused ? drawn.replaceAll('█', '░') : drawn}`.trimEnd()
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
