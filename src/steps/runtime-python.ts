import type {ImageAccess} from '../model/work-build.ts'
import {LAYOUT} from '../wheels/layout.ts'
import type {StepContext} from './step.ts'

/** The Python of an image, and that of this machine's own base image where it is another one. */
export interface Pythons {
  readonly image: string
  readonly machine?: string
}

/** What the layer of a foundation says of its Python; undefined where it says nothing. */
export async function pythonsIn(
  {digest, mediaType}: {readonly digest: string; readonly mediaType: string},
  {image, credential}: ImageAccess,
  {host}: StepContext
): Promise<Pythons | undefined> {
  const bytes = await host.registry.readBlob(image, digest, credential)
  const text = host.layers.fileIn({bytes, mediaType}, `${LAYOUT.prefix}/python-version`)
  const [version, machine] = text?.trim().split('\n') ?? []
  if (version === undefined || !/^\d+\.\d+\.\d+/.test(version)) return undefined
  return {image: version, ...(machine === undefined ? {} : {machine})}
}
