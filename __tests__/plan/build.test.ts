import {describe, expect, test} from '@jest/globals'
import type {Engine} from '../../src/model/machine.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {BuildWork, CacheWork} from '../../src/model/work-build.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const OWN = {dockerfile: makeDockerfile()}
const CONTAINER = {driver: 'docker-container'} as const

const buildOf = (said: FactsSaid): BuildWork => stepOf(makePlan(makeFacts(said)), 'build').work
/** The build by the built-in Dockerfile, where wheels cannot be laid. */
/** The build by the Dockerfile itself, also where the plan lays wheels instead. */
function byDockerfile(said: FactsSaid): Pick<BuildWork, 'buildArgs' | 'secrets'> {
  const plan = makePlan(makeFacts(said))
  return stepOf(plan, 'runtime').work.otherwise ?? stepOf(plan, 'build').work
}
const cacheOf = (said: FactsSaid): CacheWork => stepOf(makePlan(makeFacts(said)), 'cache').work

/** The values that an option has among arguments. */
function valuesOf(option: string, {argv}: {argv: readonly string[]}): readonly string[] {
  return argv.filter((_, at) => argv[at - 1] === option)
}

describe('the build command', () => {
  test('given a push with the usual builder, then it ends with a candidate that the engine neither unpacks nor keeps', () => {
    const work = buildOf({source: OWN})
    expect(valuesOf('--output', work)).toEqual([
      'type=image,name={door}/ghcr.io/acme/app:candidate,push=true,oci-mediatypes=true,compression=zstd,compression-level=1,store=false,unpack=false'
    ])
    expect(work.leavesImage).toBeUndefined()
    expect(work.argv).toContain('--provenance=mode=min')
    expect(work.argv.slice(0, 5)).toEqual([
      'buildx',
      'build',
      '--builder',
      'pytorch-cuda-image-7001-1',
      '--progress=rawjson'
    ])
    expect(work.argv.at(-1)).toBe('/home/runner/work/app/app')
  })

  test('given flags of the user’s own, then both builds get them, and only the first builds anew', () => {
    const said = {source: OWN, inputs: {buildxArgs: ['--no-cache', '--pull', '--shm-size=1g']}} as const
    expect(buildOf(said).argv).toEqual(expect.arrayContaining(['--no-cache', '--pull', '--shm-size=1g']))
    expect(cacheOf(said).argv).toContain('--shm-size=1g')
    expect(cacheOf(said).argv.join(' ')).not.toMatch(/--no-cache|--pull/)
  })

  test('given code without trust, then its flags are not used and it names no frontend', () => {
    const buildArgs = [
      {name: 'BUILDKIT_SYNTAX', value: 'mallory/frontend'},
      {name: 'LEVEL', value: '3'}
    ]
    const {argv} = buildOf({
      origin: 'fork-pull-request',
      source: OWN,
      inputs: {buildxArgs: ['--pull', '--ulimit=nproc=1'], buildArgs}
    })
    expect(valuesOf('--build-arg', {argv})).toEqual(['LEVEL', 'BUILDKIT_CACHE_MOUNT_NS=pytorch-cuda-image-7001-1'])
    expect(argv.join(' ')).not.toMatch(/--pull|--ulimit/)
  })

  test.each([
    {
      given: 'a builder in a container',
      said: {inputs: CONTAINER},
      then: 'type=image,name={door}/ghcr.io/acme/app:candidate,push=true,oci-mediatypes=true,compression=zstd,compression-level=1'
    },
    {
      given: 'gzip',
      said: {inputs: {...CONTAINER, compression: 'gzip'}},
      then: 'type=image,name={door}/ghcr.io/acme/app:candidate,push=true,oci-mediatypes=true,compression=gzip'
    },
    {
      given: 'a builder that cannot reach the door, then by digest',
      said: {
        inputs: {builder: 'far'},
        machine: {builders: [{name: 'far', driver: 'remote', isCurrent: false, sharesLoopback: false}]}
      },
      then: 'type=image,name=ghcr.io/acme/app,push-by-digest=true,push=true,oci-mediatypes=true,compression=zstd,compression-level=1'
    },
    {
      given: 'a pull request, then nothing is kept',
      said: {origin: 'own-pull-request', inputs: CONTAINER},
      then: 'type=image,push=false,oci-mediatypes=true,compression=zstd,compression-level=1,store=false,unpack=false'
    },
    {
      given: 'a pull request that wants the image, then it is loaded under its number',
      said: {origin: 'fork-pull-request', inputs: {load: true}},
      then: 'type=docker,name=ghcr.io/acme/app:pr-12'
    }
  ] as const)('given $given', ({said, then}) => {
    expect(valuesOf('--output', buildOf(said))).toEqual([then])
  })

  test('given the engine’s builder without a way past its docker driver, then what that keeps is named', () => {
    const work = buildOf({source: OWN, paths: {run: `/${'x'.repeat(100)}`}})
    expect(valuesOf('--output', work)).toEqual([expect.stringMatching(/,unpack=false$/)])
    expect(work.leavesImage).toBe('{door}/ghcr.io/acme/app:candidate')
  })

  test('given a push that is to be loaded too, then it has both ends', () => {
    const work = buildOf({source: OWN, inputs: {load: true}})
    expect(valuesOf('--output', work)).toEqual([
      'type=docker,name=ghcr.io/acme/app:main',
      expect.stringContaining('push=true')
    ])
    expect(work.output).toBe('candidate')
  })

  test('given a push that is to be loaded into an engine without a containerd store, then it is no index', () => {
    const engine = {...(makeFacts().machine.engine as Engine), hasContainerdStore: false}
    const work = buildOf({source: OWN, inputs: {load: true}, machine: {engine}})
    expect(work.argv).toContain('--provenance=false')
    const annotations = valuesOf('--annotation', work)
    expect(annotations.every(annotation => annotation.startsWith('manifest:'))).toBe(true)
    expect(annotations).toContain('manifest:dev.pytorch-cuda-image.run-number=42')
  })

  test('gets no provenance and no annotations where nothing is pushed', () => {
    const work = buildOf({origin: 'own-pull-request'})
    expect(work.argv).toContain('--provenance=false')
    expect(work.argv).not.toContain('--annotation')
  })

  test('passes every option of the user', () => {
    const work = buildOf({
      source: {dockerfile: makeDockerfile({stages: [makeStage({name: 'runtime'})]})},
      inputs: {
        context: './image',
        target: 'runtime',
        platforms: ['linux/amd64', 'linux/arm64'],
        buildContexts: [{name: 'base', location: 'docker-image://debian:13'}],
        ssh: [{id: 'default', paths: ['/run/agent.sock']}]
      }
    })
    const joined = work.argv.join(' ')
    expect(joined).toContain('--target runtime --platform linux/amd64,linux/arm64')
    expect(joined).toContain('--build-context base=docker-image://debian:13')
    expect(joined).toContain('--ssh default=/run/agent.sock')
    expect(work.argv.at(-1)).toBe('/home/runner/work/app/app/image')
  })
})

