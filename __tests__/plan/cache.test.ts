import {describe, expect, test} from '@jest/globals'
import {planCache} from '../../src/plan/cache.ts'
import {readVariant} from '../../src/plan/variant.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const STRANGER = {root: 'workspace', place: '/w', holds: 'foreign', because: 'A fork’s commit is checked out.'} as const
const SECRET = {id: 'kernels', from: 'value', value: {secret: 'kernels'}} as const

const PUBLIC = {...makeFacts().event.repository, isPrivate: false}

function cacheOf(said: FactsSaid) {
  const facts = makeFacts(said)
  return planCache(facts, {variant: readVariant(facts).variant, reach: 'door'})
}

const namesRead = (said: FactsSaid) => cacheOf(said).from.map(value => value.replace(/.*:/, ''))

describe('the registry cache', () => {
  test.each([
    {given: 'the default branch', said: {}, then: ['buildcache-main']},
    {given: 'another branch', said: {event: {refName: 'speed'}}, then: ['buildcache-speed', 'buildcache-main']},
    {given: 'a tag', said: {origin: 'own-tag'}, then: ['buildcache-main']},
    {
      given: 'a pull request to a release branch',
      said: {origin: 'own-pull-request', event: {pullRequest: {number: 12, baseRef: 'v2'}}},
      then: ['buildcache-pr-12', 'buildcache-v2', 'buildcache-main']
    },
    {
      given: 'the merge queue',
      said: {origin: 'merge-queue'},
      then: ['buildcache-mq-main', 'buildcache-main']
    },
    {
      given: 'another variant',
      said: {inputs: {cuda: 'cu126'}},
      then: ['buildcache-main-cu126-py312-torch2.8']
    },
    {
      given: 'another platform',
      said: {inputs: {platforms: ['linux/arm64']}},
      then: ['buildcache-main-linux-arm64']
    },
    {
      given: 'a pull request from a fork of a public repository, as anyone may',
      said: {origin: 'fork-pull-request', event: {repository: PUBLIC, pullRequest: {number: 12, baseRef: 'main'}}},
      then: ['buildcache-main']
    },
    {
      given: 'a pull request from a fork of a private repository',
      said: {origin: 'fork-pull-request', event: {pullRequest: {number: 12, baseRef: 'main'}}},
      then: []
    },
    {
      given: 'a pull request from a fork whose payload does not say whether the repository is private',
      said: {origin: 'fork-pull-request', event: {repository: {owner: 'acme', name: 'app', isFork: false}}},
      then: []
    },
    {
      given: 'a dispatch with a stranger’s commit in the workspace',
      said: {origin: 'dispatch', roots: [STRANGER]},
      then: []
    }
  ] as const)('given $given, then it looks into $then', ({said, then}) => {
    expect(namesRead(said)).toEqual(then)
  })

  test('is asked for without a login and past the door, where the event gives no right to it', () => {
    const {from, passages, verdict} = cacheOf({origin: 'pull-request-target', event: {repository: PUBLIC}})
    expect(from).toEqual(['type=registry,ref=ghcr.io/acme/app:buildcache-main'])
    expect(passages).toEqual([])
    expect(verdict).toMatchObject({allowed: false, code: 'privileged-event'})
  })

  test.each([
    {given: 'GitHub’s cache', cache: {backend: 'gha'}},
    {given: 'a directory', cache: {backend: 'local'}},
    {given: 'none', cache: {backend: 'none'}}
  ] as const)('given $given, code without trust looks into nothing', ({cache}) => {
    expect(cacheOf({origin: 'fork-pull-request', event: {repository: PUBLIC}, inputs: {cache}}).from).toEqual([])
  })

  test('is written beside the image, by the door’s own tag', () => {
    const {to, passages, verdict} = cacheOf({})
    expect(verdict.allowed).toBe(true)
    expect(to).toEqual([
      'type=registry,ref={door}/ghcr.io/acme/app:buildcache-main,image-manifest=true,oci-mediatypes=true,mode=min,compression=zstd,compression-level=1'
    ])
    expect(passages).toEqual([expect.objectContaining({actions: 'pull,push', tags: ['buildcache-main']})])
  })

  test.each([
    {given: 'a pull request', said: {origin: 'own-pull-request'}, then: 'unmerged'},
    {given: 'a tag', said: {origin: 'own-tag'}, then: 'nothing-to-do'},
    {given: 'push: never', said: {inputs: {push: 'never'}}, then: 'not-asked'}
  ] as const)('given $given, then it is read and not written: $then', ({said, then}) => {
    const {verdict, from, passages} = cacheOf(said)
    expect(verdict).toEqual(expect.objectContaining({allowed: false, code: then}))
    expect(from.length).toBeGreaterThan(0)
    expect(passages).toEqual([expect.objectContaining({actions: 'pull', tags: []})])
  })

  test('given a repository of its own with a tag, then that one is read and written', () => {
    const {from, to} = cacheOf({inputs: {cache: {backend: 'registry', place: 'ghcr.io/acme/cache:gpu'}}})
    expect(from).toEqual(['type=registry,ref={door}/ghcr.io/acme/cache:gpu'])
    expect(to[0]).toContain('ref={door}/ghcr.io/acme/cache:gpu,')
  })
})

