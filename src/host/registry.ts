import type {RegistryPort} from './host.ts'
import {copyBlob, readBlob} from './registry-blob.ts'
import {readManifest, writeManifest} from './registry-manifest.ts'
import {probeByUpload, probePush} from './registry-probe.ts'
import {speaking} from './registry-problem.ts'
import {BRIEF, PERSISTENT, type Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'

/** The registry port over the OCI distribution protocol. */
export function registryClient(
  session: Session,
  {asking = BRIEF, working = PERSISTENT}: {asking?: Persistence; working?: Persistence} = {}
): RegistryPort {
  return {
    probePush: (image, credential) => probePush(session, {image, credential}, asking),
    probeByUpload: (image, credential) => probeByUpload(session, {image, credential}, asking),
    readManifest: (image, reference, credential) =>
      speaking(`read the manifest ${reference}`, image, () =>
        readManifest(session, {image, reference, credential}, working)
      ),
    writeManifest: (image, reference, manifest, credential) =>
      speaking(`write the manifest ${reference}`, image, () =>
        writeManifest(session, {image, reference, credential}, {manifest, persistence: working})
      ),
    readBlob: (image, digest, credential) =>
      speaking(`read the blob ${digest}`, image, () =>
        readBlob(session, {place: {image, credential}, digest}, working)
      ),
    copyBlob: (from, to, digest, credentials) =>
      speaking(`take the blob ${digest}`, to, () =>
        copyBlob(
          session,
          {
            from: {image: from, credential: credentials.from},
            to: {image: to, credential: credentials.to},
            digest
          },
          working
        )
      )
  }
}
