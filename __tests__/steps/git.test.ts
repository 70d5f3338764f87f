import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {
  basic,
  configure,
  filesWithTokens,
  type GitStage,
  openGitStage,
  TOKENS,
  watchingCommandLines,
  writeModules
} from './git-stage.ts'

let stage: GitStage
/** Commits by repository. */
const commits: Record<string, string> = {}

beforeAll(async () => {
  stage = await openGitStage()
  const {server, host} = stage
  const name = host.replace(/:\d+$/, '')
  const make = async (path: string, ...rest: [Parameters<typeof server.createRepository>[1], object?]) => {
    commits[path] = await server.createRepository(path, ...rest)
  }
  const at = (repository: string, url: string) => ({url, commit: commits[repository] ?? ''})
  await make('acme/inner', {'inner.txt': 'inner'})
  await make('acme/kernels', {'k.txt': 'k'}, {submodules: {'deep/in ner': at('acme/inner', '../inner.git')}})
  await make('acme/kernels-private', {'p.txt': 'p'})
  await make('other/tools', {'t.txt': 't'})
  await make('third/open', {'o.txt': 'o'}, {access: 'public'})
  await make('acme/weights', {'w.bin': 'large content of the weights'}, {lfs: ['w.bin']})

  await make(
    'acme/app',
    {'a.txt': 'a'},
    {
      submodules: {
        'libs/my kernels': at('acme/kernels', `git@${name}:acme/kernels.git`),
        'libs/private': at('acme/kernels-private', `ssh://git@${name}:22/Acme/kernels-private`),
        'libs/tools': at('other/tools', `http://${host}/other/tools/`),
        'libs/open': at('third/open', '../../third/open')
      }
    }
  )
  await make('acme/app-kernels', {'a.txt': 'a'}, {submodules: {kernels: at('acme/kernels', '../kernels')}})
  await make(
    'acme/app-weights',
    {'a.txt': 'a', 'own.bin': 'large content of the app'},
    {
      lfs: ['own.bin'],
      submodules: {weights: at('acme/weights', '../weights')}
    }
  )
  await make('acme/app-plain', {'a.txt': 'a'})

  // What a machine's owner may have in their home, and what must not be used.
  const gitconfig = join(stage.home, '.gitconfig')
  configure(gitconfig, `url.http://octo:${TOKENS.wrong}@${host}/.insteadOf`, `http://${host}/`)
  configure(gitconfig, 'credential.helper', `!f() { cat >> '${join(stage.folder, 'helper-was-asked')}'; }; f`)
  writeFileSync(join(stage.home, '.netrc'), `machine ${name} login octo password ${TOKENS.wrong}\n`, {mode: 0o600})
})

afterAll(() => stage.end())

