import {randomUUID} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {attempt, type CommandResult, run} from '../../scripts/world/command.ts'
import {removeImages} from '../../scripts/world/disk.ts'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'

const world = resolve(fileURLToPath(new URL('../../.world', import.meta.url)))
const config = mkdtempSync(join(tmpdir(), 'docker-config-'))
const say = () => {}
let engine: Engine
let registry: Registry

beforeAll(async () => {
  engine = await useEngine({folder: world, say})
  registry = await startRegistry({
    folder: world,
    name: `test-${process.pid}`,
    users: [
      {name: 'writer', password: 'writers-password', allow: {'acme/*': ['pull', 'push']}},
      {name: 'reader', password: 'readers-password', allow: {'acme/*': ['pull']}}
    ],
    public: ['acme/open'],
    say
  })
}, 180_000)

afterAll(async () => {
  await removeImages(engine, [`${registry.host}/`])
  await registry.stop()
  await engine.stop()
  rmSync(config, {recursive: true})
})

describe('a registry with login', () => {
  test('given a wrong password, then docker login is refused', async () => {
    expect((await login('writer', 'wrong')).exitCode).not.toBe(0)
    expect(registry.tokenLog().at(-1)).toMatchObject({user: 'writer', outcome: 'refused'})
  })

  test('given a writer, then a push is granted what it asks for', async () => {
    expect(await login('writer', 'writers-password')).toMatchObject({exitCode: 0})
    expect(await push('acme/app:1')).toMatchObject({exitCode: 0})
    expect(registry.tokenLog().flatMap(({granted}) => granted)).toContain('repository:acme/app:pull,push')
  })

  test('given a writer elsewhere, then a push is refused', async () => {
    expect((await push('other/app:1')).exitCode).not.toBe(0)
    expect(registry.tokenLog().at(-1)).toMatchObject({user: 'writer', granted: []})
  })

  test('given a reader, then pull is granted and a push of something new is not', async () => {
    await login('reader', 'readers-password')
    expect(await docker('pull', '--quiet', `${registry.host}/acme/app:1`)).toMatchObject({exitCode: 0})
    expect((await push('acme/fresh:1')).exitCode).not.toBe(0)
    // A client may ask for one scope more than once, `pull` and `pull,push`; nothing but `pull` is granted for either.
    const {user, granted} = registry.tokenLog().at(-1) ?? {}
    expect({user, granted: [...new Set(granted)]}).toEqual({user: 'reader', granted: ['repository:acme/fresh:pull']})
  })

  test('given someone added while it runs, then they can log in', async () => {
    registry.addUser({name: 'late', password: 'late-password', allow: {'acme/open': ['pull', 'push']}})
    expect(await login('late', 'late-password')).toMatchObject({exitCode: 0})
    expect(await push('acme/open:1')).toMatchObject({exitCode: 0})
  })

  test('given nobody, then only what is public can be pulled', async () => {
    await docker('logout', registry.host)
    expect((await docker('pull', '--quiet', `${registry.host}/acme/app:1`)).exitCode).not.toBe(0)
    expect(await docker('pull', '--quiet', `${registry.host}/acme/open:1`)).toMatchObject({exitCode: 0})
  })

  test('given all of this, then no password is in any file of the registry', async () => {
    const {stdout} = await attempt(['grep', '-rlE', '(writers|readers|late)-password|wrong', registry.folder])
    expect(stdout).toBe('')
  })
})

function login(user: string, password: string): Promise<CommandResult> {
  const argv = [engine.dockerPath, 'login', '--username', user, '--password-stdin', registry.host]
  return attempt(argv, {env: environment(), input: password})
}

// Always something new: of an image that lies in the registry already, a push only asks whether it is there.
async function push(name: string): Promise<CommandResult> {
  writeFileSync(join(config, 'content'), randomUUID())
  const tar = await run(['tar', '-C', config, '-c', 'content'])
  await run([engine.dockerPath, 'import', '-', `${registry.host}/${name}`], {env: environment(), input: tar})
  return docker('push', '--quiet', `${registry.host}/${name}`)
}

function docker(...argv: readonly string[]): Promise<CommandResult> {
  return attempt([engine.dockerPath, ...argv], {env: environment()})
}

function environment(): NodeJS.ProcessEnv {
  return {...process.env, ...engine.env, DOCKER_CONFIG: config}
}
