import type {IncomingMessage, ServerResponse} from 'node:http'
import type {DoorRoute} from '../model/work-build.ts'
import {PERSISTENT, type Persistence} from './registry-retry.ts'
import type {Session} from './registry-session.ts'
import type {Purpose} from './registry-token.ts'

/** What every visit at the door shares. */
export interface House {
  readonly session: Session
  readonly routes: ReadonlyMap<string, DoorRoute>
  readonly traffic: {pushedBytes: number; pulledBytes: number; stalls: number}
  readonly persistence: Persistence
  /** By route: the digest that was put last under the candidate's name. */
  readonly candidates: Map<string, string>
}

/** One request of a builder for a name that the door knows. */
export interface Visit {
  readonly house: House
  readonly route: DoorRoute
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

/** How the door tries on behalf of a builder, which is waiting meanwhile. */
export const DOOR_PERSISTENCE: Persistence = PERSISTENT

/** The one thing that a route's token is for. */
export function purposeOf({image, credential, actions}: DoorRoute): Purpose {
  return {image, credential, actions}
}

/** Headers of a builder's request that a registry gets to see, of those named. */
export function sentOn({headers}: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
  )
}
