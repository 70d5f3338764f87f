import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {INPUT_GROUPS, INPUTS} from '../../src/facts/inputs.ts'
import {type InputsRead, readInputs} from '../../src/facts/read-inputs.ts'
import type {EventFacts} from '../../src/model/event.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import {makeFacts} from '../support/facts.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'

const TOKEN = `ghs_${'4x'.repeat(18)}`
const PERSONAL = `ghp_${'7y'.repeat(18)}`

interface Given {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly event?: Partial<EventFacts>
}

function read({inputs = {}, env = {}, event = {}}: Given): InputsRead & {readonly host: FakeHost} {
  const host = makeFakeHost({inputs: {token: TOKEN, ...inputs}, env})
  return {...readInputs(host, {...makeFacts().event, ...event}), host}
}

function understood(given: Given): Inputs {
  const {inputs, problems} = read(given)
  expect(problems.map(({code, what}) => [code, what])).toEqual([])
  return inputs
}

describe('the table of inputs', () => {
  test('every input has a name of its own, a group and a sentence', () => {
    expect(new Set(INPUTS.map(({name}) => name)).size).toBe(INPUTS.length)
    for (const {name, group, description} of INPUTS) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(INPUT_GROUPS).toContain(group)
      expect(description).toMatch(/^\S.*\.$/)
    }
  })

  test('without any value every default is good', () => {
    expect(understood({})).toEqual({
      mode: 'auto',
      push: 'auto',
      optIn: [],
      images: [{registry: 'ghcr.io', repository: 'acme/app'}],
      tags: [],
      labels: [],
      context: '.',
      platforms: [],
      buildArgs: [],
      buildContexts: [],
      secrets: [],
      ssh: [],
      buildxArgs: [],
      load: false,
      driver: 'auto',
      cuda: 'auto',
      forkCuda: 'as-asked',
      gpuTargets: [],
      requirements: [],
      flavor: 'runtime',
      aptPackages: [],
      extensions: {folders: [], packages: []},
      token: {secret: 'token', kind: 'github-installation'},
      gitCredentials: [],
      sshKeys: [],
      knownHosts: [],
      submodules: 'auto',
      registryCredentials: [],
      cache: {backend: 'auto'},
      compression: 'auto',
      gpu: 'auto',
      gpuTiers: 'quick',
      gpuInjection: 'auto',
      gpuDevices: [],
      gpuFloors: {},
      gpuReports: [],
      given: [],
      notices: []
    })
  })

  test('a default that the runner hands over is no wish, another value is one', () => {
    expect(understood({inputs: {mode: 'auto', torch: '2.8.0', cuda: 'cpu'}}).given).toEqual(['torch', 'cuda'])
  })
})

