import {describe, expect, test} from '@jest/globals'
import type {Builder, Engine} from '../../src/model/machine.ts'
import {buildxToInstall, readBuilder, VERSIONS} from '../../src/plan/builder.ts'
import {makeFacts} from '../support/facts.ts'

const RUN = makeFacts().paths.run
const ENGINE = makeFacts().machine.engine as Engine
const CLASSIC: Engine = {...ENGINE, hasContainerdStore: false, storage: 'overlay2'}
const REMOTE_ENGINE: Engine = {...ENGINE, endpoint: 'tcp://10.0.0.2:2376', sharesLoopback: false}

const STRANGER = {root: 'workspace', place: '/w', holds: 'foreign', because: 'A fork’s commit is checked out.'} as const

const BUILDERS: readonly Builder[] = [
  {name: 'default', driver: 'docker', isCurrent: true, sharesLoopback: true},
  {name: 'warm', driver: 'docker-container', isCurrent: false, sharesLoopback: false, buildkit: '0.25.2'},
  {name: 'cluster', driver: 'kubernetes', isCurrent: false, sharesLoopback: false}
]

describe('the builder', () => {
  test.each([
    {
      given: 'an engine with a containerd store',
      said: {},
      then: {
        use: 'create',
        name: 'pytorch-cuda-image-7001-1',
        driver: 'docker',
        reach: 'door',
        bridge: {engine: '/var/run/docker.sock', socket: `${RUN}/buildkit.sock`}
      }
    },
    {
      given: 'an engine with a containerd store, and an image to load',
      said: {inputs: {load: true}},
      then: {use: 'adopt', name: 'default', driver: 'docker', reach: 'door', driverOptions: []}
    },
    {
      given: 'an engine whose socket would have too long a path here',
      said: {paths: {run: `/${'x'.repeat(100)}`}},
      then: {use: 'adopt', name: 'default', driver: 'docker'}
    },
    {
      given: 'an engine without one',
      said: {machine: {engine: CLASSIC}},
      then: {
        use: 'create',
        name: 'pytorch-cuda-image-7001-1',
        driver: 'docker-container',
        reach: 'door',
        driverOptions: ['network=host']
      }
    },
    {
      given:
        'an engine without one and code without trust in a job with rights, which gets nothing of the host’s network',
      said: {machine: {engine: CLASSIC}, origin: 'dependabot'},
      then: {use: 'create', driver: 'docker-container', driverOptions: []}
    },
    {
      given: 'a wish for a builder in a container',
      said: {inputs: {driver: 'docker-container'}},
      then: {use: 'create', driver: 'docker-container', reach: 'door'}
    },
    {
      given: 'an engine on another machine',
      said: {machine: {engine: REMOTE_ENGINE}},
      then: {use: 'adopt', driver: 'docker', reach: 'direct'}
    },
    {
      given: 'an engine on another machine and a builder in a container',
      said: {machine: {engine: REMOTE_ENGINE}, inputs: {driver: 'docker-container'}},
      then: {use: 'create', reach: 'direct', driverOptions: []}
    },
    {
      given: 'a builder by name',
      said: {machine: {builders: BUILDERS}, inputs: {builder: 'warm'}},
      then: {use: 'adopt', name: 'warm', driver: 'docker-container', reach: 'direct'}
    },
    {
      given: 'a builder of a cluster',
      said: {machine: {builders: BUILDERS}, inputs: {builder: 'cluster'}},
      then: {use: 'adopt', name: 'cluster', driver: 'kubernetes', reach: 'direct'}
    },
    {
      given: 'a builder of a cluster and code without trust, which does not meet it',
      said: {origin: 'fork-pull-request', machine: {builders: BUILDERS}, inputs: {builder: 'cluster'}},
      then: {use: 'create', driver: 'docker-container', name: 'pytorch-cuda-image-7001-1'}
    },
    {
      given: 'a privileged event, whose code meets nothing that others left',
      said: {origin: 'pull-request-target'},
      then: {use: 'create', driver: 'docker-container', name: 'pytorch-cuda-image-7001-1', driverOptions: []}
    },
    {
      given: 'a dispatch with a stranger’s commit in the workspace',
      said: {origin: 'dispatch', roots: [STRANGER]},
      then: {use: 'create', driver: 'docker-container', driverOptions: []}
    },
    {
      given: 'a comment, and a builder by name, which it does not meet',
      said: {origin: 'comment', machine: {builders: BUILDERS}, inputs: {builder: 'warm'}},
      then: {use: 'create', driver: 'docker-container', driverOptions: []}
    },
    {
      given: 'a privileged event, and a wish for the engine’s own builder',
      said: {origin: 'pull-request-target', inputs: {driver: 'docker'}},
      then: {use: 'create', driver: 'docker-container', driverOptions: []}
    },
    {
      given: 'a fork’s pull request, and a wish for the engine’s own builder',
      said: {origin: 'fork-pull-request', inputs: {driver: 'docker', load: true}},
      then: {use: 'create', driver: 'docker-container'}
    },
    {
      given: 'no engine, and only a plan asked for',
      said: {inputs: {mode: 'plan'}, machine: {engine: undefined, docker: undefined, buildx: undefined, builders: []}},
      then: {driver: 'auto', reach: 'door'}
    }
  ] as const)('given $given, then it is the one that fits', ({said, then}) => {
    const {choice, problems} = readBuilder(makeFacts(said))
    expect(problems).toEqual([])
    expect(choice).toEqual(expect.objectContaining(then))
    expect(choice.because).toMatch(/\.$/)
  })

  const BRIDGE = {engine: '/var/run/docker.sock', socket: `${RUN}/buildkit.sock`}
  const HOSTED = {runner: 'github-hosted', isEphemeral: true} as const
  const EPHEMERAL = {runner: 'self-hosted', isEphemeral: true} as const

  test.each([
    {
      given: 'a fork without secrets on a hosted machine',
      said: {origin: 'fork-pull-request', machine: HOSTED, inputs: {secretSource: 'None'}},
      then: {otherwise: {bridge: BRIDGE}, driverOptions: ['network=host']}
    },
    {
      given: 'a fork whose secrets nobody tells of',
      said: {origin: 'fork-pull-request', machine: HOSTED},
      then: {otherwise: {bridge: BRIDGE}, driverOptions: ['network=host']}
    },
    {
      given: 'a fork to which the repository hands its secrets',
      said: {origin: 'fork-pull-request', machine: HOSTED, inputs: {secretSource: 'Actions'}},
      then: {driverOptions: []}
    },
    {
      given: 'a fork on a machine of its owner’s that is thrown away',
      said: {origin: 'fork-pull-request', machine: EPHEMERAL, inputs: {secretSource: 'None'}},
      then: {driverOptions: []}
    },
    {given: 'Dependabot', said: {origin: 'dependabot', machine: HOSTED}, then: {driverOptions: []}},
    {given: 'a privileged event', said: {origin: 'pull-request-target', machine: HOSTED}, then: {driverOptions: []}},
    {
      given: 'a fork, and an engine without a containerd store',
      said: {origin: 'fork-pull-request', machine: {...HOSTED, engine: CLASSIC}},
      then: {driverOptions: ['network=host']}
    },
    {
      given: 'a fork, and an engine on another machine',
      said: {origin: 'fork-pull-request', machine: {...HOSTED, engine: REMOTE_ENGINE}},
      then: {driverOptions: []}
    }
  ] as const)('given $given, code without trust gets one of its own, and there is $then beside', ({said, then}) => {
    const {choice} = readBuilder(makeFacts(said))
    const {use, driver, otherwise, driverOptions, bridge} = choice
    expect({use, driver, bridge}).toEqual({use: 'create', driver: 'docker-container', bridge: undefined})
    expect({driverOptions, ...(otherwise === undefined ? {} : {otherwise})}).toEqual(then)
  })

  test.each([
    {given: 'no docker at all', said: {machine: {engine: undefined, docker: undefined}}, then: 'engine-missing'},
    {given: 'a client without an engine', said: {machine: {engine: undefined}}, then: 'engine-missing'},
    {given: 'an old engine', said: {machine: {engine: {...ENGINE, version: '20.10.24'}}}, then: 'engine-too-old'},
    {
      given: 'the docker driver without a containerd store',
      said: {machine: {engine: CLASSIC}, inputs: {driver: 'docker'}},
      then: 'builder-unsuitable'
    },
    {
      given: 'a builder by name that is the engine’s, without a containerd store',
      said: {machine: {engine: CLASSIC, builders: BUILDERS}, inputs: {builder: 'default'}},
      then: 'builder-unsuitable'
    },
    {
      given: 'a builder by name that does not exist',
      said: {machine: {builders: BUILDERS}, inputs: {builder: 'wram'}},
      then: 'builder-unsuitable'
    }
  ] as const)('given $given, then that is $then', ({said, then}) => {
    const {problems} = readBuilder(makeFacts(said))
    expect(problems.map(({code}) => code)).toEqual([then])
  })

  test('given a name that does not exist, then those that do are told', () => {
    const {problems} = readBuilder(makeFacts({machine: {builders: BUILDERS}, inputs: {builder: 'wram'}}))
    expect(problems[0]?.why).toContain('default, warm, cluster')
  })

  test('given the oldest engine that will do, then it does', () => {
    expect(readBuilder(makeFacts({machine: {engine: {...ENGINE, version: '23.0.0'}}})).problems).toEqual([])
  })
})

describe('buildx', () => {
  test.each([
    {given: 'absent', buildx: undefined, then: {version: VERSIONS.installedBuildx}},
    {given: 'too old', buildx: {version: '0.12.1'}, then: {version: VERSIONS.installedBuildx}},
    {given: 'old enough', buildx: {version: '0.13.0'}, then: undefined},
    {given: 'new', buildx: {version: '0.29.1'}, then: undefined}
  ])('is fetched when it is $given: $then', ({buildx, then}) => {
    expect(buildxToInstall(makeFacts({machine: {buildx}}))).toEqual(then)
  })
})
