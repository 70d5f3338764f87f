import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {ACTION, errorCodes, hasBuilt, logOf, told} from '../support/built-action.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {privateWheel} from '../support/private-wheel.ts'
import {openSecureGit, type SecureGit} from '../support/secure-git.ts'
import {blobsWith} from '../support/stored.ts'

// Packages from private repositories: uv, git, the git server with its tokens, the engine and the registry are real.

jest.setTimeout(240_000)

const TOKEN = 'ghs_requirementToken0123456789abcd'
const OTHER_TOKEN = 'ghs_otherToken0123456789abcdefghij'
/** The token, and as a server is shown it. */
const SECRETS = [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64')]

let world: JobWorld
let web: SecureGit
let base: string
let first: string

beforeAll(async () => {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  const say = () => {}
  world = await makeJobWorld('git-requirement')
  await world.provideBuildkit()
  const {git, engine} = world
  base = (await baseImage({folder, engine, say})).reference
  git.addToken({name: 'wheel', token: TOKEN, repositories: ['acme/wheel', 'acme/dynamic']})
  git.addToken({name: 'other', token: OTHER_TOKEN, repositories: ['acme/elsewhere']})
  first = await git.createRepository('acme/wheel', privateWheel('words of the first commit'))
  await git.createRepository('acme/dynamic', privateWheel('words of the dynamic one', 'no version'))
  web = await openSecureGit(world, folder)
}, 900_000)

afterAll(async () => {
  await web?.close()
  await world?.stop()
})

/** A built-in image with small packages in the place of torch's, and a package from `acme/wheel`. */
function run({inputs, ...job}: Job = {}): Promise<RunResult> {
  return world.run({
    ...job,
    inputs: {
      image: world.image,
      cache: 'none',
      'ca-bundle': web.bundle,
      'registry-credentials': world.login,
      'base-image': base,
      'build-args': 'TORCH_PACKAGES=idna==3.10 six==1.17.0',
      requirements: 'requirements.txt',
      'git-credentials': `${web.host}/acme \${{ secrets.WHEEL_TOKEN }}`,
      ...inputs
    },
    secrets: {WHEEL_TOKEN: TOKEN, ...job.secrets}
  })
}

function checkout(requirement: string, more: Readonly<Record<string, string>> = {}): string {
  return world.checkout({'requirements.txt': `${requirement}\n`, 'app.py': 'import private_wheel\n', ...more})
}

const onMain = () => `private-wheel @ git+https://${web.host}/acme/wheel@main`

describe('a requirement from a private repository', () => {
  test('is installed in the image, and the token is not', async () => {
    checkout(onMain())
    const pushed = await run()
    expect(told(pushed, 'error')).toEqual([])
    expect(pushed.outputs.pushed).toBe('true')
    expect(blobsWith(world.registry, 'words of the first commit').length).toBeGreaterThan(0)
    for (const secret of SECRETS) expect(blobsWith(world.registry, secret)).toEqual([])
  })

  test('is locked by its commit, and that commit is installed whatever the branch has become', async () => {
    const workspace = checkout(onMain())
    const written = await run({inputs: {mode: 'lock', lock: 'pylock.toml', push: 'never'}})
    expect(errorCodes(written)).toEqual([])
    const lock = readFileSync(join(workspace, 'pylock.toml'), 'utf8')
    expect(lock).toContain(`commit-id = "${first}"`)
    expect(lock).toContain('requested-revision = "main"')
    for (const secret of SECRETS) expect(lock).not.toContain(secret)
    await world.git.commit('acme/wheel', privateWheel('words of the second commit'))
    checkout(onMain(), {'pylock.toml': lock})
    const pushed = await run({inputs: {lock: 'pylock.toml'}, options: {runNumber: 8}})
    expect(errorCodes(pushed)).toEqual([])
    expect(blobsWith(world.registry, 'words of the second commit')).toEqual([])
  })

  test('one that tells its version by code is left to the build, which may run it, and the reader is told', async () => {
    checkout(`private-wheel @ git+https://${web.host}/acme/dynamic`)
    const pushed = await run({options: {runNumber: 9}})
    expect(errorCodes(pushed)).toEqual([])
    expect(told(pushed, 'notice').join('\n')).toContain(
      'private-wheel has no wheel, and its pyproject.toml does not state'
    )
    expect(blobsWith(world.registry, 'words of the dynamic one').length).toBeGreaterThan(0)
  })
})

describe('what cannot be read ends the run before the build', () => {
  const seenBy = (name: string) => world.git.log().filter(row => JSON.stringify(row).includes(`"${name}"`)).length

  test('given a fork, then its requirement is asked for without the token, and refused', async () => {
    checkout(onMain())
    const before = seenBy('wheel')
    const refused = await run({event: 'fork-pull-request'})
    expect(errorCodes(refused)).toEqual(['repository-unreadable'])
    expect(logOf(refused)).toContain('This event reads without the credentials of the workflow.')
    expect(hasBuilt(refused)).toBe(false)
    expect(seenBy('wheel')).toBe(before)
  })

  test.each([
    {given: 'a token for another repository', requirement: onMain, token: OTHER_TOKEN, then: 'repository-unreadable'},
    {
      given: 'a branch that does not exist',
      requirement: () => `${onMain()}x`,
      token: TOKEN,
      then: 'repository-unreadable'
    },
    {
      given: 'a login in the address',
      requirement: () => `private-wheel @ git+https://ci:word-4471@${web.host}/acme/wheel`,
      token: TOKEN,
      then: 'context-holds-credential'
    },
    {
      given: 'a path of this machine',
      requirement: () => 'private-wheel @ git+file:///srv/wheel',
      token: TOKEN,
      then: 'submodule-url-refused'
    }
  ])('given $given, then $then', async ({requirement, token, then}) => {
    checkout(requirement())
    const refused = await run({secrets: {WHEEL_TOKEN: token}})
    expect(errorCodes(refused)).toEqual([then])
    expect(logOf(refused)).not.toContain('word-4471')
    expect(hasBuilt(refused)).toBe(false)
  })
})
