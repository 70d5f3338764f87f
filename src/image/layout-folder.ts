import type {ImageName} from '../model/inputs.ts'

/** The registry's part of an address that is a folder of this machine. With a path behind it buildx reads it as one. */
const SCHEME = 'oci-layout:/'

/**
 * A folder in the form of OCI's image layout, as the place of an image: `oci-layout:///path`.
 *
 * It stands where a repository stands in builds that push nothing.
 */
export function layoutAt(folder: string): ImageName {
  return {registry: SCHEME, repository: folder}
}

/** The folder of a place that is one; undefined where it is a repository of a registry. */
export function layoutFolder({registry, repository}: ImageName): string | undefined {
  return registry === SCHEME ? repository : undefined
}
