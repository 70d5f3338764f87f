import {describe, expect, test} from '@jest/globals'
import type {ProblemCode} from '../../src/model/problem.ts'
import {play, type Story} from './runtime-stage.ts'

// Several platforms as the step sees them.

describe('the runtime of two platforms', () => {
  test('is an index of one image for each, named by the platform of its configuration', async () => {
    const {runtime, documentOf} = await play({})
    const {manifests} = await documentOf(runtime?.digest)
    expect(manifests.map(({digest, platform}: {digest: string; platform: object}) => [digest, platform])).toEqual([
      [runtime?.images[0]?.digest, {architecture: 'amd64', os: 'linux'}],
      [runtime?.images[1]?.digest, {architecture: 'arm64', os: 'linux'}]
    ])
    expect(runtime?.images).toMatchObject([
      {platform: 'linux/amd64', isForeign: false, python: '3.12.11'},
      {platform: 'linux/arm64', isForeign: true, python: '3.12.11', libraries: 3}
    ])
  })

  test('has each wheel made once, and the layers of a wheel for any machine in both', async () => {
    const {made, runtime, documentOf} = await play({})
    expect(made.toSorted()).toEqual([
      'idna-3.9-py3-none-any.whl',
      'torch-2.11.0-cp312-cp312-manylinux_2_28_aarch64.whl',
      'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'
    ])
    const [own, other] = await Promise.all((runtime?.images ?? []).map(async image => documentOf(image.digest)))
    const digestsOf = (image: {layers: readonly {digest: string}[]}) => image.layers.map(({digest}) => digest)
    // Foundation, torch with its bytecode, and idna with its own: the last three are the same.
    expect(digestsOf(own).length).toBe(5)
    expect(digestsOf(other).slice(2)).toEqual(digestsOf(own).slice(2))
    expect(digestsOf(other)[1]).not.toBe(digestsOf(own)[1])
    expect(runtime?.layers.flatMap(({wheels = []}) => wheels).toSorted()).toEqual([
      'idna 3.9',
      'torch 2.11.0',
      'torch 2.11.0'
    ])
  })

  test('is laid in one go', async () => {
    const layings: number[] = []
    await play({
      laying: (request, go) => {
        layings.push(request.recipes.length)
        return go()
      }
    })
    // torch for each, and idna.
    expect(layings).toEqual([3])
  })

  test('is compiled by one build upon the foundation of this machine’s platform', async () => {
    const {builds, compiled} = await play({})
    const bytecode = builds.filter(line => line.includes('/bytecode/'))
    expect(bytecode).toEqual([
      expect.stringContaining('--build-context foundation=docker-image://{door}/ghcr.io/acme/app@sha256:')
    ])
    expect(bytecode).toEqual([expect.stringContaining('--platform linux/amd64')])
    // The sources of torch, which are the same for both, and those of idna.
    expect(compiled).toEqual({amd64: 2})
  })

  test('given the one that cannot run here alone, then it is compiled upon this machine’s own base image, by its digest', async () => {
    const {builds, base} = await play({platforms: ['linux/arm64']})
    const bytecode = builds.filter(line => line.includes('/bytecode/'))
    expect(bytecode).toEqual([
      expect.stringContaining(`--build-context foundation=docker-image://python:3.12-slim@${base}`)
    ])
    expect(bytecode).toEqual([expect.stringContaining('--platform linux/amd64')])
  })

  test('of two Pythons have one layer of a wheel for both, compiled by each of them', async () => {
    const {made, read, documentOf, runtime, compiled} = await play({pythonOnArm: '3.12.10\n'})
    expect(made.filter(name => name.startsWith('idna')).length).toBe(1)
    expect(read).toEqual([])
    expect(compiled).toEqual({amd64: 2, arm64: 2})
    const [own, other] = await Promise.all((runtime?.images ?? []).map(async image => documentOf(image.digest)))
    expect(other.layers.length).toBe(5)
    expect(other.layers[3]).toEqual(own.layers[3])
    expect(other.layers[4]).not.toEqual(own.layers[4])
  })

  test('of two Pythons find what lies in a store, whose sources are read once', async () => {
    const {registry} = await play({pythonOnBase: '3.12.9\n', pythonOnArm: '3.12.9\n'})
    registry.put({registry: 'docker.io', repository: 'library/python'}, {moved: 'yes'}, '3.12-slim')
    const {made, read, compiled} = await play({registry, pythonOnArm: '3.12.10\n'})
    expect(made).toEqual([])
    expect(read.toSorted()).toEqual(['PyTorch family', 'PyTorch family', 'requirements'])
    expect(compiled).toEqual({amd64: 2, arm64: 2})
  })

  test('has no bytecode for a Python that this machine’s base image does not have, and says so', async () => {
    const {builds, warnings, runtime, made, read} = await play({pythonOnArm: '3.12.10\n3.12.11\n'})
    expect(runtime?.images[1]?.python).toBe('3.12.10')
    expect(builds.filter(line => line.includes('/bytecode/arm64/'))).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('The base image for linux/arm64 has Python 3.12.10')])
    expect(made.filter(name => name.startsWith('idna')).length).toBe(1)
    expect(read).toEqual([])
  })

  test.each<{given: string; story: Story; entrypoint: readonly string[] | null}>([
    {given: 'a lock with an init', story: {init: true}, entrypoint: ['/opt/venv/bin/dumb-init', '--']},
    {given: 'a lock without one', story: {}, entrypoint: null}
  ])('given $given, then a container of each begins with $entrypoint', async ({story, entrypoint}) => {
    const {runtime, documentOf, registry} = await play(story)
    for (const {digest} of runtime?.images ?? []) {
      const {config} = await documentOf(digest)
      const bytes = await registry.readBlob({registry: 'ghcr.io', repository: 'acme/app'}, config.digest, null)
      const {config: starts} = JSON.parse(Buffer.from(bytes).toString('utf8'))
      expect(starts).toMatchObject({Entrypoint: entrypoint, Cmd: ['python3']})
    }
    expect(runtime?.images.length).toBe(2)
  })

  test('of one platform is the image itself', async () => {
    const {runtime} = await play({platforms: ['linux/arm64']})
    expect(runtime?.images.map(({digest, platform}) => [digest, platform])).toEqual([[runtime?.digest, 'linux/arm64']])
  })
})

