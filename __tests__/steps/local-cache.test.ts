import {describe, expect, test} from '@jest/globals'
import type {CacheEntry, CachePort} from '../../src/host/host.ts'
import type {LocalCache} from '../../src/model/work-build.ts'
import {claimLocalCache, restoreLocalCache, saveLocalCache} from '../../src/steps/local-cache.ts'
import {makeFakeHost} from '../support/fake-host.ts'

const OURS: LocalCache = {
  directory: '/temp/layers',
  isOurs: true,
  archive: '/temp/run/cache-archive',
  key: 'layers-app-main-7-1',
  restoreKeys: ['layers-app-main-']
}
const THEIRS: LocalCache = {...OURS, directory: '/data/layers', isOurs: false}

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+zstd'

/** A directory as BuildKit leaves it: what `index.json` leads to, and what a run before has left. */
function filesOf(directory: string): Record<string, string> {
  const blob = (name: string) => `${directory}/blobs/sha256/${name}`
  const listed = (mediaType: string, name: string) => ({mediaType, digest: `sha256:${name}`})
  return {
    [`${directory}/index.json`]: JSON.stringify({manifests: [listed(INDEX, 'a0')]}),
    [blob('a0')]: JSON.stringify({manifests: [listed(LAYER, 'b1'), listed(MANIFEST, 'c2')]}),
    [blob('b1')]: 'a layer, which is no JSON',
    [blob('c2')]: JSON.stringify({config: listed('application/json', 'd3'), layers: [listed(LAYER, 'e4')]}),
    [blob('d3')]: '{}',
    [blob('e4')]: 'another layer',
    [blob('f5')]: 'a layer of a run before'
  }
}

function serviceWith(hit: string | undefined): CachePort & {readonly asked: readonly CacheEntry[]} {
  const asked: CacheEntry[] = []
  return {
    asked,
    restore: async entry => {
      asked.push(entry)
      return hit
    },
    save: async entry => {
      asked.push(entry)
      return hit !== undefined
    }
  }
}

describe('a layer cache in a directory', () => {
  test('it is private, and remembered for post before anything is put into it', async () => {
    const host = makeFakeHost({cache: serviceWith('layers-app-main-6-1')})
    await restoreLocalCache(OURS, host)
    expect(host.deeds.slice(0, 2)).toEqual([
      `record {"kind":"remove-path","path":"${OURS.directory}"}`,
      `make directory ${OURS.directory}`
    ])
    expect(host.deeds.at(-1)).toContain('layers-app-main-6-1')
  })

  test('it is left alone where the workflow names it', async () => {
    const host = makeFakeHost()
    await claimLocalCache(THEIRS, host)
    expect(host.deeds).toEqual([])
  })

  test('what the cache does not lead to is not saved again', async () => {
    const cache = serviceWith('yes')
    const host = makeFakeHost({cache, files: filesOf(OURS.directory)})
    expect(await saveLocalCache(OURS, host)).toBe(`saved as ${OURS.key}`)
    expect(cache.asked).toEqual([{paths: [OURS.directory], key: OURS.key, archive: OURS.archive}])
    const names = [...host.stored.keys()].map(path => path.split('/').at(-1))
    expect(names).toEqual(['index.json', 'a0', 'b1', 'c2', 'd3', 'e4'])
  })

  test('nothing is taken out of a directory that the workflow names', async () => {
    const host = makeFakeHost({files: filesOf(THEIRS.directory)})
    expect(await saveLocalCache(THEIRS, host)).toBe(`kept in ${THEIRS.directory}`)
    expect(host.stored.size).toBe(Object.keys(filesOf('')).length)
  })

  test('a service that does not take it is no failure', async () => {
    expect(await saveLocalCache(OURS, makeFakeHost())).toBe('not saved')
  })
})
