import {digestOf} from './digest.ts'
import type {RegistryPort} from './host.ts'
import {copyBlob, hasBlob, readBlob} from './registry-blob.ts'
import {readManifest, writeManifest} from './registry-manifest.ts'
import {probeByUpload, probePush} from './registry-probe.ts'
import {speaking} from './registry-problem.ts'
import {attach, listReferrers} from './registry-referrers.ts'
import {BRIEF, PERSISTENT, type Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import {uploadBytes} from './registry-upload.ts'

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
      speaking(`write the manifest ${reference}`, image, async () => {
        const written = await writeManifest(session, {image, reference, credential}, {manifest, persistence: working})
        return written.digest
      }),
    listReferrers: (image, {subject, artifactType}, credential) =>
      speaking(`tell what is attached to ${subject}`, image, () =>
        listReferrers(session, {place: {image, credential}, subject, artifactType}, working)
      ),
    attach: (image, attachment, credential) =>
      speaking(`attach something to ${attachment.subject.digest}`, image, () =>
        attach(session, {place: {image, credential}, attachment}, working)
      ),
    readBlob: (image, digest, credential) =>
      speaking(`read the blob ${digest}`, image, () =>
        readBlob(session, {place: {image, credential}, digest}, working)
      ),
    hasBlob: (image, digest, credential) =>
      speaking(`look for the blob ${digest}`, image, () =>
        hasBlob(session, {place: {image, credential}, digest}, working)
      ),
    writeBlob: (image, bytes, credential) =>
      speaking('take a blob', image, async () => {
        const place = {image, credential}
        const digest = digestOf(bytes)
        if (!(await hasBlob(session, {place, digest}, working))) {
          await uploadBytes(session, {place, bytes, digest}, working)
        }
        return digest
      }),
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