describe('private submodules of several owners, in several forms', () => {
  test('given a token for each owner, then each repository sees only its own, and nothing of it stays', async () => {
    const workspace = stage.checkOut('acme/app')
    const before = readFileSync(join(workspace, '.git', 'config'), 'utf8')
    const credentials = {acme: 'acme', 'acme/kernels': 'kernels', other: 'other'} as const
    const {result: seen, commandLines} = await watchingCommandLines(() => stage.fetch(workspace, {credentials}))

    expect(seen.texts).toEqual([])
    expect(seen.made).toEqual({
      made: '5 submodules',
      products: {
        submodules: [
          {path: 'libs/my kernels', url: expect.stringMatching(/^git@/), state: 'fetched'},
          {path: 'libs/private', url: expect.stringMatching(/^ssh:/), state: 'fetched'},
          {path: 'libs/tools', url: expect.stringMatching(/\/other\/tools\/$/), state: 'fetched'},
          {path: 'libs/open', url: expect.stringMatching(/\/third\/open$/), state: 'fetched'},
          {path: 'libs/my kernels/deep/in ner', url: expect.stringMatching(/^git@/), state: 'fetched'}
        ]
      }
    })
    expect(readFileSync(join(workspace, 'libs/my kernels/deep/in ner/inner.txt'), 'utf8')).toBe('inner')

    const users = new Map<string, Set<string>>()
    for (const line of stage.requests()) {
      const [repository = '', , user = ''] = line.split(' ')
      if (user !== 'anonymous') users.set(repository, (users.get(repository) ?? new Set()).add(user))
    }
    expect(Object.fromEntries([...users].map(([repository, names]) => [repository, [...names]]))).toEqual({
      'acme/kernels': ['kernels'],
      'acme/kernels-private': ['acme'],
      'acme/inner': ['acme'],
      'other/tools': ['other']
    })

    expect(readFileSync(join(workspace, '.git', 'config'), 'utf8')).toBe(before)
    expect(filesWithTokens(workspace)).toEqual([])
    expect(existsSync(join(stage.folder, 'helper-was-asked'))).toBe(false)
    expect(execFileSync('git', ['-C', workspace, 'status', '--short', '--ignore-submodules=none']).toString()).toBe('')

    expect(commandLines).toContain('git submodule update')
    expect(commandLines).toMatch(/git-remote-http|git remote-http/)
    for (const token of Object.values(TOKENS)) expect(commandLines).not.toContain(token)
    expect(JSON.stringify(seen.host.told)).not.toMatch(/-token-/)
  })

  test('given only the top level is wanted, then nested ones stay away', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    const seen = await stage.fetch(workspace, {work: {depth: 'top'}, origin: `${stage.server.url}/acme/app-kernels`})
    expect(seen.made?.made).toBe('1 submodule')
    expect(existsSync(join(workspace, 'kernels/deep/in ner/inner.txt'))).toBe(false)
  })

  test('given a whole history in the workspace, then submodules have theirs; given one commit, then one', async () => {
    await stage.server.commit('acme/kernels', {'k.txt': 'newer'})
    for (const [whole, shallow] of [
      [true, 'false'],
      [false, 'true']
    ] as const) {
      const workspace = stage.checkOut('acme/app-kernels', {whole})
      await stage.fetch(workspace)
      const kernels = ['-C', join(workspace, 'kernels')]
      expect(
        execFileSync('git', [...kernels, 'rev-parse', '--is-shallow-repository'])
          .toString()
          .trim()
      ).toBe(shallow)
      expect(
        execFileSync('git', [...kernels, 'rev-parse', 'HEAD'])
          .toString()
          .trim()
      ).toBe(commits['acme/kernels'])
    }
  })

  test('given submodules that are there already, then no server is asked', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    await stage.fetch(workspace)
    stage.requests()
    const seen = await stage.fetch(workspace, {credentials: {}})
    expect(seen.made?.made).toBe('2 submodules')
    expect(stage.requests()).toEqual([])
  })

  const isRoot = process.getuid?.() === 0
  const asRoot = isRoot ? test : test.skip
  asRoot('given a workspace of another user, behind a link, then git reads it all the same', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    execFileSync('chown', ['-R', '12345', workspace])
    const link = join(workspace, '..', 'link')
    symlinkSync(workspace, link)
    const seen = await stage.fetch(link)
    expect(seen.texts).toEqual([])
    execFileSync('chown', ['-R', '12345', workspace])
    expect((await stage.fetch(link)).made?.made).toBe('2 submodules')
  })

  test('given no submodules at all, then there is nothing to do', async () => {
    const seen = await stage.fetch(stage.checkOut('acme/app-plain'))
    expect(seen.made).toEqual({made: 'no submodules', products: {submodules: []}})
    expect(stage.requests()).toEqual([])
  })
})