describe('values that are understood', () => {
  test.each<{given: string; inputs: Record<string, string>; then: Partial<Inputs>}>([
    {given: 'docker’s way to ask for a push', inputs: {push: 'true'}, then: {push: 'always'}},
    {given: 'docker’s way to ask for none', inputs: {push: 'false'}, then: {push: 'never'}},
    {given: 'capitals in a choice', inputs: {mode: 'Plan'}, then: {mode: 'plan'}},
    {given: 'blanks around a value', inputs: {push: ' never\n'}, then: {push: 'never'}},
    {
      given: 'several images by lines and commas',
      inputs: {image: 'ghcr.io/acme/app\nacme/app, ghcr.io/acme/app'},
      then: {
        images: [
          {registry: 'ghcr.io', repository: 'acme/app'},
          {registry: 'docker.io', repository: 'acme/app'}
        ]
      }
    },
    {given: 'tags', inputs: {tags: 'v1,latest\nv1'}, then: {tags: [{tag: 'v1'}, {tag: 'latest'}]}},
    {
      given: 'a full reference in tags instead of image',
      inputs: {tags: 'acme/app:1.0'},
      then: {
        images: [{registry: 'docker.io', repository: 'acme/app'}],
        tags: [{image: {registry: 'docker.io', repository: 'acme/app'}, tag: '1.0'}]
      }
    },
    {
      given: 'a full reference in tags beside image',
      inputs: {image: 'ghcr.io/acme/app', tags: 'quay.io/acme/app'},
      then: {
        images: [
          {registry: 'ghcr.io', repository: 'acme/app'},
          {registry: 'quay.io', repository: 'acme/app'}
        ],
        tags: [{image: {registry: 'quay.io', repository: 'acme/app'}, tag: 'latest'}]
      }
    },
    {
      given: 'what is asked for, in one line or in several, with letters of any case',
      inputs: {'opt-in': 'pr-push, PR-GPU\n# none\nmerge-queue\npr-push'},
      then: {optIn: ['pr-push', 'pr-gpu', 'merge-queue']}
    },
    {given: 'the store that GitHub names', inputs: {'secret-source': 'Dependabot'}, then: {secretSource: 'Dependabot'}},
    {given: 'a store that we do not know', inputs: {'secret-source': 'Later'}, then: {}},
    {
      given: 'labels with commas and equal signs in them',
      inputs: {labels: 'a.b=c,d=e\n# none\nf='},
      then: {
        labels: [
          {name: 'a.b', value: 'c,d=e'},
          {name: 'f', value: ''}
        ]
      }
    },
    {
      given: 'a build argument over two lines, and quotes inside another',
      inputs: {'build-args': '"A=one\ntwo"\nB="three four"\nC={"x": 1}'},
      then: {
        buildArgs: [
          {name: 'A', value: 'one\ntwo'},
          {name: 'B', value: '"three four"'},
          {name: 'C', value: '{"x": 1}'}
        ]
      }
    },
    {
      given: 'platforms by their other names',
      inputs: {platforms: 'amd64, linux/aarch64\nlinux/arm64/v8'},
      then: {platforms: ['linux/amd64', 'linux/arm64']}
    },
    {
      given: 'named contexts',
      inputs: {'build-contexts': 'lib=../lib\nbase=docker-image://python:3.12'},
      then: {
        buildContexts: [
          {name: 'lib', location: '../lib'},
          {name: 'base', location: 'docker-image://python:3.12'}
        ]
      }
    },
    {
      given: 'keys and the agent',
      inputs: {ssh: 'default\nkernels=/k/a,/k/b'},
      then: {
        ssh: [
          {id: 'default', paths: []},
          {id: 'kernels', paths: ['/k/a', '/k/b']}
        ]
      }
    },
    {given: 'a line of releases', inputs: {torch: 'v2.8'}, then: {torch: '2.8'}},
    {given: 'the latest release', inputs: {torch: 'Latest'}, then: {torch: 'latest'}},
    {given: 'CUDA with a dot', inputs: {cuda: '12.8'}, then: {cuda: 'cu128'}},
    {given: 'CUDA as a variant', inputs: {cuda: 'CU130'}, then: {cuda: 'cu130'}},
    {given: 'CUDA to the patch', inputs: {cuda: '12.8.1'}, then: {cuda: 'cu128'}},
    {given: 'no CUDA', inputs: {cuda: 'cpu'}, then: {cuda: 'cpu'}},
    {given: 'any CUDA of a major', inputs: {cuda: '12'}, then: {cuda: 'cu12'}},
    {given: 'the newest CUDA', inputs: {cuda: 'latest'}, then: {cuda: 'latest'}},
    {given: 'a range of releases', inputs: {torch: '>=2.7, <2.9'}, then: {torch: '>=2.7,<2.9'}},
    {given: 'a torch that fits the rest', inputs: {torch: 'auto'}, then: {torch: 'auto'}},
    {given: 'a Python', inputs: {python: '3.12'}, then: {python: '3.12'}},
    {given: 'a Python as wheels write it', inputs: {python: 'cp312'}, then: {python: '3.12'}},
    {given: 'a Python to the patch', inputs: {python: '3.12.4'}, then: {python: '3.12.4'}},
    {given: 'a free-threaded Python', inputs: {python: '3.13t'}, then: {python: '3.13t'}},
    {given: 'a driver branch', inputs: {'driver-floor': '535'}, then: {driverFloor: '535'}},
    {given: 'a driver', inputs: {'driver-floor': '535.104.05'}, then: {driverFloor: '535.104.05'}},
    {given: 'a budget', inputs: {'max-size': '4.5 GB'}, then: {maxSizeBytes: 4_500_000_000}},
    {given: 'a budget as docker writes it', inputs: {'max-size': '5g'}, then: {maxSizeBytes: 5_368_709_120}},
    {given: 'forks on CPU', inputs: {'fork-cuda': 'CPU'}, then: {forkCuda: 'cpu'}},
    {
      given: 'GPUs by name, each once',
      inputs: {'gpu-targets': 'A100, H100, a100'},
      then: {
        gpuTargets: [
          {name: 'A100', capability: '8.0'},
          {name: 'H100', capability: '9.0'}
        ]
      }
    },
    {
      given: 'compute capabilities as TORCH_CUDA_ARCH_LIST has them',
      inputs: {'gpu-targets': '8.0;9.0+PTX'},
      then: {
        gpuTargets: [
          {name: '8.0', capability: '8.0'},
          {name: '9.0', capability: '9.0'}
        ]
      }
    },
    {given: 'hours', inputs: {timeout: '2h'}, then: {timeoutMs: 7_200_000}},
    {given: 'hours and minutes', inputs: {timeout: '1h 30m'}, then: {timeoutMs: 5_400_000}},
    {given: 'a number of minutes', inputs: {timeout: '90'}, then: {timeoutMs: 5_400_000}},
    {given: 'seconds', inputs: {timeout: '45s'}, then: {timeoutMs: 45_000}},
    {
      given: 'a cache with a place',
      inputs: {cache: 'local:/var/cache:1'},
      then: {cache: {backend: 'local', place: '/var/cache:1'}}
    },
    {
      given: 'a registry cache in capitals',
      inputs: {cache: 'registry:ghcr.io/Acme/App:Cache'},
      then: {cache: {backend: 'registry', place: 'ghcr.io/acme/app:Cache'}}
    },
    {given: 'a base image', inputs: {'base-image': 'python:3.12-slim'}, then: {baseImage: 'python:3.12-slim'}},
    {
      given: 'a compiler by its digest',
      inputs: {'cuda-devel': `nvidia/cuda:12.8.1-devel-ubuntu24.04@sha256:${'a'.repeat(64)}`},
      then: {cudaDevel: `nvidia/cuda:12.8.1-devel-ubuntu24.04@sha256:${'a'.repeat(64)}`}
    },
    {
      given: 'an index',
      inputs: {'index-url': 'https://download.pytorch.org/whl/cu126'},
      then: {indexUrl: 'https://download.pytorch.org/whl/cu126'}
    },
    {given: 'a flavour', inputs: {flavor: 'Notebook'}, then: {flavor: 'notebook'}},
    {
      given: 'packages of apt',
      inputs: {'apt-packages': '# for OpenCV\nlibgl1 ffmpeg,git=1:2.39.5-0+deb12u2\ngit:arm64 ffmpeg'},
      then: {aptPackages: ['libgl1', 'ffmpeg', 'git=1:2.39.5-0+deb12u2', 'git:arm64']}
    },
    {
      given: 'requirement files',
      inputs: {requirements: 'a.txt, b.txt\na.txt'},
      then: {requirements: ['a.txt', 'b.txt']}
    }
  ])('$given', ({inputs, then}) => {
    expect(understood({inputs})).toMatchObject(then)
  })

  test.each([
    {given: 'an image with capitals', inputs: {image: 'ghcr.io/Acme/App'}, event: {}},
    {given: 'a repository with capitals', inputs: {}, event: {repository: {owner: 'Acme', name: 'App', isFork: false}}}
  ])('$given is lowered, and that is told', ({inputs, event}) => {
    const {images, notices} = understood({inputs, event})
    expect(images).toEqual([{registry: 'ghcr.io', repository: 'acme/app'}])
    expect(notices).toEqual([expect.stringContaining('ghcr.io/acme/app')])
  })

  test('a repository whose name no registry takes still gets a name', () => {
    const event = {repository: {owner: 'acme', name: '.github__-', isFork: false}}
    expect(understood({event}).images).toEqual([{registry: 'ghcr.io', repository: 'acme/github'}])
  })
})

