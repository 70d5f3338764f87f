import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {errorCodes, hasBuilt, logOf, told} from '../support/built-action.ts'
import {
  type CheckoutOptions,
  FROM_TINY_ARCHIVE,
  type Job,
  type JobWorld,
  makeJobWorld,
  ROBOT
} from '../support/job-world.ts'

jest.setTimeout(60_000)

const SECRETS = {
  KERNELS_TOKEN: 'ghs_kernelsToken0123456789abcdefg',
  LABS_TOKEN: 'ghs_labsToken0123456789abcdefghij',
  WRONG_TOKEN: 'ghs_wrongToken0123456789abcdefghi'
}

let world: JobWorld
/** `127.0.0.1:port` of the git server. */
let host: string
/** Commits of the repositories on it. */
const commits: Record<string, string> = {}
let count = 0

beforeAll(async () => {
  world = await makeJobWorld('submodules')
  await world.provideBuildkit()
  const {git} = world
  host = git.url.replace('http://', '')
  git.addToken({name: 'kernels', token: SECRETS.KERNELS_TOKEN, repositories: ['acme/kernels', 'acme/inner']})
  git.addToken({name: 'labs', token: SECRETS.LABS_TOKEN, repositories: ['labs/*']})
  const create = async (path: string, ...rest: [CheckoutOptions['submodules']?]) => {
    const options = rest[0] === undefined ? {} : {submodules: rest[0]}
    commits[path] = await git.createRepository(path, {'code.txt': `of ${path}\n`}, options)
  }
  await create('acme/inner')
  await create('acme/kernels', {inner: {url: '../inner.git', commit: commits['acme/inner'] ?? ''}})
  await create('labs/data')
  await create('labs/data-tools')
  commits['acme/open'] = await git.createRepository('acme/open', {'code.txt': 'of acme/open\n'}, {access: 'public'})
  commits['acme/large'] = await git.createRepository(
    'acme/large',
    {'weights.bin': 'heavy as lead\n'},
    {lfs: ['weights.bin'], access: 'public'}
  )
}, 900_000)

afterAll(() => world?.stop())

/** What the git server saw of a run, and what the build found. */
interface Played {
  readonly result: RunResult
  readonly seen: ReturnType<JobWorld['git']['log']>
  readonly workspace: string
}

async function play(
  modules: Readonly<Record<string, {readonly url: string; readonly repository: string}>>,
  {inputs, ...job}: Job = {}
): Promise<Played> {
  count += 1
  const submodules = Object.fromEntries(
    Object.entries(modules).map(([path, {url, repository}]) => [path, {url, commit: commits[repository] ?? ''}])
  )
  const workspace = world.checkout(
    {
      Dockerfile: `${FROM_TINY_ARCHIVE}\n${world.fresh}\nCOPY . /src\nRUN cd /src && find . -name code.txt -exec cat {} +\n`
    },
    {directory: `checkout ${count}`, submodules, hasTiny: true}
  )
  const before = world.git.log().length
  const result = await world.run({
    workspace,
    inputs: {push: 'never', cache: 'none', image: world.image, ...inputs},
    secrets: SECRETS,
    ...job
  })
  return {result, seen: world.git.log().slice(before), workspace}
}

const KERNELS = {'git-credentials': ''}
beforeAll(() => {
  KERNELS['git-credentials'] = `${host}/acme \${{ secrets.KERNELS_TOKEN }}`
})