describe('the ssh agent', () => {
  test.each<{given: string; said: FactsSaid; then: readonly string[]}>([
    {given: 'a key without a path', said: {inputs: {ssh: [{id: 'default', paths: []}]}}, then: ['SSH_AUTH_SOCK']},
    {given: 'a key by its path', said: {inputs: {ssh: [{id: 'deploy', paths: ['/keys/deploy']}]}}, then: []},
    {
      given: 'a fork’s pull request',
      said: {event: {origin: 'fork-pull-request'}, inputs: {ssh: [{id: 'default', paths: []}]}},
      then: []
    }
  ])('for $given, both builds get $then of the runner’s variables', ({said, then}) => {
    const plan = makePlan(makeFacts(said))
    expect(stepOf(plan, 'build').work.runnerVariables).toEqual(then)
    expect(stepOf(plan, 'cache').work.runnerVariables).toEqual(then)
  })
})

describe('secrets', () => {
  test('go by files only, always with their type, and certificates beside them', () => {
    const work = buildOf({
      source: OWN,
      inputs: {
        caBundle: '/etc/ssl/ca.crt',
        secrets: [
          {id: 'kernels', from: 'value', value: {secret: 'kernels'}},
          {id: 'index', from: 'env', variable: 'PATH', value: {secret: 'index'}},
          {id: 'netrc', from: 'file', path: 'ci/net,rc'}
        ]
      }
    })
    const directory = '/home/runner/work/_temp/pytorch-cuda-image-7001-1/build/secrets'
    expect(valuesOf('--secret', work)).toEqual([
      `type=file,id=kernels,src=${directory}/kernels`,
      `type=file,id=index,src=${directory}/index`,
      'type=file,id=netrc,"src=/home/runner/work/app/app/ci/net,rc"',
      'type=file,id=ca-bundle,src=/etc/ssl/ca.crt'
    ])
    expect(work.secrets.map(({from}) => from)).toEqual(['value', 'value', 'file', 'file'])
  })

  test.each([
    {given: 'the built-in Dockerfile', said: {}, then: ['ca-bundle']},
    {given: 'a Dockerfile of one’s own, which did not ask for it', said: {source: OWN}, then: []},
    {given: 'a pull request from a fork', said: {origin: 'fork-pull-request'}, then: ['ca-bundle']}
  ] as const)('given the machine’s own certificates and $given, then the build gets $then', ({said, then}) => {
    const {secrets} = byDockerfile({...said, paths: {caBundle: '/etc/ssl/certs/ca-certificates.crt'}})
    expect(secrets.map(({id}) => id)).toEqual(then)
  })
})

