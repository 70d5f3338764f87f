import {locateRepository} from '../git/repository.ts'
import {isRefused} from '../git/url.ts'
import type {Facts, GitCredential} from '../model/facts.ts'
import type {AppToken, AppWork} from '../model/plan.ts'
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
  return (appWorkOf(facts)?.tokens ?? []).flatMap(({secret, owner, repositories}) =>
    repositories.map(({name}) => ({
      host,
      path: `${owner}/${name}`,
      user: TOKEN_USER,
      token: {secret},
      isMinted: true as const
    }))
  )
}

/** The name of the App's token for an owner, where it may push images. */
export function pushTokenOf(facts: Facts, owner: string): string | undefined {
  const tokens = appWorkOf(facts)?.tokens ?? []
  return tokens.find(token => token.owner === owner.toLowerCase() && token.permissions.packages === 'write')?.secret
}

/** One token for each owner: an installation belongs to one account. */
function tokensOf(facts: Facts): readonly AppToken[] {
  const wanted = wantedOf(facts)
  const owners = [...new Set(wanted.map(({owner}) => owner))]
  return owners.map(owner => ({
    secret: `github-app ${owner}`,
    owner,
    repositories: wanted.filter(one => one.owner === owner).map(({name, isListed}) => ({name, isListed})),
    permissions: {contents: 'read', ...(pushes(facts, owner) ? {packages: 'write' as const} : {})},
    file: `${facts.paths.run}/app-tokens/${owner}`
  }))
}

interface Wanted {
  readonly owner: string
  readonly name: string
  readonly isListed: boolean
}

/** Repositories in the order of the input, then of `.gitmodules`; each once, whatever its capitals. */
function wantedOf(facts: Facts): readonly Wanted[] {
  const {githubApp} = facts.inputs
  const {owner, name} = facts.event.repository
  const listed = (githubApp?.repositories ?? []).map(one => ({...one, isListed: true}))
  // A package belongs to the repository that pushed it first: ours.
  const own = pushes(facts, owner.toLowerCase()) ? [{owner, name, isListed: true}] : []
  const derived = submodulesOf(facts).map(one => ({...one, isListed: false}))
  const all = [...listed, ...own, ...derived].map(one => ({
    ...one,
    owner: one.owner.toLowerCase(),
    name: one.name.toLowerCase()
  }))
  return all.filter((one, at) => at === all.findIndex(other => other.owner === one.owner && other.name === one.name))
}

function pushes({inputs, event}: Facts, owner: string): boolean {
  return inputs.githubApp?.packages === 'write' && event.repository.owner.toLowerCase() === owner
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
