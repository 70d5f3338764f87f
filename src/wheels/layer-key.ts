import {createHash} from 'node:crypto'
import type {Packing} from '../model/layers.ts'
import type {LayerGroup} from './grouping.ts'
import {LAYOUT} from './layout.ts'

/**
 * What a layer is known by before it is made: the hashes of its wheels, where and how they are laid, and how it is packed.
 *
 * Two layers with one key have the same bytes.
 */
export function layerKey({wheels}: Pick<LayerGroup, 'wheels'>, {format, level, library}: Packing): string {
  const said = {
    layout: LAYOUT.version,
    prefix: LAYOUT.prefix,
    packing: [format, level, library],
    wheels: wheels.map(({file}) => file.sha256)
  }
  return createHash('sha256').update(JSON.stringify(said)).digest('hex')
}
