import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type GitServer, startGitServer} from '../../scripts/world/git-server.ts'
import {blobsOf} from '../support/stored.ts'
import {freePort, layFile, openWorkshop, type Workshop} from './workshop.ts'

jest.setTimeout(180_000)

let shop: Workshop

beforeAll(async () => {
  shop = await openWorkshop('flavours')
  await shop.build('runtime', {})
}, 600_000)

afterAll(async () => {
  await shop?.close()
}, 300_000)

/** What a command in an image prints, run as strictly as one can, with room for temporary files. */
async function runIn(name: string, options: readonly string[], ...command: readonly string[]) {
  const strict = ['--read-only', '--tmpfs', '/tmp:exec', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
  const {exitCode, stdout, stderr} = await shop.docker(
    ...['run', '--rm', ...strict, '--network', 'host', ...options, shop.reference(name), ...command]
  )
  return {exitCode, said: `${stdout}${stderr}`.trim()}
}

describe('runtime', () => {
  test('the command is the child of an init, and a signal ends it at once', async () => {
    const container = await shop.start(
      'runtime',
      [],
      ['python', '-c', 'print("up", flush=True); import time; time.sleep(600)']
    )
    await shop.saidBy(container, /up/)
    const {stdout} = await shop.docker('exec', container, 'cat', '/proc/1/comm')
    expect(stdout.trim()).toBe('dumb-init')
    await shop.docker('stop', '--time', '60', container)
    const {stdout: code} = await shop.docker('inspect', '--format', '{{.State.ExitCode}}', container)
    expect(code.trim()).toBe('143')
  })

  test('the user adds packages in its home, and replaces none of the image’s', async () => {
    const wheel = [
      'import sys, zipfile',
      'name, version = sys.argv[1:]',
      'z = zipfile.ZipFile(f"/tmp/{name}-{version}-py3-none-any.whl", "w"); i = f"{name}-{version}.dist-info"',
      'z.writestr(f"{name}.py", f"version = {version!r}"); z.writestr(f"{i}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")',
      'z.writestr(f"{i}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
      'z.writestr(f"{i}/RECORD", ""); z.close()'
    ].join('\n')
    const mount = [
      '--volume',
      `${layFile(shop.place, 'wheel.py', wheel)}:/wheel.py:ro`,
      '--tmpfs',
      '/home/app:uid=10001'
    ]
    const pip = 'pip install --quiet --no-index --disable-pip-version-check'
    const added = await runIn(
      'runtime',
      mount,
      'sh',
      '-c',
      `python /wheel.py added 1.0 && ${pip} /tmp/added-1.0-*.whl && python -c 'import added; print(added.__file__)'`
    )
    expect(added).toEqual({
      exitCode: 0,
      said: expect.stringMatching(/^\/home\/app\/\.local\/lib\/python3\.\d+\/site-packages\/added\.py$/)
    })
    const replaced = await runIn(
      'runtime',
      mount,
      'sh',
      '-c',
      `python /wheel.py six 9.0; ${pip} /tmp/six-9.0-*.whl; python -c 'import six; print(six.__version__)'`
    )
    expect(replaced.said).toMatch(/Will not install to the user site/)
    expect(replaced.said).toMatch(/^1\.17\.0$/m)
  })

  test('packages of apt are there, and neither lists nor archives nor logs of it', async () => {
    await shop.build('with-apt', {APT_PACKAGES: 'tree git openssh-client'})
    expect(await runIn('with-apt', [], 'tree', '--version')).toMatchObject({exitCode: 0})
    const left = await runIn(
      'with-apt',
      [],
      'sh',
      '-c',
      'ls /var/lib/apt/lists /var/cache/apt; ls -d /var/log/apt 2>&1; id -u'
    )
    expect(left.said).toMatch(/^\/var\/cache\/apt:\n\n\/var\/lib\/apt\/lists:\n10001\n.*No such file.*$|No such file/s)
    expect(left.said).not.toMatch(/\.bin|_Packages|archives/)
  })
})

describe('compile', () => {
  test('the user compiles an extension against the image’s Python and imports it', async () => {
    await shop.build('compile', {FLAVOR: 'compile'})
    const source =
      '#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "made", NULL, -1, NULL};\nPyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&d); }\n'
    const mount = ['--volume', `${layFile(shop.place, 'made.c', source)}:/made.c:ro`]
    const script =
      'cd /tmp && gcc -shared -fPIC -I"$(python -c \'import sysconfig; print(sysconfig.get_path("include"))\')" -x c /made.c -o made.so && g++ --version >/dev/null && python -c "import made; print(made.__name__)"'
    expect(await runIn('compile', mount, 'sh', '-c', script)).toEqual({exitCode: 0, said: 'made'})
  })

  test('the runtime has no compiler', async () => {
    expect(await runIn('runtime', [], 'sh', '-c', 'command -v gcc cc g++ || echo none')).toMatchObject({said: 'none'})
  })
})

describe('all flavours share the layers of the wheels', () => {
  beforeAll(async () => {
    for (const [FLAVOR, APT_PACKAGES] of [
      ['compile', ''],
      ['notebook', ''],
      ['ssh', 'git']
    ] as const) {
      await shop.build(FLAVOR, {FLAVOR, APT_PACKAGES})
    }
  }, 900_000)

  test.each([
    {flavor: 'compile', most: 150e6},
    {flavor: 'notebook', most: 100e6},
    {flavor: 'ssh', most: 30e6}
  ])('and $flavor adds little to them, where PyTorch has 4 GB', async ({flavor, most}) => {
    const runtime = await shop.layersOf('runtime')
    const layers = await shop.layersOf(flavor)
    expect(layers.slice(-8)).toEqual(runtime.slice(-8))
    const known = new Set(runtime.map(({digest}) => digest))
    const added = layers.filter(({digest}) => !known.has(digest)).reduce((sum, {size}) => sum + size, 0)
    expect(added).toBeLessThan(most)
  })
})

describe('notebook', () => {
  const TOKEN = '5f3c9a7d1e2b4c6a8d0e9f1b'

  test.each([
    {given: 'no token at all', options: [], command: [], says: /nobody would have to log in/},
    {
      given: 'a token that can be guessed',
      options: ['--env', 'JUPYTER_TOKEN=letmein'],
      command: [],
      says: /fewer than 16 characters/
    },
    {
      given: 'a password in the place of its hash',
      options: ['--env', 'JUPYTER_PASSWORD_HASH=correct horse battery'],
      command: [],
      says: /no argon2 hash/
    },
    {given: 'root', options: ['--user', '0:0', '--env', `JUPYTER_TOKEN=${TOKEN}`], command: [], says: /not as root/},
    {
      given: '--allow-root',
      options: ['--env', `JUPYTER_TOKEN=${TOKEN}`],
      command: ['/opt/jupyter/bin/notebook', '--allow-root'],
      says: /not taken from the command line/
    },
    {
      given: 'a token taken away again',
      options: ['--env', `JUPYTER_TOKEN=${TOKEN}`],
      command: ['/opt/jupyter/bin/notebook', '--IdentityProvider.token='],
      says: /not taken from the command line/
    },
    {
      given: 'a file that is not there',
      options: ['--env', 'JUPYTER_TOKEN_FILE=/run/secrets/typo'],
      command: [],
      says: /typo, which is not there/
    }
  ])('given $given, then it does not start', async ({options, command, says}) => {
    const ended = await runIn('notebook', options, ...command)
    expect(ended.exitCode).not.toBe(0)
    expect(ended.said).toMatch(says)
    expect(ended.said).not.toMatch(new RegExp(`Traceback|${TOKEN}|letmein|correct horse`))
  })

  describe('given a token in a mounted file', () => {
    let container: string
    let address: string

    beforeAll(async () => {
      const port = await freePort()
      address = `http://127.0.0.1:${port}`
      const secret = layFile(shop.place, 'jupyter-token', `${TOKEN}\n`)
      const options = [
        '--env',
        `PORT=${port}`,
        '--volume',
        `${secret}:/run/secrets/jupyter-token:ro`,
        '--health-interval',
        '1s'
      ]
      container = await shop.start('notebook', options)
      await shop.saidBy(container, /is running at/)
    }, 120_000)

    test('without it, or with another, nobody gets in', async () => {
      expect((await fetch(`${address}/api/contents`)).status).toBe(403)
      expect((await fetch(`${address}/api/kernels`, {method: 'POST', body: '{}'})).status).toBe(403)
      expect((await fetch(`${address}/api/contents?token=${TOKEN.replace('5f', '6f')}`)).status).toBe(403)
      const page = await fetch(`${address}/lab`, {redirect: 'manual'})
      expect([page.status, page.headers.get('location')]).toEqual([302, expect.stringContaining('/login')])
    })

    test('with it one gets in, as the user of the image, with the image’s own packages', async () => {
      const said = await runCell(
        `${address}?token=${TOKEN}`,
        'import six, os, sys; print(six.__version__, os.getuid(), sys.prefix, os.getcwd())'
      )
      expect(said).toBe('1.17.0 10001 /opt/venv /app\n')
    })

    test('its log is the container’s, tells who was turned away, and has no token in it', async () => {
      const said = await shop.saidBy(container, /403 GET \/api\/contents/)
      expect(said).not.toContain(TOKEN)
    })

    test('it is healthy', async () => {
      for (;;) {
        const {stdout} = await shop.docker('inspect', '--format', '{{.State.Health.Status}}', container)
        if (stdout.trim() !== 'starting') return expect(stdout.trim()).toBe('healthy')
      }
    })
  })

  test('a password opens it where its hash is given', async () => {
    const hash = (
      await runIn(
        'notebook',
        [],
        '/opt/jupyter/bin/python3',
        '-c',
        'from jupyter_server.auth import passwd; print(passwd("correct horse battery"))'
      )
    ).said
    const port = await freePort()
    const container = await shop.start('notebook', ['--env', `PORT=${port}`, '--env', `JUPYTER_PASSWORD_HASH=${hash}`])
    await shop.saidBy(container, /is running at/)
    const logIn = async (password: string) => {
      const page = await fetch(`http://127.0.0.1:${port}/login`)
      const cookie = page.headers
        .getSetCookie()
        .map(each => each.split(';')[0])
        .join('; ')
      const xsrf = /name="_xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
      const answer = await fetch(`http://127.0.0.1:${port}/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: {cookie},
        body: new URLSearchParams({_xsrf: xsrf, password})
      })
      return answer.status
    }
    expect((await fetch(`http://127.0.0.1:${port}/api/contents`)).status).toBe(403)
    expect(await logIn('wrong horse')).toBe(401)
    expect(await logIn('correct horse battery')).toBe(302)
  })
})

/** Runs a line of Python in a fresh kernel and returns what it printed. */
async function runCell(address: string, code: string): Promise<string> {
  const {origin, host, search} = new URL(address)
  const made = await fetch(`${origin}/api/kernels${search}`, {method: 'POST', body: JSON.stringify({name: 'python3'})})
  const {id} = (await made.json()) as {id: string}
  const socket = new WebSocket(`ws://${host}/api/kernels/${id}/channels${search}`)
  const header = {msg_id: 'one', msg_type: 'execute_request', username: '', session: 'test', date: '', version: '5.3'}
  const content = {code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false}
  return new Promise((done, fail) => {
    let printed = ''
    socket.onerror = () => fail(new Error('the kernel’s channel broke'))
    socket.onopen = () =>
      socket.send(JSON.stringify({channel: 'shell', header, parent_header: {}, metadata: {}, content}))
    socket.onmessage = ({data}) => {
      const {msg_type: kind, content: told, parent_header: parent} = JSON.parse(String(data))
      if (parent?.msg_id !== 'one') return
      if (kind === 'stream') printed += told.text
      if (kind === 'error') printed += `${told.ename}: ${told.evalue}`
      if (kind !== 'execute_reply') return
      socket.close()
      done(printed)
    }
  })
}

describe('ssh', () => {
  let port: number
  let container: string
  let known: string
  let hostKey: string
  const SECRET = 'not-for-logins-4711'

  /** Makes a key pair by the image's own ssh-keygen; returns the paths of both files. */
  async function makeKey(name: string): Promise<{readonly secret: string; readonly open: string}> {
    const script = 'ssh-keygen -q -t ed25519 -N "" -C "" -f /tmp/key && cat /tmp/key.pub && cat /tmp/key'
    const {said} = await runIn('ssh', [], 'sh', '-c', script)
    const [open = '', ...secret] = said.split('\n')
    return {
      secret: layFile(shop.place, name, `${secret.join('\n')}\n`),
      open: layFile(shop.place, `${name}.pub`, `${open}\n`)
    }
  }

  async function startServer(open: string): Promise<{container: string; port: number; hostKey: string}> {
    const free = await freePort()
    const options = [
      '--env',
      `PORT=${free}`,
      '--env',
      `WANDB_TOKEN=${SECRET}`,
      '--volume',
      `${open}:/run/secrets/authorized_keys:ro`
    ]
    const started = await shop.start('ssh', ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', ...options])
    await shop.saidBy(started, /Server listening on/)
    const {said} = await runIn('ssh', [], 'ssh-keyscan', '-T', '10', '-t', 'ed25519', '-p', String(free), '127.0.0.1')
    return {container: started, port: free, hostKey: said.split('\n').find(line => !line.startsWith('#')) ?? ''}
  }

  /** Tries to log in from another container; the key is copied first, because ssh wants it for itself alone. */
  async function logIn(user: string, key: string, ...command: readonly string[]) {
    const mounts = ['--volume', `${key}:/key:ro`, '--volume', `${known}:/known:ro`]
    const trust = '-o UserKnownHostsFile=/known -o StrictHostKeyChecking=yes -o ConnectTimeout=20'
    const script = `umask 077; cat /key > /tmp/key; exec ssh -F /dev/null ${trust} -o BatchMode=yes -i /tmp/key -o IdentitiesOnly=yes -p ${port} ${user}@127.0.0.1 "$@"`
    return runIn('ssh', mounts, 'sh', '-c', script, 'sh', ...command)
  }

  let mine: {readonly secret: string; readonly open: string}
  let other: {readonly secret: string; readonly open: string}

  beforeAll(async () => {
    mine = await makeKey('mine')
    other = await makeKey('other')
    const server = await startServer(mine.open)
    container = server.container
    port = server.port
    hostKey = server.hostKey
    known = layFile(shop.place, 'known', `${server.hostKey}\n`)
  }, 180_000)

  test('the right key gets in, as the user of the image, with its Python', async () => {
    const code = `'import six, os, sys; print(six.__version__, os.getuid(), sys.prefix)'`
    expect(await logIn('app', mine.secret, 'python', '-c', code)).toEqual({exitCode: 0, said: '1.17.0 10001 /opt/venv'})
  })

  test('what was given to the container is not given to logins', async () => {
    expect((await logIn('app', mine.secret, 'env')).said).not.toContain(SECRET)
  })

  test.each([
    {given: 'another key', user: 'app', key: () => other.secret},
    {given: 'root with the right key', user: 'root', key: () => mine.secret},
    {given: 'a stranger with the right key', user: 'nobody', key: () => mine.secret}
  ])('$given does not get in', async ({user, key}) => {
    const ended = await logIn(user, key(), 'id')
    expect(ended.exitCode).toBe(255)
    expect(ended.said).toMatch(/Permission denied \(publickey\)/)
  })

  test('no password is even asked for', async () => {
    const options = '-o PreferredAuthentications=password,keyboard-interactive,none -o PubkeyAuthentication=no'
    const mounts = ['--volume', `${known}:/known:ro`]
    const {said} = await runIn(
      'ssh',
      mounts,
      'sh',
      '-c',
      `ssh -F /dev/null -o UserKnownHostsFile=/known ${options} -p ${port} app@127.0.0.1 id`
    )
    expect(said).toMatch(/Permission denied \(publickey\)/)
  })

  test('its log is the container’s and names who came', async () => {
    const said = await shop.saidBy(container, /Accepted publickey for app/)
    expect(said).toMatch(/Invalid user|not allowed because not listed in AllowUsers/)
    expect(said).toMatch(/host key SHA256:/)
  })

  test('each start has host keys of its own, and none lies in the image', async () => {
    const again = await startServer(mine.open)
    expect(again.hostKey).toMatch(/ssh-ed25519 /)
    expect(again.hostKey.split(' ').at(-1)).not.toBe(hostKey.split(' ').at(-1))
    const layers = await shop.layersOf('ssh')
    const stored = blobsOf(shop.registry).filter(({digest}) => layers.some(layer => layer.digest.endsWith(digest)))
    expect(stored.length).toBeGreaterThan(0)
    // Programs of ssh hold the first line of a key, too; a key goes on behind it.
    const key = /-----BEGIN OPENSSH PRIVATE KEY-----\n[A-Za-z0-9+/]{60}/
    expect(stored.filter(({bytes}) => key.test(bytes.toString('latin1'))).map(({digest}) => digest)).toEqual([])
    expect((await runIn('ssh', [], 'sh', '-c', 'ls /etc/ssh | grep ssh_host_ || echo none')).said).toBe('none')
  })

  test.each([
    {given: 'no key', options: [], says: /nobody could log in/},
    {given: 'something that is no key', options: ['--env', 'SSH_AUTHORIZED_KEYS=hello'], says: /nobody could log in/},
    {given: 'root', options: ['--user', '0:0', '--env', 'SSH_AUTHORIZED_KEYS=x'], says: /not as root/}
  ])('given $given, then it does not start', async ({options, says}) => {
    const ended = await runIn('ssh', options)
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(says)
  })

  describe('code over ssh, fetched before the command', () => {
    const fetched = 'git -C /app/kernels log -1 --format=%s'

    beforeAll(async () => {
      const commit = 'git -c user.name=a -c user.email=a@acme.test commit --quiet --allow-empty --message one'
      await shop.docker('exec', container, 'sh', '-c', `git init --quiet /tmp/kernels && cd /tmp/kernels && ${commit}`)
    })

    function fetchAs(key: string, hosts: string) {
      const mounts = [
        '--volume',
        `${key}:/run/secrets/git-ssh-key:ro`,
        '--volume',
        `${hosts}:/run/secrets/known_hosts:ro`
      ]
      const repositories = ['--env', `CODE_REPOSITORIES=ssh://app@127.0.0.1:${port}/tmp/kernels`]
      return runIn('with-apt', [...mounts, ...repositories, '--tmpfs', '/app:uid=10001'], 'sh', '-c', fetched)
    }

    test('with its key, readable for all as it is mounted', async () => {
      const ended = await fetchAs(mine.secret, known)
      expect(ended).toEqual({
        exitCode: 0,
        said: expect.stringMatching(/^(?:one\n)?fetch-code: .* in \/app\/kernels(?:\none)?$/)
      })
    })

    test('not with another key', async () => {
      const ended = await fetchAs(other.secret, known)
      expect(ended.exitCode).toBe(78)
      expect(ended.said).toMatch(/Permission denied \(publickey\)[\s\S]*cannot be read/)
    })

    test('not from a server with another host key', async () => {
      const strange = (await startServer(mine.open)).hostKey.replace(/\]:\d+/, `]:${port}`)
      const ended = await fetchAs(mine.secret, layFile(shop.place, 'strange', `${strange}\n`))
      expect(ended.exitCode).toBe(78)
      expect(ended.said).toMatch(/Host key verification failed[\s\S]*cannot be read/)
    })
  })
})

describe('code over https, fetched before the command', () => {
  let server: GitServer
  let hash: string
  const TOKEN = 'kernels-read-token-8f2a11'

  beforeAll(async () => {
    const folder = process.env.WORLD_FOLDER ?? '.world'
    const tokens = [{name: 'kernels', token: TOKEN, repositories: ['acme/kernels']}]
    server = await startGitServer({folder, name: `flavours-${process.pid}`, tokens, say: () => {}})
    hash = await server.createRepository('acme/kernels', {'kernel.cu': '// one\n'})
    await server.createRepository('acme/other', {'a.txt': 'a'})
  }, 120_000)

  afterAll(async () => {
    await server?.stop()
  })

  function fetchWith(token: string, repositories: string, ...command: readonly string[]) {
    const mount = ['--volume', `${layFile(shop.place, 'git-token', `${token}\n`)}:/run/secrets/git-token:ro`]
    return runIn(
      'with-apt',
      [...mount, '--env', `CODE_REPOSITORIES=${repositories}`, '--tmpfs', '/app:uid=10001'],
      ...command
    )
  }

  test('with its token, at the revision asked for, and the token is nowhere', async () => {
    const search = `cat /app/code/kernel.cu; grep -rl ${TOKEN} /app /tmp /home /proc/self/environ || echo nowhere`
    const repositories = `# ours\n${server.url}/acme/kernels /app/code ${hash}`
    const ended = await fetchWith(TOKEN, repositories, 'sh', '-c', search)
    expect(ended.exitCode).toBe(0)
    expect(ended.said).toContain('// one\nnowhere')
    expect(ended.said).toContain(`at ${hash} in /app/code`)
  })

  test.each([
    {given: 'another token', token: 'wrong-token-0000', of: 'acme/kernels'},
    {given: 'a repository that it is not for', token: TOKEN, of: 'acme/other'}
  ])('$given ends the container before the command', async ({token, of}) => {
    const repositories = `${server.url}/acme/kernels\n${server.url}/${of}`
    const ended = await fetchWith(token, repositories, 'echo', 'GPU time')
    expect(ended.exitCode).toBe(78)
    expect(ended.said).toMatch(/cannot be read/)
    expect(ended.said).not.toMatch(new RegExp(`GPU time|${token}| in /app`))
  })

  test.each([
    {
      given: 'an address with a login in it',
      address: 'https://x:secret-1234@git.acme.test/acme/kernels',
      says: /holds a login/
    },
    {given: 'http', address: 'http://git.acme.test/acme/kernels', says: /without encryption/},
    {given: 'a local folder', address: '/etc', says: /neither an https nor an ssh address/},
    {given: 'an option', address: '--upload-pack=touch', says: /neither an https nor an ssh address/}
  ])('$given is refused', async ({address, says}) => {
    const ended = await fetchWith(TOKEN, address, 'echo', 'GPU time')
    expect(ended).toEqual({exitCode: 78, said: expect.stringMatching(says)})
    expect(ended.said).not.toContain('secret-1234')
  })
})
