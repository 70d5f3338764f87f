import {refuse, relay} from './door-answer.ts'
import {purposeOf, sentOn, type Visit} from './door-visit.ts'
import {addressOf} from './registry-address.ts'

const SENT_ON = ['accept', 'range', 'if-none-match', 'if-range']

/** Reads a blob, a manifest or a list of referrers for a builder. `tail` follows the repository's name. */
export async function readFor({house, route, request, response, query}: Visit, tail: string): Promise<void> {
  const method = request.method ?? ''
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 'UNSUPPORTED', 'Here one can only read.')
  const url = addressOf(route.image, tail)
  const artifactType = query.get('artifactType')
  if (artifactType !== null) url.searchParams.set('artifactType', artifactType)
  const {session, traffic, persistence} = house
  const answer = await session.read(purposeOf(route), {method, url, headers: sentOn(request, SENT_ON)}, persistence)
  const onBytes = (count: number) => {
    traffic.pulledBytes += count
  }
  await relay(answer, response, {stallMs: session.transport.stallMs, onBytes})
}
