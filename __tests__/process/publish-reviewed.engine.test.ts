import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {parse} from 'yaml'
import {ensureTools, worldPath} from '../../scripts/world/tools.ts'
import type {Reply} from '../host/scripted-server.ts'
import {ACTION} from '../support/built-action.ts'
import {type PublicHosts, startPublicHosts} from '../support/public-hosts.ts'

// The example by which a maintainer publishes a fork's change after a review: its script, run by bash with the real `gh` and
// `jq`, against GitHub's interface as it is documented. What must be asked of a review is asked of this one.

jest.setTimeout(60_000)

const COMMIT = '8d6f2a0c4b1e9375f0a8c2d4e6b8091a3c5d7e9f'
const OLDER = '1111111111111111111111111111111111111111'
const TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyzAB'
const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
const SCRIPT = parse(readFileSync(join(ACTION, 'examples/publish-reviewed.yml'), 'utf8')).jobs.adopt.steps[0]
  .run as string

let hosts: PublicHosts
let place: string
let path: string

beforeAll(async () => {
  const gh = await ensureTools(folder, ['gh', 'jq'], () => {})
  path = `${dirname(gh)}:${worldPath(folder)}`
  hosts = await startPublicHosts(['api.github.com'])
  place = mkdtempSync(join(tmpdir(), 'publish-reviewed-'))
}, 240_000)

afterAll(async () => {
  await hosts?.close()
  if (place !== undefined) rmSync(place, {recursive: true, force: true})
})

interface Review {
  readonly by: string | null
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'DISMISSED' | 'COMMENTED'
  readonly of?: string
}

interface Scene {
  readonly head?: string
  /** In the order in which they were given. */
  readonly reviews: readonly Review[]
  readonly roles?: Readonly<Record<string, string>>
  readonly hasBranch?: boolean
  /** How many reviews a page holds. */
  readonly page?: number
}

const ROLES = {maria: 'write', olga: 'admin', rita: 'read'}

/** GitHub's interface, as far as the script asks it. */
function github({head = COMMIT, reviews, roles = ROLES, hasBranch = false, page = 100}: Scene) {
  const all = reviews.map(({by, state, of = COMMIT}, nth) => ({
    user: by === null ? null : {login: by},
    state,
    commit_id: of,
    submitted_at: `2026-11-0${nth + 1}T10:00:00Z`
  }))
  const answers: Readonly<Record<string, (query: URLSearchParams) => Reply>> = {
    'GET /repos/acme/app/pulls/7': () => json({head: {sha: head}, user: {login: 'drive-by'}}),
    'GET /repos/acme/app/pulls/7/reviews': query => {
      const at = Number(query.get('page') ?? '1')
      const next = `<https://api.github.com/repos/acme/app/pulls/7/reviews?page=${at + 1}>; rel="next"`
      return json(all.slice((at - 1) * page, at * page), at * page < all.length ? {link: next} : {})
    },
    'GET /repos/acme/app/git/ref/heads/reviewed/pr-7': () =>
      hasBranch ? json({ref: 'refs/heads/reviewed/pr-7'}) : NOT_FOUND,
    'POST /repos/acme/app/git/refs': () => json({}, {}, 201),
    'PATCH /repos/acme/app/git/refs/heads/reviewed/pr-7': () => json({}),
    'GET /repos/acme/app/actions/workflows/image.yml': () =>
      json({id: 51, name: 'image', path: '.github/workflows/image.yml', state: 'active'}),
    'POST /repos/acme/app/actions/workflows/51/dispatches': () => ({status: 204})
  }
  return ({method, path: asked}: {method: string; path: string}): Reply => {
    const url = new URL(asked, 'https://api.github.com')
    const [, login = ''] = /^\/repos\/acme\/app\/collaborators\/([^/]+)\/permission$/.exec(url.pathname) ?? []
    if (login !== '') {
      const role = (roles as Readonly<Record<string, string>>)[login]
      return role === undefined ? NOT_FOUND : json({permission: role})
    }
    return answers[`${method} ${url.pathname}`]?.(url.searchParams) ?? NOT_FOUND
  }
}

const NOT_FOUND = json({message: 'Not Found'}, {}, 404)

function json(body: object, headers: Readonly<Record<string, string>> = {}, status = 200): Reply {
  return {status, headers: {'content-type': 'application/json; charset=utf-8', ...headers}, body: JSON.stringify(body)}
}

/** Runs the script as the job would, without holding up the hosts of this process. */
async function adopt(scene: Scene, {number = '7', commit = COMMIT} = {}) {
  hosts.script(github(scene))
  const child = spawn('bash', ['-e', '-c', SCRIPT], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: path,
      HOME: place,
      GH_CONFIG_DIR: join(place, 'gh'),
      GH_TOKEN: TOKEN,
      NUMBER: number,
      COMMIT: commit,
      REPO: 'acme/app',
      SSL_CERT_FILE: hosts.environment.NODE_EXTRA_CA_CERTS,
      ...hosts.environment
    }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  const status = await new Promise<number | null>(done => child.on('close', done))
  const changes = hosts.seen.filter(({method}) => method !== 'GET')
  return {
    status,
    output,
    changes: changes.map(({method, path: at, body}) => [`${method} ${at}`, JSON.parse(String(body) || '{}')] as const)
  }
}

