import {foreseenRemarks} from '../identity/audit.ts'
import {isGitHubToken} from '../identity/token-kinds.ts'
import {imageText} from '../image/reference.ts'
import type {Facts, GitCredential, RegistryCredential, SshPlace} from '../model/facts.ts'
import type {BuilderWork, GitWork, PlannedStep, PreflightWork, ValidateWork} from '../model/plan.ts'
import {type CredentialUse, type PlannedCredential, PURPOSES, type Purpose, type TokenRef} from '../model/token.ts'
import {permit, trustOf} from './permit.ts'

/** What the work of the steps tells of credentials: who uses which, and for which place. */
export interface UsingWork {
  readonly git?: GitWork
  readonly preflight?: PreflightWork
  readonly builder?: BuilderWork
  readonly validate?: ValidateWork
}

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
  const given = givenTokens(facts).map(({token, reach, permission}): PlannedCredential => {
    const uses = usesOf(token, usages)
    const verdict = permit(facts, permission)
    if (uses.length > 0) return {token, reach, uses}
    return {token, reach, uses, unused: verdict.allowed ? 'Nothing in this run needs it.' : verdict.because}
  })
  return [...given, ...appTokens(work, usages), ...sshKeys(facts)]
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

/** Keys open the repositories that their lines name, and nothing else. */
function sshKeys(facts: Facts): readonly PlannedCredential[] {
  const verdict = permit(facts, 'private-code')
  return facts.inputs.sshKeys.map(({key, repositories}) => {
    const reach = repositories.map(({hostname, path}) => (path === '' ? hostname : `${hostname}/${path}`))
    if (!verdict.allowed) return {token: key, form: 'ssh-key', reach, uses: [], unused: verdict.because}
    return {token: key, form: 'ssh-key', reach, uses: [{purpose: 'read-code', places: reach}]}
  })
}

/** Credentials that somebody wrote into the workflow and that this event may not have: told, and not used. */
export function droppedNotices(facts: Facts, credentials: readonly PlannedCredential[]): readonly string[] {
  const refused = givenTokens(facts).filter(
    ({token, permission}) => token.secret !== facts.inputs.token?.secret && isTakenByEvent(facts, permission)
  )
  const dropped = refused.filter(({token}) =>
    credentials.some(planned => planned.token.secret === token.secret && planned.uses.length === 0)
  )
  return dropped.map(
    ({token, permission}) =>
      `\`${token.secret}\` is not used: this event may not have it. ${permit(facts, permission).because}`
  )
}

/**
 * Whether the credential was meant for this event and is taken from it: told once, loudly, where the code is a stranger's.
 *
 * A team's own pull request uses no login to push either, each time: the table of credentials says so.
 */
function isTakenByEvent(facts: Facts, permission: 'private-code' | 'push'): boolean {
  const {allowed, code} = permit(facts, permission)
  return !allowed && code !== 'not-asked' && trustOf(facts) === 'none' && permit(facts, 'build').allowed
}

/** GitHub's own tokens among those that are used: the ones that GitHub can tell something about. */
export function tokensToAsk(credentials: readonly PlannedCredential[]): PreflightWork['tokens'] {
  return credentials
    .filter(({token, uses}) => uses.length > 0 && isGitHubToken(token.kind))
    .map(({token, uses}) => ({token, uses}))
}

/** What the tokens' prefixes alone let fear. */
export function foreseenWarnings(credentials: readonly PlannedCredential[]): readonly string[] {
  return credentials.flatMap(({token, uses}) => foreseenRemarks(token, uses).map(({text}) => text))
}

function givenTokens({inputs}: Facts) {
  const {token, gitCredentials, sshKeys, githubApp, registryCredentials} = inputs
  const given: {token: TokenRef; reach: string[]; permission: 'private-code' | 'push'}[] = []
  const add = (ref: TokenRef, place: string, permission: 'private-code' | 'push') => {
    const known = given.find(({token: other}) => other.secret === ref.secret)
    if (known === undefined) given.push({token: ref, reach: [place], permission})
    else known.reach.push(place)
  }
  if (token !== undefined) add(token, 'GitHub', 'private-code')
  for (const credential of gitCredentials) add(credential.token, placeOf(credential), 'private-code')
  for (const {key, repositories} of sshKeys)
    for (const place of repositories) add(key, sshPlaceOf(place), 'private-code')
  if (githubApp !== undefined) add(githubApp.key, 'its installations', 'private-code')
  for (const credential of registryCredentials) add(credential.token, placeOf(credential), 'push')
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