describe('the cache of code that is not merged', () => {
  test.each([
    {given: 'a pull request', origin: 'own-pull-request', optIn: 'pr-push', own: 'pr-12'},
    {given: 'the merge queue', origin: 'merge-queue', optIn: 'merge-queue', own: 'mq-main'}
  ] as const)('given $given that asked for it, it is written under a name of its own', ({origin, optIn, own}) => {
    const {verdict, to, passages} = cacheOf({origin, inputs: {optIn: [optIn]}})
    expect(verdict.allowed).toBe(true)
    expect(to[0]).toContain(`:buildcache-${own},`)
    expect(passages).toEqual([expect.objectContaining({actions: 'pull,push', tags: [`buildcache-${own}`]})])
  })

  test('given a tag that the workflow names, it is read there and written beside it', () => {
    const cache = {backend: 'registry', place: 'ghcr.io/acme/cache:gpu'} as const
    const {from, to, passages} = cacheOf({origin: 'own-pull-request', inputs: {optIn: ['pr-push'], cache}})
    expect(from.map(value => value.replace(/.*:/, ''))).toEqual(['gpu-pr-12', 'gpu'])
    expect(to[0]).toContain('/cache:gpu-pr-12,')
    expect(passages).toEqual([expect.objectContaining({tags: ['gpu-pr-12']})])
  })
})

describe('what is kept', () => {
  const own = {dockerfile: makeDockerfile()}

  test.each([
    {given: 'a Dockerfile of one’s own', said: {source: own}, then: 'max'},
    {given: 'the built-in Dockerfile', said: {}, then: 'min'},
    {given: 'a secret given to the build', said: {source: own, inputs: {secrets: [SECRET]}}, then: 'min'},
    {given: 'a key given to the build', said: {source: own, inputs: {ssh: [{id: 'default', paths: []}]}}, then: 'min'},
    {
      given: 'submodules',
      said: {source: {...own, submodules: [{name: 'k', path: 'k', url: 'https://github.com/acme/k'}]}},
      then: 'min'
    }
  ] as const)('given $given, then it is mode=$then', ({said, then}) => {
    expect(cacheOf(said).to[0]).toContain(`mode=${then},`)
  })
})

describe('GitHub’s cache', () => {
  const inputs = {cache: {backend: 'gha'}} as const
  const repository = PUBLIC

  test('given private code in a public repository, then it is not used at all', () => {
    const {verdict, from, runnerVariables} = cacheOf({inputs: {...inputs, secrets: [SECRET]}, event: {repository}})
    expect(verdict).toEqual(expect.objectContaining({allowed: false, code: 'private-cache'}))
    expect({from, runnerVariables}).toEqual({from: [], runnerVariables: []})
  })

  test('given a public repository without private code, then buildx gets what the service needs', () => {
    const {verdict, from, to, runnerVariables} = cacheOf({inputs, event: {repository}})
    expect(verdict.allowed).toBe(true)
    expect(from).toEqual(['type=gha,scope=buildcache-main'])
    expect(to[0]).toMatch(/^type=gha,scope=buildcache-main,mode=/)
    expect(runnerVariables).toContain('ACTIONS_RUNTIME_TOKEN')
  })
})

