import {spawn} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {ACTION} from '../support/built-action.ts'

// Two real registries, each with a token service and users of its own.

jest.setTimeout(120_000)

const OLD = {name: 'oldhome', password: 'old-home-password-81xk'} as const
const NEW = {name: 'newhome', password: 'new-home-password-52qp'} as const
const INDEX = 'application/vnd.oci.image.index.v1+json'
const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

let old: Registry
let young: Registry
let place: string

beforeAll(async () => {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  const name = `copy-${randomBytes(3).toString('hex')}`
  const say = () => {}
  place = mkdtempSync(join(tmpdir(), 'copy '))
  const user = (who: typeof OLD | typeof NEW) => [{...who, allow: {'*': ['pull', 'push'] as const}}]
  old = await startRegistry({folder, name: `${name}-old`, users: user(OLD), say})
  young = await startRegistry({folder, name: `${name}-new`, users: user(NEW), say})
}, 120_000)

afterAll(async () => {
  await old?.stop()
  await young?.stop()
  rmSync(place, {recursive: true, force: true})
})

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A request of a user, with a token for just that. */
async function request(
  registry: Registry,
  who: typeof OLD | typeof NEW,
  {path, ...init}: {path: string} & RequestInit
) {
  const challenge = await fetch(`http://${registry.host}/v2/`)
  const realm = /realm="([^"]+)"/.exec(challenge.headers.get('www-authenticate') ?? '')?.[1] ?? ''
  const repository = path.split('/').slice(0, 2).join('/')
  const query = new URLSearchParams({service: 'world-registry', scope: `repository:${repository}:pull,push`})
  const login = {authorization: `Basic ${Buffer.from(`${who.name}:${who.password}`).toString('base64')}`}
  const {token} = (await (await fetch(`${realm}?${query}`, {headers: login})).json()) as {token: string}
  const url = path.startsWith('http') ? path : `http://${registry.host}/v2/${path}`
  return fetch(url, {...init, headers: {...init.headers, authorization: `Bearer ${token}`}})
}

async function putBlob(repository: string, bytes: Uint8Array<ArrayBuffer>) {
  const begun = await request(old, OLD, {path: `${repository}/blobs/uploads/`, method: 'POST'})
  const target = new URL(begun.headers.get('location') ?? '', `http://${old.host}`)
  target.searchParams.set('digest', digestOf(bytes))
  const tail = `${target.pathname.replace(/^\/v2\//, '')}${target.search}`
  const done = await request(old, OLD, {path: tail, method: 'PUT', body: bytes})
  expect(done.status).toBe(201)
  return {digest: digestOf(bytes), size: bytes.length}
}

async function putManifest(repository: string, reference: string | undefined, json: object) {
  const bytes = Buffer.from(JSON.stringify(json))
  const digest = digestOf(bytes)
  const {mediaType = IMAGE} = json as {mediaType?: string}
  const done = await request(old, OLD, {
    path: `${repository}/manifests/${reference ?? digest}`,
    method: 'PUT',
    body: bytes,
    headers: {'content-type': mediaType}
  })
  expect(done.status).toBe(201)
  return {mediaType, digest, size: bytes.length}
}

/** An image of two layers: one that all of them share, and one of its own. */
async function putImage(
  repository: string,
  {tag, shared, about}: {tag?: string; shared: Buffer<ArrayBuffer>; about: string}
) {
  const layers = [shared, Buffer.from(`layer of ${about}`)]
  const config = Buffer.from(JSON.stringify({architecture: 'amd64', os: 'linux', about}))
  return putManifest(repository, tag, {
    schemaVersion: 2,
    mediaType: IMAGE,
    config: {mediaType: CONFIG, ...(await putBlob(repository, config))},
    layers: await Promise.all(layers.map(async bytes => ({mediaType: LAYER, ...(await putBlob(repository, bytes))})))
  })
}

