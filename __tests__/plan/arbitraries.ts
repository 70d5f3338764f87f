import fc from 'fast-check'
import {type InputRoot, OPT_INS, ORIGINS, SECRET_SOURCES} from '../../src/model/event.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import type {Machine} from '../../src/model/machine.ts'
import type {Submodule} from '../../src/model/source.ts'
import {type FactsSaid, makeDockerfile, makeStage} from '../support/facts.ts'

const IMAGES = [
  {registry: 'ghcr.io', repository: 'acme/app'},
  {registry: 'docker.io', repository: 'acme/app'},
  {registry: '127.0.0.1:5000', repository: 'team/app'}
]

const SECRETS: Inputs['secrets'] = [
  {id: 'kernels', from: 'value', value: {secret: 'kernels'}},
  {id: 'index', from: 'env', variable: 'INDEX_TOKEN', value: {secret: 'index'}},
  {id: 'netrc', from: 'file', path: 'ci/netrc'}
]

/** Inputs of every kind that could move a decision; all of them well formed. */
export const anyInputs: fc.Arbitrary<Partial<Inputs>> = fc.record(
  {
    mode: fc.constantFrom('auto', 'plan', 'build'),
    push: fc.constantFrom('auto', 'never', 'always'),
    optIn: fc.subarray([...OPT_INS]),
    secretSource: fc.constantFrom(...SECRET_SOURCES),
    images: fc.subarray(IMAGES, {minLength: 1}),
    tags: fc.subarray([
      {tag: 'latest'},
      {tag: '1.2.3'},
      {tag: 'edge', image: {registry: 'quay.io', repository: 'acme/app'}}
    ]),
    labels: fc.subarray([{name: 'org.opencontainers.image.source', value: 'https://example.com/other'}]),
    context: fc.constantFrom('.', 'image', './image/'),
    platforms: fc.subarray(['linux/amd64', 'linux/arm64']),
    buildArgs: fc.subarray([
      {name: 'LEVEL', value: '3'},
      {name: 'BUILDKIT_SYNTAX', value: 'mallory/frontend'},
      {name: 'BUILDKIT_CACHE_MOUNT_NS', value: ''},
      {name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128'}
    ]),
    secrets: fc.subarray([...SECRETS]),
    ssh: fc.subarray([{id: 'default', paths: ['/run/agent.sock']}]),
    buildxArgs: fc.subarray(['--no-cache', '--pull', '--shm-size=1g', '--ulimit=nofile=1024:1024']),
    layerStore: fc.constantFrom('shared', 'protected').map(kind => ({
      image: {registry: 'ghcr.io', repository: 'acme/layers'},
      kind
    })),
    load: fc.boolean(),
    driver: fc.constantFrom('auto', 'docker', 'docker-container'),
    torch: fc.constantFrom('2.8.0', '2.11', 'latest', 'auto'),
    cuda: fc.constantFrom('auto', 'cu126', 'cu128', 'cpu'),
    forkCuda: fc.constantFrom('as-asked', 'cpu'),
    gpuTargets: fc.subarray([
      {name: 'A100', capability: '8.0'},
      {name: 'B200', capability: '10.0'}
    ]),
    driverFloor: fc.constantFrom('535', '580'),
    maxSizeBytes: fc.constantFrom(5e9),
    gitCredentials: fc.subarray([
      {host: 'github.com', path: 'acme/kernels', user: 'x-access-token', token: {secret: 'git 1'}},
      {host: 'git.example.com', path: '', user: 'oauth2', token: {secret: 'git 2'}}
    ]),
    sshKeys: fc.subarray([
      {id: 'acme-kernels', repositories: [{hostname: 'github.com', path: 'acme/kernels'}], key: {secret: 'ssh 1'}},
      {
        id: 'labs-data',
        repositories: [{hostname: 'git.example.com', port: 2222, path: 'labs/data'}],
        key: {secret: 'ssh 2'}
      }
    ]),
    githubApp: fc.constantFrom(
      {id: '77', key: {secret: 'app'}, repositories: [{owner: 'acme', name: 'kernels'}], packages: 'none'},
      {id: '77', key: {secret: 'app'}, repositories: [], packages: 'write'}
    ),
    registryCredentials: fc.subarray([
      {host: 'ghcr.io', path: 'acme', user: 'octo', token: {secret: 'registry 1'}},
      {host: 'docker.io', path: '', user: 'acme', token: {secret: 'registry 2'}}
    ]),
    submodules: fc.constantFrom('auto', 'true', 'recursive', 'false'),
    cache: fc.constantFrom(
      {backend: 'auto'},
      {backend: 'registry', place: 'ghcr.io/acme/cache'},
      {backend: 'gha'},
      {backend: 'local'},
      {backend: 'none'}
    ),
    compression: fc.constantFrom('auto', 'zstd', 'gzip'),
    caBundle: fc.constant('/etc/ssl/certs/ca-certificates.crt')
  },
  {requiredKeys: []}
)

const anyRoots: fc.Arbitrary<readonly InputRoot[]> = fc.array(
  fc.record({
    root: fc.constantFrom('workspace', 'context', 'file'),
    place: fc.constant('/home/runner/work/app/app'),
    holds: fc.constantFrom('event', 'event', 'event', 'foreign', 'unknown'),
    because: fc.constant('The commit was compared with that of the event.')
  }),
  {minLength: 1, maxLength: 3}
)

const anyMachine: fc.Arbitrary<Partial<Machine>> = fc.record(
  {
    runner: fc.constantFrom('github-hosted', 'self-hosted'),
    isEphemeral: fc.boolean()
  },
  {requiredKeys: []}
)

const anyRef = fc.constantFrom(
  {},
  {ref: 'refs/heads/speed', refName: 'speed', refType: 'branch', isRefProtected: false},
  {ref: 'refs/heads/v2', refName: 'v2', refType: 'branch', isRefProtected: true},
  {ref: 'refs/tags/v1.2.3', refName: 'v1.2.3', refType: 'tag', isRefProtected: false},
  {repository: {owner: 'acme', name: 'app', isFork: true, defaultBranch: 'main'}},
  {repository: {owner: 'mallory', name: 'app', isFork: true, defaultBranch: 'main'}}
) satisfies fc.Arbitrary<FactsSaid['event']>

const SUBMODULES: readonly Submodule[] = [
  {name: 'kernels', path: 'kernels', url: 'https://github.com/acme/kernels.git'}
]

const anyDockerfile = fc.constantFrom(
  undefined,
  makeDockerfile(),
  makeDockerfile({
    stages: [
      makeStage({
        variables: [{kind: 'ARG', name: 'LEVEL', line: 2}],
        mounts: [{type: 'secret', id: 'kernels', required: false, line: 3}]
      })
    ]
  })
)

/** Any origin with any inputs, input roots, machine and source. */
export const anyFacts: fc.Arbitrary<FactsSaid> = fc
  .record({
    origin: fc.constantFrom(...ORIGINS),
    event: anyRef,
    inputs: anyInputs,
    roots: anyRoots,
    machine: anyMachine,
    dockerfile: anyDockerfile,
    submodules: fc.subarray([...SUBMODULES])
  })
  .map(({dockerfile, submodules, ...said}) => ({
    ...said,
    source: {submodules, ...(dockerfile === undefined ? {} : {dockerfile})}
  }))
