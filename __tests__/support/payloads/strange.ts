import {makeEvent} from '../../../scripts/runner/events.ts'

/** Contents of an event file that no reader can use. */
export const UNREADABLE_EVENT_FILES = [
  {given: 'an empty file', text: ''},
  {given: 'JSON that breaks off', text: '{"repository": {"id": 1'},
  {given: 'a list', text: '[]'},
  {given: 'null', text: 'null'},
  {given: 'a string', text: '"push"'},
  {given: 'an error page', text: '<!doctype html><title>502</title>'},
  {given: 'bytes that are no text', text: '\u0000\u0001\ufffd'}
] as const

/**
 * Pull requests whose payload does not prove that the code is the repository's own.
 *
 * Each is JSON as it would stand in the file. Whatever else a reader makes of them, it must not trust them.
 */
export const UNPROVEN_PULL_REQUESTS = [
  {given: 'there is no pull request in it', payload: without('pull_request')},
  {given: 'the head is missing', payload: changed({head: undefined})},
  {given: 'the head repository is null', payload: changed({head: {ref: 'x', sha: 'y', repo: null}})},
  {given: 'the head repository has no id', payload: changed({head: {repo: {full_name: 'acme/vision'}}})},
  {given: 'neither repository has an id', payload: {...changed({head: {repo: {}}}), repository: {}}},
  {given: 'both ids are null', payload: {...changed({head: {repo: {id: null}}}), repository: {id: null}}},
  {given: 'there is no repository', payload: {...without('repository'), pull_request: {head: {repo: {}}}}},
  {
    given: 'the id is another and the name the same',
    payload: changed({head: {repo: {id: 1, full_name: 'acme/vision'}}})
  },
  {given: 'the pull request is a string', payload: {...without('pull_request'), pull_request: 'acme/vision'}}
] as const

type Payload = Readonly<Record<string, unknown>>

function own(): Payload {
  return makeEvent('pull-request').payload as Payload
}

function without(name: string): Payload {
  return Object.fromEntries(Object.entries(own()).filter(([key]) => key !== name))
}

function changed(parts: Payload): Payload {
  const pull = {...(own().pull_request as Payload), ...parts}
  return JSON.parse(JSON.stringify({...own(), pull_request: pull})) as Payload
}