describe('logins that actions/checkout left behind', () => {
  /** A workspace whose submodule stands on an older commit, with a login in its own configuration. */
  async function withLeftLogin(leave: (gitDirectory: string) => void): Promise<string> {
    const workspace = stage.checkOut('acme/app-kernels')
    await stage.fetch(workspace)
    const newer = await stage.server.commit('acme/kernels', {'k.txt': `k ${Math.random()}`})
    execFileSync('git', ['-C', workspace, 'update-index', '--cacheinfo', `160000,${newer},kernels`])
    for (const directory of ['.git', '.git/modules/kernels']) leave(join(workspace, directory))
    stage.requests()
    return workspace
  }

  /** What each version leaves in a git directory: the header itself, or the way to a file that has it. */
  const LEFT = [
    {version: 'v4 and v5', leave: leaveHeader},
    {
      version: 'v6 and v7',
      leave: (directory: string) => configure(join(directory, 'config'), `includeIf.gitdir:${directory}.path`, left())
    },
    {
      version: 'v6 and v7 for every place below',
      leave: (directory: string) => {
        const places = [directory, `${directory}/`, `${directory}/worktrees/*`, '/github/workspace/.git']
        for (const place of places) configure(join(directory, 'config'), `includeIf.gitdir:${place}.path`, left())
      }
    }
  ]

  test.each(LEFT)('given the header of $version, then ours is the only login that goes out', async ({leave}) => {
    const workspace = await withLeftLogin(leave)
    const kernels = join(workspace, 'kernels')
    // Without us, git in that directory would send what was left behind.
    const plain = ['-C', kernels, 'config', '--get-urlmatch', 'http.extraheader', `${stage.server.url}/acme/kernels`]
    expect(execFileSync('git', plain).toString()).toContain(basic(TOKENS.checkout))

    const seen = await stage.fetch(workspace)
    expect(seen.texts).toEqual([])
    const requests = stage.requests()
    expect(requests).toContain('acme/kernels upload-pack acme 200')
    expect(requests.filter(line => !/ (?:acme|anonymous) /.test(line))).toEqual([])
  })

  test.each(LEFT)(
    'given the header of $version and code that may not read, then no login goes out',
    async ({leave}) => {
      const workspace = await withLeftLogin(leave)
      const seen = await stage.fetch(workspace, {credentials: {}, work: {onUnreadable: 'skip'}})
      expect(seen.codes).toEqual([])
      const requests = stage.requests()
      expect(requests.length).toBeGreaterThan(0)
      expect(requests.filter(line => !line.includes(' anonymous '))).toEqual([])
    }
  )

  function leaveHeader(directory: string): void {
    configure(join(directory, 'config'), headerKey(), `AUTHORIZATION: basic ${basic(TOKENS.checkout)}`)
  }

  /** The file below the runner's folder that holds the header. */
  function left(): string {
    const file = join(stage.folder, 'git-credentials-0b5e.config')
    if (!existsSync(file)) configure(file, headerKey(), `AUTHORIZATION: basic ${basic(TOKENS.checkout)}`)
    return file
  }

  test('given a stale address in a submodule, then the one of today is used', async () => {
    const workspace = await withLeftLogin(() => {})
    configure(join(workspace, '.git/modules/kernels/config'), 'remote.origin.url', `${stage.server.url}/gone/kernels`)
    const file = join(workspace, '.git/modules/kernels/config')
    execFileSync('git', ['config', '--file', file, '--replace-all', 'remote.origin.url', `${stage.server.url}/gone/x`])
    expect((await stage.fetch(workspace)).texts).toEqual([])
  })

  test('given the header of v4 in a workspace with LFS, then large files come with our login alone', async () => {
    const workspace = stage.checkOut('acme/app-weights')
    configure(join(workspace, '.git/config'), headerKey(), `AUTHORIZATION: basic ${basic(TOKENS.wrong)}`)
    const before = readFileSync(join(workspace, '.git', 'config'), 'utf8')
    const seen = await stage.fetch(workspace, {origin: `${stage.server.url}/acme/app-weights`})
    expect(seen.texts).toEqual([])
    expect(readFileSync(join(workspace, 'own.bin'), 'utf8')).toBe('large content of the app')
    expect(readFileSync(join(workspace, 'weights/w.bin'), 'utf8')).toBe('large content of the weights')
    expect(stage.requests().filter(line => line.includes(' lfs '))).toEqual([
      'acme/app-weights lfs acme 200',
      'acme/weights lfs acme 200'
    ])
    expect(readFileSync(join(workspace, '.git', 'config'), 'utf8')).toBe(before)
    expect(stage.status(workspace)).toBe('')
  })

  function headerKey(): string {
    return `http.${stage.server.url}/.extraheader`
  }
})

