import {execFileSync} from 'node:child_process'
import {chmodSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {ensureTools} from '../../../scripts/world/tools.ts'
import {freePort} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

const TOKEN = '5f3c9a7d1e2b4c6a8d0e9f1b'
/** Asked each second; the server may answer late once, on a busy machine, and no more. */
const IMPATIENT = ['--health-interval', '1s', '--health-retries', '2', '--health-start-period', '60s']

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('notebook-health')
  await stage.build('notebook', {FLAVOR: 'notebook'})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

/** Starts a notebook on a port of its own and waits until it listens. */
async function startNotebook(options: readonly string[] = [], settings: readonly string[] = []): Promise<string> {
  const port = await freePort()
  const given = ['--env', `PORT=${port}`, '--env', `JUPYTER_TOKEN=${TOKEN}`, ...IMPATIENT, ...options]
  const container = await stage.start('notebook', given, ['/opt/jupyter/bin/notebook', ...settings])
  await stage.saidBy(container, /is running at/)
  return container
}

/** `healthy`, and what each check said. */
async function healthOf(container: string): Promise<{status: string; checks: string}> {
  const format = '{{.State.Health.Status}} {{json .State.Health.Log}}'
  const {stdout} = await stage.docker('inspect', '--format', format, container)
  const [status = '', ...checks] = stdout.trim().split(' ')
  return {status, checks: checks.join(' ')}
}

/** Waits until a container's health is as wanted, and returns what the checks said, which shows too where it never is. */
async function expectHealth(container: string, wanted: 'healthy' | 'unhealthy'): Promise<string> {
  const until = Date.now() + 90_000
  let found = await healthOf(container)
  while (found.status !== wanted && Date.now() < until) {
    await sleep(300)
    found = await healthOf(container)
  }
  expect(found).toMatchObject({status: wanted})
  return found.checks
}

/** Sends a signal to the server itself, which is neither the first process nor a kernel. */
async function signal(container: string, name: string): Promise<void> {
  const script = [
    'import os, pathlib, signal, sys',
    'for each in pathlib.Path("/proc").glob("[0-9]*"):',
    '    words = (each / "cmdline").read_bytes().split(b"\\0")',
    '    if any(word.endswith(b"/jupyter-lab") for word in words[:2]):',
    '        os.kill(int(each.name), getattr(signal, sys.argv[1]))',
    '        print(each.name)'
  ].join('\n')
  const {stdout} = await stage.docker('exec', container, 'python3', '-c', script, name)
  expect(stdout.trim()).toMatch(/^\d+$/)
}

describe('the health of a notebook', () => {
  test('is told by its server: one that hangs is unhealthy, and healthy again when it goes on', async () => {
    const container = await startNotebook()
    await expectHealth(container, 'healthy')
    await signal(container, 'SIGSTOP')
    expect(await expectHealth(container, 'unhealthy')).toContain('The server does not answer')
    await signal(container, 'SIGCONT')
    await expectHealth(container, 'healthy')
  })

  test('a server that dies takes its container with it, so that it is restarted where that was asked for', async () => {
    const container = await startNotebook()
    await signal(container, 'SIGKILL')
    expect((await stage.docker('wait', container)).stdout.trim()).toBe('137')
    // The file that says where it listened is still there when the container starts again.
    await stage.docker('start', container)
    await expectHealth(container, 'healthy')
  })

  test.each([
    {given: 'behind a path', options: [], settings: ['--ServerApp.base_url=/user/ada/']},
    {given: 'on another port by its own setting', options: [], settings: ['--ServerApp.port=0']},
    {
      given: 'as strictly as can be, with room for what it writes',
      options: [
        ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
        ...['--tmpfs', '/tmp', '--tmpfs', '/home/app:uid=10001']
      ],
      settings: []
    },
    {
      given: 'where everything else goes through a proxy',
      options: ['--env', 'http_proxy=http://127.0.0.1:9', '--env', 'HTTP_PROXY=http://127.0.0.1:9'],
      settings: []
    }
  ])('$given it is healthy', async ({options, settings}) => {
    await expectHealth(await startNotebook(options, settings), 'healthy')
  })

  test('with a certificate of its own it is healthy', async () => {
    const folder = resolve(process.env.WORLD_FOLDER ?? '.world')
    const openssl = await ensureTools(folder, ['openssl'], () => {})
    const [key, certificate] = ['tls.key', 'tls.crt'].map(name => join(stage.place, name)) as [string, string]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=notebook']
    execFileSync(openssl, ['req', '-x509', ...kind, '-keyout', key, '-out', certificate], {stdio: 'ignore'})
    chmodSync(key, 0o644)
    const files = ['--volume', `${key}:/tls.key:ro`, '--volume', `${certificate}:/tls.crt:ro`]
    const settings = ['--ServerApp.certfile=/tls.crt', '--ServerApp.keyfile=/tls.key']
    await expectHealth(await startNotebook(files, settings), 'healthy')
  })
})
