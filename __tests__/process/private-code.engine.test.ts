import {generateKeyPairSync} from 'node:crypto'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {type SshServer, startSshServer} from '../../scripts/world/ssh-server.ts'
import {type ScriptedServer, scriptServer} from '../host/scripted-server.ts'
import {ACTION, errorCodes, hasBuilt, logOf, summaryOf, told} from '../support/built-action.ts'
import {openPassage, type Passage} from '../support/gateway.ts'
import {FROM_TINY_ARCHIVE, type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {privateWheel} from '../support/private-wheel.ts'
import {openSecureGit, type SecureGit} from '../support/secure-git.ts'
import {makePairs, type Pair} from '../support/ssh-pairs.ts'
import {blobsWith} from '../support/stored.ts'

// Deploy keys, tokens of an App, and private code inside of RUN steps: the whole action, a real git server by HTTP and
// HTTPS, a real sshd, a real engine whose containers reach both.

jest.setTimeout(240_000)

const TOKEN = 'ghs_wheelToken0123456789abcdefghi'
const APP_TOKEN = 'ghs_77_eyJhbGciOi.JSUzI1NiJ9.c2lnbmF0dXJl'
const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
const say = () => {}

let world: JobWorld
let ssh: SshServer
let pairs: Record<'kernels' | 'data', Pair>
let web: SecureGit
let door: Passage
/** As containers reach it: `address:port`. */
let sshHost: string
let base: string
const commits: Record<string, string> = {}
let count = 0

beforeAll(async () => {
  world = await makeJobWorld('private-code')
  await world.provideBuildkit()
  const {git, engine} = world
  base = (await baseImage({folder, engine, say})).reference
  git.addToken({name: 'wheel', token: TOKEN, repositories: ['acme/wheel']})
  git.addToken({name: 'app', token: APP_TOKEN, repositories: ['acme/app-only']})
  ssh = await startSshServer({folder, name: 'private-code', repositories: git.folder, say})
  pairs = await makePairs({kernels: ['-t', 'ed25519'], data: ['-t', 'ed25519']})
  ssh.addKey({name: 'kernels', publicKey: pairs.kernels.publicKey, repositories: ['acme/kernels']})
  ssh.addKey({name: 'data', publicKey: pairs.data.publicKey, repositories: ['acme/data']})
  for (const path of ['acme/kernels', 'acme/data', 'acme/app-only']) {
    commits[path] = await git.createRepository(path, {'code.txt': `code of ${path}\n`})
  }
  await git.createRepository('acme/wheel', privateWheel('words of the private wheel'))
  web = await openSecureGit(world, folder)
  door = await openPassage(web.gateway, ssh.port)
  sshHost = `${web.gateway}:${door.port}`
}, 900_000)

afterAll(async () => {
  await web?.close()
  await door?.close()
  await ssh?.stop()
  await world?.stop()
})

interface Story extends Job {
  readonly hasTiny?: true
  readonly files: Readonly<Record<string, string>>
  readonly submodules?: Readonly<Record<string, {readonly url: string; readonly commit: string}>>
}

function play({files, submodules = {}, hasTiny, inputs, secrets, environment, ...job}: Story): Promise<RunResult> {
  count += 1
  const workspace = world.checkout(files, {
    directory: `checkout ${count}`,
    submodules,
    ...(hasTiny === undefined ? {} : {hasTiny})
  })
  return world.run({
    workspace,
    ...job,
    inputs: {push: 'never', cache: 'none', image: world.image, 'ca-bundle': web.bundle, ...inputs},
    secrets: {WHEEL_TOKEN: TOKEN, KERNELS_KEY: pairs.kernels.privateKey, DATA_KEY: pairs.data.privateKey, ...secrets},
    environment: {GIT_SSL_CAINFO: web.bundle, ...environment}
  })
}

/** The line of the git server's passage for \`known-hosts\`, under any name that its port has. */
function knownAt(host: string): string {
  const [, type = '', key = ''] = ssh.knownHosts.split(' ')
  return `[${host.replace(/:\d+$/, '')}]:${host.replace(/^.*:/, '')} ${type} ${key}`
}

describe('deploy keys', () => {
  test('given a key for each submodule, then both are in the image, each read with its own key', async () => {
    const seenBefore = ssh.log().length
    const result = await play({
      files: {Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nCOPY . /src\nRUN cat /src/*/code.txt\n`},
      submodules: {
        kernels: {url: `ssh://${ssh.user}@${ssh.host}/acme/kernels.git`, commit: commits['acme/kernels'] ?? ''},
        data: {url: `${ssh.user}@127.0.0.1:acme/data`, commit: commits['acme/data'] ?? ''}
      },
      inputs: {
        'ssh-keys': `${ssh.host}/acme/kernels\n\${{ secrets.KERNELS_KEY }}\n${ssh.host}/acme/data\n\${{ secrets.DATA_KEY }}`,
        'known-hosts': ssh.knownHosts
      }
    })
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('code of acme/kernels')
    expect(logOf(result)).toContain('code of acme/data')
    expect(new Set(ssh.log().slice(seenBefore))).toEqual(
      new Set(['kernels served acme/kernels', 'data served acme/data'])
    )
  })

  test('given the key of another repository, then the run stops before the build, with fingerprint and cure', async () => {
    const result = await play({
      files: {Dockerfile: `FROM ${world.tiny}\n`},
      inputs: {'ssh-keys': `${ssh.host}/acme/kernels\n\${{ secrets.DATA_KEY }}`, 'known-hosts': ssh.knownHosts}
    })
    expect(errorCodes(result)).toEqual(['ssh-key-refused'])
    expect(summaryOf(result)).toContain(pairs.data.fingerprint)
    expect(hasBuilt(result)).toBe(false)
  })

  test('given a fork, then no key is used, and the run is green', async () => {
    const seenBefore = ssh.log().length
    const result = await play({
      event: 'fork-pull-request',
      files: {Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n'},
      submodules: {kernels: {url: `ssh://${ssh.user}@${ssh.host}/acme/kernels`, commit: commits['acme/kernels'] ?? ''}},
      inputs: {'ssh-keys': `${ssh.host}/acme/kernels\n\${{ secrets.KERNELS_KEY }}`, 'known-hosts': ssh.knownHosts}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {trust: 'none'}})
    expect(ssh.log().slice(seenBefore)).toEqual([])
  })
})

describe('a GitHub App', () => {
  const app = generateKeyPairSync('rsa', {modulusLength: 2048})
  const PEM = app.privateKey.export({type: 'pkcs1', format: 'pem'}) as string
  let api: ScriptedServer
  beforeAll(async () => {
    api = await scriptServer(({method, path}) => {
      const json = (status: number, body: object) => ({status, body: JSON.stringify(body)})
      if (path === '/repos/acme/app-only/installation') return json(200, {id: 4711})
      if (method === 'POST' && path === '/app/installations/4711/access_tokens') {
        return json(201, {token: APP_TOKEN, expires_at: '2099-01-01T00:00:00Z'})
      }
      if (method === 'DELETE' && path === '/installation/token') return {status: 204}
      return json(404, {message: 'Not Found'})
    })
  })
  afterAll(() => api?.close())

  test('its token is narrowed to the submodule, used for it, and revoked in post', async () => {
    const result = await play({
      files: {Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nCOPY . /src\nRUN cat /src/private/code.txt\n`},
      submodules: {private: {url: '../app-only.git', commit: commits['acme/app-only'] ?? ''}},
      inputs: {'github-app': 'id: 77\nprivate-key: ${{ secrets.APP_KEY }}'},
      secrets: {APP_KEY: PEM, MINTED: APP_TOKEN},
      variables: {GITHUB_API_URL: `http://${api.host}`}
    })
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('code of acme/app-only')
    expect(api.lines()).toEqual([
      'GET /repos/acme/app-only/installation',
      'POST /app/installations/4711/access_tokens',
      'DELETE /installation/token'
    ])
    const [, post, revoked] = api.seen
    expect(JSON.parse(post?.body.toString() ?? '')).toEqual({
      repositories: ['app-only'],
      permissions: {contents: 'read'}
    })
    expect(revoked?.headers.authorization).toBe(`Bearer ${APP_TOKEN}`)
  })

  test('given a fork, then nothing is asked of GitHub for it', async () => {
    const before = api.seen.length
    const result = await play({
      event: 'fork-pull-request',
      files: {Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n'},
      inputs: {'github-app': 'id: 77\nprivate-key: ${{ secrets.APP_KEY }}\nrepositories: acme/app-only'},
      secrets: {APP_KEY: PEM},
      variables: {GITHUB_API_URL: `http://${api.host}`}
    })
    expect(result).toMatchObject({conclusion: 'success'})
    expect(api.seen.slice(before)).toEqual([])
  })
})

describe('private code inside of the build', () => {
  const inVenv = (...commands: readonly string[]) => ['python3 -m venv /venv', ...commands].join(' && ')

  test('pip installs from a private repository with a mounted secret, and no layer holds the token', async () => {
    const install = inVenv(
      `/venv/bin/pip install --no-index git+https://${web.host}/acme/wheel`,
      '/venv/bin/python -c "import private_wheel; print(private_wheel.WORDS)"'
    )
    const result = await play({
      files: {
        Dockerfile: `FROM ${base}
${world.fresh}
RUN --mount=type=secret,id=git-credentials,required=true --mount=type=secret,id=ca-bundle \\
    export GIT_CONFIG_GLOBAL=/run/secrets/git-credentials GIT_SSL_CAINFO=/run/secrets/ca-bundle && ${install}
`
      },
      inputs: {
        push: 'auto',
        'registry-credentials': world.login,
        'git-credentials': `${web.host}/acme/wheel \${{ secrets.WHEEL_TOKEN }}`
      }
    })
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('words of the private wheel')
    expect(result.outputs.pushed).toBe('true')
    expect(blobsWith(world.registry, 'words of the private wheel').length).toBeGreaterThan(0)
    expect(blobsWith(world.registry, TOKEN)).toEqual([])
    expect(blobsWith(world.registry, Buffer.from(`x-access-token:${TOKEN}`).toString('base64'))).toEqual([])
  })

  test('git clones by ssh with the id of the key, and the server is proven', async () => {
    const mounts = ['ssh,id=acme-kernels,required=true', 'secret,id=git-credentials', 'secret,id=known-hosts']
    const clone = `git clone --quiet ssh://${ssh.user}@${sshHost}/acme/kernels /src && cat /src/code.txt`
    const result = await play({
      files: {
        Dockerfile: `FROM ${base}
${world.fresh}
RUN ${mounts.map(mount => `--mount=type=${mount}`).join(' ')} GIT_CONFIG_GLOBAL=/run/secrets/git-credentials sh -c '${clone}'
`
      },
      inputs: {
        'ssh-keys': `${sshHost}/acme/kernels\n\${{ secrets.KERNELS_KEY }}\n${sshHost}/acme/data\n\${{ secrets.DATA_KEY }}`,
        'known-hosts': knownAt(sshHost)
      }
    })
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('code of acme/kernels')
  })

  test.each(['fork-pull-request', 'dependabot-pull-request'] as const)(
    'given %s, then the step finds no login',
    async event => {
      const result = await play({
        event,
        hasTiny: true,
        files: {
          Dockerfile: `${FROM_TINY_ARCHIVE}
${world.fresh}
RUN --mount=type=secret,id=git-credentials if [ -e /run/secrets/git-credentials ]; then echo "found it"; else echo "none of it"; fi
`
        },
        inputs: {'git-credentials': `${web.host}/acme/wheel \${{ secrets.WHEEL_TOKEN }}`}
      })
      expect(result).toMatchObject({conclusion: 'success'})
      expect(logOf(result)).toContain('none of it')
    }
  )
})
