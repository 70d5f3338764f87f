import type {LayerWheel} from '../../src/model/layers.ts'
import type {LockedFile} from '../../src/model/lock.ts'
import {normalizedName} from '../../src/wheels/lock.ts'
import {parseWheelName} from '../../src/wheels/wheel-name.ts'

/** Finds wheels in package indexes by name and hash. */
export interface Shelf {
  /** Undefined where no index has that very file. */
  find(wheel: LayerWheel): Promise<LockedFile | undefined>
}

interface IndexFile {
  readonly filename: string
  readonly url: string
  readonly size?: number
  readonly hashes: Readonly<Record<string, string>>
}

/** Looks into indexes that answer in JSON (PEP 691), the first one first; each project is asked for once. */
export function openShelf(indexes: readonly string[]): Shelf {
  const pages = new Map<string, Promise<readonly IndexFile[]>>()
  const filesOf = (index: string, project: string) => {
    const address = `${index.replace(/\/$/, '')}/${project}/`
    const page = pages.get(address) ?? readPage(address)
    pages.set(address, page)
    return page
  }
  return {
    async find({name, sha256}) {
      const project = normalizedName(parseWheelName(name)?.distribution ?? '')
      if (project === '') return undefined
      for (const index of indexes) {
        const files = await filesOf(index, project)
        const file = files.find(({filename, hashes}) => filename === name && hashes.sha256 === sha256)
        if (file === undefined) continue
        return {url: file.url, name, sha256, ...(file.size === undefined ? {} : {sizeBytes: file.size})}
      }
      return undefined
    }
  }
}

async function readPage(address: string): Promise<readonly IndexFile[]> {
  const answer = await fetch(address, {headers: {accept: 'application/vnd.pypi.simple.v1+json'}})
  if (answer.status === 404) return []
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`)
  const {files = []} = (await answer.json()) as {files?: readonly IndexFile[]}
  return files.map(file => ({...file, url: new URL(file.url, address).href}))
}