describe('what GitHub’s cache service said in advance', () => {
  const gha = {cache: {backend: 'gha'}} as const
  const local = {cache: {backend: 'local'}} as const
  const registry = {cache: {backend: 'registry'}} as const

  test.each([
    {given: 'write', inputs: gha, cacheMode: 'write', reads: true, then: 'allowed'},
    {given: 'read', inputs: gha, cacheMode: 'read', reads: true, then: 'cache-mode'},
    {given: 'write-only', inputs: gha, cacheMode: 'write-only', reads: false, then: 'allowed'},
    {given: 'none', inputs: gha, cacheMode: 'none', reads: false, then: 'cache-mode'},
    {given: 'read, for a folder that it keeps', inputs: local, cacheMode: 'read', reads: true, then: 'cache-mode'},
    {
      given: 'none, for a registry, which is not its own',
      inputs: registry,
      cacheMode: 'none',
      reads: true,
      then: 'allowed'
    },
    {given: 'nothing', inputs: gha, cacheMode: undefined, reads: true, then: 'allowed'}
  ] as const)('given $given, then it is read: $reads, and written: $then', ({inputs, cacheMode, reads, then}) => {
    const {from, verdict} = cacheOf({inputs, event: {cacheMode}})
    expect(from.length > 0).toBe(reads)
    expect(verdict.code).toBe(then)
  })

  test('a mode that lets a run write gives a fork nothing', () => {
    const {from, verdict} = cacheOf({
      origin: 'fork-pull-request',
      inputs: gha,
      event: {repository: PUBLIC, cacheMode: 'write'}
    })
    expect({from, code: verdict.code}).toEqual({from: [], code: 'fork'})
  })

  test('a folder with private code is not given to it in a public repository', () => {
    const {from, verdict} = cacheOf({inputs: {...local, secrets: [SECRET]}, event: {repository: PUBLIC}})
    expect({from, code: verdict.code}).toEqual({from: [], code: 'private-cache'})
  })
})

describe('the local cache', () => {
  test('is saved under a new name by each run', () => {
    const {directory, from, to} = cacheOf({inputs: {cache: {backend: 'local'}}})
    expect(from).toEqual([`type=local,src=${directory?.directory}`])
    expect(to[0]).toContain(`dest=${directory?.directory}`)
    expect(directory?.key).toMatch(/-buildcache-main-7001-1$/)
    expect(directory?.restoreKeys).toEqual([directory?.key.replace('7001-1', '')])
  })

  test('lies at the same path in every run and on every branch, because the service finds it only by that', () => {
    const runs: readonly FactsSaid[] = [
      {paths: {run: '/home/runner/work/_temp/pytorch-cuda-image-7001-1-0a1b2c3d'}},
      {paths: {run: '/home/runner/work/_temp/pytorch-cuda-image-7002-1-4e5f6a7b'}},
      {origin: 'own-pull-request'}
    ]
    const places = runs.map(said => cacheOf({...said, inputs: {cache: {backend: 'local'}}}).directory)
    expect(new Set(places.map(place => place?.directory)).size).toBe(1)
    expect(places.map(place => place?.isOurs)).toEqual([true, true, true])
  })

  test('lies where the user says, below the workspace when the path is relative', () => {
    const {directory} = cacheOf({inputs: {cache: {backend: 'local', place: './layers'}}})
    expect(directory).toMatchObject({directory: '/home/runner/work/app/app/layers', isOurs: false})
  })
})

describe('no cache', () => {
  test('is neither read nor written', () => {
    const {from, to, verdict, passages} = cacheOf({inputs: {cache: {backend: 'none'}}})
    expect({from, to, passages, code: verdict.code}).toEqual({from: [], to: [], passages: [], code: 'not-asked'})
  })
})
