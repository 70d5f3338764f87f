import type {IncomingMessage} from 'node:http'
import type {DoorRoute} from '../model/work-build.ts'
import {refuse, relay} from './door-answer.ts'
import {purposeOf, sentOn, type Visit} from './door-visit.ts'
import {addressOf} from './registry-address.ts'
import {Refusal} from './registry-token.ts'

const SENT_ON = ['accept', 'range', 'if-none-match', 'if-range']

/** Reads a blob, a manifest or a list of referrers for a builder. `tail` follows the repository's name. */
export async function readFor({house, route, request, response, query}: Visit, tail: string): Promise<void> {
  const method = request.method ?? ''
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 'UNSUPPORTED', 'Here one can only read.')
  const url = addressOf(route.image, tail)
  const artifactType = query.get('artifactType')
  if (artifactType !== null) url.searchParams.set('artifactType', artifactType)
  const {session, traffic, persistence} = house
  const outgoing = {method, url, headers: sentOn(request, SENT_ON)}
  const withLogin = () => session.read(purposeOf(route), outgoing, persistence)
  const without = () => session.read({...purposeOf(route), credential: null}, outgoing, persistence)
  const answer = isOnlyRead(route) ? await readAsAnyone(withLogin, without) : await withLogin()
  const onBytes = (count: number) => {
    traffic.pulledBytes += count
  }
  await relay(answer, response, {stallMs: session.transport.stallMs, onBytes})
}

/** An image that the build is based on; its login was chosen by name, and may not be needed at all. */
function isOnlyRead({actions, credential}: DoorRoute): boolean {
  return actions === 'pull' && credential !== null
}

/** What a login may not read, anyone may read perhaps: a public image of a neighbour. */
async function readAsAnyone(
  withLogin: () => Promise<IncomingMessage>,
  without: () => Promise<IncomingMessage>
): Promise<IncomingMessage> {
  const answer = await withLogin().catch(refusalOf)
  const isRefused = answer instanceof Refusal || answer.statusCode === 401 || answer.statusCode === 403
  if (!isRefused) return answer
  const open = await without().catch(refusalOf)
  const isOpen = !(open instanceof Refusal) && (open.statusCode ?? 500) < 400
  if (isOpen) {
    if (!(answer instanceof Refusal)) answer.resume()
    return open
  }
  // The refusal of the login says more than that of nobody.
  if (!(open instanceof Refusal)) open.resume()
  if (answer instanceof Refusal) throw answer
  return answer
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  throw thrown
}
