import {algorithmOf, digestOf, isDigest} from './digest.ts'
import {refuse, relay} from './door-answer.ts'
import {readFor} from './door-read.ts'
import {purposeOf, type Visit} from './door-visit.ts'
import {collect} from './flow.ts'
import {addressOf} from './registry-address.ts'
import {MANIFEST_LIMIT_BYTES} from './registry-manifest.ts'

/** The tag under which builders push what must not have one. */
export const CANDIDATE_TAG = 'candidate'

/**
 * Serves manifests. A candidate is found under its name only after this run has put one: older buildx asks what it
 * pushed, and a builder that found an earlier one would take it for the same push.
 */
export async function serveManifest(visit: Visit, reference: string): Promise<void> {
  if (visit.request.method === 'PUT') return putManifest(visit, reference)
  if (reference === CANDIDATE_TAG && visit.route.actions === 'pull,push') {
    const digest = visit.house.candidates.get(visit.route.local)
    if (digest === undefined) return refuse(visit.response, 'MANIFEST_UNKNOWN', 'The candidate has no tag.')
    return readFor(visit, `manifests/${digest}`)
  }
  return readFor(visit, `manifests/${reference}`)
}

/**
 * Puts a manifest under its digest, whatever tag the builder gave it, unless the plan lets this route write the tag.
 *
 * So a candidate never gets a tag that somebody could pull, also from builders that cannot push by digest.
 */
async function putManifest({house, route, request, response}: Visit, reference: string): Promise<void> {
  const {session, traffic, persistence, candidates} = house
  const bytes = await collect(request, {limitBytes: MANIFEST_LIMIT_BYTES})
  if (bytes === undefined) {
    request.resume()
    return refuse(response, 'SIZE_INVALID', 'A manifest may have 8 MiB.')
  }
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256')
  if (isDigest(reference) && reference !== digest) {
    return refuse(response, 'DIGEST_INVALID', `These bytes are ${digest}.`)
  }
  const target = route.tags?.includes(reference) === true ? reference : digest
  const answer = await session.send(
    purposeOf(route),
    {
      method: 'PUT',
      url: addressOf(route.image, `manifests/${target}`),
      headers: {
        'content-type': request.headers['content-type'] ?? 'application/vnd.oci.image.manifest.v1+json',
        'content-length': String(bytes.length)
      },
      body: bytes
    },
    persistence
  )
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) {
    return relay(answer, response, {stallMs: session.transport.stallMs, onBytes: () => {}})
  }
  answer.resume()
  if (reference === CANDIDATE_TAG) candidates.set(route.local, digest)
  traffic.pushedBytes += bytes.length
  const subject = answer.headers['oci-subject']
  response.writeHead(201, {
    location: `/v2/${route.local}/manifests/${digest}`,
    'docker-content-digest': digest,
    'content-length': '0',
    ...(typeof subject === 'string' ? {'oci-subject': subject} : {})
  })
  response.end()
}