/** A repository as projects have them: an index of two platforms, plain tags, a signature and a list of referrers. */
async function fill(repository: string, sharedBytes = 1_000_000) {
  const shared = randomBytes(sharedBytes)
  const amd = await putImage(repository, {shared, about: 'amd64'})
  const arm = await putImage(repository, {shared, about: 'arm64'})
  const index = {schemaVersion: 2, mediaType: INDEX, manifests: [amd, arm]}
  const one = await putManifest(repository, '1.0', index)
  await putManifest(repository, 'latest', index)
  const two = await putImage(repository, {tag: '2.0', shared, about: '2.0'})
  const hex = one.digest.slice('sha256:'.length)
  await putImage(repository, {tag: `sha256-${hex}.sig`, shared: Buffer.from('signature'), about: 'signature'})
  const subject = {mediaType: INDEX, digest: one.digest, size: one.size}
  const empty = await putBlob(repository, Buffer.from('{}'))
  const sbom = await putManifest(repository, undefined, {
    schemaVersion: 2,
    mediaType: IMAGE,
    artifactType: 'application/spdx+json',
    config: {mediaType: 'application/vnd.oci.empty.v1+json', ...empty},
    layers: [{mediaType: 'application/spdx+json', ...(await putBlob(repository, Buffer.from('{"spdx": 1}')))}],
    subject
  })
  // The list of referrers as the specification has it for registries that keep none themselves.
  await putManifest(repository, `sha256-${hex}`, {schemaVersion: 2, mediaType: INDEX, manifests: [sbom]})
  return {one, two, amd, sbom, hex}
}

async function standing(registry: Registry, who: typeof OLD | typeof NEW, reference: string) {
  const answer = await request(registry, who, {
    path: reference.replace(/[:@]/, '/manifests/'),
    headers: {accept: `${INDEX}, ${IMAGE}`}
  })
  return answer.status === 200 ? digestOf(new Uint8Array(await answer.arrayBuffer())) : undefined
}

async function tagsOf(
  registry: Registry,
  who: typeof OLD | typeof NEW,
  repository: string
): Promise<readonly string[]> {
  const answer = await request(registry, who, {path: `${repository}/tags/list`})
  return ((await answer.json()) as {tags?: string[]}).tags?.toSorted() ?? []
}

interface Ran {
  readonly exitCode: number | null
  readonly output: string
}

/** Runs the command as a person would, with both tokens in variables; `until` kills it as soon as a line says so. */
function copy(words: readonly string[], until?: RegExp): Promise<Ran> {
  const argv = ['scripts/node24.mjs', 'scripts/local.ts', 'copy', ...words]
  const env = {...process.env, OLD_TOKEN: OLD.password, NEW_TOKEN: NEW.password}
  const child = spawn(process.execPath, argv, {cwd: ACTION, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true})
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk.toString()
    if (until?.test(output) === true) process.kill(-(child.pid ?? 0), 'SIGKILL')
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise(done => child.on('close', exitCode => done({exitCode, output})))
}

const FROM_LOGIN = ['--from-user', OLD.name, '--from-token-env', 'OLD_TOKEN']
const TO_LOGIN = ['--to-user', NEW.name, '--to-token-env', 'NEW_TOKEN']

function names(path: string) {
  return {from: `${old.host}/oldhome/${path}`, to: `${young.host}/newhome/${path}`}
}

/** Uploads that the new registry has finished so far. */
function uploads(): number {
  return readFileSync(young.log, 'utf8').match(/"PUT \/v2\/[^"]*\/blobs\/uploads\//g)?.length ?? 0
}

describe('all tags of a repository', () => {
  test('stand on the same digests afterwards, with images, signatures and what refers to them', async () => {
    const {one, two, amd, sbom, hex} = await fill('oldhome/app')
    const {from, to} = names('app')
    const ran = await copy([from, to, ...FROM_LOGIN, ...TO_LOGIN])
    expect(ran).toMatchObject({exitCode: 0, output: expect.stringContaining('5 of 5 tags stand on the same digest')})
    expect(await tagsOf(young, NEW, 'newhome/app')).toEqual(await tagsOf(old, OLD, 'oldhome/app'))
    expect(await standing(young, NEW, 'newhome/app:1.0')).toBe(one.digest)
    expect(await standing(young, NEW, 'newhome/app:latest')).toBe(one.digest)
    expect(await standing(young, NEW, 'newhome/app:2.0')).toBe(two.digest)
    expect(await standing(young, NEW, `newhome/app@${amd.digest}`)).toBe(amd.digest)
    expect(await standing(young, NEW, `newhome/app@${sbom.digest}`)).toBe(sbom.digest)
    expect(await standing(young, NEW, `newhome/app:sha256-${hex}`)).toBe(
      await standing(old, OLD, `oldhome/app:sha256-${hex}`)
    )
  })

  test('each side saw its own login alone, and the old one was asked for reading alone', async () => {
    const users = (registry: Registry) => [...new Set(registry.tokenLog().map(({user}) => user))]
    expect(users(old).filter(user => user !== '')).toEqual([OLD.name])
    expect(users(young).filter(user => user !== '')).toEqual([NEW.name])
    const before = old.tokenLog().length
    const {output} = await copy([names('app').from, names('app').to, ...FROM_LOGIN, ...TO_LOGIN])
    for (const {password} of [OLD, NEW]) expect(output).not.toContain(password)
    const asked = old
      .tokenLog()
      .slice(before)
      .flatMap(row => row.asked)
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter(scope => scope.includes('push'))).toEqual([])
  })

  test('a second copy sends nothing', async () => {
    const before = uploads()
    const ran = await copy([names('app').from, names('app').to, ...FROM_LOGIN, ...TO_LOGIN])
    expect(ran).toMatchObject({exitCode: 0, output: expect.stringContaining('0 copied, 5 there already')})
    expect(uploads()).toBe(before)
  })
})

