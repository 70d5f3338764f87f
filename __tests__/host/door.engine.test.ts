import {randomBytes} from 'node:crypto'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {attempt, type CommandResult} from '../../scripts/world/command.ts'
import {removeImages} from '../../scripts/world/disk.ts'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {openDoor} from '../../src/host/door.ts'
import type {Door, LogPort} from '../../src/host/host.ts'
import {registryClient} from '../../src/host/registry.ts'
import {openSession} from '../../src/host/registry-session.ts'
import {openTokens} from '../../src/host/registry-token.ts'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import type {RegistryCredential} from '../../src/model/credentials.ts'
import type {DoorRoute} from '../../src/model/work-build.ts'
import {type Fault, openFaultProxy} from './fault-proxy.ts'

const PASSWORD = `writers-password-${randomBytes(8).toString('hex')}`
const world = resolve(fileURLToPath(new URL('../../.world', import.meta.url)))
const say = () => {}
const quiet = {info: say, debug: say, notice: say, warning: say, error: say} as unknown as LogPort
const rooms: string[] = []
const houses: {readonly door: Door; close(): Promise<void>}[] = []
let engine: Engine
let registry: Registry

beforeAll(async () => {
  engine = await useEngine({folder: world, say})
  registry = await startRegistry({
    folder: world,
    name: `door-${process.pid}`,
    users: [{name: 'writer', password: PASSWORD, allow: {'acme/*': ['pull', 'push']}}],
    say
  })
}, 180_000)

afterAll(async () => {
  for (const house of houses) await house.close()
  // Only what was built through our own doors: others use this engine too.
  await removeImages(
    engine,
    houses.map(({door}) => `${door.address}/`)
  )
  await registry.stop()
  await engine.stop()
  for (const room of rooms) rmSync(room, {recursive: true, force: true})
}, 60_000)

/** A door to the registry, or to a proxy before it, with the real login; and docker beside it with the door's only. */
async function openWorld(
  routesTo: (host: string, credential: RegistryCredential) => DoorRoute[],
  host = registry.host
) {
  const room = mkdtempSync(join(tmpdir(), 'door-'))
  rooms.push(room)
  const secrets = openSecrets({mask: say, say})
  const cancelled = new AbortController().signal
  const transport = openTransport({environment: {}, cancelled})
  const tokens = openTokens({transport, secrets, mask: say, cancelled})
  const session = openSession({transport, tokens, cancelled})
  const credential = {host, path: '', user: 'writer', token: secrets.keep('registry password', PASSWORD)}
  const door = await openDoor(routesTo(host, credential), {session, secrets, log: quiet})
  const config = join(room, 'config')
  mkdirSync(join(config, 'cli-plugins'), {recursive: true})
  const auth = Buffer.from(`${door.user}:${door.password.reveal()}`).toString('base64')
  writeFileSync(
    join(config, 'config.json'),
    JSON.stringify({
      auths: {[door.address]: {auth}},
      cliPluginsExtraDirs: [engine.buildxPlugin.replace(/\/[^/]+$/, '')]
    })
  )
  const house = {
    door,
    room,
    config,
    credential,
    client: registryClient(session),
    build: (files: Readonly<Record<string, string | Buffer>>, args: readonly string[]) =>
      build({door, room, config}, files, args),
    close: async () => {
      await door.close()
      transport.close()
    }
  }
  houses.push(house)
  return house
}

async function build(
  {room, config}: {door: Door; room: string; config: string},
  files: Readonly<Record<string, string | Buffer>>,
  args: readonly string[]
): Promise<CommandResult & {digest: string}> {
  const context = join(room, 'context')
  mkdirSync(context, {recursive: true})
  for (const [name, content] of Object.entries(files)) writeFileSync(join(context, name), content)
  const metadata = join(room, 'metadata.json')
  const argv = ['buildx', 'build', '--progress=plain', '--provenance=false', '--metadata-file', metadata, ...args]
  const result = await attempt([engine.dockerPath, ...argv, context], {
    env: {...process.env, ...engine.env, DOCKER_CONFIG: config}
  })
  if (result.exitCode !== 0) throw new Error(`buildx ended with ${result.exitCode}: ${result.stderr.slice(-800)}`)
  const told = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, string>
  return {...result, digest: told['containerimage.digest'] ?? ''}
}

