import {beforeEach, describe, expect, test} from '@jest/globals'
import type {GitHubPort, Host} from '../../src/host/host.ts'
import type {ImageName} from '../../src/model/inputs.ts'
import {LABELS} from '../../src/model/labels.ts'
import type {PromoteWork, Tag} from '../../src/model/work-release.ts'
import {promote} from '../../src/steps/promote.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {type MemoryRegistry, makeMemoryRegistry} from '../support/memory-registry.ts'

const APP: ImageName = {registry: 'ghcr.io', repository: 'acme/app'}
const MIRROR: ImageName = {registry: 'registry.acme.dev', repository: 'mirror/app'}
const WORKFLOW = '.github/workflows/image.yml'
const VERSION: Tag = {tag: '1.2.3-cu128', class: 'immutable'}
const MAIN: Tag = {tag: 'main', class: 'moving'}

type Relation = Awaited<ReturnType<GitHubPort['compareCommits']>>

let registry: MemoryRegistry
let notices: string[]

beforeEach(() => {
  registry = makeMemoryRegistry()
  notices = []
})

function work(changes: Partial<PromoteWork> = {}): PromoteWork {
  return {
    images: [{image: APP, credential: null}],
    tags: [VERSION, MAIN],
    revision: 'ours',
    runNumber: 7,
    reports: [],
    runId: '7001',
    workflow: WORKFLOW,
    ...changes
  }
}

function promoteWith(planned: PromoteWork, {digest, relation}: {digest: string; relation: Relation}) {
  const github: GitHubPort = {
    compareCommits: async () => relation,
    ask: async () => ({status: 0, message: '', json: undefined})
  }
  const context: Partial<StepContext> = {
    host: {registry, github} as unknown as Host,
    products: {digest},
    notice: text => notices.push(text)
  }
  return promote(planned, context as StepContext)
}

describe('promote with GPU reports', () => {
  const reportOf = (digest: string, result: 'pass' | 'fail') => ({
    schema_version: 1,
    run: {id: '7001'},
    started_at: '2026-11-20T09:00:00Z',
    image: {digest},
    result,
    devices: [{name: 'NVIDIA A100'}],
    tiers: [{id: 'T3', status: result}],
    diagnosis: result === 'pass' ? [] : [{check: 't3.available', code: 'NO_GPU', cause: 'torch sees no GPU.'}]
  })

  function promoteReported(digest: string, files: Readonly<Record<string, string>>, paths: readonly string[]) {
    const context = {
      host: makeFakeHost({registry, files}),
      products: {},
      notice: (text: string) => notices.push(text)
    }
    const reports = paths.map(path => ({path}))
    return promote(work({digest, reports, tags: [MAIN]}), context as unknown as StepContext)
  }

  test('with every report about this digest and passed, the tags are put onto it', async () => {
    const {digest} = registry.put(APP, {})
    const files = {
      '/a.json': JSON.stringify(reportOf(digest, 'pass')),
      '/b.json': JSON.stringify(reportOf(digest, 'pass'))
    }
    const {products} = await promoteReported(digest, files, ['/a.json', '/b.json'])
    expect(products).toMatchObject({digest, tags: ['ghcr.io/acme/app:main']})
  })

  test.each([
    {given: 'one of two GPU kinds that failed', second: 'fail', code: 'gpu-report-failed'},
    {given: 'one of two that is not there', second: undefined, code: 'gpu-report-unreadable'},
    {given: 'one that is about another image', second: 'other', code: 'gpu-report-mismatch'}
  ])('given $given, then $code, and no tag is written', async ({second, code}) => {
    const {digest} = registry.put(APP, {})
    const other = reportOf(`sha256:${'cd'.repeat(32)}`, 'pass')
    const report = second === 'other' ? other : reportOf(digest, 'fail')
    const files = {
      '/a.json': JSON.stringify(reportOf(digest, 'pass')),
      ...(second === undefined ? {} : {'/b.json': JSON.stringify(report)})
    }
    const refused = promoteReported(digest, files, ['/a.json', '/b.json'])
    await expect(refused).rejects.toMatchObject({problems: [{code}]})
    expect(registry.writes).toEqual([])
  })
})

