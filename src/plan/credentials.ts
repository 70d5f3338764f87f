import {foreseenRemarks} from '../identity/audit.ts'
import {imageText} from '../image/reference.ts'
import type {GitCredential, RegistryCredential, SshPlace} from '../model/credentials.ts'
import type {Facts} from '../model/facts.ts'
import type {PlannedStep} from '../model/plan.ts'
import {type CredentialUse, type PlannedCredential, PURPOSES, type Purpose, type TokenRef} from '../model/token.ts'
import type {Permission, Verdict} from '../model/verdict.ts'
import type {BuilderWork, PreflightWork} from '../model/work-build.ts'
import type {ValidateWork} from '../model/work-release.ts'
import type {GitWork} from '../model/work-sources.ts'
import {permit, trustOf} from './permit.ts'

/** What the work of the steps tells of credentials: who uses which, and for which place. */
export interface UsingWork {
  readonly git?: GitWork
  readonly preflight?: PreflightWork
  readonly builder?: BuilderWork
  readonly validate?: ValidateWork
}

/** Where `token` may be used: at the server of the workflow and at its registry. */
export const GITHUB = 'GitHub'

interface Usage {
  readonly secret: string
  readonly purpose: Purpose
  readonly place: string
}

/** The work of those steps that will run and use credentials. */
export function usingWork(steps: readonly PlannedStep[]): UsingWork {
  const running = steps.filter(({verdict}) => verdict.allowed)
  return Object.fromEntries(running.map(({name, work}) => [name, work]))
}

/**
 * Every credential that was given, with its purposes, in the order of the inputs.
 *
 * One that this run uses for nothing says why: because the event may not have it, or because nothing needs it.
 */
export function credentialsOf(facts: Facts, work: UsingWork): readonly PlannedCredential[] {
  const usages = usagesOf(work)
  const given = givenTokens(facts).map(({permission, ...about}): PlannedCredential => {
    const uses = usesOf(about.token, usages)
    const verdict = permit(facts, permission)
    const planned = {...about, uses}
    if (uses.length > 0) return planned
    return {...planned, unused: verdict.allowed ? 'Nothing in this run needs it.' : verdict.because}
  })
  return [...given, ...appTokens(work, usages)]
}

/** Tokens that do not exist yet: the App mints them when the run begins, for just these places. */
function appTokens({git}: UsingWork, usages: readonly Usage[]): readonly PlannedCredential[] {
  return (git?.app?.tokens ?? []).map(({secret, owner, repositories}) => ({
    token: {secret},
    form: 'app-token',
    reach: repositories.map(({name}) => `${owner}/${name}`),
    uses: usesOf({secret}, usages)
  }))
}

/** Credentials that somebody wrote into the workflow and that this event may not have: told, and not used. */
export function droppedNotices(facts: Facts, credentials: readonly PlannedCredential[]): readonly string[] {
  const refused = givenTokens(facts).filter(
    ({token, permission}) => token.secret !== facts.inputs.token?.secret && isTakenByEvent(facts, permission)
  )
  const dropped = refused.filter(({token}) =>
    credentials.some(planned => planned.token.secret === token.secret && planned.uses.length === 0)
  )
  return [
    ...dropped.map(({token, permission}) => droppedText(token.secret, permit(facts, permission))),
    ...buildSecretNames(facts).map(name => droppedText(name, permit(facts, 'build-secrets')))
  ]
}

function droppedText(name: string, {because}: Verdict): string {
  return `\`${name}\` is not used: this event may not have it. ${because}`
}

/** What steps of the build were to get, where the event takes it from them. */
function buildSecretNames(facts: Facts): readonly string[] {
  if (!isTakenByEvent(facts, 'build-secrets')) return []
  const {secrets, ssh, indexLogin} = facts.inputs
  const login = indexLogin === undefined ? [] : ['index-url']
  return [...secrets.map(({id}) => `secrets ${id}`), ...ssh.map(({id}) => `ssh ${id}`), ...login]
}

/**
 * Whether the credential was meant for this event and is taken from it: told once, loudly, where the code is a stranger's.
 *
 * A team's own pull request uses no login to push either, each time: the table of credentials says so.
 */