async function tagsOf(repository: string): Promise<readonly string[]> {
  const basic = `Basic ${Buffer.from(`writer:${PASSWORD}`).toString('base64')}`
  const challenge = await fetch(`http://${registry.host}/v2/`)
  const realm = /realm="([^"]+)",service="([^"]+)"/.exec(challenge.headers.get('www-authenticate') ?? '')
  const url = `${realm?.[1]}?service=${realm?.[2]}&scope=repository:${repository}:pull`
  const {token} = (await (await fetch(url, {headers: {authorization: basic}})).json()) as {token: string}
  const list = await fetch(`http://${registry.host}/v2/${repository}/tags/list`, {
    headers: {authorization: `Bearer ${token}`}
  })
  return ((await list.json()) as {tags?: string[] | null}).tags ?? []
}

const route = (
  local: string,
  host: string,
  rest: Omit<DoorRoute, 'local' | 'image'> & {repository: string}
): DoorRoute => {
  const {repository, ...more} = rest
  return {local, image: {registry: host, repository}, ...more}
}

describe('a real builder at the door', () => {
  test('pulls its base, pushes a candidate that has no tag, and keeps its cache', async () => {
    const base = await openWorld((host, credential) => [
      route('base', host, {repository: 'acme/base', credential, actions: 'pull,push', tags: ['1']})
    ])
    await base.build({Dockerfile: 'FROM scratch\nCOPY file /base\n', file: randomBytes(64)}, [
      '--push',
      '--tag',
      `${base.door.address}/base:1`
    ])
    await base.close()
    expect(await tagsOf('acme/base')).toEqual(['1'])
    const before = registry.tokenLog().length

    const house = await openWorld((host, credential) => [
      route('reg/acme/app', host, {
        repository: 'acme/app',
        credential,
        actions: 'pull,push',
        tags: ['buildcache-main']
      }),
      route('reg/acme/base', host, {repository: 'acme/base', credential, actions: 'pull'})
    ])
    const {address} = house.door
    const files = {Dockerfile: `FROM ${address}/reg/acme/base:1\nCOPY code /code\n`, code: randomBytes(3_000_000)}
    const cache = `type=registry,ref=${address}/reg/acme/app:buildcache-main`
    const arguments_ = ['--push', '--tag', `${address}/reg/acme/app:candidate`, '--cache-to', `${cache},mode=max`]
    const {digest} = await house.build(files, arguments_)
    const again = await house.build(files, [...arguments_.slice(0, 3), '--cache-from', cache])

    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    const image = {registry: registry.host, repository: 'acme/app'}
    expect((await house.client.readManifest(image, digest, house.credential))?.digest).toBe(digest)
    expect(await tagsOf('acme/app')).toEqual(['buildcache-main'])
    expect(`${again.stdout}${again.stderr}`).toMatch(/importing cache manifest from [^\n]+\n(.*\n)*?.*inferred|CACHED/)
    expect(house.door.traffic().pushedBytes).toBeGreaterThan(3_000_000)
    expect(house.door.traffic()).toMatchObject({stalls: 0})
    await house.close()

    const rows = registry.tokenLog().slice(before)
    const asked = new Set(rows.flatMap(row => row.asked))
    asked.delete('repository:acme/app:pull')
    // Beyond what a route is for nothing is asked; a layer of the base is mounted, for which its name is read.
    expect([...asked].sort()).toEqual(['repository:acme/app:pull,push', 'repository:acme/base:pull'])
    expect(rows.filter(row => row.asked.includes('repository:acme/base:pull,push'))).toEqual([])
  }, 180_000)

  test('never sees the real login', async () => {
    const house = await openWorld((host, credential) => [
      route('app', host, {repository: 'acme/quiet', credential, actions: 'pull,push'})
    ])
    const {stdout, stderr} = await house.build({Dockerfile: 'FROM scratch\nCOPY file /\n', file: randomBytes(64)}, [
      '--push',
      '--tag',
      `${house.door.address}/app:candidate`
    ])
    await house.close()
    const config = readFileSync(join(house.config, 'config.json'), 'utf8')
    const engineLog = engine.log === undefined ? '' : readFileSync(engine.log, 'utf8')
    for (const text of [stdout, stderr, config, engineLog]) {
      expect(text).not.toContain(PASSWORD)
      expect(text).not.toContain(Buffer.from(`writer:${PASSWORD}`).toString('base64'))
    }
  }, 120_000)

  test('without the password it is turned away', async () => {
    const house = await openWorld((host, credential) => [
      route('app', host, {repository: 'acme/closed', credential, actions: 'pull,push'})
    ])
    writeFileSync(
      join(house.config, 'config.json'),
      JSON.stringify({cliPluginsExtraDirs: [engine.buildxPlugin.replace(/\/[^/]+$/, '')]})
    )
    await expect(
      house.build({Dockerfile: 'FROM scratch\nCOPY file /\n', file: randomBytes(64)}, [
        '--push',
        '--tag',
        `${house.door.address}/app:candidate`
      ])
    ).rejects.toThrow()
    await house.close()
    expect(await tagsOf('acme/closed')).toEqual([])
  }, 120_000)
})

const UPLOAD = /\/blobs\/uploads\/[^/]+/
const BEGIN = /\/blobs\/uploads\/$/
const MANIFEST = /\/manifests\//

describe('weather that ends a push of plain buildx, and not one through the door', () => {
  test.each([
    {
      given: '429 three times, with a second to wait',
      fault: {method: 'POST', path: BEGIN, times: 3, reply: {status: 429, headers: {'retry-after': '1'}}}
    },
    {
      given: '429 to the manifest',
      fault: {method: 'PUT', path: MANIFEST, times: 2, reply: {status: 429, headers: {'retry-after': '1'}}}
    },
    {given: '500 six times', fault: {method: 'PUT', path: UPLOAD, times: 6, reply: {status: 500}}},
    {given: 'connections cut three times', fault: {method: 'PUT', path: UPLOAD, times: 3, reply: 'reset'}},
    {given: 'a flap of 403', fault: {method: 'PUT', path: MANIFEST, times: 1, reply: {status: 403}}},
    {given: 'a flap of 403 to an upload', fault: {method: 'PUT', path: UPLOAD, times: 1, reply: {status: 403}}},
    {given: 'an upload that got lost', fault: {method: 'PUT', path: UPLOAD, times: 1, reply: {status: 404}}}
  ] satisfies {given: string; fault: Fault}[])(
    '$given',
    async ({fault}) => {
      const proxy = await openFaultProxy(registry.host, [fault])
      const house = await openWorld(
        (host, credential) => [route('app', host, {repository: 'acme/weather', credential, actions: 'pull,push'})],
        proxy.host
      )
      try {
        const {digest} = await house.build(
          {Dockerfile: 'FROM scratch\nCOPY large small /\n', large: randomBytes(6_000_000), small: randomBytes(100)},
          ['--push', '--tag', `${house.door.address}/app:candidate`]
        )
        const image = {registry: proxy.host, repository: 'acme/weather'}
        expect((await house.client.readManifest(image, digest, house.credential))?.digest).toBe(digest)
        expect(proxy.left()).toBe(0)
      } finally {
        await house.close()
        await proxy.close()
      }
    },
    120_000
  )
})