describe('a private submodule', () => {
  test.each([
    {given: 'an address of http', url: () => `http://${host}/acme/kernels.git`},
    {given: 'one without .git and with a slash', url: () => `http://${host}/acme/kernels/`},
    {given: 'the form that ssh is cloned by', url: () => `git@${host.split(':')[0]}:acme/kernels.git`},
    {given: 'ssh as a URL', url: () => `ssh://git@${host.split(':')[0]}/acme/kernels.git`},
    {given: 'ssh with a port', url: () => `ssh://git@${host.split(':')[0]}:2222/acme/kernels`},
    {given: 'an address relative to its superproject', url: () => '../../acme/kernels.git'}
  ])('given $given, it is in the image, with what it names in turn', async ({url}) => {
    const {result, seen} = await play({'my kernels': {url: url(), repository: 'acme/kernels'}}, {inputs: KERNELS})
    expect(told(result, 'error')).toEqual([])
    expect(result).toMatchObject({conclusion: 'success'})
    expect(logOf(result)).toContain('of acme/kernels')
    expect(logOf(result)).toContain('of acme/inner')
    expect(new Set(seen.filter(({status}) => status === 200).map(({user}) => user))).toEqual(new Set(['kernels']))
  })

  test('its place stands in the plan, the log and the outputs as it is', async () => {
    const {result} = await play(
      {kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}},
      {
        inputs: {
          'git-credentials': `${host}/acme/kernels \${{ secrets.KERNELS_TOKEN }}\n${host}/acme/inner \${{ secrets.KERNELS_TOKEN }}`
        }
      }
    )
    expect(result).toMatchObject({conclusion: 'success'})
    expect(result.outputs.plan).toContain(`${host.split(':')[1]}`)
    expect(result.outputs.plan).toContain('acme/kernels')
    expect(logOf(result)).toContain(`${host}/acme/kernels`)
  })

  test('given `submodules: true`, what it names in turn is left out', async () => {
    const {result} = await play(
      {kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}},
      {inputs: {...KERNELS, submodules: 'true'}}
    )
    expect(logOf(result)).toContain('of acme/kernels')
    expect(logOf(result)).not.toContain('of acme/inner')
  })

  test('given `submodules: false`, the server is not even asked', async () => {
    const {result, seen} = await play(
      {kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}},
      {inputs: {...KERNELS, submodules: 'false'}}
    )
    expect(result).toMatchObject({conclusion: 'success'})
    expect(seen).toEqual([])
  })

  test('its token is in no file of the checkout afterwards', async () => {
    const {result, workspace} = await play(
      {kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}},
      {inputs: KERNELS}
    )
    expect(result).toMatchObject({conclusion: 'success'})
    const found = world.program('grep', '-rl', SECRETS.KERNELS_TOKEN, workspace)
    expect(found).toBe('')
    expect(world.program('git', '-C', workspace, 'config', '--local', '--list')).not.toMatch(
      /insteadof|extraheader|helper/i
    )
  })
})

describe('several owners', () => {
  test('each credential reaches its own path, the longest one wins', async () => {
    const {result, seen} = await play(
      {
        kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'},
        data: {url: `http://${host}/labs/data`, repository: 'labs/data'},
        tools: {url: `http://${host}/labs/data-tools`, repository: 'labs/data-tools'},
        open: {url: `http://${host}/acme/open.git`, repository: 'acme/open'}
      },
      {
        inputs: {
          'git-credentials': [
            '# for everything but the labs',
            `${host} \${{ secrets.KERNELS_TOKEN }}`,
            `${host}/labs bot \${{ secrets.LABS_TOKEN }}`
          ].join('\n')
        }
      }
    )
    expect(told(result, 'error')).toEqual([])
    for (const path of ['acme/kernels', 'acme/inner', 'labs/data', 'labs/data-tools', 'acme/open']) {
      expect(logOf(result)).toContain(`of ${path}`)
    }
    const users = (path: string) =>
      new Set(seen.filter(({repository, authorization}) => repository === path && authorization).map(({user}) => user))
    expect(users('labs/data')).toEqual(new Set(['labs']))
    expect(users('labs/data-tools')).toEqual(new Set(['labs']))
    expect([...users('acme/kernels')]).toEqual(['kernels'])
  })

  test('a credential for one repository is not sent to its neighbour', async () => {
    const {result, seen} = await play(
      {tools: {url: `http://${host}/labs/data-tools`, repository: 'labs/data-tools'}},
      {inputs: {'git-credentials': `${host}/labs/data \${{ secrets.LABS_TOKEN }}`}}
    )
    expect(errorCodes(result)).toEqual(['submodule-unreadable'])
    // It is tried where it belongs, before anything is fetched, and nowhere else.
    const shown = seen.filter(({authorization}) => authorization).map(({repository}) => repository)
    expect(new Set(shown)).toEqual(new Set(['labs/data']))
  })
})