describe('values that are faults', () => {
  test.each<{given: string; inputs: Record<string, string>; names: string}>([
    {given: 'a flavour that is none', inputs: {flavor: 'notebok'}, names: 'flavor: notebook'},
    {
      given: 'an option in a package’s place',
      inputs: {'apt-packages': 'git --allow-unauthenticated'},
      names: 'apt-packages'
    },
    {given: 'a mistyped choice', inputs: {mode: 'paln'}, names: 'mode: plan'},
    {given: 'a choice of nothing', inputs: {submodules: 'maybe'}, names: 'submodules'},
    {given: 'push that is neither', inputs: {push: 'yes'}, names: 'push'},
    {given: 'an image with a tag', inputs: {image: 'ghcr.io/acme/app:1.0'}, names: 'tags: 1.0'},
    {given: 'an image with a digest', inputs: {image: `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`}, names: 'digest'},
    {given: 'an image without an owner', inputs: {image: 'app'}, names: 'owner'},
    {given: 'an image that is none', inputs: {image: 'ghcr.io/acme/my--.app'}, names: 'image'},
    {given: 'a tag that is none', inputs: {tags: 'feature/x'.concat(':', '?')}, names: 'tags'},
    {given: 'a tag with a digest', inputs: {tags: `acme/app@sha256:${'a'.repeat(64)}`}, names: 'digest'},
    {given: 'a rule of another action', inputs: {tags: 'type=semver,pattern={{version}}'}, names: 'metadata-action'},
    {given: 'a build argument without a value', inputs: {'build-args': 'NOWHERE'}, names: 'NOWHERE'},
    {given: 'a build argument twice', inputs: {'build-args': 'A=1\nA=2'}, names: 'A'},
    {given: 'a build argument without a name', inputs: {'build-args': '=x'}, names: 'build-args'},
    {given: 'a quote that stays open', inputs: {'build-args': '"A=1\nB=2'}, names: 'quote'},
    {given: 'a named context without a place', inputs: {'build-contexts': 'lib'}, names: 'lib'},
    {given: 'a platform that is none', inputs: {platforms: 'linux/arm46'}, names: 'linux/arm64'},
    {given: 'Windows', inputs: {platforms: 'windows/amd64'}, names: 'platforms'},
    {given: 'a version that is none', inputs: {torch: 'newest'}, names: 'torch'},
    {given: 'a version with its CUDA', inputs: {torch: '2.8.0+cu128'}, names: 'cuda: cu128'},
    {given: 'a CUDA that is none', inputs: {cuda: 'rocm6'}, names: 'cuda'},
    {given: 'a budget without a unit', inputs: {'max-size': '5'}, names: 'max-size: 5GB'},
    {given: 'a budget of nothing', inputs: {'max-size': '0GB'}, names: 'max-size'},
    {given: 'a nightly', inputs: {torch: '2.16.0.dev20261120'}, names: 'stable'},
    {given: 'a version that is no version', inputs: {torch: '2.8.x'}, names: 'torch'},
    {given: 'a Python that YAML cut short', inputs: {python: '3.1'}, names: '"3.10"'},
    {given: 'a Python 2', inputs: {python: '2.7'}, names: 'python'},
    {given: 'a GPU with a letter too many', inputs: {'gpu-targets': 'A1000'}, names: 'A100'},
    {given: 'a GPU that nobody knows', inputs: {'gpu-targets': 'Voodoo2'}, names: 'compute capability'},
    {given: 'a compute capability that no GPU has', inputs: {'gpu-targets': '9.7'}, names: '9.7'},
    {given: 'a driver that is none', inputs: {'driver-floor': 'newest'}, names: 'driver-floor'},
    {given: 'no time', inputs: {timeout: '0'}, names: 'timeout'},
    {given: 'a time that is none', inputs: {timeout: 'soon'}, names: 'timeout'},
    {given: 'too much time', inputs: {timeout: '200h'}, names: 'timeout'},
    {given: 'a cache that is none', inputs: {cache: 'redis'}, names: 'cache'},
    {given: 'a cache without the place it announces', inputs: {cache: 'registry:'}, names: 'cache'},
    {given: 'a place that the backend does not take', inputs: {cache: 'gha:here'}, names: 'cache'},
    {given: 'a cache under a digest', inputs: {cache: `registry:acme/app@sha256:${'a'.repeat(64)}`}, names: 'digest'},
    {
      given: 'an index with a password that no netrc file can hold',
      inputs: {'index-url': 'https://ci:hunter%2022@pypi.acme.test/simple'},
      names: 'login'
    },
    {given: 'an index that is none', inputs: {'index-url': 'pypi'}, names: 'index-url'},
    {given: 'a certificate in the path’s place', inputs: {'ca-bundle': '-----BEGIN CERTIFICATE-----'}, names: 'path'},
    {given: 'a path of two lines', inputs: {file: 'a\nb'}, names: 'file'},
    {given: 'a builder with a blank', inputs: {builder: 'my builder'}, names: 'builder'},
    {given: 'a key by value', inputs: {ssh: 'default=-----BEGIN OPENSSH PRIVATE KEY-----'}, names: 'ssh'},
    {given: 'a base image that is none', inputs: {'base-image': 'python 3.12'}, names: 'base-image'},
    {given: 'a compiler by a tag', inputs: {'cuda-devel': 'nvidia/cuda:12.8.1-devel-ubuntu24.04'}, names: 'digest'},
    {given: 'a compiler that is no image', inputs: {'cuda-devel': '/usr/local/cuda 12'}, names: 'cuda-devel'}
  ])('$given', ({inputs, names}) => {
    const {problems} = read({inputs})
    expect(problems).toHaveLength(1)
    expect(problems[0]?.code).toBe('input-invalid')
    expect(problems[0]?.message).toContain(names)
  })

  test.each<{given: string; inputs: Record<string, string>}>([
    {given: 'a builder and a driver', inputs: {builder: 'mine', driver: 'docker-container'}},
    {given: 'no token for GitHub’s registry', inputs: {token: ''}}
  ])('$given contradict each other', ({inputs}) => {
    expect(read({inputs}).problems.map(({code}) => code)).toEqual(['input-conflict'])
  })

  test.each<{given: string; inputs: Record<string, string>; event?: Partial<EventFacts>}>([
    {given: 'nothing is pushed', inputs: {push: 'never'}},
    {given: 'the plan is only printed', inputs: {mode: 'plan'}},
    {given: 'another registry is meant', inputs: {image: '127.0.0.1:5000/acme/app'}},
    {given: 'there is another login', inputs: {'registry-credentials': `ghcr.io octo ${PERSONAL}`}},
    {given: 'the event never pushes', inputs: {}, event: {origin: 'fork-pull-request'}}
  ])('an empty token is no fault where $given', ({inputs, event = {}}) => {
    understood({inputs: {...inputs, token: ''}, event})
  })

  test('all faults are told at once', () => {
    const inputs = {mode: 'x', push: 'y', image: 'z', torch: 'q', nonsense: '1'}
    expect(read({inputs}).problems.map(({code}) => code)).toEqual([
      'input-unknown',
      'input-invalid',
      'input-invalid',
      'input-invalid',
      'input-invalid'
    ])
  })
})

