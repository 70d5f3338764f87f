import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import type {Command} from '../../src/host/host.ts'
import type {LockWork} from '../../src/model/work-sources.ts'
import {makeLock} from '../../src/steps/lock.ts'
import {lockHash} from '../../src/wheels/lock.ts'
import {type Answer, type FakeHost, makeFakeHost} from '../support/fake-host.ts'

const TORCH = readFileSync(new URL('../wheels/locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')
const EVERY_SOURCE = readFileSync(new URL('../wheels/locks/every-source.pylock.toml', import.meta.url), 'utf8')
/** What the secret `kernels` is. */
const VALUE = 'ghs_kernelsToken0123456789abcdefgh'
const CONTEXT = '/work space'

const WORK: LockWork = {
  directory: '/run/uv',
  output: '/run/pylock',
  uv: {version: '0.13.8', install: false},
  context: CONTEXT,
  requirements: [{path: 'requirements.txt', kind: 'requirements'}],
  packages: ['pip', 'torch==2.8.0'],
  init: 'dumb-init==1.2.5.post1',
  indexes: {torch: 'https://pypi.org/simple', others: 'https://pypi.org/simple'},
  python: '3.12',
  targets: [{platform: 'linux/amd64', uvPlatform: 'x86_64-manylinux_2_28', file: 'pylock.toml'}],
  expected: {versions: {torch: '2.8.0'}, cuda: 'cu128'},
  onUnlockable: 'leave'
}

type Uv = string | {readonly stderr: string}

interface Said {
  readonly work?: Partial<LockWork>
  readonly files?: Readonly<Record<string, string>>
  /** What uv writes, or how it ends; of several each once, the last for ever. */
  readonly uv?: Uv | readonly Uv[] | ((args: readonly string[]) => Uv)
}

async function lock({work = {}, files = {}, uv = TORCH}: Said) {
  const notices: string[] = []
  const warnings: string[] = []
  let host: FakeHost
  const turns = typeof uv === 'function' ? [] : [uv].flat()
  const answer = ({args}: Command): Answer => {
    const said = typeof uv === 'function' ? uv(args) : ((turns.length > 1 ? turns.shift() : turns[0]) ?? '')
    if (typeof said !== 'string') return {exitCode: 1, stderr: said.stderr}
    ;(host.stored as Map<string, string>).set(args[args.indexOf('--output-file') + 1] ?? '', said)
    return ''
  }
  host = makeFakeHost({
    env: {RUNNER_TEMP: '/temp'},
    files: {[`${CONTEXT}/requirements.txt`]: 'numpy\n', ...files},
    programs: {uv: answer, git: ({args}) => (args[0] === '--version' ? 'git version 2.45.0' : '')}
  })
  host.secrets.keep('kernels', VALUE)
  const made = await makeLock(
    {...WORK, ...work},
    {
      host,
      products: {},
      resources: {docker: {file: 'docker', environment: {}}},
      notice: text => void notices.push(text),
      warn: text => void warnings.push(text)
    }
  )
  return {made, host, notices, warnings}
}

describe('the step lock', () => {
  test('resolves with hashes, never runs the code of a package, and keeps the lock for the build and beside the report', async () => {
    const {made, host} = await lock({})
    expect(host.asked).toHaveLength(1)
    const [{args} = {args: []}] = host.asked
    expect(args).toEqual(expect.arrayContaining(['--no-build', '--format', 'pylock.toml', 'requirements.txt']))
    expect(host.stored.get('/run/pylock/pylock.toml')).toBe(TORCH)
    const [kept] = made.products?.locks ?? []
    expect(kept).toMatchObject({platform: 'linux/amd64', sha256: lockHash(TORCH), packages: 31})
    expect(host.stored.get(kept?.path ?? '')).toBe(TORCH)
    expect(kept?.path).toMatch(/^\/temp\/pylock\.[^/]+\.toml$/)
    expect(made.products?.answers).toMatchObject({lock: {sha256: lockHash(TORCH)}})
  })

  test('tells the build which packages are PyTorch’s, so that requirements get layers of their own', async () => {
    const own =
      '\n[[packages]]\nname = "einops"\nversion = "0.8.1"\nwheels = [{ url = "https://p.test/einops-0.8.1-py3-none-any.whl", hashes = { sha256 = "1f" } }]\n'
    const {host} = await lock({uv: `${TORCH}${own.replace('1f', '1f'.repeat(32))}`})
    const names = host.stored.get('/run/pylock/torch-set.txt')?.split('\n')
    expect(names).toEqual(expect.arrayContaining(['nvidia-cudnn-cu12', 'numpy', 'pip', 'sympy', 'torchvision']))
    expect(names).not.toContain('einops')
  })

  test('resolves for all platforms at once, and leaves all to the build where one cannot be resolved', async () => {
    const targets = ['amd64', 'arm64'].map(name => ({
      platform: `linux/${name}`,
      uvPlatform: name,
      file: `pylock.${name}.toml`
    }))
    const work = {targets, expected: {versions: {}}}
    const x86 = TORCH
    const {made, host} = await lock({work: {...work, targets: targets.slice(0, 1)}, uv: x86})
    expect(host.stored.get('/run/pylock/pylock.amd64.toml')).toBe(x86)
    expect(made.products?.locks).toHaveLength(1)
    const left = await lock({work, uv: EVERY_SOURCE})
    expect(left.host.asked.map(({args}) => args[args.indexOf('--python-platform') + 1])).toEqual(['amd64', 'arm64'])
    expect(left.made.products).toEqual({answers: {lock: {sha256: null}}})
    expect(left.notices).toHaveLength(1)
  })

  test('torch comes from one explicit index and everything else from the other', async () => {
    const {host} = await lock({
      work: {
        packages: ['pip', 'torch==2.3.1', 'numpy<2'],
        indexes: {torch: 'https://download.pytorch.org/whl/cu126', others: 'https://p.test/simple'},
        expected: {versions: {}}
      }
    })
    const project = host.stored.get('/run/uv/project/pyproject.toml') ?? ''
    expect(project).toMatch(/url = "https:\/\/download\.pytorch\.org\/whl\/cu126"\nexplicit = true/)
    expect(project).toContain('torch = { index = "pytorch" }')
    expect(project).toContain('"numpy<2"')
    expect(project).not.toMatch(/(?:pip|numpy) = \{/)
    expect(host.asked[0]?.args.join(' ')).toContain('--default-index https://p.test/simple')
    expect(host.asked[0]?.args.join(' ')).not.toContain('extra-index')
  })

  test('the login of the index lies in a file that only uv is told of', async () => {
    const host = makeFakeHost()
    const login = host.secrets.keep('index-url login', 'machine p.test login ci password hunter22')
    const files = {[`${CONTEXT}/requirements.txt`]: 'numpy\n'}
    Object.assign(host, {files: makeFakeHost({files}).files, env: {}})
    await makeLock(
      {...WORK, login},
      {host, products: {}, resources: {docker: {file: '', environment: {}}}, notice: () => {}, warn: () => {}}
    ).catch(() => {})
    const [asked] = host.asked
    expect(asked?.env?.NETRC).toBe('/run/uv/netrc')
    expect(JSON.stringify(asked)).not.toContain('hunter22')
    expect(await host.files.read('/run/uv/netrc')).toContain('hunter22')
  })

  test.each([
    {
      given: 'a package without a wheel',
      uv: {stderr: 'hint: Wheels are required for `antlr4` because building from source is disabled'}
    },
    {given: 'a package from a folder', uv: EVERY_SOURCE},
    {given: 'no Python', uv: {stderr: 'error: No interpreter found for Python 3.12'}},
    {given: 'no network', uv: {stderr: 'cause: error sending request for url (https://pypi.org/simple/six/)'}}
  ])('given $given, then the build resolves, and the reader is told why', async ({uv}) => {
    const {made, notices, host} = await lock({uv, work: {expected: {versions: {}}}})
    expect(made.products).toEqual({answers: {lock: {sha256: null}}})
    expect(notices).toHaveLength(1)
    expect(host.stored.has('/run/pylock/pylock.toml')).toBe(false)
    await expect(lock({uv, work: {expected: {versions: {}}, onUnlockable: 'fail'}})).rejects.toMatchObject({
      code: 'lock-failed'
    })
  })

  test.each([
    {
      given: 'a package that wants another torch',
      said: {
        uv: {
          stderr:
            'Because xformers==0.0.28 depends on torch==2.4.1 and image depends on xformers==0.0.28, we can conclude that image depends on torch==2.4.1. And because image depends on torch==2.8.0, your requirements are unsatisfiable.'
        }
      },
      code: 'lock-conflict',
      names: 'xformers==0.0.28'
    },
    {
      given: 'an index that serves another build',
      said: {work: {expected: {versions: {}, cuda: 'cu126'}}},
      code: 'lock-unfit',
      names: 'cuda'
    },
    {
      given: 'an index without the build for CPU',
      said: {
        work: {
          packages: ['pip', 'torch==2.8.0+cpu'],
          indexes: {torch: 'https://p.test/simple', others: 'https://p.test/simple'}
        },
        uv: {
          stderr:
            'Because there is no version of torch==2.8.0+cpu and image depends on torch==2.8.0+cpu, we can conclude that your requirements are unsatisfiable.'
        }
      },
      code: 'lock-unfit',
      names: 'https://p.test/simple has no torch==2.8.0+cpu'
    },
    {
      given: 'an index that wants a login',
      said: {uv: {stderr: 'hint: An index URL (https://p.test/simple) … (401 Unauthorized)'}},
      code: 'index-unauthorized',
      names: 'https://p.test/simple'
    },
    {
      given: 'a name that nobody published',
      said: {uv: {stderr: 'Because nosuch was not found in the package registry'}},
      code: 'lock-failed',
      names: 'uv'
    },
    {
      given: 'a file that includes one of the machine',
      said: {files: {[`${CONTEXT}/requirements.txt`]: '-r /etc/passwd\n'}},
      code: 'lock-failed',
      names: 'requirements.txt'
    },
    {
      given: 'the same over two lines',
      said: {files: {[`${CONTEXT}/requirements.txt`]: '-r \\\n../../secrets.txt\n'}},
      code: 'lock-failed',
      names: 'requirements.txt'
    },
    {
      given: 'a file that is not there',
      said: {work: {requirements: [{path: 'gone.txt', kind: 'requirements' as const}]}},
      code: 'lock-failed',
      names: 'gone.txt'
    }
  ])('given $given, then it stops with $code', async ({said, code, names}) => {
    await expect(lock(said)).rejects.toMatchObject({code, message: expect.stringContaining(names)})
  })

  test('a committed lock is taken as it is, and nothing is resolved', async () => {
    const {made, host} = await lock({
      work: {committed: {path: '/ws/pylock.toml', sha256: lockHash(TORCH)}},
      files: {'/ws/pylock.toml': TORCH}
    })
    expect(host.asked).toEqual([])
    expect(host.stored.get('/run/pylock/pylock.toml')).toBe(TORCH)
    expect(made.products?.locks?.[0]?.sha256).toBe(lockHash(TORCH))
  })

  test('a committed lock that changed since it was checked is refused', async () => {
    const work = {committed: {path: '/ws/pylock.toml', sha256: lockHash('other')}}
    await expect(lock({work, files: {'/ws/pylock.toml': TORCH}})).rejects.toMatchObject({code: 'lock-invalid'})
  })

  test('`mode: lock` writes the file that was asked for', async () => {
    const {host} = await lock({work: {writeTo: '/ws/pylock.toml'}})
    expect(host.stored.get('/ws/pylock.toml')).toBe(TORCH)
  })
})

describe('the init of a container', () => {
  const INIT = '/run/uv/project/init.txt'
  const BARE = TORCH.replace('name = "dumb-init"', 'name = "another"')
  const withoutInit = (stderr: string, then: string) => (args: readonly string[]) =>
    args.includes(INIT) ? {stderr} : then

  test('is resolved beside the others, from where all but PyTorch’s come', async () => {
    const {host, notices} = await lock({})
    expect(host.asked[0]?.args.slice(-2)).toEqual(['requirements.txt', INIT])
    expect(host.stored.get(INIT)).toBe('dumb-init==1.2.5.post1\n')
    expect(notices).toEqual([])
  })

  test.each([
    {
      given: 'an index that does not have it',
      words:
        'Because dumb-init was not found in the package registry and image depends on dumb-init==1.2.5.post1, we can conclude that your requirements are unsatisfiable.',
      then: BARE,
      told: [expect.stringContaining('https://pypi.org/simple has no dumb-init==1.2.5.post1 for linux/amd64')]
    },
    {
      given: 'an index that refuses it',
      words: 'Failed to fetch: `https://p.test/simple/dumb-init/` HTTP status client error (403 Forbidden)',
      then: BARE,
      told: [expect.any(String)]
    },
    {
      given: 'requirements that want another one',
      words:
        'Because image depends on dumb-init==1.2.2 and dumb-init==1.2.5.post1, we can conclude that your requirements are unsatisfiable.',
      then: TORCH,
      told: []
    }
  ])('given $given, then the packages are resolved without the action’s', async ({words, then, told}) => {
    const {host, notices, made} = await lock({uv: withoutInit(words, then)})
    expect(host.asked.map(({args}) => args.includes(INIT))).toEqual([true, false])
    expect(made.products?.locks).toHaveLength(1)
    expect(notices).toEqual(told)
  })

  test.each([
    {
      given: 'an index that does not answer',
      words: 'error sending request for url (https://pypi.org/simple/dumb-init/)'
    },
    {
      given: 'a package without a wheel',
      words: 'Wheels are required for `antlr4` because building from source is disabled'
    }
  ])('given $given, then nothing is asked twice', async ({words}) => {
    expect((await lock({uv: {stderr: words}})).host.asked).toHaveLength(1)
  })
})

describe('requirements from git', () => {
  const KERNELS = {host: 'git.acme.test', path: 'acme', user: 'x-access-token', token: {secret: 'kernels'}}
  const git = {
    directory: '/run/lock-git',
    credentials: [KERNELS],
    keys: [],
    hostKeys: [],
    onUnreadable: 'fail' as const
  }
  const requirements = {[`${CONTEXT}/requirements.txt`]: 'kernels @ git+https://git.acme.test/acme/kernels@main\n'}
  const words = (of: string) =>
    `error: Failed to download and build \`kernels @ git+https://git.acme.test/acme/kernels@main\`\n cause: Git operation failed\n fatal: ${of}`

  test('are locked with their commit', async () => {
    const vcs = `[[packages]]\nname = "kernels"\nvcs = { type = "git", url = "https://git.acme.test/acme/kernels", commit-id = "${'1f'.repeat(20)}" }\n`
    const {made, host, notices} = await lock({work: {git}, files: requirements, uv: `${TORCH}\n${vcs}`})
    expect(notices).toEqual([])
    expect(host.stored.get('/run/pylock/pylock.toml')).toContain('1f1f1f')
    expect(made.products?.locks).toHaveLength(1)
    expect(made.products?.answers?.lock?.mustBuild).toEqual(['kernels comes from git and must be built'])
  })

  test('are read with the credential of their path, which lies in a file and in no variable', async () => {
    const {host} = await lock({work: {git}, files: requirements})
    const asked = host.asked.find(({file}) => file === 'uv')
    expect(asked?.env).toMatchObject({GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', UV_NO_GITHUB_FAST_PATH: '1'})
    expect(asked?.env?.GIT_CONFIG_GLOBAL).toBe('/run/lock-git/gitconfig')
    expect(JSON.stringify([asked?.env, asked?.args])).not.toContain(VALUE)
    expect(await host.files.read('/run/lock-git/token-0')).toContain(VALUE)
  })

  test.each<{
    given: string
    git?: Partial<typeof git> | {onUnreadable: 'skip'; credentials: []}
    of: string
    why: string
  }>([
    {
      given: 'a token that may not read it',
      of: 'The requested URL returned error: 403',
      why: 'refuses it this repository'
    },
    {given: 'a branch that is not there', of: "couldn't find remote ref refs/heads/main", why: 'is not on the server'},
    {
      given: 'an event without the right to read it',
      git: {onUnreadable: 'skip', credentials: []},
      of: "could not read Username for 'https://git.acme.test'",
      why: 'This event reads without the credentials of the workflow.'
    }
  ])('given $given, then it stops with repository-unreadable', async ({git: changed, of, why}) => {
    const said: Said = {work: {git: {...git, ...changed}}, files: requirements, uv: {stderr: words(of)}}
    const what = expect.stringContaining('https://git.acme.test/acme/kernels, from which')
    await expect(lock(said)).rejects.toMatchObject({
      code: 'repository-unreadable',
      what,
      why: expect.stringContaining(why)
    })
  })

  test('an address with a login in it is refused before git is asked, and the login is not told', async () => {
    const files = {[`${CONTEXT}/requirements.txt`]: 'kernels @ git+https://ci:word-4471@git.acme.test/acme/kernels\n'}
    const refused = lock({work: {git}, files})
    await expect(refused).rejects.toMatchObject({problems: [expect.objectContaining({code: 'submodule-url-refused'})]})
    await expect(refused).rejects.not.toMatchObject({message: expect.stringContaining('word-4471')})
  })
})

describe('packages that are compiled with CUDA', () => {
  const extensions = {packages: ['my-kernels'], isWithout: false, projects: ['third_party/kernels']}
  const COMMIT = '1f'.repeat(20)
  const entry = `\n[[packages]]\nname = "my-kernels"\nversion = "0"\nvcs = { type = "git", url = "https://git.acme.test/acme/kernels", commit-id = "${COMMIT}" }\n`
  const whole = `${TORCH.trimEnd()}\n${entry}`
  const unstated = (name: string) => ({
    stderr: `error: Failed to download and build \`${name}\`\n  cause: failed to create directory \`/run/uv/cache/builds-v0\`: File exists (os error 17)`
  })

  test('are locked as sources, and uv has no place where it could build them', async () => {
    const {host, notices} = await lock({work: {extensions}, uv: whole})
    expect(host.asked[0]?.args.join(' ')).toContain('--only-binary :all: --no-binary my-kernels')
    expect(host.asked[0]?.args).not.toContain('--no-build')
    expect(host.stored.get('/run/uv/cache/builds-v0')).toBe('')
    expect(host.stored.get('/run/pylock/pylock.toml')).toBe(whole)
    expect(notices).toEqual([])
  })

  test.each([
    {given: 'a repository', words: 'my-kernels @ git+https://git.acme.test/acme/kernels', metadata: 'version = "0", '},
    {given: 'a release', words: 'my_kernels==1.0', metadata: ''}
  ])(
    '$given that does not state what it requires is locked as if that were nothing, and the reader is told',
    async ({words, metadata}) => {
      const {host, notices} = await lock({work: {extensions}, uv: [unstated(words), whole]})
      const config = host.asked[1]?.args[host.asked[1].args.indexOf('--config-file') + 1] ?? ''
      expect(host.stored.get(config)).toBe(
        `dependency-metadata = [{ name = "my-kernels", ${metadata}requires-dist = [] }]\n`
      )
      expect(notices).toEqual([expect.stringContaining('my-kernels does not state what it requires')])
      const version = metadata === '' ? 'version = "0"' : undefined
      const told = host.stored.get('/run/pylock/pylock.toml')?.split('name = "my-kernels"\n')[1]?.split('\n')[0]
      expect(told).toEqual(version ?? expect.stringMatching(/^vcs/))
    }
  )

  test('another package that must be built is left to the build as before', async () => {
    const {made} = await lock({work: {extensions}, uv: unstated('other @ git+https://git.acme.test/acme/other')})
    expect(made.products).toEqual({answers: {lock: {sha256: null}}})
  })

  test('another one that was most likely meant stops the run before the build', async () => {
    const work = {extensions: {...extensions, packages: ['my-kernel']}}
    const uv = {stderr: 'cause: Building source distributions for `my-kernels` is disabled'}
    await expect(lock({work, uv})).rejects.toMatchObject({
      problems: [{code: 'extension-unknown', fix: 'Did you mean `extensions: my-kernels`?'}]
    })
  })

  test('are taken out of the lock of a torch for CPU', async () => {
    const {host} = await lock({work: {extensions: {...extensions, isWithout: true}}, uv: whole})
    expect(host.stored.get('/run/pylock/pylock.toml')).not.toContain('my-kernels')
    expect(host.stored.get('/run/pylock/pylock.toml')).toContain('name = "torch"')
  })

  test.each([
    {given: 'a name like that of a package', name: 'my-kernel', near: 'my-kernels'},
    {given: 'a name like that of a folder', name: 'kernels', near: 'third_party/kernels'}
  ])('given $given, then it stops with extension-unknown and the nearest of both', async ({name, near}) => {
    await expect(lock({work: {extensions: {...extensions, packages: [name]}}, uv: whole})).rejects.toMatchObject({
      problems: [{code: 'extension-unknown', fix: `Did you mean \`extensions: ${near}\`?`}]
    })
  })
})

describe('what the lock weighs, before anything is downloaded', () => {
  // The wheels of the lock are 3.95 GB.
  const forecast = (freeBytes: number) => ({
    place: '/var/lib/docker',
    freeBytes,
    neededBytes: 1e9,
    parts: [{what: 'wheels, installed', bytes: 1e9, perWheelByte: 2}],
    isEstimate: true
  })

  test('more than there is room for ends the run, with both numbers', async () => {
    const work = {room: {forecast: forecast(5e9), onShort: 'fail'}} as const
    const what = expect.stringMatching(/needs 7\.\d GB .* 5\.0 GB are free/)
    await expect(lock({work})).rejects.toMatchObject({code: 'disk-too-small', what})
  })

  test('it is a warning where a cache may spare the builder the work', async () => {
    const {warnings} = await lock({work: {room: {forecast: forecast(5e9), onShort: 'warn'}}})
    expect(warnings).toEqual([expect.stringContaining('5.0 GB are free')])
  })

  test('with room for it nothing is said', async () => {
    const {made, warnings} = await lock({work: {room: {forecast: forecast(50e9), onShort: 'fail'}}})
    expect([warnings, made.products?.answers?.lock?.downloadBytes]).toEqual([[], expect.any(Number)])
  })
})