describe('what stops the run, before anything is fetched', () => {
  test.each([
    {given: 'a wrong token', credentials: {acme: 'wrong'}, why: /did not accept `WRONG_TOKEN`/},
    {given: 'a token that reads only its own repository', credentials: {acme: 'checkout'}, why: /may not see it/},
    {given: 'no token', credentials: {}, why: /no credential was given/},
    {given: 'a token for another host', credentials: {'git.corp/acme': 'acme'}, why: /no credential was given/},
    {given: 'a token for an owner named alike', credentials: {acm: 'acme'}, why: /no credential was given/}
  ] as const)('given $given, then cause and fix are told', async ({credentials, why}) => {
    const workspace = stage.checkOut('acme/app-kernels')
    const {codes, texts, host} = await stage.fetch(workspace, {credentials})
    expect(codes).toEqual(['submodule-unreadable'])
    expect(texts[0]).toMatch(why)
    expect(texts[0]).toContain(`\`${stage.host}/acme/kernels \${{ secrets.KERNELS_READ_TOKEN }}\``)
    expect(texts[0]).not.toMatch(/-token-/)
    expect(existsSync(join(workspace, '.git/modules'))).toBe(false)
    expect(host.deeds.filter(deed => deed.includes('submodule update'))).toEqual([])
  })

  test('given two that cannot be read, then both are told at once', async () => {
    const workspace = stage.checkOut('acme/app')
    const {codes} = await stage.fetch(workspace, {credentials: {'acme/kernels': 'kernels'}})
    expect(codes).toEqual(['submodule-unreadable', 'submodule-unreadable'])
  })

  test('given another host, then it gets no token', async () => {
    const elsewhere = await openGitStage()
    try {
      const commit = await elsewhere.server.createRepository('acme/kernels', {'k.txt': 'k'})
      const app = `acme/app-elsewhere`
      const submodules = {kernels: {url: `${elsewhere.server.url}/acme/kernels`, commit}}
      await stage.server.createRepository(app, {'a.txt': 'a'}, {submodules})
      const {codes, texts} = await stage.fetch(stage.checkOut(app), {credentials: {'': 'acme', acme: 'acme'}})
      expect(codes).toEqual(['submodule-unreadable'])
      expect(texts[0]).toContain(elsewhere.host)
      expect(new Set(elsewhere.requests())).toEqual(new Set(['acme/kernels upload-pack anonymous 401']))
    } finally {
      await elsewhere.end()
    }
  })

  test('given a commit that was never pushed, then that is told, and the half-made submodule is gone', async () => {
    const app = 'acme/app-lost'
    const submodules = {kernels: {url: '../kernels', commit: '0123456789abcdef0123456789abcdef01234567'}}
    await stage.server.createRepository(app, {'a.txt': 'a'}, {submodules})
    const workspace = stage.checkOut(app)
    const {codes, texts} = await stage.fetch(workspace)
    expect(codes).toEqual(['submodule-unreadable'])
    expect(texts[0]).toMatch(/commit .* is not on the server/)
    expect(existsSync(join(workspace, '.git/modules/kernels'))).toBe(false)
    expect(existsSync(join(workspace, 'kernels/.git'))).toBe(false)
  })

  test('given a host that gives no answer, then that is told after trying again', async () => {
    const app = 'acme/app-silent'
    const submodules = {kernels: {url: 'http://127.0.0.1:1/acme/kernels', commit: commits['acme/kernels'] ?? ''}}
    await stage.server.createRepository(app, {'a.txt': 'a'}, {submodules})
    const {codes, texts, host} = await stage.fetch(stage.checkOut(app))
    expect(codes).toEqual(['submodule-unreadable'])
    expect(texts[0]).toMatch(/127\.0\.0\.1:1 gave no answer/)
    expect(host.deeds.filter(deed => deed.includes('ls-remote'))).toHaveLength(3)
  }, 30_000)

  test.each([
    {
      given: 'a token in the address',
      url: `https://octo:${TOKENS.acme}@github.com/acme/x`,
      code: 'submodule-url-refused'
    },
    {given: 'a transport helper', url: 'ext::sh -c touch%20x', code: 'submodule-url-refused'},
    {given: 'a file address', url: 'file:///etc', code: 'submodule-url-refused'},
    {given: 'an address that climbs past the host', url: '../../../../x', code: 'submodule-url-refused'}
  ])('given $given, then nothing is asked of anyone', async ({url, code}) => {
    const workspace = stage.checkOut('acme/app-kernels')
    writeModules(workspace, `[submodule "kernels"]\n\tpath = kernels\n\turl = "${url}"\n`)
    const {codes, texts} = await stage.fetch(workspace)
    expect(codes).toEqual([code])
    expect(texts[0]).not.toContain(TOKENS.acme)
    expect(stage.requests()).toEqual([])
  })

  test.each([
    {
      given: 'a file that git cannot read',
      file: '[submodule "kernels\n\tpath = kernels\n',
      code: 'submodule-config-invalid'
    },
    {
      given: 'a path out of the workspace',
      file: '[submodule "k"]\n path = ../k\n url = x\n',
      code: 'submodule-config-invalid'
    },
    {
      given: 'a name out of its place',
      file: '[submodule "../../k"]\n path = k\n url = x\n',
      code: 'submodule-config-invalid'
    }
  ])('given $given, then it is refused', async ({file, code}) => {
    const workspace = stage.checkOut('acme/app-kernels')
    writeModules(workspace, file)
    expect((await stage.fetch(workspace)).codes).toEqual([code])
    expect(stage.requests()).toEqual([])
  })

  test('given a list of submodules that is a link, then it is not read', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    rmSync(join(workspace, '.gitmodules'))
    symlinkSync('/etc/hostname', join(workspace, '.gitmodules'))
    expect((await stage.fetch(workspace)).codes).toEqual(['submodule-config-invalid'])
  })

  test('given a workspace without git data, then that is told', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    rmSync(join(workspace, '.git'), {recursive: true})
    expect((await stage.fetch(workspace)).codes).toEqual(['submodule-config-invalid'])
  })

  test('given odd quoting, then it is read as git reads it', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    writeModules(workspace, '[submodule "my \\"k\\""] ; x\n path = "ker\\\nnels" # y\n url = "../kernels" ; z\n')
    expect((await stage.fetch(workspace)).made?.made).toBe('2 submodules')
  })
})