describe('promote', () => {
  test('immutable tags are written before moving ones, over all images', async () => {
    const {digest} = registry.put(APP, {})
    const images = [APP, MIRROR].map(image => ({image, credential: null}))
    const {products} = await promoteWith(work({images}), {digest, relation: 'unknown'})
    expect(registry.writes).toEqual([
      'mirror/app blob',
      'mirror/app blob',
      `mirror/app:${digest}`,
      'acme/app:1.2.3-cu128',
      'mirror/app:1.2.3-cu128',
      'acme/app:main',
      'mirror/app:main'
    ])
    expect(products?.tags).toHaveLength(4)
    expect(registry.standing(MIRROR, 'main')).toBe(digest)
  })

  test('an immutable tag that stands on another digest is an error, and no tag after it is written', async () => {
    registry.put(APP, {built: 'yesterday'}, VERSION.tag)
    const {digest} = registry.put(APP, {built: 'today'})
    await expect(promoteWith(work(), {digest, relation: 'unknown'})).rejects.toMatchObject({code: 'tag-immutable'})
    expect(registry.writes).toEqual([])
  })

  test('an immutable tag that an earlier run of this commit wrote is kept, so that a re-run is green', async () => {
    const before = registry.put(APP, {[LABELS.revision]: 'ours', at: 'first run'}, VERSION.tag)
    const {digest} = registry.put(APP, {[LABELS.revision]: 'ours', at: 'second run'})
    const {products} = await promoteWith(work({tags: [VERSION]}), {digest, relation: 'unknown'})
    expect(registry.standing(APP, VERSION.tag)).toBe(before.digest)
    expect(products?.keptTags).toEqual(['ghcr.io/acme/app:1.2.3-cu128'])
  })

  test('a tag that already stands on the digest is left alone and told as ours', async () => {
    const {digest} = registry.put(APP, {}, VERSION.tag)
    const {products} = await promoteWith(work({tags: [VERSION]}), {digest, relation: 'unknown'})
    expect(registry.writes).toEqual([])
    expect(products?.tags).toEqual(['ghcr.io/acme/app:1.2.3-cu128'])
  })

  test('a tag for one image is written for that image alone', async () => {
    const {digest} = registry.put(APP, {})
    const images = [APP, MIRROR].map(image => ({image, credential: null}))
    const tags = [{...VERSION, image: MIRROR}]
    const {products} = await promoteWith(work({images, tags}), {digest, relation: 'unknown'})
    expect(products?.tags).toEqual(['registry.acme.dev/mirror/app:1.2.3-cu128'])
  })

  test('a candidate that vanished is an error', async () => {
    const gone = promoteWith(work(), {digest: 'sha256:00', relation: 'unknown'})
    await expect(gone).rejects.toMatchObject({code: 'digest-mismatch'})
  })

  test.each<{given: string; standing: Record<string, string>; relation: Relation; moves: boolean}>([
    {given: 'our commit is older', standing: {revision: 'theirs'}, relation: 'behind', moves: false},
    {given: 'our commit is newer', standing: {revision: 'theirs'}, relation: 'ahead', moves: true},
    {
      given: 'our commit is newer although our run is older (a revert that was released first)',
      standing: {revision: 'theirs', runNumber: '9', workflow: WORKFLOW},
      relation: 'ahead',
      moves: true
    },
    {
      given: 'history cannot tell and a later run of this workflow made it',
      standing: {revision: 'theirs', runNumber: '8', workflow: WORKFLOW},
      relation: 'unknown',
      moves: false
    },
    {
      given: 'the branch was rewritten and an earlier run made it',
      standing: {revision: 'theirs', runNumber: '6', workflow: WORKFLOW},
      relation: 'diverged',
      moves: true
    },
    {
      given: 'a later run of the same commit made it',
      standing: {revision: 'ours', runNumber: '8', workflow: WORKFLOW},
      relation: 'identical',
      moves: false
    },
    {
      given: 'another workflow with a higher number made it and history cannot tell',
      standing: {revision: 'theirs', runNumber: '99', workflow: 'other.yml'},
      relation: 'unknown',
      moves: true
    },
    {given: 'it says nothing of itself', standing: {}, relation: 'unknown', moves: true}
  ])('a moving tag on an image where $given: moves = $moves', async ({standing, relation, moves}) => {
    const labels = Object.fromEntries(
      Object.entries(standing).map(([name, value]) => [LABELS[name as keyof typeof LABELS], value])
    )
    const before = registry.put(APP, {...labels, at: 'before'}, 'main')
    const {digest} = registry.put(APP, {at: 'now'})
    const {products} = await promoteWith(work({tags: [MAIN]}), {digest, relation})
    expect(registry.standing(APP, 'main')).toBe(moves ? digest : before.digest)
    expect(products?.keptTags).toEqual(moves ? [] : ['ghcr.io/acme/app:main'])
    expect(notices).toHaveLength(moves ? 0 : 1)
  })

  test.each([
    {standing: '2.0.0', ours: '1.9.4', moves: false},
    {standing: '1.9.4', ours: '2.0.0', moves: true},
    {standing: '1.10.0', ours: '1.9.4', moves: false},
    {standing: 'main', ours: '1.9.4', moves: true},
    {standing: '1.9.4', ours: '1.9.4', moves: true}
  ])('`latest` on $standing, given that $ours is released: moves = $moves', async ({standing, ours, moves}) => {
    const labels = {[LABELS.revision]: 'theirs', [LABELS.version]: standing}
    const before = registry.put(APP, labels, 'main')
    const {digest} = registry.put(APP, {at: 'now'})
    await promoteWith(work({tags: [MAIN], version: ours}), {digest, relation: 'diverged'})
    expect(registry.standing(APP, 'main')).toBe(moves ? digest : before.digest)
  })
})
