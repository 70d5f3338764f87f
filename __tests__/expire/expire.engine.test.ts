import {spawn} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {LABELS} from '../../src/model/labels.ts'
import {ACTION} from '../support/built-action.ts'

// A real registry; GitHub's list of versions is a stand-in, which deletes in the registry what it is told to.

jest.setTimeout(120_000)

const INDEX = 'application/vnd.oci.image.index.v1+json'
const RUN = {[LABELS.workflow]: 'image', [LABELS.runNumber]: '7'}

let registry: Registry
let github: Server
let api: string
const versions: {id: number; name: string; updated_at: string; metadata: {container: {tags: string[]}}}[] = []

/** Puts an index and lists it as a version that is thirty days old. */
async function put(tag: string | undefined, said: object): Promise<string> {
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: INDEX, manifests: [], ...said}))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const url = `http://${registry.host}/v2/acme/app/manifests/${tag ?? digest}`
  const {status} = await fetch(url, {method: 'PUT', headers: {'content-type': INDEX}, body: bytes})
  expect(status).toBe(201)
  const updated_at = new Date(Date.now() - 30 * 24 * 60 * 60 * 1000).toISOString()
  versions.push({id: versions.length + 1, name: digest, updated_at, metadata: {container: {tags: tag ? [tag] : []}}})
  return digest
}

async function isThere(digest: string): Promise<boolean> {
  const url = `http://${registry.host}/v2/acme/app/manifests/${digest}`
  return (await fetch(url, {headers: {accept: INDEX}})).status === 200
}

function expire(...words: readonly string[]): Promise<{code: number | null; text: string}> {
  const args = ['scripts/node24.mjs', 'scripts/local.ts', 'expire', `${registry.host}/acme/app`, ...words]
  const env = {...process.env, GITHUB_API_URL: api, CLEANER: 'cleaner-token-17zq'}
  const child = spawn('node', args, {cwd: ACTION, env})
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (text += part))
  return new Promise(done => child.on('close', code => done({code, text})))
}

beforeAll(async () => {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  registry = await startRegistry({folder, name: `expire-${randomBytes(3).toString('hex')}`, say: () => {}})
  github = createServer(async (request, response) => {
    const [, id] = /\/versions\/(\d+)$/.exec(request.url ?? '') ?? []
    const version = versions.find(one => String(one.id) === id)
    if (request.method === 'DELETE' && version !== undefined) {
      const {status} = await fetch(`http://${registry.host}/v2/acme/app/manifests/${version.name}`, {method: 'DELETE'})
      response.statusCode = status === 202 ? 204 : 500
      response.end()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(id === undefined ? versions : version))
  })
  await new Promise<void>(done => github.listen(0, '127.0.0.1', done))
  api = `http://127.0.0.1:${(github.address() as AddressInfo).port}`
}, 120_000)

afterAll(async () => {
  github?.close()
  await registry?.stop()
})

describe('npm run local -- expire', () => {
  test('lists old candidates and deletes nothing until it is told to, and then nothing else', async () => {
    const shared = await put(undefined, {annotations: {for: 'both'}})
    const own = await put(undefined, {annotations: {for: 'the candidate'}})
    const listOf = (digests: readonly string[]) => digests.map(digest => ({mediaType: INDEX, digest, size: 1}))
    const published = await put('main', {annotations: RUN, manifests: listOf([shared])})
    const candidate = await put(undefined, {
      annotations: {...RUN, of: 'a failed run'},
      manifests: listOf([shared, own])
    })
    const foreign = await put(undefined, {annotations: {of: 'somebody else'}})
    const listed = await expire('--token-env', 'CLEANER')
    expect(listed.text).toContain(`${candidate} may go`)
    expect(listed).toMatchObject({code: 0, text: expect.stringContaining('2 of 5 versions')})
    expect(await isThere(candidate)).toBe(true)
    const deleted = await expire('--token-env', 'CLEANER', '--delete')
    expect(deleted.code).toBe(0)
    expect(deleted.text).not.toContain('cleaner-token')
    const there = await Promise.all([shared, own, published, candidate, foreign].map(isThere))
    expect(there).toEqual([true, false, true, false, true])
  })

  test.each([
    {given: 'no token', words: []},
    {given: 'fewer days than a run may take', words: ['--token-env', 'CLEANER', '--days', '1']}
  ])('given $given, then nothing is asked', async ({words}) => {
    expect((await expire(...words)).code).toBe(2)
  })
})