describe('a submodule that cannot be had', () => {
  test.each([
    {given: 'a wrong token', credentials: () => `${host}/acme \${{ secrets.WRONG_TOKEN }}`},
    {given: 'a token for something else', credentials: () => `${host}/acme \${{ secrets.LABS_TOKEN }}`},
    {given: 'no token', credentials: () => ''}
  ])('given $given, the run stops before the build and says which line would help', async ({credentials}) => {
    const {result, workspace} = await play(
      {kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}},
      {inputs: {'git-credentials': credentials(), push: 'auto', 'registry-credentials': world.login}}
    )
    expect(errorCodes(result)).toEqual(['submodule-unreadable'])
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
    expect(told(result, 'error').join()).toContain(`${host}/acme/kernels`)
    expect(told(result, 'error').join()).toMatch(/Fix: .*git-credentials/)
    expect(hasBuilt(result)).toBe(false)
    expect(existsSync(join(workspace, 'kernels', 'code.txt'))).toBe(false)
  })

  test('given several of them, all are told at once', async () => {
    const {result} = await play({
      kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'},
      data: {url: `http://${host}/labs/data`, repository: 'labs/data'}
    })
    expect(errorCodes(result)).toEqual(['submodule-unreadable', 'submodule-unreadable'])
  })

  test('given a commit that is not there, the reason is the commit', async () => {
    commits.lost = '00112233445566778899aabbccddeeff00112233'
    const {result} = await play({open: {url: `http://${host}/acme/open`, repository: 'lost'}})
    expect(errorCodes(result)).toEqual(['submodule-unreadable'])
    expect(told(result, 'error').join()).toContain('not on the server')
  })
})

describe('an event without rights', () => {
  test.each([
    {given: 'a fork', event: 'fork-pull-request'},
    {given: 'Dependabot', event: 'dependabot-pull-request'},
    {given: 'a privileged event', event: 'fork-pull-request-target'},
    {given: 'a comment', event: 'pull-request-comment'}
  ] as const)('given $given, it is left out, and the run is green', async ({event}) => {
    const {result, seen} = await play(
      {
        kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'},
        open: {url: `http://${host}/acme/open`, repository: 'acme/open'}
      },
      {event, inputs: {'git-credentials': `${host}/acme/kernels \${{ secrets.KERNELS_TOKEN }}`}}
    )
    expect(result).toMatchObject({conclusion: 'success', outputs: {trust: 'none'}})
    expect(told(result, 'notice').join()).toContain('`kernels` was left out')
    expect(logOf(result)).toContain('of acme/open')
    expect(logOf(result)).not.toContain('of acme/kernels')
    expect(seen.filter(({authorization}) => authorization)).toEqual([])
  })
})

describe('Dependabot’s pull request with `opt-in: dependabot-read`', () => {
  const KERNEL = () => ({kernels: {url: `http://${host}/acme/kernels.git`, repository: 'acme/kernels'}})

  async function playDependabot(job: Job) {
    const before = world.registry.tokenLog().length
    const inputs = {...KERNELS, 'opt-in': 'dependabot-read', push: 'auto', 'registry-credentials': world.login}
    const played = await play(KERNEL(), {event: 'dependabot-pull-request', ...job, inputs})
    return {...played, scopes: world.registry.tokenLog().slice(before)}
  }

  test('given tokens in its own store, private code is read with them, and no registry is asked for anything', async () => {
    const store = {KERNELS_TOKEN: SECRETS.KERNELS_TOKEN, REGISTRY_PASSWORD: ROBOT.password}
    const {result, seen, scopes} = await playDependabot({dependabotSecrets: store})
    expect(told(result, 'error')).toEqual([])
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {origin: 'dependabot', trust: 'none', pushed: 'false', 'push-reason': 'dependabot'}
    })
    expect(logOf(result)).toContain('of acme/kernels')
    expect(new Set(seen.filter(({status}) => status === 200).map(({user}) => user))).toEqual(new Set(['kernels']))
    expect(scopes).toEqual([])
    expect(told(result, 'notice').join()).toMatch(/registry-credentials.* is not used/)
  })

  test('given none there, it is told which code could not be read', async () => {
    const {result, seen} = await playDependabot({})
    expect(result.conclusion).toBe('failure')
    expect(seen.filter(({authorization}) => authorization)).toEqual([])
  })
})