describe('code that gets no credential', () => {
  const untrusted = {credentials: {}, work: {onUnreadable: 'skip', withheld: [] as string[]}} as const

  test('given a place that only a dropped credential opens, then it is not even tried; others are, without a login', async () => {
    const workspace = stage.checkOut('acme/app')
    const work = {...untrusted.work, withheld: [`${stage.host}/acme`, `${stage.host}`]}
    const seen = await stage.fetch(workspace, {...untrusted, work})
    expect(seen.made?.made).toBe('1 submodule, 3 left out')
    expect(seen.notices).toHaveLength(3)
    expect(new Set(stage.requests())).toEqual(
      new Set(['other/tools upload-pack anonymous 401', 'third/open upload-pack anonymous 200'])
    )
  })

  test('given private code that already lies there, then a warning says so', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    await stage.fetch(workspace)
    const work = {...untrusted.work, withheld: [`${stage.host}/acme/kernels`]}
    const seen = await stage.fetch(workspace, {...untrusted, work})
    expect(seen.warnings).toEqual([expect.stringContaining('`kernels`')])
  })

  test('given an address that is refused, then that is an error here too', async () => {
    const workspace = stage.checkOut('acme/app-kernels')
    writeModules(workspace, '[submodule "kernels"]\n path = kernels\n url = file:///etc\n')
    expect((await stage.fetch(workspace, untrusted)).codes).toEqual(['submodule-url-refused'])
  })
})