function isTakenByEvent(facts: Facts, permission: Permission): boolean {
  const {allowed, code} = permit(facts, permission)
  return !allowed && code !== 'not-asked' && trustOf(facts) === 'none' && permit(facts, 'build').allowed
}

/** What the tokens' prefixes alone let fear. */
export function foreseenWarnings(credentials: readonly PlannedCredential[]): readonly string[] {
  return credentials.flatMap(({token, uses}) => foreseenRemarks(token, uses).map(({text}) => text))
}

interface Given extends Pick<PlannedCredential, 'token' | 'form'> {
  readonly reach: string[]
  readonly permission: 'private-code' | 'push'
}

function givenTokens({inputs}: Facts): readonly Given[] {
  const {token, gitCredentials, sshKeys, githubApp, registryCredentials} = inputs
  const given: Given[] = []
  const add = (place: string, one: Omit<Given, 'reach'>) => {
    const known = given.find(({token: other}) => other.secret === one.token.secret)
    if (known === undefined) given.push({...one, reach: [place]})
    else known.reach.push(place)
  }
  const reading = {permission: 'private-code'} as const
  if (token !== undefined) add(GITHUB, {...reading, token})
  for (const credential of gitCredentials) add(placeOf(credential), {...reading, token: credential.token})
  for (const {key, repositories} of sshKeys)
    for (const place of repositories) add(sshPlaceOf(place), {...reading, token: key, form: 'ssh-key'})
  if (githubApp !== undefined) add('its installations', {...reading, token: githubApp.key, form: 'app-key'})
  for (const credential of registryCredentials) add(placeOf(credential), {permission: 'push', token: credential.token})
  return given
}

function usagesOf({git, preflight, builder, validate}: UsingWork): readonly Usage[] {
  const reading = (git?.credentials ?? []).map(credential => usage(credential.token, 'read-code', placeOf(credential)))
  const pushing = (preflight?.images ?? []).flatMap(({image, credential}) =>
    credential === null ? [] : [usage(credential.token, 'push-image', imageText(image))]
  )
  const caching = (builder?.routes ?? []).flatMap(({image, credential, actions, tags = []}) => {
    if (credential === null) return []
    if (actions === 'pull') return [usage(credential.token, 'read-packages', imageText(image))]
    return tags.length > 0 ? [usage(credential.token, 'write-cache', imageText(image))] : []
  })
  const pulled = validate?.image
  const running =
    pulled === undefined || pulled === null || pulled.credential === null
      ? []
      : [usage(pulled.credential.token, 'read-packages', imageText(pulled.image))]
  const byKey = (git?.keys ?? []).flatMap(({key, repositories}) =>
    repositories.map(place => usage(key, 'read-code', sshPlaceOf(place)))
  )
  return [...reading, ...byKey, ...mintingOf(git), ...pushing, ...caching, ...running]
}

/** An App's key is used for what its tokens are. */
function mintingOf(git: GitWork | undefined): readonly Usage[] {
  const {app} = git ?? {}
  if (app === undefined) return []
  return app.tokens.flatMap(({owner, repositories, permissions}) => {
    const purpose = 'contents' in permissions ? 'read-code' : 'push-image'
    return repositories.map(({name}) => usage(app.key, purpose, `${owner}/${name}`))
  })
}

function sshPlaceOf({hostname, port, path}: SshPlace): string {
  return `${hostname}${port === undefined ? '' : `:${port}`}/${path}`
}

function usage({secret}: TokenRef, purpose: Purpose, place: string): Usage {
  return {secret, purpose, place}
}

function usesOf({secret}: TokenRef, usages: readonly Usage[]): readonly CredentialUse[] {
  const own = usages.filter(found => found.secret === secret)
  return PURPOSES.flatMap(purpose => {
    const places = own.filter(found => found.purpose === purpose).map(({place}) => place)
    return places.length === 0 ? [] : [{purpose, places: [...new Set(places)]}]
  })
}

function placeOf({host, path}: Pick<GitCredential | RegistryCredential, 'host' | 'path'>): string {
  return path === '' ? host : `${host}/${path}`
}
