import {imageText} from '../image/reference.ts'
import {packageRegistryOf} from '../image/registries.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import {imagesOf} from './images.ts'

/**
 * The first image that a run inside a fork's own repository may not write, because its name is not the fork owner's.
 *
 * A fork takes its workflow along, and with it the names of the repository that it came from. In GitHub's registry the
 * name says who owns it; elsewhere a login does, and that the fork's owner must have given.
 */
export function foreignNameOf(facts: Facts, images = imagesOf(facts)): string | undefined {
  const {event, inputs} = facts
  if (!event.repository.isFork) return undefined
  const packages = packageRegistryOf(event.serverUrl)
  const isOwn = ({registry, repository}: ImageName) =>
    registry === packages
      ? repository.startsWith(`${event.repository.owner.toLowerCase()}/`)
      : inputs.registryCredentials.some(({host}) => host === registry)
  const foreign = images.find(image => !isOwn(image))
  return foreign === undefined ? undefined : imageText(foreign)
}
