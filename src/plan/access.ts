import {packageRegistryOf} from '../image/registries.ts'
import type {GitCredential, RegistryCredential, SshKey} from '../model/credentials.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {ImageAccess} from '../model/work-build.ts'
import {appCredentialsOf, pushTokenOf} from './app.ts'
import {permit, trustOf} from './permit.ts'
import {serverHostOf, TOKEN_USER} from './server.ts'

/**
 * The credentials that reading code may use, none of them where this event may not read private code.
 *
 * `token` is offered to the whole server that the workflow runs on, as the least particular one: `GITHUB_TOKEN` reads no
 * other repository, but a personal token given as `token` may. Any line of `git-credentials` for a longer path wins.
 */
export function gitCredentialsOf(facts: Facts): readonly GitCredential[] {
  if (!permit(facts, 'private-code').allowed) return []
  const {gitCredentials, token} = facts.inputs
  const host = serverHostOf(facts)
  // A line of `git-credentials` for the same path stands first and wins.
  const given = [...gitCredentials, ...appCredentialsOf(facts)]
  if (token === undefined || given.some(one => one.host === host && one.path === '')) return given
  return [...given, {host, path: '', user: TOKEN_USER, token}]
}

/** The ssh keys that reading code may use, none of them where this event may not read private code. */
export function sshKeysOf(facts: Facts): readonly SshKey[] {
  return permit(facts, 'private-code').allowed ? facts.inputs.sshKeys : []
}

/** Places (`host/path`) that only a credential opens which this event does not get. */
export function withheldPlaces(facts: Facts): readonly string[] {
  if (permit(facts, 'private-code').allowed) return []
  const {gitCredentials, sshKeys} = facts.inputs
  const byKey = sshKeys.flatMap(({repositories}) => repositories.map(({hostname, path}) => `${hostname}/${path}`))
  return [...gitCredentials.map(({host, path}) => (path === '' ? host : `${host}/${path}`)), ...byKey]
}

/** An image with the login that writing it uses; without one where this event does not push. */
export function pushAccess(facts: Facts, image: ImageName): ImageAccess {
  return {image, credential: permit(facts, 'push').allowed ? registryCredentialOf(facts, image) : null}
}

/** An image with the login that reading its cache uses; without one where this event does not read it. */
export function cacheAccess(facts: Facts, image: ImageName): ImageAccess {
  return {image, credential: permit(facts, 'cache-read').allowed ? registryCredentialOf(facts, image) : null}
}

/** An image with the login that pulling it for a GPU uses; without one where this event uses none. */
export function gpuAccess(facts: Facts, image: ImageName): ImageAccess {
  return {image, credential: permit(facts, 'gpu').allowed ? registryCredentialOf(facts, image) : null}
}

/**
 * An image that the build reads, with the login that opens it; without one where this event reads no private code.
 *
 * `token` is for the repository's own owner: shown anywhere else, it could turn away where anyone may read.
 */
export function packageAccess(facts: Facts, image: ImageName): ImageAccess {
  // Dependabot may be let to read code; a builder that nobody trusts gets a way into no registry all the same.
  const isTrusted = permit(facts, 'private-code').allowed && trustOf(facts) !== 'none'
  const credential = isTrusted ? registryCredentialOf(facts, image) : null
  const isToken = credential !== null && credential.token.secret === facts.inputs.token?.secret
  const owner = facts.event.repository.owner.toLowerCase()
  return {image, credential: isToken && image.repository.split('/')[0] !== owner ? null : credential}
}

/**
 * The login whose path is the longest that leads the image's repository.
 *
 * Where none does, `token` is used for GitHub's own registry, and for no other host.
 */
function registryCredentialOf(facts: Facts, image: ImageName): RegistryCredential | null {
  const {registryCredentials, token} = facts.inputs
  const fitting = registryCredentials
    .filter(({host, path}) => host === image.registry && leads(path, image.repository))
    .toSorted((one, other) => other.path.length - one.path.length)
  const [longest] = fitting
  if (longest !== undefined) return longest
  const {serverUrl, actor} = facts.event
  const [owner = ''] = image.repository.split('/')
  const minted = image.registry === packageRegistryOf(serverUrl) ? pushTokenOf(facts, owner) : undefined
  if (minted !== undefined) return {host: image.registry, path: owner, user: TOKEN_USER, token: {secret: minted}}
  if (token === undefined || image.registry !== packageRegistryOf(serverUrl)) return null
  // GitHub takes any name beside a token; the actor's fits personal tokens as well.
  return {host: image.registry, path: '', user: actor === '' ? TOKEN_USER : actor, token}
}

/** Whether a path is the repository or one of its leading folders; `acme` leads `acme/app`, but not `acme-labs/app`. */
function leads(path: string, repository: string): boolean {
  return path === '' || repository === path || repository.startsWith(`${path}/`)
}
