import type {Facts} from '../model/facts.ts'

/**
 * How layers are compressed, the same in the image and in its cache: otherwise layers would be made twice.
 *
 * zstd at its fastest level makes layers of PyTorch as small as gzip does, in a fifth of the time, and every engine
 * since 23.0 reads it. `gzip` is for older readers.
 */
export function compressionOf({inputs}: Facts): readonly (readonly [string, string])[] {
  if (inputs.compression === 'gzip') return [['compression', 'gzip']]
  return [
    ['compression', 'zstd'],
    ['compression-level', '1']
  ]
}