const APPROVED: Review = {by: 'maria', state: 'APPROVED'}

describe('a reviewed pull request', () => {
  test.each<{given: string; scene: Scene; reviewer: string}>([
    {given: 'an approval by somebody who may write', scene: {reviews: [APPROVED]}, reviewer: 'maria'},
    {
      given: 'an approval after a request for changes, by the same',
      scene: {reviews: [{by: 'maria', state: 'CHANGES_REQUESTED', of: OLDER}, APPROVED]},
      reviewer: 'maria'
    },
    {
      given: 'an approval that a comment follows',
      scene: {reviews: [APPROVED, {by: 'maria', state: 'COMMENTED'}]},
      reviewer: 'maria'
    },
    {
      given: 'an approval on the second page of the answer',
      scene: {
        reviews: [
          {by: 'rita', state: 'APPROVED'},
          {by: 'olga', state: 'APPROVED'}
        ],
        page: 1
      },
      reviewer: 'olga'
    },
    {
      given: 'approvals of a deleted account and of a bot beside one that counts',
      scene: {reviews: [APPROVED, {by: null, state: 'APPROVED'}, {by: 'helper[bot]', state: 'APPROVED'}]},
      reviewer: 'maria'
    }
  ])('given $given, the very commit becomes a branch, and the workflow is started on it', async ({scene, reviewer}) => {
    const {status, output, changes} = await adopt(scene)
    expect({status, output}).toEqual({status: 0, output: expect.stringContaining(`${reviewer} approved ${COMMIT}.`)})
    expect(changes).toEqual([
      ['POST /repos/acme/app/git/refs', {ref: 'refs/heads/reviewed/pr-7', sha: COMMIT}],
      ['POST /repos/acme/app/actions/workflows/51/dispatches', expect.objectContaining({ref: 'reviewed/pr-7'})]
    ])
    expect(output).not.toContain(TOKEN)
  })

  test('given a branch of an earlier review, it is moved to the commit', async () => {
    const {status, changes} = await adopt({reviews: [APPROVED], hasBranch: true})
    expect(status).toBe(0)
    expect(changes[0]).toEqual(['PATCH /repos/acme/app/git/refs/heads/reviewed/pr-7', {sha: COMMIT, force: true}])
  })
})

describe('what is no review of this commit', () => {
  test.each<{given: string; scene: Scene; asked?: Parameters<typeof adopt>[1]; says: string}>([
    {given: 'no review', scene: {reviews: []}, says: `Nobody with write access has approved ${COMMIT}.`},
    {given: 'a push since the review', scene: {head: OLDER, reviews: [APPROVED]}, says: `is at ${OLDER} by now`},
    {
      given: 'an approval of an older commit',
      scene: {reviews: [{...APPROVED, of: OLDER}]},
      says: 'Nobody with write access'
    },
    {
      given: 'an approval that its author took back',
      scene: {reviews: [APPROVED, {by: 'maria', state: 'CHANGES_REQUESTED'}]},
      says: 'Nobody with write access'
    },
    {
      given: 'an approval that was dismissed',
      scene: {reviews: [{by: 'maria', state: 'DISMISSED'}]},
      says: 'Nobody with write access'
    },
    {
      given: 'an approval by somebody who may only read',
      scene: {reviews: [{by: 'rita', state: 'APPROVED'}]},
      says: 'Nobody with write access'
    },
    {
      given: 'an approval by its own author, who may write',
      scene: {reviews: [{by: 'drive-by', state: 'APPROVED'}], roles: {'drive-by': 'write'}},
      says: 'Nobody with write access'
    },
    {
      given: 'an approval by an account that is gone',
      scene: {reviews: [{by: null, state: 'APPROVED'}]},
      says: 'Nobody with write access'
    },
    {
      given: 'half a commit',
      scene: {reviews: [APPROVED]},
      asked: {commit: COMMIT.slice(0, 12)},
      says: 'no whole commit'
    },
    {given: 'a branch for a commit', scene: {reviews: [APPROVED]}, asked: {commit: 'main'}, says: 'no whole commit'},
    {given: 'a path for a number', scene: {reviews: [APPROVED]}, asked: {number: '7/../8'}, says: 'is no number'},
    {given: 'a pull request that is not there', scene: {reviews: [APPROVED]}, asked: {number: '8'}, says: 'Not Found'}
  ])('given $given, nothing is changed, and the reason is told', async ({scene, asked, says}) => {
    const {status, output, changes} = await adopt(scene, asked)
    expect(status).not.toBe(0)
    expect(output).toContain(says)
    expect(changes).toEqual([])
  })
})
