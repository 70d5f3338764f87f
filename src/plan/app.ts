import {locateRepository} from '../git/repository.ts'
import {isRefused} from '../git/url.ts'
import type {GitCredential} from '../model/credentials.ts'
import type {Facts} from '../model/facts.ts'
import type {AppToken, AppWork} from '../model/work-sources.ts'
import {permit} from './permit.ts'
import {serverHostOf, TOKEN_USER} from './server.ts'

/** The tokens that the App of `github-app` is to mint; undefined where there is no App, or this event may not use it. */
export function appWorkOf(facts: Facts): AppWork | undefined {
  const {githubApp} = facts.inputs
  if (githubApp === undefined || !permit(facts, 'private-code').allowed) return undefined
  const tokens = tokensOf(facts)
  if (tokens.length === 0) return undefined
  return {id: githubApp.id, key: githubApp.key, apiUrl: facts.event.apiUrl.replace(/\/+$/, ''), tokens}
}

/** What the App's tokens are used for: the repositories that they are narrowed to, one by one. */
export function appCredentialsOf(facts: Facts): readonly GitCredential[] {
  const host = serverHostOf(facts)
  const tokens = (appWorkOf(facts)?.tokens ?? []).filter(({permissions}) => 'contents' in permissions)
  return tokens.flatMap(({secret, owner, repositories}) =>
    repositories.map(({name}) => ({
      host,
      path: `${owner}/${name}`,
      user: TOKEN_USER,
      token: {secret},
      isMinted: true as const
    }))
  )
}

/** The name of the App's token that may push this repository's own image, where there is one for that owner. */
export function pushTokenOf(facts: Facts, owner: string): string | undefined {
  const tokens = appWorkOf(facts)?.tokens ?? []
  return tokens.find(token => token.owner === owner.toLowerCase() && 'packages' in token.permissions)?.secret
}

/** For reading, one token for each owner: an installation belongs to one account. For pushing, one that cannot read code. */
function tokensOf(facts: Facts): readonly AppToken[] {
  const wanted = wantedOf(facts)
  const owners = [...new Set(wanted.map(({owner}) => owner))]
  const directory = `${facts.paths.run}/app-tokens`
  const reading: readonly AppToken[] = owners.map(owner => ({
    secret: `github-app ${owner}`,
    owner,
    repositories: wanted.filter(one => one.owner === owner).map(({name, isListed}) => ({name, isListed})),
    permissions: {contents: 'read'},
    file: `${directory}/${owner}`
  }))
  if (facts.inputs.githubApp?.packages !== 'write' || !permit(facts, 'push').allowed) return reading
  // A package belongs to the repository that pushed it first: ours.
  const {owner, name} = facts.event.repository
  return [
    ...reading,
    {
      secret: `github-app ${owner.toLowerCase()} packages`,
      owner: owner.toLowerCase(),
      repositories: [{name: name.toLowerCase(), isListed: true}],
      permissions: {packages: 'write'},
      file: `${directory}/${owner.toLowerCase()}-packages`
    }
  ]
}

interface Wanted {
  readonly owner: string
  readonly name: string
  readonly isListed: boolean
}

/** Repositories in the order of the input, then of `.gitmodules`; each once, whatever its capitals. */
function wantedOf(facts: Facts): readonly Wanted[] {
  const {githubApp} = facts.inputs
  const listed = (githubApp?.repositories ?? []).map(one => ({...one, isListed: true}))
  const derived = submodulesOf(facts).map(one => ({...one, isListed: false}))
  const all = [...listed, ...derived].map(one => ({
    ...one,
    owner: one.owner.toLowerCase(),
    name: one.name.toLowerCase()
  }))
  return all.filter((one, at) => at === all.findIndex(other => other.owner === one.owner && other.name === one.name))
}

/** Submodules on the workflow's own server that nothing more particular than `token` opens. */
function submodulesOf(facts: Facts): readonly {readonly owner: string; readonly name: string}[] {
  const {inputs, source} = facts
  if (inputs.submodules === 'false') return []
  const credentials = inputs.gitCredentials.filter(({path}) => path !== '')
  const surroundings = {origin: source.originUrl ?? '', credentials, keys: inputs.sshKeys}
  return source.submodules.flatMap(({url}) => {
    const repository = locateRepository(url, surroundings)
    if (isRefused(repository) || repository.ssh !== undefined || repository.credential !== undefined) return []
    const [owner = '', name = '', ...more] = repository.path.split('/')
    return repository.host === serverHostOf(facts) && name !== '' && more.length === 0 ? [{owner, name}] : []
  })
}
