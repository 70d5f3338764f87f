import {describe, expect, test} from '@jest/globals'
import {type Plan, stepOf} from '../../src/model/plan.ts'
import {makePlan, settlePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const GHCR = {registry: 'ghcr.io', repository: 'acme/app'}
const LOCK = {lock: {sha256: '5d'.repeat(32)}}

function planOf(said: FactsSaid = {}): Plan {
  return makePlan(makeFacts(said))
}

const valueAfter = (argv: readonly string[], option: string) => argv[argv.indexOf(option) + 1]

describe('whether wheels are laid as layers', () => {
  test.each<{given: string; said: FactsSaid; then: string}>([
    {given: 'a push of the built-in image', said: {}, then: 'allowed'},
    {
      given: 'a Dockerfile of one’s own',
      said: {source: {dockerfile: makeDockerfile({stages: [makeStage({})]})}},
      then: 'nothing-to-do'
    },
    {given: 'a pull request from a fork', said: {origin: 'fork-pull-request'}, then: 'allowed'},
    {given: 'push: never', said: {inputs: {push: 'never'}}, then: 'allowed'},
    {given: 'another platform', said: {inputs: {platforms: ['linux/arm64']}}, then: 'allowed'},
    {given: 'two platforms', said: {inputs: {platforms: ['linux/amd64', 'linux/arm64']}}, then: 'allowed'},
    {given: 'this machine’s platform by name', said: {inputs: {platforms: ['linux/amd64']}}, then: 'allowed'},
    {given: 'an image to load and to push', said: {inputs: {load: true}}, then: 'nothing-to-do'},
    {given: 'an image to load alone', said: {inputs: {load: true, push: 'never'}}, then: 'allowed'},
    {given: 'a build argument', said: {inputs: {buildArgs: [{name: 'A', value: 'b'}]}}, then: 'nothing-to-do'},
    {
      given: 'sources that are compiled',
      said: {inputs: {torch: '2.11', extensions: {folders: ['third_party/kernels'], packages: []}}},
      then: 'nothing-to-do'
    },
    {given: 'gzip', said: {inputs: {compression: 'gzip'}}, then: 'allowed'}
  ])('given $given, then the verdict is $then', ({said, then}) => {
    expect(stepOf(planOf(said), 'runtime').verdict).toEqual({
      allowed: then === 'allowed',
      code: then,
      because: expect.stringMatching(/\.$/)
    })
  })

  test('the build on top takes the runtime by its digest, and gets nothing else of the Dockerfile', () => {
    const {argv, secrets, dockerfile} = stepOf(planOf(), 'build').work
    expect(argv).toEqual(
      expect.arrayContaining(['--build-context', 'runtime=docker-image://{door}/ghcr.io/acme/app@{runtime}'])
    )
    expect(argv).not.toContain('--build-arg')
    expect(argv).not.toContain('--cache-from')
    expect(secrets).toEqual([])
    expect(dockerfile.path).toMatch(/\/dockerfiles\/runtime\.Dockerfile$/)
  })

  test.each<{given: string; said: FactsSaid; isWhole: boolean}>([
    {given: 'the pull request of a fork', said: {origin: 'fork-pull-request'}, isWhole: false},
    {given: 'push: never', said: {inputs: {push: 'never'}}, isWhole: false},
    {given: 'an image for the engine alone', said: {inputs: {push: 'never', load: true}}, isWhole: true}
  ])(
    'given $given, then the runtime lies in a folder of this run, and the builder is handed that',
    ({said, isWhole}) => {
      const plan = planOf(said)
      const {work} = stepOf(plan, 'runtime')
      const folder = `${plan.directory}/layout`
      expect(work).toMatchObject({
        into: {image: {registry: 'oci-layout:/', repository: folder}, credential: null},
        isWhole
      })
      for (const {foundation, bytecode} of work.images) {
        expect(foundation.argv.join(' ')).toContain(`--output type=oci,dest=${folder},tar=false,`)
        expect(valueAfter(bytecode.argv, '--output')).toBe(`type=local,dest=${bytecode.archives}`)
      }
      expect(stepOf(plan, 'build').work.argv).toContain(`runtime=oci-layout://${folder}@{runtime}`)
      expect(JSON.stringify(work)).not.toContain('push=true')
    }
  )

  describe('for two platforms', () => {
    const plan = planOf({inputs: {platforms: ['linux/amd64', 'linux/arm64']}})
    const {images} = stepOf(plan, 'runtime').work

    test('each has its own lock, its own foundation, and folders of its own', () => {
      expect(images.map(({platform, isForeign}) => [platform, isForeign])).toEqual([
        ['linux/amd64', false],
        ['linux/arm64', true]
      ])
      expect(images.map(({lock}) => lock.split('/').at(-1))).toEqual(['pylock.amd64.toml', 'pylock.arm64.toml'])
      expect(images.map(({foundation}) => valueAfter(foundation.argv, '--platform'))).toEqual([
        'linux/amd64',
        'linux/arm64'
      ])
      const folders = images.flatMap(({foundation, bytecode}) => [foundation.directory, bytecode.directory])
      expect(new Set(folders).size).toBe(4)
    })

    test('bytecode is compiled by programs of this machine alone', () => {
      expect(images.map(({bytecode}) => valueAfter(bytecode.argv, '--platform'))).toEqual([
        'linux/amd64',
        'linux/amd64'
      ])
      expect(images.map(({bytecode}) => valueAfter(bytecode.argv, '--build-context'))).toEqual([
        'foundation=docker-image://{door}/ghcr.io/acme/app@{foundation}',
        'foundation=docker-image://{base}'
      ])
    })

    test('one build copies the code upon both', () => {
      const {argv} = stepOf(plan, 'build').work
      expect(valueAfter(argv, '--platform')).toBe('linux/amd64,linux/arm64')
      expect(argv).toContain('runtime=docker-image://{door}/ghcr.io/acme/app@{runtime}')
    })

    test('nothing takes emulation, and what is not run is said', () => {
      expect(plan.notices.filter(notice => notice.includes('QEMU'))).toEqual([])
      expect(stepOf(plan, 'prove').verdict.because).toContain(
        'For linux/arm64 nothing is run: this machine runs linux/amd64.'
      )
    })
  })

  test('the base image is built upon by the digest that was asked for', () => {
    const {images} = stepOf(planOf({inputs: {baseImage: 'docker.io/library/python:3.11-slim'}}), 'runtime').work
    const [foundation] = images.map(image => image.foundation)
    expect(foundation?.base).toMatchObject({text: 'docker.io/library/python:3.11-slim', reference: '3.11-slim'})
    expect(foundation?.argv).toContain('BASE_IMAGE={base}')
  })

  test.each([
    {given: 'no base image, so that it is ours', inputs: {}, then: '3.12'},
    {given: 'one whose name tells its Python', inputs: {baseImage: 'docker.io/library/python:3.11-slim'}, then: '3.11'},
    {given: 'one whose name tells nothing', inputs: {baseImage: 'ghcr.io/acme/base:1', python: '3.11'}, then: undefined}
  ])('given $given, wheels are expected for $then before anybody looked', ({inputs, then}) => {
    expect(stepOf(planOf({inputs}), 'runtime').work.python).toBe(then)
  })

  test('the store is read and written by those who may read and write the cache', () => {
    const storeOf = (said: FactsSaid) => stepOf(planOf(said), 'runtime').work.store
    expect(storeOf({})).toMatchObject({mayRead: true, mayWrite: true})
    // As anybody can: without a login.
    const fork = {origin: 'fork-pull-request'} as const
    const repository = {...makeFacts().event.repository, isPrivate: false}
    expect(storeOf({...fork, event: {repository}})).toMatchObject({
      elsewhere: {image: GHCR, credential: null},
      mayRead: true,
      mayWrite: false
    })
    // Of a private repository nothing lies in the open, so nobody is asked.
    expect(storeOf(fork)).toMatchObject({mayRead: false, mayWrite: false})
    expect(storeOf({inputs: {cache: {backend: 'none'}}})).toMatchObject({mayRead: false, mayWrite: false})
    // What is merged later would believe what a proposal wrote.
    expect(storeOf({origin: 'own-pull-request', inputs: {optIn: ['pr-push']}})).toMatchObject({
      mayRead: true,
      mayWrite: false
    })
  })
})

describe('a store that several repositories share', () => {
  const layerStore = {image: {registry: 'ghcr.io', repository: 'acme/layers'}, kind: 'shared'} as const
  const sharedOf = (said: FactsSaid) =>
    stepOf(planOf({...said, inputs: {layerStore, ...said.inputs}}), 'runtime').work.store.shared

  test.each<{given: string; said: FactsSaid; mayRead: boolean; mayWrite: boolean}>([
    {given: 'the default branch', said: {}, mayRead: true, mayWrite: true},
    {given: 'a tag', said: {origin: 'own-tag'}, mayRead: true, mayWrite: true},
    {
      given: 'a branch that is not protected',
      said: {event: {refName: 'try', ref: 'refs/heads/try', isRefProtected: false}},
      mayRead: true,
      mayWrite: false
    },
    {
      given: 'a pull request that pushes',
      said: {origin: 'own-pull-request', inputs: {optIn: ['pr-push']}},
      mayRead: true,
      mayWrite: false
    },
    {given: 'a fork', said: {origin: 'fork-pull-request'}, mayRead: false, mayWrite: false},
    {given: 'cache: none', said: {inputs: {cache: {backend: 'none'}}}, mayRead: false, mayWrite: false}
  ])('$given: read $mayRead, write $mayWrite', ({said, mayRead, mayWrite}) => {
    expect(sharedOf(said)).toMatchObject({kind: 'shared', mayRead, mayWrite})
  })

  test('a repository that is a fork does not write under a name that is not its owner’s', () => {
    const event = {repository: {owner: 'ada', name: 'app', isFork: true, defaultBranch: 'main'}}
    const images = [{registry: 'ghcr.io', repository: 'ada/app'}]
    expect(sharedOf({event, inputs: {images}})).toMatchObject({mayWrite: false})
  })

  test('the image’s own repository is no other store', () => {
    const own = {image: GHCR, kind: 'shared'} as const
    expect(sharedOf({inputs: {layerStore: own}})).toBeUndefined()
  })
})

describe('where wheels cannot be laid after all', () => {
  const plan = planOf()
  const byDockerfile = stepOf(plan, 'runtime').work.otherwise

  test.each([
    {given: 'packages that are resolved in the build', answers: {lock: {sha256: null}}},
    {
      given: 'a package that must be built, which the lock tells',
      answers: {
        lock: {...LOCK.lock, downloadBytes: 3.95e9, mustBuild: ['flash-attn 2.8.3 has no wheel and must be built']}
      }
    },
    {
      given: 'a package without a wheel',
      answers: {...LOCK, runtime: {isLaid: false, because: 'flash-attn must be built'}}
    }
  ] as const)('given $given, then the Dockerfile installs, with its cache', ({answers}) => {
    const settled = settlePlan(plan, answers)
    const build = stepOf(settled, 'build').work
    expect(stepOf(settled, 'runtime').verdict.allowed).toBe(false)
    expect(build.dockerfile).toEqual(byDockerfile?.dockerfile)
    expect(build.argv.filter(argument => !argument.includes('image.lock')).length).toBeGreaterThan(20)
    expect(build.argv.join(' ')).not.toContain('{runtime}')
    expect(build.output).toBe('candidate')
    expect(stepOf(settled, 'cache').verdict).toEqual(byDockerfile?.cache)
  })

  test.each([
    {bytes: 3.95e9, told: 'laid and unpacked first, about 103 s on two cores; installed together it takes 79 s.'},
    {bytes: 0.2e9, told: 'six 1.16.0 has no wheel and must be built, and 1 more.'}
  ])('what must be built is named, with the cost of either way where it matters: $bytes bytes', ({bytes, told}) => {
    const mustBuild = ['six 1.16.0 has no wheel and must be built', 'kernels comes from git and must be built']
    const settled = settlePlan(plan, {lock: {...LOCK.lock, downloadBytes: bytes, mustBuild}})
    expect(stepOf(settled, 'runtime').verdict.because).toMatch(new RegExp(`${told.replaceAll('.', '[.]')}$`))
  })

  test('what must be built keeps a Dockerfile from nothing that begins with the runtime: its own step says so', () => {
    const stages = [makeStage({from: 'runtime'})]
    const own = planOf({source: {dockerfile: makeDockerfile({stages})}})
    const lock = {...LOCK.lock, mustBuild: ['six 1.16.0 has no wheel and must be built']}
    expect(stepOf(settlePlan(own, {lock}), 'runtime').verdict.allowed).toBe(true)
  })

  test('given a push that is denied, then the Dockerfile installs, and nothing is kept', () => {
    const push = [{image: GHCR, result: 'denied', status: 403, evidence: 'denied', tokens: []}] as never
    const settled = settlePlan(plan, {...LOCK, push})
    expect(stepOf(settled, 'runtime').verdict.code).toBe('push-denied')
    expect(stepOf(settled, 'build').work).toMatchObject({output: 'discard', candidate: null})
    expect(stepOf(settled, 'build').work.argv.join(' ')).not.toContain('{runtime}')
  })

  test('wheels that were laid leave the plan as it is', () => {
    const settled = settlePlan(settlePlan(plan, LOCK), {...LOCK, runtime: {isLaid: true}})
    expect(settled).toEqual(settlePlan(plan, LOCK))
  })

  test('settling twice is settling once', () => {
    const answers = {...LOCK, runtime: {isLaid: false, because: 'flash-attn must be built'}} as const
    const once = settlePlan(plan, answers)
    expect(settlePlan(once, answers)).toEqual(once)
  })
})
