import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import type {Command} from '../../src/host/host.ts'
import type {LockWork} from '../../src/model/plan.ts'
import {makeLock} from '../../src/steps/lock.ts'
import {lockHash} from '../../src/wheels/lock.ts'
import {type Answer, type FakeHost, makeFakeHost} from '../support/fake-host.ts'

const TORCH = readFileSync(new URL('../wheels/locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')
const EVERY_SOURCE = readFileSync(new URL('../wheels/locks/every-source.pylock.toml', import.meta.url), 'utf8')
const CONTEXT = '/work space'

const WORK: LockWork = {
  directory: '/run/uv',
  output: '/run/pylock',
  uv: {version: '0.13.8', install: false},
  context: CONTEXT,
  requirements: [{path: 'requirements.txt', kind: 'requirements'}],
  packages: ['pip', 'torch==2.8.0'],
  indexes: {torch: 'https://pypi.org/simple', others: 'https://pypi.org/simple'},
  python: '3.12',
  targets: [{platform: 'linux/amd64', uvPlatform: 'x86_64-manylinux_2_28', file: 'pylock.toml'}],
  expected: {versions: {torch: '2.8.0'}, cuda: 'cu128'},
  onUnlockable: 'leave'
}

interface Said {
  readonly work?: Partial<LockWork>
  readonly files?: Readonly<Record<string, string>>
  /** What uv writes, or how it ends. */
  readonly uv?: string | {readonly stderr: string}
}

async function lock({work = {}, files = {}, uv = TORCH}: Said) {
  const notices: string[] = []
  let host: FakeHost
  const answer = ({args}: Command): Answer => {
    if (typeof uv !== 'string') return {exitCode: 1, stderr: uv.stderr}
    ;(host.stored as Map<string, string>).set(args[args.indexOf('--output-file') + 1] ?? '', uv)
    return ''
  }
  host = makeFakeHost({
    env: {RUNNER_TEMP: '/temp'},
    files: {[`${CONTEXT}/requirements.txt`]: 'numpy\n', ...files},
    programs: {uv: answer}
  })
  const made = await makeLock(
    {...WORK, ...work},
    {
      host,
      products: {},
      resources: {docker: {file: 'docker', environment: {}}},
      notice: text => void notices.push(text),
      warn: () => {}
    }
  )
  return {made, host, notices}
}

describe('the step lock', () => {
  test('resolves with hashes, never runs the code of a package, and keeps the lock for the build and beside the report', async () => {
    const {made, host} = await lock({})
    const [all, own] = host.asked
    expect(all?.args).toEqual(expect.arrayContaining(['--no-build', '--format', 'pylock.toml', 'requirements.txt']))
    expect(own?.args).not.toContain('requirements.txt')
    expect(host.stored.get('/run/pylock/pylock.toml')).toBe(TORCH)
    expect(host.stored.get('/run/pylock/torch-set.txt')).toContain('nvidia-cudnn-cu12\n')
    const [kept] = made.products?.locks ?? []
    expect(kept).toMatchObject({platform: 'linux/amd64', sha256: lockHash(TORCH), packages: 30})
    expect(host.stored.get(kept?.path ?? '')).toBe(TORCH)
    expect(kept?.path).toMatch(/^\/temp\/pylock\.[^/]+\.toml$/)
    expect(made.products?.answers).toEqual({lock: {sha256: lockHash(TORCH)}})
  })

  test('torch comes from one explicit index and everything else from the other', async () => {
    const {host} = await lock({
      work: {
        indexes: {torch: 'https://download.pytorch.org/whl/cu126', others: 'https://p.test/simple'},
        expected: {versions: {}}
      }
    })
    const project = host.stored.get('/run/uv/project/pyproject.toml') ?? ''
    expect(project).toMatch(/url = "https:\/\/download\.pytorch\.org\/whl\/cu126"\nexplicit = true/)
    expect(project).toContain('torch = { index = "pytorch" }')
    expect(project).not.toContain('pip = {')
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
    {given: 'a package from git', uv: EVERY_SOURCE},
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
