import {describe, expect, test} from '@jest/globals'
import {EPHEMERAL_MARKER, gatherMachine} from '../../src/facts/machine.ts'
import type {Machine} from '../../src/model/machine.ts'
import {type Answer, makeFakeHost} from '../support/fake-host.ts'
import {BUILDER, contextAt, type Engine, INFO, sayingsOf} from '../support/scripted-docker.ts'

const DOCKER = '/usr/bin/docker'

const MINE = {
  Name: 'mine',
  Driver: 'docker-container',
  Nodes: [{Endpoint: 'unix:///var/run/docker.sock', Version: 'v0.26.0'}]
}

interface Given extends Engine {
  readonly programs?: Readonly<Record<string, Answer>>
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

const PATHS = {workspace: '/work space', run: '/temp/run'}

function machineOf({info = {}, programs = {}, files = {}, env = {}, ...engine}: Given): Promise<Machine> {
  const said = Object.entries(sayingsOf({...engine, info: {...INFO, ...info}}))
  const host = makeFakeHost({
    env: {PATH: '/bin:/usr/bin', ...env},
    files: {[DOCKER]: '', '/proc/sys/kernel/hostname': 'runner\n', ...files},
    programs: {
      ...Object.fromEntries(said.map(([begin, text]) => [`${DOCKER} ${begin}`, text])),
      'git --version': 'git version 2.51.0\n',
      ...programs
    }
  })
  return gatherMachine(host, PATHS)
}

describe('a machine', () => {
  test('an ordinary hosted runner', async () => {
    const lfs = {'git-lfs version': 'git-lfs/3.7.0 (GitHub; linux amd64)'}
    expect(await machineOf({programs: lfs, env: {RUNNER_ENVIRONMENT: 'github-hosted'}})).toEqual({
      os: 'linux',
      arch: 'x64',
      runner: 'github-hosted',
      isEphemeral: true,
      isContainer: false,
      git: {version: '2.51.0', hasLfs: true},
      docker: {path: DOCKER, version: '28.5.1'},
      buildx: {version: '0.29.1'},
      engine: {
        version: '28.5.2',
        endpoint: 'unix:///var/run/docker.sock',
        sharesLoopback: true,
        hasContainerdStore: true,
        storage: 'overlayfs',
        rootDir: '/var/lib/docker'
      },
      builders: [{name: 'default', driver: 'docker', isCurrent: true, sharesLoopback: true, buildkit: '0.25.2'}],
      disk: {place: '/var/lib/docker', freeBytes: 80e9, holdsRun: true}
    })
  })

  test('with nothing on it nothing is asked twice, and all is absent', async () => {
    const host = makeFakeHost({env: {PATH: '/bin'}})
    expect(await gatherMachine(host, PATHS)).toEqual({
      os: 'linux',
      arch: 'x64',
      runner: 'self-hosted',
      isEphemeral: false,
      isContainer: false,
      builders: [],
      disk: {place: '/work space', freeBytes: 80e9, holdsRun: true}
    })
    expect(host.asked.map(({file}) => file).toSorted()).toEqual(['git', 'git-lfs', 'nvidia-smi', 'uv'])
  })

  test.each([
    {given: 'a GPU that only warns about its own information store', exitCode: 14, names: ['NVIDIA A100']},
    {given: 'a driver that does not answer', exitCode: 9, names: undefined}
  ])('given $given (exit status $exitCode), the GPUs are $names', async ({exitCode, names}) => {
    const programs = {'nvidia-smi': {exitCode, stdout: '570.124.06, NVIDIA A100\n'}}
    const {gpu} = await gatherMachine(makeFakeHost({programs}), PATHS)
    expect(gpu?.names).toEqual(names)
  })

  test('a client without an engine behind it', async () => {
    const info = {...INFO, ServerVersion: '', DockerRootDir: '', ServerErrors: ['Cannot connect']}
    const broken = {Name: 'default', Driver: '', Nodes: null}
    const machine = await machineOf({info, builders: [broken]})
    expect(machine).toMatchObject({docker: {path: DOCKER}, builders: [], disk: {place: '/work space'}})
    expect(machine.engine).toBeUndefined()
  })

  test('Debian’s versions are plain numbers', async () => {
    const info = {
      ServerVersion: '26.1.5+dfsg1',
      ClientInfo: {Version: '26.1.5+dfsg1', Plugins: [{Name: 'buildx', Version: '0.13.1+ds1'}]}
    }
    const nodes = [{Endpoint: 'default', Version: 'v0.0.0+unknown'}]
    const machine = await machineOf({info, builders: [{...BUILDER, Nodes: nodes}]})
    expect([machine.engine?.version, machine.buildx?.version, machine.docker?.version]).toEqual([
      '26.1.5',
      '0.13.1',
      '26.1.5'
    ])
    expect(machine.builders[0]?.buildkit).toBeUndefined()
  })

  test('an engine without the containerd store', async () => {
    const info = {Driver: 'overlay2', DriverStatus: [['Backing Filesystem', 'extfs']]}
    expect((await machineOf({info})).engine).toMatchObject({hasContainerdStore: false, storage: 'overlay2'})
  })

  test('a graphics card, and two of them', async () => {
    const programs = {'nvidia-smi': '570.124.06, NVIDIA H200\n570.124.06, NVIDIA H200\n'}
    expect((await machineOf({programs})).gpu).toEqual({driver: '570.124.06', names: ['NVIDIA H200', 'NVIDIA H200']})
  })

  test.each<{given: string; answer: Answer}>([
    {given: 'a driver that does not answer', answer: {exitCode: 9, stdout: 'NVIDIA-SMI has failed'}},
    {given: 'no card', answer: 'No devices were found\n'}
  ])('$given is no graphics card', async ({answer}) => {
    expect((await machineOf({programs: {'nvidia-smi': answer}})).gpu).toBeUndefined()
  })

  test('buildx that knows no format is asked for its table', async () => {
    const table =
      'NAME/NODE DRIVER/ENDPOINT STATUS BUILDKIT PLATFORMS\ndefault * docker\n  default default running 23.0.1 linux/amd64\n'
    const programs = {
      [`${DOCKER} buildx ls --format`]: {exitCode: 1, stderr: 'unknown flag: --format'},
      [`${DOCKER} buildx ls`]: table
    }
    expect((await machineOf({programs})).builders.map(({name, driver}) => [name, driver])).toEqual([
      ['default', 'docker']
    ])
  })

  test('a self-hosted machine is thrown away after use only where its owner says so on its disk', async () => {
    expect((await machineOf({env: {RUNNER_ENVIRONMENT: 'self-hosted'}})).isEphemeral).toBe(false)
    expect((await machineOf({files: {[EPHEMERAL_MARKER]: ''}})).isEphemeral).toBe(true)
  })

  test.each([
    {given: 'docker’s mark', files: {'/.dockerenv': ''}, env: {}},
    {given: 'podman’s mark', files: {'/run/.containerenv': ''}, env: {}},
    {given: 'a control group', files: {'/proc/1/cgroup': '0::/kubepods/burstable/pod1\n'}, env: {}},
    {given: 'Kubernetes', files: {}, env: {KUBERNETES_SERVICE_HOST: '10.0.0.1'}}
  ])('$given shows a container', async ({files, env}) => {
    expect((await machineOf({files, env})).isContainer).toBe(true)
  })
})

describe('whether builders reach our 127.0.0.1', () => {
  test.each<Given & {given: string; then: boolean}>([
    {given: 'an engine on a socket of this machine', then: true},
    {given: 'an engine on loopback by TCP', context: contextAt('tcp://127.0.0.1:2375'), then: true},
    {given: 'an engine on another machine', context: contextAt('tcp://10.0.0.7:2376'), then: false},
    {given: 'an engine behind ssh', context: contextAt('ssh://octo@builder'), then: false},
    {given: 'a rootless engine', info: {SecurityOptions: ['name=rootless']}, then: false},
    {given: 'an engine in a virtual machine', info: {OperatingSystem: 'Docker Desktop'}, then: false},
    {given: 'an engine outside our container', info: {Name: 'big-host'}, files: {'/.dockerenv': ''}, then: false},
    {given: 'an engine in our own container or pod', files: {'/.dockerenv': ''}, then: true}
  ])('$given: $then', async ({then, ...given}) => {
    const machine = await machineOf(given)
    expect([machine.engine?.sharesLoopback, machine.builders[0]?.sharesLoopback]).toEqual([then, then])
  })

  test.each([
    {given: 'on the host’s network', options: 'network="host"', builder: MINE, then: true},
    {given: 'on a network of its own', options: 'image="moby/buildkit"', builder: MINE, then: false},
    {
      given: 'on the host’s network of another machine',
      options: 'network="host"',
      builder: {...MINE, Nodes: [{Endpoint: 'ssh://builder'}]},
      then: false
    },
    {given: 'in a cluster', options: 'network="host"', builder: {...MINE, Driver: 'kubernetes'}, then: false},
    {given: 'elsewhere', options: '', builder: {...MINE, Driver: 'remote'}, then: false}
  ])('a builder $given: $then', async ({options, builder, then}) => {
    const inspected = `Name: mine\n\nNodes:\nName: mine0\nDriver Options: ${options}\n`
    const programs = {[`${DOCKER} buildx inspect mine`]: inspected}
    const {builders} = await machineOf({builders: [BUILDER, builder], programs})
    expect(builders.find(({name}) => name === 'mine')?.sharesLoopback).toBe(then)
  })

  test('the docker driver of another context is another engine', async () => {
    const other = {Name: 'remote-context', Driver: 'docker', Nodes: [{Endpoint: 'remote-context'}]}
    const {builders} = await machineOf({builders: [BUILDER, other]})
    expect(builders.map(({sharesLoopback}) => sharesLoopback)).toEqual([true, false])
  })
})
