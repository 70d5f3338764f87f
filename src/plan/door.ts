import {imageText, isSameImage, localNameOf} from '../image/reference.ts'
import type {ImageName} from '../model/inputs.ts'
import type {BuilderWork, DoorRoute} from '../model/work-build.ts'

/** What a builder does with one image: read it, write the candidate or some tags of it. */
export interface Passage extends Omit<DoorRoute, 'local' | 'tags'> {
  readonly tags: readonly string[]
}

/** The name under which the builder knows an image: behind the door, or its own where it cannot reach the door. */
export function nameForBuilder(image: ImageName, reach: BuilderWork['reach']): string {
  return reach === 'door' ? `{door}/${localNameOf(image)}` : imageText(image)
}

/** One route for each image, with all that is done with it. */
export function routesOf(passages: readonly Passage[]): readonly DoorRoute[] {
  const images = passages.filter(({image}, at) => passages.findIndex(other => isSameImage(other.image, image)) === at)
  return images.map(({image}) => {
    const same = passages.filter(passage => isSameImage(passage.image, image))
    const tags = [...new Set(same.flatMap(passage => passage.tags))]
    return {
      local: localNameOf(image),
      image,
      credential: same.find(({credential}) => credential !== null)?.credential ?? null,
      actions: same.some(({actions}) => actions === 'pull,push') ? 'pull,push' : 'pull',
      ...(tags.length === 0 ? {} : {tags})
    }
  })
}