describe('build arguments', () => {
  test('go by environment, but for those that would change buildx itself', () => {
    const buildArgs = [
      {name: 'LEVEL', value: '3'},
      {name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128'},
      {name: 'PATH', value: '/opt/bin'}
    ]
    const work = buildOf({source: OWN, inputs: {buildArgs}})
    expect(valuesOf('--build-arg', work)).toEqual([
      'LEVEL',
      'HTTPS_PROXY=http://proxy.example.com:3128',
      'PATH=/opt/bin'
    ])
    expect(work.buildArgs).toEqual({LEVEL: '3'})
  })

  test.each([
    {
      given: 'nothing asked for',
      inputs: {},
      then: {TORCH_PACKAGES: 'torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0'}
    },
    {
      given: 'another CUDA',
      inputs: {cuda: 'cu126'},
      then: {
        INDEX_URL: 'https://download.pytorch.org/whl/cu126',
        TORCH_PACKAGES: 'torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0'
      }
    },
    {
      given: 'a package index of one’s own',
      inputs: {indexUrl: 'https://pypi.example.com/simple'},
      then: {
        PYPI_URL: 'https://pypi.example.com/simple',
        TORCH_PACKAGES: 'torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0'
      }
    },
    {
      given: 'requirements and a base',
      inputs: {torch: '2.13', requirements: ['requirements.txt', 'extra/more.txt'], baseImage: 'python:3.13-slim'},
      then: {
        BASE_IMAGE: 'python:3.13-slim',
        TORCH_PACKAGES: 'torch==2.13.0 torchvision==0.28.0',
        REQUIREMENTS: 'requirements.txt extra/more.txt'
      }
    },
    {
      given: 'a flavour with packages',
      inputs: {flavor: 'notebook' as const, aptPackages: ['libgl1', 'git']},
      then: {
        TORCH_PACKAGES: 'torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0',
        FLAVOR: 'notebook',
        APT_PACKAGES: 'libgl1 git'
      }
    }
  ])('given the built-in Dockerfile and $given, then they are its own', ({inputs, then}) => {
    expect(byDockerfile({inputs}).buildArgs).toEqual(then)
  })

  test('given a Dockerfile of one’s own, then only what was asked for and is declared', () => {
    const variables = [{kind: 'ARG', name: 'TORCH_VERSION', value: '2.6.0', line: 2} as const]
    const source = {dockerfile: makeDockerfile({stages: [makeStage({variables})]})}
    expect(buildOf({source}).buildArgs).toEqual({})
    expect(buildOf({source, inputs: {torch: '2.7', given: ['torch']}}).buildArgs).toEqual({TORCH_VERSION: '2.7.1'})
    expect(buildOf({source: OWN, inputs: {torch: '2.7', given: ['torch']}}).buildArgs).toEqual({})
  })
})

describe('labels', () => {
  test('tell where the image comes from, on the index as well; those of the user win', () => {
    const labels = [{name: 'org.opencontainers.image.title', value: 'Trainer, v1'}]
    const work = buildOf({source: OWN, inputs: {labels}})
    expect(valuesOf('--label', work)).toEqual([
      'org.opencontainers.image.source=https://github.com/acme/app',
      'org.opencontainers.image.url=https://github.com/acme/app',
      'org.opencontainers.image.revision=4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      'org.opencontainers.image.created=2026-11-20T09:30:00Z',
      'org.opencontainers.image.version=main',
      'org.opencontainers.image.title=Trainer, v1'
    ])
    expect(valuesOf('--annotation', work)).toEqual([
      ...valuesOf('--label', work).flatMap(label => [`index:${label}`, `manifest:${label}`]),
      'index:dev.pytorch-cuda-image.workflow=image',
      'index:dev.pytorch-cuda-image.run-number=42'
    ])
  })

  test('given another run of the same commit, then the image’s own labels are the same', () => {
    const [one, other] = [42, 43].map(runNumber => buildOf({event: {runNumber}}))
    expect(valuesOf('--label', one as BuildWork)).toEqual(valuesOf('--label', other as BuildWork))
  })
})

describe('the export of the cache', () => {
  test('is the same build again, with no other end', () => {
    const said = {source: OWN, inputs: {buildArgs: [{name: 'LEVEL', value: '3'}]}}
    const [build, cache] = [buildOf(said), cacheOf(said)]
    for (const option of ['--file', '--build-arg', '--label', '--secret', '--cache-from']) {
      expect(valuesOf(option, cache)).toEqual(valuesOf(option, build))
    }
    expect(cache.buildArgs).toEqual(build.buildArgs)
    expect(valuesOf('--output', cache)).toEqual(['type=cacheonly'])
    expect(valuesOf('--cache-to', cache)).toHaveLength(1)
    expect(cache.argv).not.toContain('--metadata-file')
  })
})