describe('a copy that is killed in the middle', () => {
  test('is begun again without sending twice what had arrived', async () => {
    await fill('oldhome/broken', 8_000_000)
    const {from, to} = names('broken')
    const first = await copy([from, to, ...FROM_LOGIN, ...TO_LOGIN], /^1\.0: copied/m)
    expect(first.exitCode).not.toBe(0)
    const arrived = uploads()
    const again = await copy([from, to, ...FROM_LOGIN, ...TO_LOGIN])
    expect(again).toMatchObject({exitCode: 0, output: expect.stringContaining('5 of 5 tags stand on the same digest')})
    // The large layer, and the configuration and the layer of both platforms, were there: what is new is 2.0 and the signature.
    expect(uploads() - arrived).toBeLessThanOrEqual(4)
  })
})

describe('some tags', () => {
  test('take along what belongs to them, and no other tag', async () => {
    const {hex} = await fill('oldhome/some')
    const {from, to} = names('some')
    const ran = await copy([from, to, '--tags', '1.0', ...FROM_LOGIN, ...TO_LOGIN])
    expect(ran.exitCode).toBe(0)
    expect(await tagsOf(young, NEW, 'newhome/some')).toEqual(['1.0', `sha256-${hex}`, `sha256-${hex}.sig`])
  })

  test('that are not there are told, and the others are copied', async () => {
    const {from, to} = names('some')
    const ran = await copy([from, to, '--tags', '9.9,2.0', ...FROM_LOGIN, ...TO_LOGIN])
    expect(ran).toMatchObject({exitCode: 1, output: expect.stringMatching(/9\.9: failed[\s\S]*2\.0: copied/)})
  })

  test('that stand on something else there stay, unless they are to be moved', async () => {
    const {two} = await fill('oldhome/moved')
    await copy([names('moved').from, names('moved').to, '--tags', '2.0', ...FROM_LOGIN, ...TO_LOGIN])
    const next = await putImage('oldhome/moved', {tag: '2.0', shared: randomBytes(1000), about: 'mended'})
    const words = [names('moved').from, names('moved').to, '--tags', '2.0', ...FROM_LOGIN, ...TO_LOGIN]
    expect(await copy(words)).toMatchObject({exitCode: 1, output: expect.stringContaining('--move')})
    expect(await standing(young, NEW, 'newhome/moved:2.0')).toBe(two.digest)
    expect(await copy([...words, '--move'])).toMatchObject({exitCode: 0})
    expect(await standing(young, NEW, 'newhome/moved:2.0')).toBe(next.digest)
  })
})

describe('logins', () => {
  test('within one registry two logins stay apart, and blobs are mounted or sent', async () => {
    old.addUser({name: 'other', password: 'other-password-77', allow: {'other/*': ['pull', 'push']}})
    const file = join(place, 'token')
    writeFileSync(file, 'other-password-77\n')
    chmodSync(file, 0o600)
    const to = ['--to-user', 'other', '--to-token-file', file]
    const ran = await copy([`${old.host}/oldhome/app`, `${old.host}/other/app`, '--tags', '2.0', ...FROM_LOGIN, ...to])
    expect(ran).toMatchObject({exitCode: 0})
  })

  test.each([
    {
      given: 'a wrong token for TO',
      words: ['--to-user', 'newhome', '--to-token-env', 'OLD_TOKEN'],
      says: /will not accept a push/
    },
    {given: 'no token for TO', words: [], says: /will not accept a push/}
  ])('given $given, nothing is sent', async ({words, says}) => {
    const before = uploads()
    const {from, to} = names('app')
    expect(await copy([from, to, ...FROM_LOGIN, ...words])).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(says)
    })
    expect(uploads()).toBe(before)
  })

  test('given no token for FROM, it says that nothing can be read', async () => {
    const {from, to} = names('app')
    const ran = await copy([from, to, ...TO_LOGIN])
    expect(ran).toMatchObject({exitCode: 1, output: expect.stringContaining('cannot be read')})
  })
})
