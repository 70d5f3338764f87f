import type {Facts} from '../model/facts.ts'

/**
 * zstd's level by what a layer is for.
 *
 * `build`: the fastest makes layers of PyTorch as small as gzip does, in a fifth of the time.
 *
 * `flavor`: packed once in a week and pulled by everyone. gcc and g++ come out a fifth smaller (94 MB, 77 MB), for 3 s
 * more of one core.
 */
const ZSTD_LEVELS = {build: 1, flavor: 7} as const

/** What a layer may be for. */
export type LayerUse = keyof typeof ZSTD_LEVELS

/**
 * How layers are compressed, the same in the image and in its cache: otherwise layers would be made twice.
 *
 * Every engine since 23.0 reads zstd. `gzip` is for older readers.
 */
export function compressionOf({inputs}: Facts, use: LayerUse = 'build'): readonly (readonly [string, string])[] {
  if (inputs.compression === 'gzip') return [['compression', 'gzip']]
  return [
    ['compression', 'zstd'],
    ['compression-level', String(ZSTD_LEVELS[use])]
  ]
}
