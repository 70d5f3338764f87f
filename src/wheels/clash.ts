import type {LayerFiles} from '../model/layers.ts'
import {Problem} from '../model/problem.ts'

/** The problem of one path with two contents; undefined where both are the same. */
export function clash(one: LayerFiles[number], other: LayerFiles[number]): Problem | undefined {
  const [path, crc32, sizeBytes] = one
  if (crc32 === other[1] && sizeBytes === other[2]) return undefined
  return new Problem('wheels-clash', {
    what: `Two wheels bring /${path}, with different contents.`,
    why: 'Which of them would be in the image depends on which was laid last, and one of the two packages would be broken.',
    fix: 'Leave one of the packages out of the requirements, or ask for versions of them that go together.',
    evidence: [`/${path}: ${sizeBytes} and ${other[2]} bytes`]
  })
}

/** Two layers of one image with one path and different contents, if there are any. */
export function clashBetween(layers: readonly LayerFiles[]): Problem | undefined {
  const seen = new Map<string, LayerFiles[number]>()
  for (const file of layers.flat()) {
    const known = seen.get(file[0])
    const problem = known === undefined ? undefined : clash(known, file)
    if (problem !== undefined) return problem
    seen.set(file[0], file)
  }
  return undefined
}