describe('an address that is refused', () => {
  test.each([
    {given: 'a token in it', url: () => `http://x-access-token:${SECRETS.KERNELS_TOKEN}@${host}/acme/kernels.git`},
    {given: 'a token as its user', url: () => `http://${SECRETS.KERNELS_TOKEN}@${host}/acme/kernels.git`},
    {given: 'a helper of git', url: () => 'ext::sh -c touch% /tmp/pwned'},
    {given: 'a path of this machine', url: () => '/etc'},
    {given: 'a file URL', url: () => 'file:///etc'},
    {given: 'an option', url: () => '--upload-pack=touch'},
    {given: 'a way out of its path', url: () => `http://${host}/acme/../labs/data`}
  ])('given $given, nothing is fetched', async ({url}) => {
    const {result, seen} = await play({kernels: {url: url(), repository: 'acme/kernels'}}, {inputs: KERNELS})
    expect(errorCodes(result)).toEqual(['submodule-url-refused'])
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1})
    expect(told(result, 'error').join()).toContain('kernels')
    expect(seen).toEqual([])
    expect(hasBuilt(result)).toBe(false)
  })
})

describe('another host', () => {
  test('given a submodule there, no credential of ours goes to it', async () => {
    // The very same server under a name that no credential is for.
    const other = `localhost:${host.split(':')[1]}`
    const {result, seen} = await play(
      {kernels: {url: `http://${other}/acme/kernels.git`, repository: 'acme/kernels'}},
      {inputs: KERNELS, token: 'ghs_theJobsOwnToken0123456789abc'}
    )
    expect(errorCodes(result)).toEqual(['submodule-unreadable'])
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter(({authorization}) => authorization)).toEqual([])
  })
})

describe('`.gitmodules` with odd quoting', () => {
  test('a path and a name with blanks and quotes work', async () => {
    const {result} = await play(
      {'it\'s "mine"': {url: `http://${host}/acme/open.git`, repository: 'acme/open'}},
      {inputs: KERNELS}
    )
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('of acme/open')
  })

  test('a name that climbs out is refused', async () => {
    const section = (name: string, path: string) =>
      `[submodule "${name}"]\n\tpath = ${path}\n\turl = http://${host}/acme/open\n`
    const workspace = world.checkout(
      {
        Dockerfile: `FROM ${world.tiny}\n`,
        '.gitmodules': `${section('../../outside', 'in')}${section('out', '../out')}`
      },
      {directory: 'climbing'}
    )
    const result = await world.run({workspace, inputs: {push: 'never', cache: 'none', image: world.image}})
    expect(errorCodes(result)).toEqual(['submodule-config-invalid', 'submodule-config-invalid'])
  })
})

describe('large files', () => {
  test('a submodule that keeps them in LFS has their contents, where git-lfs is there', async () => {
    const {result} = await play({large: {url: `http://${host}/acme/large.git`, repository: 'acme/large'}})
    expect(result).toMatchObject({conclusion: 'success'})
    const isInstalled = world.program('sh', '-c', 'command -v git-lfs || true') !== ''
    if (!isInstalled) expect(told(result, 'warning').join()).toContain('git-lfs')
  })
})