describe('where one of several platforms cannot be laid', () => {
  test.each<{given: string; story: Story; because: string}>([
    {
      given: 'a base image that the other platform does not have',
      story: {broken: 'arm64'},
      because: 'the base image for linux/arm64 could not be prepared without running it'
    },
    {
      given: 'a package without a wheel for it',
      story: {torchOnArm: 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'},
      because: 'torch 2.11.0 has no wheel for Python 3.12.11 on linux/arm64'
    }
  ])(
    'given $given, then nothing names what was laid by then, and the notice says what the Dockerfile takes',
    async ({story, because}) => {
      const {registry, answers, notices} = await play(story)
      expect(answers?.runtime).toEqual({isLaid: false, because: expect.stringContaining(because)})
      expect(registry.named()).toEqual([])
      expect(notices).toEqual([expect.stringContaining('runs commands for linux/arm64: that takes QEMU')])
    }
  )

  test('given a package without a wheel, then no other wheel is fetched', async () => {
    const {made} = await play({torchOnArm: 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'})
    expect(made).toEqual([])
  })

  test('given a Dockerfile that begins with the runtime, then the run stops', async () => {
    const code: ProblemCode = 'runtime-unavailable'
    const torchOnArm = 'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl'
    const why = expect.stringContaining('torch 2.11.0 has no wheel for Python 3.12.11 on linux/arm64')
    await expect(play({torchOnArm, isNeeded: true})).rejects.toMatchObject({code, why})
  })

  test('given a base image that is broken on this machine, then the run stops', async () => {
    const code: ProblemCode = 'build-failed'
    await expect(play({broken: 'amd64'})).rejects.toMatchObject({code})
  })
})
