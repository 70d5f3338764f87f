import {describe, expect, test} from '@jest/globals'
import type {Command, CommandsPort, Ran} from '../../src/host/host.ts'
import {Problem} from '../../src/model/problem.ts'
import type {GitWork} from '../../src/model/work-sources.ts'
import {fetchSubmodules} from '../../src/steps/git.ts'
import {type Answer, type FakeWorld, lineOf, makeFakeHost} from '../support/fake-host.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

const WORK: GitWork = {
  workspace: '/w',
  directory: '/run/git',
  depth: 'recursive',
  credentials: [],
  keys: [],
  hostKeys: [],
  checks: [],
  withheld: [],
  originUrl: 'https://github.com/acme/app',
  onUnreadable: 'fail'
}

const FILES = {'/w/.gitmodules': '', '/w/.git/HEAD': ''}

/** A workspace with one submodule, on a machine where each of git's commands answers as it should. */
const PROGRAMS: Readonly<Record<string, Answer>> = {
  'git --version': 'git version 2.51.0',
  'git config': {exitCode: 1},
  'git config --file .gitmodules': 'submodule.k.path\nk\0submodule.k.url\n../k\0',
  'git --literal-pathspecs ls-files': `160000 ${COMMIT} 0\tk\0`,
  'git rev-parse --git-path': '.git/modules/k\n',
  'git rev-parse --is-shallow-repository': 'true\n',
  'git ls-files': '',
  'git ls-remote': '',
  'git submodule update': ''
}

function setUp(programs: NonNullable<FakeWorld['programs']>, work: Partial<GitWork> = {}, env = {}) {
  const warnings: string[] = []
  const notices: string[] = []
  const host = makeFakeHost({programs, env, files: FILES})
  const context = {
    host,
    products: {},
    resources: {docker: {file: 'docker', environment: {}}},
    notice: (text: string) => void notices.push(text),
    warn: (text: string) => void warnings.push(text)
  }
  return {host, warnings, notices, run: () => fetchSubmodules({...WORK, ...work}, context)}
}

describe('git on this machine', () => {
  test.each([
    {given: 'no git', answer: {exitCode: 127}},
    {given: 'a git that cannot read settings from variables', answer: 'git version 2.31.4'}
  ])('given $given, then the step does not begin', async ({answer}) => {
    const {host, run} = setUp({...PROGRAMS, 'git --version': answer})
    await expect(run()).rejects.toMatchObject({code: 'runner-unsupported'})
    expect(host.asked).toHaveLength(1)
  })

  test('given all is well, then servers are asked first, and one commit is fetched', async () => {
    const {host, run} = setUp(PROGRAMS)
    expect(await run()).toMatchObject({made: '1 submodule'})
    const lines = host.asked.map(lineOf).filter(line => /ls-remote|submodule update/.test(line))
    expect(lines).toEqual([
      'git ls-remote --quiet -- https://github.com/acme/k HEAD',
      'git submodule update --init --progress --depth 1 -- k'
    ])
  })

  test('given any call of git, then it has a home of its own, and never asks a person', async () => {
    const {host, run} = setUp(PROGRAMS)
    await run()
    const calls = host.asked.filter(({args}) => args[0] !== '--version' && !/system|global/.test(args[1] ?? ''))
    expect(calls.length).toBeGreaterThan(5)
    for (const {env} of calls) {
      expect(env).toMatchObject({
        HOME: '/run/git/home',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/run/git/gitconfig',
        GIT_TERMINAL_PROMPT: '0',
        GIT_ALLOW_PROTOCOL: 'https'
      })
    }
  })

  test('given a proxy in the configuration of the machine, then it is used; its helpers are not', async () => {
    const settings = 'http.proxy\nhttp://proxy.corp:3128\0http.https://github.com/.extraheader\nAUTHORIZATION: x\0'
    const {host, run} = setUp({...PROGRAMS, 'git config --global': settings})
    await run()
    expect(host.stored.get('/run/git/gitconfig')).toContain('proxy = "http://proxy.corp:3128"')
    expect([...host.stored.values()].join()).not.toContain('AUTHORIZATION')
  })
})

describe('large files without git-lfs', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1'

  test.each([
    {given: 'pointers', head: pointer, lfs: {exitCode: 1}, warnings: 1, pulls: 0},
    {given: 'their content', head: 'PK\u0003\u0004', lfs: {exitCode: 1}, warnings: 0, pulls: 0},
    {given: 'pointers, but git-lfs', head: pointer, lfs: 'git-lfs/3.3.0', warnings: 0, pulls: 1}
  ])('given $given in the workspace, then warnings: $warnings, fetches: $pulls', async row => {
    const {host, warnings, run} = setUp({
      ...PROGRAMS,
      'git ls-files -z': ({cwd}: Command) => (cwd === '/w' ? 'model.bin\0' : ''),
      'git lfs version': row.lfs,
      'git lfs pull': '',
      head: row.head
    })
    await run()
    expect(warnings).toHaveLength(row.warnings)
    expect(host.asked.filter(({args}) => args.join(' ') === 'lfs pull')).toHaveLength(row.pulls)
  })

  test('given large files that cannot be read, then untrusted code goes on without them', async () => {
    const programs = {
      ...PROGRAMS,
      'git ls-files -z': 'model.bin\0',
      'git lfs version': '',
      'git lfs pull': {exitCode: 2, stderr: 'batch response: Repository not found'},
      head: pointer
    }
    const skipping = setUp(programs, {onUnreadable: 'skip'})
    await skipping.run()
    expect(skipping.notices.length).toBeGreaterThan(0)
    await expect(setUp(programs).run()).rejects.toMatchObject({code: 'submodule-unreadable'})
  })
})

describe('a fetch that ends too early', () => {
  /** Programs of which the fetch of the submodule behaves as told. */
  function withUpdate(update: () => Promise<Ran>): CommandsPort {
    const {commands} = makeFakeHost({programs: PROGRAMS})
    const isUpdate = ({args}: Command) => args[0] === 'submodule'
    return {...commands, follow: (command, onLine) => (isUpdate(command) ? update() : commands.follow(command, onLine))}
  }

  test.each([
    {
      given: 'a cancelled job',
      update: async (): Promise<Ran> => {
        throw new Problem('cancelled', {what: 'x', why: 'y', fix: 'z'})
      },
      code: 'cancelled'
    },
    {
      given: 'a full disk',
      update: async (): Promise<Ran> => ({exitCode: 128, stdout: '', stderr: 'fatal: No space left on device'}),
      code: 'disk-full'
    }
  ])('given $given, then what was begun is removed, and $code is told', async ({update, code}) => {
    for (const onUnreadable of ['fail', 'skip'] as const) {
      const {host, run} = setUp(withUpdate(update), {onUnreadable})
      const thrown = await run().catch((reason: unknown) => reason)
      expect(JSON.stringify(thrown)).toContain(`"${code}"`)
      expect(host.deeds).toContain('remove /w/.git/modules/k')
      expect(host.deeds).toContain('remove /w/k')
    }
  })

  test('given a server that hands out only its newest commits, then the whole history is fetched', async () => {
    const refusal = {exitCode: 128, stderr: 'fatal: remote error: upload-pack: not our ref'}
    const {host, run} = setUp({...PROGRAMS, 'git submodule update --init --progress --depth': refusal})
    expect(await run()).toMatchObject({made: '1 submodule'})
    const lines = host.asked.map(lineOf).filter(line => line.includes('submodule update'))
    expect(lines.map(line => line.includes('--depth'))).toEqual([true, false])
  })
})
