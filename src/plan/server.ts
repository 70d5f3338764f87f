import type {Facts} from '../model/facts.ts'

/** Goes as user name beside any GitHub token. */
export const TOKEN_USER = 'x-access-token'

/** The host of the server that the workflow runs on, as credentials name it. */
export function serverHostOf(facts: Facts): string {
  const {serverUrl} = facts.event
  // Without `new URL`, so that the spelling stays as it is used in credentials: host and port, lower case.
  return serverUrl
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
}
