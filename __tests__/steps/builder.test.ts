import {describe, expect, test} from '@jest/globals'
import type {BuilderWork, DoorRoute} from '../../src/model/work-build.ts'
import {provideBuilder} from '../../src/steps/builder.ts'
import type {Resources, StepContext} from '../../src/steps/step.ts'
import {type FakeHost, type FakeWorld, makeFakeHost} from '../support/fake-host.ts'

const DIRECTORY = '/temp/run/docker'
const MACHINE = '/home/runner/.docker/config.json'
const MACHINE_CONFIG = JSON.stringify({
  auths: {'nvcr.io': {auth: 'c29tZW9uZTpsb2dpbg=='}},
  credsStore: 'desktop',
  proxies: {default: {httpProxy: 'http://proxy.acme.dev:3128'}},
  psFormat: 'table'
})

function work(changes: Partial<BuilderWork> = {}): BuilderWork {
  return {
    use: 'adopt',
    name: 'default',
    driver: 'docker',
    because: 'The engine keeps images in the containerd store.',
    docker: '/usr/bin/docker',
    endpoint: 'unix:///var/run/docker.sock',
    driverOptions: [],
    directory: DIRECTORY,
    inheritsLogins: true,
    reach: 'door',
    routes: [],
    ...changes
  }
}

function worldWith(changes: FakeWorld = {}): FakeWorld {
  return {env: {HOME: '/home/runner'}, files: {[MACHINE]: MACHINE_CONFIG}, ...changes}
}

async function provide(planned: BuilderWork, host: FakeHost): Promise<Resources> {
  const resources: Resources = {docker: {file: 'docker', environment: {}}}
  const context: Partial<StepContext> = {host, resources, products: {}}
  await provideBuilder(planned, context as StepContext)
  return resources
}

function configurationOf(host: FakeHost): Record<string, unknown> {
  return JSON.parse(host.stored.get(`${DIRECTORY}/config.json`) ?? '') as Record<string, unknown>
}

function routeWith(host: FakeHost): DoorRoute {
  const token = host.secrets.keep('registry-credentials', 'the-registry-token')
  return {
    local: 'ghcr.io/acme/app',
    image: {registry: 'ghcr.io', repository: 'acme/app'},
    credential: {host: 'ghcr.io', path: '', user: 'robot', token},
    actions: 'pull,push'
  }
}

