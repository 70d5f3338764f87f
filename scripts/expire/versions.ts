import type {ImageName} from '../../src/model/inputs.ts'
import type {Version} from './reach.ts'

/** GitHub's list of the versions of a package: the registry itself lists nothing that has no tag. */
export interface Package {
  list(): Promise<readonly Version[]>
  /** Deletes a version, unless it has got a tag meanwhile; whether it went. */
  remove(version: Version): Promise<boolean>
}

interface VersionJson {
  readonly id: number
  readonly name: string
  readonly updated_at: string
  readonly metadata?: {readonly container?: {readonly tags?: readonly string[]}}
}

const PAGE = 100
const ANSWER_MS = 30_000

/** The package of an image on GitHub. Its methods throw with GitHub's own words where the token may not. */
export async function openPackage(
  {repository}: ImageName,
  {api, token}: {api: string; token: string}
): Promise<Package> {
  const [owner = '', ...rest] = repository.split('/')
  const name = encodeURIComponent(rest.join('/'))
  const ask = async (path: string, method = 'GET') => {
    const headers = {authorization: `Bearer ${token}`, accept: 'application/vnd.github+json'}
    return fetch(`${api}/${path}`, {method, headers, signal: AbortSignal.timeout(ANSWER_MS)})
  }
  const isOrganisation = (await ask(`orgs/${owner}/packages/container/${name}`)).ok
  const place = `${isOrganisation ? 'orgs' : 'users'}/${owner}/packages/container/${name}/versions`
  const told = async (response: Response) => {
    if (response.ok) return response
    throw new Error(`GitHub answers ${response.status} to ${place}: ${(await response.text()).slice(0, 300)}`)
  }
  return {
    list: async () => {
      const versions: Version[] = []
      for (let page = 1; ; page += 1) {
        const response = await told(await ask(`${place}?per_page=${PAGE}&page=${page}`))
        const rows = (await response.json()) as readonly VersionJson[]
        versions.push(...rows.map(versionOf))
        if (rows.length < PAGE) return versions
      }
    },
    remove: async ({id}) => {
      const now = versionOf((await (await told(await ask(`${place}/${id}`))).json()) as VersionJson)
      if (now.tags.length > 0) return false
      await told(await ask(`${place}/${id}`, 'DELETE'))
      return true
    }
  }
}

function versionOf({id, name, updated_at, metadata}: VersionJson): Version {
  return {id, digest: name, tags: metadata?.container?.tags ?? [], changedAt: new Date(updated_at)}
}
