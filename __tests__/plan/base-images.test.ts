import {describe, expect, test} from '@jest/globals'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import {type Plan, stepOf} from '../../src/model/plan.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const HARBOR: RegistryCredential = {
  host: 'registry.acme.dev',
  path: 'base',
  user: 'robot$ci',
  token: {secret: 'registry-credentials registry.acme.dev/base'}
}

function planOf({inputs, source, ...said}: FactsSaid): Plan {
  return makePlan(makeFacts({...said, inputs: {registryCredentials: [HARBOR], ...inputs}, ...(source ? {source} : {})}))
}

function contextsOf(plan: Plan): readonly string[] {
  const {argv} = stepOf(plan, 'build').work
  return argv.filter((_, at) => argv[at - 1] === '--build-context')
}

const routesOf = (plan: Plan) => stepOf(plan, 'builder').work.routes.map(({local, actions}) => `${local} ${actions}`)
const from = (...images: readonly string[]) => ({
  dockerfile: makeDockerfile({
    stages: images.map((image, line) =>
      makeStage({from: image, line: line + 1, name: `s${line}`, reads: line === 0 ? [] : [`s${line - 1}`]})
    )
  })
})

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('images that the build reads', () => {
  test.each<{given: string; said: FactsSaid; contexts: readonly string[]; way?: string}>([
    {
      given: 'FROM with a tag',
      said: {source: from('registry.acme.dev/base/cuda:12.8')},
      contexts: ['registry.acme.dev/base/cuda:12.8=docker-image://{door}/registry.acme.dev/base/cuda:12.8'],
      way: 'registry.acme.dev/base/cuda pull'
    },
    {
      given: 'FROM with a digest',
      said: {source: from(`registry.acme.dev/base/cuda@sha256:${'a'.repeat(64)}`)},
      contexts: [
        `registry.acme.dev/base/cuda@sha256:${'a'.repeat(64)}=docker-image://{door}/registry.acme.dev/base/cuda@sha256:${'a'.repeat(64)}`
      ],
      way: 'registry.acme.dev/base/cuda pull'
    },
    {
      given: 'FROM without a tag',
      said: {source: from('registry.acme.dev/base/cuda')},
      contexts: ['registry.acme.dev/base/cuda=docker-image://{door}/registry.acme.dev/base/cuda:latest']
    },
    {
      given: 'a variable in FROM',
      said: {
        source: {
          dockerfile: makeDockerfile({
            globals: [{kind: 'ARG', name: 'BASE', value: 'debian:13', line: 1}],
            stages: [makeStage({from: '${BASE}', line: 2})]
          })
        },
        inputs: {buildArgs: [{name: 'BASE', value: 'registry.acme.dev/base/py:3'}]}
      },
      contexts: ['registry.acme.dev/base/py:3=docker-image://{door}/registry.acme.dev/base/py:3']
    },
    {
      given: '`base-image` for the built-in Dockerfile',
      said: {
        inputs: {baseImage: 'registry.acme.dev/base/py:3'},
        source: {
          dockerfile: makeDockerfile({
            source: 'built-in',
            globals: [{kind: 'ARG', name: 'BASE_IMAGE', value: 'python:3.12-slim', line: 1}],
            stages: [makeStage({from: '${BASE_IMAGE}', name: 'base', line: 2}), makeStage({from: 'base', line: 9})]
          })
        }
      },
      contexts: ['registry.acme.dev/base/py:3=docker-image://{door}/registry.acme.dev/base/py:3']
    },
    {
      given: '`cuda-devel` for extensions',
      said: {
        inputs: {
          extensions: {folders: ['kernels'], packages: []},
          torch: '2.8.0',
          given: ['torch'],
          cudaDevel: `registry.acme.dev/base/cuda@${DIGEST}`
        },
        source: {
          dockerfile: makeDockerfile({
            source: 'built-in',
            globals: ['EXTENSIONS', 'CUDA_DEVEL'].map(name => ({kind: 'ARG', name, value: '', line: 1})),
            stages: [
              makeStage({from: '${CUDA_DEVEL}', name: 'cuda-devel', line: 2}),
              makeStage({from: 'scratch', name: 'extensions-none', line: 3}),
              makeStage({from: 'debian:13', name: 'extensions-made-none', reads: ['cuda-devel'], line: 4}),
              makeStage({from: 'extensions-${EXTENSIONS:+made-}none', name: 'extensions', line: 5})
            ]
          })
        }
      },
      contexts: [
        `registry.acme.dev/base/cuda@${DIGEST}=docker-image://{door}/registry.acme.dev/base/cuda@${DIGEST}`,
        'pylock=/home/runner/work/_temp/pytorch-cuda-image-7001-1/pylock'
      ]
    },
    {
      given: 'COPY --from an image',
      said: {
        source: {
          dockerfile: makeDockerfile({
            stages: [makeStage({from: 'debian:13', reads: ['registry.acme.dev/base/tools:1', '0'], name: 'only'})]
          })
        }
      },
      contexts: ['registry.acme.dev/base/tools:1=docker-image://{door}/registry.acme.dev/base/tools:1']
    },
    {
      given: 'a named context',
      said: {
        source: from('tools'),
        inputs: {buildContexts: [{name: 'tools', location: 'docker-image://registry.acme.dev/base/tools:1'}]}
      },
      contexts: ['tools=docker-image://{door}/registry.acme.dev/base/tools:1'],
      way: 'registry.acme.dev/base/tools pull'
    },
    {
      given: 'a named context that stands in for the image already',
      said: {
        source: from('registry.acme.dev/base/cuda:12.8'),
        inputs: {buildContexts: [{name: 'registry.acme.dev/base/cuda:12.8', location: './mine'}]}
      },
      contexts: ['registry.acme.dev/base/cuda:12.8=./mine']
    },
    {
      given: 'an image of the repository’s own owner, by `token`',
      said: {source: from('ghcr.io/acme/base:1')},
      contexts: ['ghcr.io/acme/base:1=docker-image://{door}/ghcr.io/acme/base:1'],
      way: 'ghcr.io/acme/base pull'
    },
    {
      given: 'an image of another owner, which no line opens',
      said: {source: from('ghcr.io/other/base:1')},
      contexts: []
    },
    {given: 'another path of the same host', said: {source: from('registry.acme.dev/other/cuda:1')}, contexts: []},
    {given: 'a public image', said: {source: from('debian:13-slim', 'scratch')}, contexts: []},
    {
      given: 'a stage that is not built',
      said: {
        source: {
          dockerfile: makeDockerfile({
            stages: [makeStage({from: 'registry.acme.dev/base/cuda:1', name: 'idle'}), makeStage({from: 'debian:13'})]
          })
        }
      },
      contexts: []
    },
    {
      given: 'a fork, which gets no login',
      said: {origin: 'fork-pull-request', source: from('registry.acme.dev/base/cuda:12.8')},
      contexts: []
    }
  ])('$given', ({said, contexts, way}) => {
    const plan = planOf(said)
    expect(contextsOf(plan)).toEqual(contexts)
    if (way !== undefined) expect(routesOf(plan)).toContain(way)
    if (contexts.length === 0) expect(routesOf(plan).filter(route => route.endsWith(' pull'))).toEqual([])
  })

  test('the credential’s row says what it pulls', () => {
    const {credentials} = planOf({source: from('registry.acme.dev/base/cuda:12.8')})
    expect(credentials.find(({token}) => token.secret === HARBOR.token.secret)?.uses).toEqual([
      {purpose: 'read-packages', places: ['registry.acme.dev/base/cuda']}
    ])
  })

  test('a builder that cannot reach the door pulls by the image’s own name, with the login', () => {
    const plan = planOf({
      source: from('registry.acme.dev/base/cuda:12.8'),
      inputs: {
        builder: 'far',
        buildContexts: [{name: 'tools', location: 'docker-image://registry.acme.dev/base/tools:1'}]
      },
      machine: {
        builders: [{name: 'far', driver: 'remote', isCurrent: false, sharesLoopback: false, buildkit: '0.25.2'}]
      }
    })
    expect(stepOf(plan, 'builder').work.reach).toBe('direct')
    expect(contextsOf(plan)).toEqual(['tools=docker-image://registry.acme.dev/base/tools:1'])
    expect(stepOf(plan, 'builder').work.routes.find(({image}) => image.repository === 'base/cuda')?.credential).toEqual(
      HARBOR
    )
  })

  test('two logins for one host are too many where docker’s configuration has room for one', () => {
    const plan = planOf({
      inputs: {
        builder: 'far',
        images: [{registry: 'registry.acme.dev', repository: 'ml/app'}],
        registryCredentials: [HARBOR, {...HARBOR, path: 'ml', token: {secret: 'other'}}]
      },
      source: from('registry.acme.dev/base/cuda:12.8'),
      machine: {
        builders: [{name: 'far', driver: 'remote', isCurrent: false, sharesLoopback: false, buildkit: '0.25.2'}]
      }
    })
    expect(plan.warnings).toEqual([expect.stringContaining('one login for registry.acme.dev')])
  })
})
