import {beforeEach, describe, expect, test} from '@jest/globals'
import type {Host, Manifest} from '../../src/host/host.ts'
import type {ImageAccess} from '../../src/model/work-build.ts'
import {readCandidate} from '../../src/steps/candidate.ts'
import type {StepContext} from '../../src/steps/step.ts'

const APP: ImageAccess = {image: {registry: 'ghcr.io', repository: 'acme/app'}, credential: null}
const DIGEST = `sha256:${'c'.repeat(64)}`

let manifests: Map<string, Manifest | Error>
let notices: string[]

beforeEach(() => {
  manifests = new Map()
  notices = []
})

function put(reference: string, json: unknown): void {
  manifests.set(reference, {digest: DIGEST, mediaType: '', bytes: Buffer.from(JSON.stringify(json))})
}

/** An image with layers of these sizes; equal letters are equal layers. */
function image(layers: Readonly<Record<string, number>>) {
  return {
    config: {digest: `sha256:${'d'.repeat(64)}`},
    layers: Object.entries(layers).map(([letter, size]) => ({
      digest: `sha256:${letter.repeat(64)}`,
      size,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
    }))
  }
}

function read(work: Partial<Parameters<typeof readCandidate>[0]> = {}) {
  const context: Partial<StepContext> = {
    host: {
      log: {debug: () => {}},
      registry: {
        readManifest: async (_image: unknown, reference: string) => {
          const found = manifests.get(reference)
          if (found instanceof Error) throw found
          return found
        }
      }
    } as unknown as Host,
    products: {},
    resources: {docker: {file: 'docker', environment: {}}},
    notice: text => void notices.push(text)
  }
  return readCandidate({candidate: APP, ...work}, {digest: DIGEST, context: context as StepContext})
}

describe('the budget', () => {
  test.each([
    {given: 'less', maxBytes: 5_000_000_000},
    {given: 'just as much', maxBytes: 4_000_000_000}
  ])('given $given than it allows, then the image is taken', async ({maxBytes}) => {
    put(DIGEST, image({a: 3_000_000_000, b: 1_000_000_000}))
    expect((await read({maxBytes})).layers).toHaveLength(2)
  })

  test('given more, then it stops, with both numbers and the largest layers first', async () => {
    put(DIGEST, image({a: 1_000_000_000, b: 3_000_000_000}))
    await expect(read({maxBytes: 3_900_000_000})).rejects.toMatchObject({
      code: 'image-too-large',
      what: expect.stringMatching(/4\.00 GB .* 3\.90 GB/),
      evidence: [expect.stringContaining('sha256:bbb'), expect.stringContaining('sha256:aaa')]
    })
  })

  test('given several platforms, then each is held against it', async () => {
    const children = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`]
    put(DIGEST, {
      manifests: [
        ...children.map(digest => ({digest, platform: {os: 'linux'}})),
        {digest: 'sha256:attestation', platform: {os: 'unknown'}}
      ]
    })
    put(children[0] ?? '', image({a: 1_000_000}))
    put(children[1] ?? '', image({b: 9_000_000}))
    expect((await read()).layers).toMatchObject([{sizeBytes: 1_000_000}])
    await expect(read({maxBytes: 5_000_000})).rejects.toMatchObject({code: 'image-too-large'})
  })

  test('given nothing that was sent to a registry, then it is told that it was not checked', async () => {
    expect(await read({candidate: null, maxBytes: 1})).toEqual({})
    expect(notices).toEqual([expect.stringContaining('max-size')])
  })
})

describe('the image before', () => {
  test('is what the moving tag stands on', async () => {
    put(DIGEST, image({a: 1}))
    put('main', image({a: 1, z: 7}))
    const {previous} = await read({compareWith: 'main'})
    expect(previous?.reference).toBe('ghcr.io/acme/app:main')
    expect(previous?.layers.map(({sizeBytes}) => sizeBytes)).toEqual([1, 7])
  })

  test.each([
    {given: 'no image there', before: undefined},
    {given: 'an artifact without layers', before: {manifests: []}},
    {given: 'a registry that fails', before: new Error('503')}
  ])('given $given, then there is nothing to compare, and that is no failure', async ({before}) => {
    put(DIGEST, image({a: 1}))
    if (before instanceof Error) manifests.set('main', before)
    else if (before !== undefined) put('main', before)
    expect((await read({compareWith: 'main'})).previous).toBeUndefined()
  })
})

test('a digest that the registry does not have is no candidate', async () => {
  await expect(read()).rejects.toMatchObject({code: 'digest-mismatch'})
})
