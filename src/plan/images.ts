import {isSameImage} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'

/** The images to push: those of `image`, and those that a full reference in `tags` names. */
export function imagesOf(facts: Facts): readonly ImageName[] {
  const named = facts.inputs.tags.flatMap(({image}) => (image === undefined ? [] : [image]))
  return [...facts.inputs.images, ...named].filter(
    (image, at, all) => all.findIndex(other => isSameImage(other, image)) === at
  )
}