describe('names that are no inputs', () => {
  test.each([
    {name: 'tag', fix: '`tags`'},
    {name: 'requirments', fix: '`requirements`'},
    {name: 'dockerfile', fix: '`file`'},
    {name: 'github-token', fix: '`token`'},
    {name: 'cache-to', fix: '`cache`'},
    {name: 'password', fix: '`registry-credentials`'},
    {name: 'constructor', fix: 'Take'},
    {name: 'completely-different', fix: 'Take'}
  ])('$name', ({name, fix}) => {
    const {problems} = read({inputs: {[name]: 'something'}})
    expect(problems).toEqual([expect.objectContaining({code: 'input-unknown', fix: expect.stringContaining(fix)})])
  })
})

describe('secrets among the inputs', () => {
  test('a build argument that carries one is told by name, not by value', () => {
    const inputs = {secrets: `pip=${PERSONAL}`, 'build-args': `PIP=https://x:${PERSONAL}@acme.test\nPLAIN=1`}
    const {buildArgs} = understood({inputs})
    expect(buildArgs).toEqual([
      {name: 'PIP', value: '', carriesSecret: {secret: 'secrets pip'}},
      {name: 'PLAIN', value: '1'}
    ])
  })

  test.each([
    {given: 'the shape of a token', argument: `ANY=${PERSONAL}`},
    {given: 'a name that says so', argument: 'DB_PASSWORD=correct-horse'},
    {given: 'the runner’s own token', argument: 'X=runtime-token-of-this-job'}
  ])('a build argument with $given is covered', ({argument}) => {
    const {inputs, host} = read({
      inputs: {'build-args': argument},
      env: {ACTIONS_RUNTIME_TOKEN: 'runtime-token-of-this-job'}
    })
    expect(inputs.buildArgs[0]).toMatchObject({value: '', carriesSecret: {secret: expect.any(String)}})
    expect(host.masks).toContain(argument.slice(argument.indexOf('=') + 1))
  })

  test.each(['TOKENIZER=bert-base-uncased', 'API_KEY_FILE=/run/x', 'HF_TOKEN=$OTHER_TOKEN', 'DB_PASSWORD=short'])(
    '%s is an ordinary build argument',
    argument => {
      expect(understood({inputs: {'build-args': argument}}).buildArgs[0]?.carriesSecret).toBeUndefined()
    }
  )

  test('whatever is given as a secret stands in no fact and is masked', () => {
    const values = Array.from({length: 6}, (_, at) => `s3cr3t-value-number-${at}`)
    const [one = '', two = '', three = '', four = '', five = '', six = ''] = values
    const {inputs, host} = read({
      inputs: {
        token: one,
        secrets: `a=${two}\nb=env:PIP_TOKEN`,
        'git-credentials': `github.com/acme/x ${four}`,
        'registry-credentials': `ghcr.io octo ${five}`,
        'build-args': `X=${six}${one}`
      },
      env: {PIP_TOKEN: three}
    })
    for (const value of values.slice(0, 5)) {
      expect(JSON.stringify(inputs)).not.toContain(value)
      expect(host.masks).toContain(value)
    }
  })

  test('no text in a secret’s place shows up in what is told', () => {
    const field = fc.constantFrom('token', 'secrets', 'git-credentials', 'registry-credentials')
    const words = fc.array(
      fc.constantFrom(PERSONAL, 'github.com/acme', 'octo', '=', 'id=', '"', ' ', '\n', '#', 'file:'),
      {
        maxLength: 8
      }
    )
    fc.assert(
      fc.property(field, words, (name, parts) => {
        const {problems, inputs} = read({inputs: {[name]: parts.join('')}})
        expect(JSON.stringify([problems.map(({message}) => message), inputs])).not.toContain(PERSONAL)
      }),
      {numRuns: 2000}
    )
  })
})
