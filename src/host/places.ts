import {layoutFolder} from '../image/layout-folder.ts'
import type {RegistryCredential} from '../model/credentials.ts'
import type {ImageName} from '../model/inputs.ts'
import {problemsOf} from '../model/problem.ts'
import type {Manifest, RegistryPort} from './host.ts'
import {blobIn, hasBlobIn, manifestIn, putBytes, putChecked, putManifest} from './layout-folder.ts'
import {addressOf} from './registry-address.ts'
import {openBlob} from './registry-blob.ts'
import {speaking} from './registry-problem.ts'
import {PERSISTENT} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {NoAnswer} from './registry-transport.ts'

/** How often a blob is fetched anew when its stream broke. */
const FETCH_TRIES = 4

/** The registry port, with folders of this machine (`layoutAt`) beside the repositories of registries. */
export function withFolders(registry: RegistryPort, session: Session): RegistryPort {
  return {
    ...registry,
    readManifest: (image, reference, credential) =>
      placeOf(image, {
        folder: folder => manifestIn(folder, reference),
        repository: () => registry.readManifest(image, reference, credential)
      }),
    writeManifest: (image, reference, manifest: Manifest, credential) =>
      placeOf(image, {
        folder: folder => putManifest(folder, manifest),
        repository: () => registry.writeManifest(image, reference, manifest, credential)
      }),
    readBlob: (image, digest, credential) =>
      placeOf<Promise<Uint8Array>>(image, {
        folder: folder => blobIn(folder, digest),
        repository: () => registry.readBlob(image, digest, credential)
      }),
    hasBlob: (image, digest, credential) =>
      placeOf(image, {
        folder: async folder => hasBlobIn(folder, digest),
        repository: () => registry.hasBlob(image, digest, credential)
      }),
    writeBlob: (image, bytes, credential) =>
      placeOf(image, {
        folder: folder => putBytes(folder, bytes),
        repository: () => registry.writeBlob(image, bytes, credential)
      }),
    copyBlob: (from, to, digest, credentials) =>
      placeOf<ReturnType<RegistryPort['copyBlob']>>(to, {
        folder: async folder => {
          if (hasBlobIn(folder, digest)) return 'there'
          await fetchBlob(session, {from, credential: credentials.from, digest, folder})
          return 'copied'
        },
        repository: () => registry.copyBlob(from, to, digest, credentials)
      })
  }
}

function placeOf<T>(image: ImageName, ways: {folder: (folder: string) => T; repository: () => T}): T {
  const folder = layoutFolder(image)
  return folder === undefined ? ways.repository() : ways.folder(folder)
}

async function fetchBlob(
  session: Session,
  {
    from,
    credential,
    digest,
    folder
  }: {from: ImageName; credential: RegistryCredential | null; digest: string; folder: string}
): Promise<void> {
  await speaking(`read the blob ${digest}`, from, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const body = await openBlob(session, {place: {image: from, credential}, digest}, PERSISTENT)
      try {
        return await putChecked(folder, body, digest)
      } catch (thrown) {
        if (problemsOf(thrown).length > 0) throw thrown
        if (attempt === FETCH_TRIES) throw new NoAnswer(addressOf(from, `blobs/${digest}`), thrown)
      }
    }
  })
}