describe('the builder step', () => {
  test('gives a builder that reaches the door the door’s password and no registry credential', async () => {
    const host = makeFakeHost(worldWith())
    await provide(work({routes: [routeWith(host)]}), host)
    const auths = configurationOf(host).auths as Record<string, {auth: string}>
    expect(Object.keys(auths)).toEqual(['nvcr.io', '127.0.0.1:41000'])
    expect(JSON.stringify([...host.stored])).not.toContain('the-registry-token')
    expect(Buffer.from(auths['127.0.0.1:41000']?.auth ?? '', 'base64').toString()).toBe('run:door-password-of-this-run')
  })

  test('gives a builder that cannot reach the door the credential itself, and opens no door', async () => {
    const host = makeFakeHost(worldWith())
    const resources = await provide(work({reach: 'direct', routes: [routeWith(host)]}), host)
    const auths = configurationOf(host).auths as Record<string, {auth: string}>
    expect(Buffer.from(auths['ghcr.io']?.auth ?? '', 'base64').toString()).toBe('robot:the-registry-token')
    expect(resources.door).toBeUndefined()
  })

  test.each([
    {
      given: 'trusted code',
      inheritsLogins: true,
      then: ['auths', 'cliPluginsExtraDirs', 'credHelpers', 'credsStore', 'proxies']
    },
    {given: 'untrusted code', inheritsLogins: false, then: ['auths', 'cliPluginsExtraDirs', 'credHelpers', 'proxies']}
  ])('for $given, the configuration holds $then', async ({inheritsLogins, then}) => {
    const host = makeFakeHost(worldWith())
    await provide(work({inheritsLogins}), host)
    const configuration = configurationOf(host)
    expect(Object.keys(configuration).sort()).toEqual(then)
    expect(configuration.auths).toEqual(inheritsLogins ? {'nvcr.io': {auth: 'c29tZW9uZTpsb2dpbg=='}} : {})
  })

  // Docker's client takes no login from `auths` for a host that a helper or store is for.
  test.each([
    {given: 'a builder that reaches the door', reach: 'door', host: '127.0.0.1:41000'},
    {given: 'a builder that gets the credential', reach: 'direct', host: 'ghcr.io'}
  ] as const)('no store of the machine stands before the login of $given', async ({reach, host: registry}) => {
    const machine = JSON.stringify({credsStore: 'desktop', credHelpers: {'ghcr.io': 'gh', 'gcr.io': 'gcloud'}})
    const host = makeFakeHost(worldWith({files: {[MACHINE]: machine}}))
    await provide(work({reach, routes: [routeWith(host)]}), host)
    expect(configurationOf(host).credHelpers).toMatchObject({'gcr.io': 'gcloud', [registry]: ''})
  })

  test('untrusted code does not make the docker client look for a store of logins on the machine', async () => {
    const host = makeFakeHost(worldWith())
    await provide(work({inheritsLogins: false}), host)
    const {auths, credHelpers} = configurationOf(host)
    expect({auths, credHelpers}).toEqual({auths: {}, credHelpers: {'nobody.invalid': ''}})
  })

  test.each([
    {given: 'trusted code', inheritsLogins: true, then: undefined},
    {given: 'untrusted code', inheritsLogins: false, then: 'false'}
  ])('for $given, BUILDX_GIT_INFO is $then', async ({inheritsLogins, then}) => {
    const resources = await provide(work({inheritsLogins}), makeFakeHost(worldWith()))
    expect(resources.docker.environment.BUILDX_GIT_INFO).toBe(then)
  })

  test('never writes to the machine’s own configuration', async () => {
    const host = makeFakeHost(worldWith())
    await provide(work(), host)
    expect(host.deeds.filter(deed => deed.startsWith('write'))).toEqual([`write ${DIRECTORY}/config.json`])
  })

  test.each([
    {given: 'the engine’s own builder', changes: {}, then: `${DIRECTORY}/buildx`},
    {
      given: 'a builder that another step made',
      changes: {name: 'builder-1', driver: 'docker-container'},
      then: '/home/runner/.docker/buildx'
    }
  ])('with $given, buildx keeps its state in $then', async ({changes, then}) => {
    const resources = await provide(work(changes), makeFakeHost(worldWith()))
    expect(resources.docker.environment.BUILDX_CONFIG).toBe(then)
  })

  test.each(['{"auths": ', 'null', '"auths"'])(
    'a broken configuration of the machine (%s) is told, and taken for none',
    async text => {
      const host = makeFakeHost(worldWith({files: {[MACHINE]: text}}))
      const warnings: string[] = []
      const resources: Resources = {docker: {file: 'docker', environment: {}}}
      const context: Partial<StepContext> = {host, resources, products: {}, warn: told => warnings.push(told)}
      await provideBuilder(work(), context as StepContext)
      expect(warnings).toEqual([expect.stringContaining(MACHINE)])
      expect(configurationOf(host).auths).toEqual({})
    }
  )

  test('a builder of our own is in the ledger before it is made', async () => {
    const host = makeFakeHost(worldWith({programs: {'/usr/bin/docker buildx create': ''}}))
    const created = work({use: 'create', name: 'pci-7001', driver: 'docker-container', driverOptions: ['network=host']})
    await provide(created, host)
    expect(host.deeds.filter(deed => /^(record|ask)/.test(deed))).toEqual([
      expect.stringContaining('"kind":"remove-builder","name":"pci-7001"'),
      'ask /usr/bin/docker buildx create --name pci-7001 --driver docker-container --bootstrap --driver-opt network=host --driver-opt env.PYTORCH_CUDA_IMAGE_OWNER=abcdef.100.5000'
    ])
  })

  test('on a machine of its owner’s, builders of runs that were cut off are looked for before one is made', async () => {
    const host = makeFakeHost(worldWith({programs: {'/usr/bin/docker ps': '', '/usr/bin/docker buildx create': ''}}))
    await provide(work({use: 'create', name: 'pci-7001', driver: 'docker-container', sweeps: true}), host)
    const asked = host.asked.map(({args}) => args.slice(0, 2).join(' '))
    expect(asked).toEqual(['ps --all', 'buildx create'])
  })

  test.each([
    {given: 'a proxy without a login', proxy: 'http://proxy.acme.dev:3128', isTold: true},
    {given: 'a proxy with the machine’s login', proxy: 'http://machine:pass@proxy.acme.dev:3128', isTold: false}
  ])('given $given, untrusted code is told of it: $isTold', async ({proxy, isTold}) => {
    const machine = JSON.stringify({proxies: {default: {httpProxy: proxy}}, HttpHeaders: {'X-Key': 'k'}})
    const told = async (inheritsLogins: boolean) => {
      const host = makeFakeHost(worldWith({files: {[MACHINE]: machine}}))
      await provide(work({inheritsLogins}), host)
      return configurationOf(host)
    }
    expect('proxies' in (await told(false))).toBe(isTold)
    expect('HttpHeaders' in (await told(false))).toBe(false)
    expect(await told(true)).toMatchObject({proxies: {default: {httpProxy: proxy}}, HttpHeaders: {'X-Key': 'k'}})
  })

  test('a builder that cannot be made is an error with buildx’s own words', async () => {
    const programs = {
      '/usr/bin/docker buildx create': {exitCode: 1, stderr: 'ERROR: pull access denied for moby/buildkit'}
    }
    const created = provide(work({use: 'create', driver: 'docker-container'}), makeFakeHost(worldWith({programs})))
    await expect(created).rejects.toMatchObject({
      code: 'builder-failed',
      evidence: ['ERROR: pull access denied for moby/buildkit']
    })
  })

  describe('where no builder can be made for code without trust', () => {
    const bridge = {engine: '/var/run/docker.sock', socket: '/temp/run/buildkit.sock'}
    const created = work({use: 'create', name: 'pci-7001', driver: 'docker-container', inheritsLogins: false})
    const asking = (made: string) => ({
      '/usr/bin/docker buildx create': ({args}: {args: readonly string[]}) =>
        args.includes(made) ? '' : {exitCode: 1, stderr: 'ERROR: failed to pull moby/buildkit:buildx-stable-1'},
      '/usr/bin/docker buildx rm': ''
    })

    test('and the plan has another way, the engine’s own is taken under the same name, and the reader is told', async () => {
      const host = makeFakeHost(worldWith({programs: asking('remote')}))
      const notices: string[] = []
      const resources: Resources = {docker: {file: 'docker', environment: {}}}
      const context: Partial<StepContext> = {host, resources, products: {}, notice: text => notices.push(text)}
      const {products} = await provideBuilder({...created, otherwise: {bridge}}, context as StepContext)
      expect(products).toEqual({builder: 'pci-7001', answers: {builder: {isFresh: false}}})
      expect(notices).toEqual([expect.stringMatching(/failed to pull moby\/buildkit.*engine’s own.*without its cache/)])
      expect(host.asked.map(({args}) => args.slice(0, 6).join(' '))).toEqual([
        'buildx create --name pci-7001 --driver docker-container',
        'buildx rm --force pci-7001',
        'buildx create --name pci-7001 --driver remote'
      ])
      expect(resources.bridge).toBeDefined()
    })

    test('and the plan has none, the run ends', async () => {
      const host = makeFakeHost(worldWith({programs: asking('remote')}))
      await expect(provide(created, host)).rejects.toMatchObject({code: 'builder-failed'})
      expect(host.asked).toHaveLength(1)
    })

    test('and the engine’s own does not answer either, the run ends', async () => {
      const host = makeFakeHost(worldWith({programs: asking('nothing')}))
      await expect(provide({...created, otherwise: {bridge}}, host)).rejects.toMatchObject({code: 'builder-failed'})
    })
  })

  test('a fetched buildx comes before those of the machine', async () => {
    const host = makeFakeHost(worldWith())
    await provide(work({installBuildx: {version: '0.29.1'}}), host)
    expect(configurationOf(host).cliPluginsExtraDirs).toEqual([
      '/tools/buildx/0.29.1',
      '/home/runner/.docker/cli-plugins'
    ])
  })
})
