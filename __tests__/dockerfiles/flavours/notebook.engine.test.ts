import {chmodSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {freePort, layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('notebook')
  await stage.build('notebook', {FLAVOR: 'notebook', APT_PACKAGES: ''})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

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
    const ended = await stage.runIn('notebook', options, ...command)
    expect(ended.exitCode).not.toBe(0)
    expect(ended.said).toMatch(says)
    expect(ended.said).not.toMatch(new RegExp(`Traceback|${TOKEN}|letmein|correct horse`))
  })

  test('given a token in a file that it may not read, then it does not start', async () => {
    const file = layFile(stage.place, 'locked-token', TOKEN)
    chmodSync(file, 0o600)
    const ended = await stage.runIn('notebook', ['--volume', `${file}:/run/secrets/jupyter-token:ro`])
    expect(ended.exitCode).not.toBe(0)
    expect(ended.said).toMatch(/^notebook: \/run\/secrets\/jupyter-token cannot be read by the user 10001/)
  })

  describe('given a token in a mounted file', () => {
    let container: string
    let address: string

    beforeAll(async () => {
      const port = await freePort()
      address = `http://127.0.0.1:${port}`
      const secret = layFile(stage.place, 'jupyter-token', `${TOKEN}\n`)
      const options = [
        '--env',
        `PORT=${port}`,
        '--volume',
        `${secret}:/run/secrets/jupyter-token:ro`,
        '--health-interval',
        '1s'
      ]
      container = await stage.start('notebook', options)
      await stage.saidBy(container, /is running at/)
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

    test('without it a running kernel is out of reach', async () => {
      const made = await fetch(`${address}/api/kernels?token=${TOKEN}`, {method: 'POST', body: '{"name": "python3"}'})
      const {id} = (await made.json()) as {id: string}
      const socket = new WebSocket(`${address.replace('http', 'ws')}/api/kernels/${id}/channels`)
      const ended = await new Promise<string>(done => {
        socket.onopen = () => done('open')
        socket.onerror = () => done('refused')
      })
      expect(ended).toBe('refused')
    })

    test('its log is the container’s, tells who was turned away, and has no token in it', async () => {
      const said = await stage.saidBy(container, /403 GET \/api\/contents/)
      expect(said).not.toContain(TOKEN)
    })

    test('it is healthy', async () => {
      for (;;) {
        const {stdout} = await stage.docker('inspect', '--format', '{{.State.Health.Status}}', container)
        if (stdout.trim() !== 'starting') return expect(stdout.trim()).toBe('healthy')
      }
    })
  })

  test('a token opens it where a variable gives it', async () => {
    const port = await freePort()
    const container = await stage.start('notebook', ['--env', `PORT=${port}`, '--env', `JUPYTER_TOKEN=${TOKEN}`])
    const said = await stage.saidBy(container, /is running at/)
    const address = `http://127.0.0.1:${port}/api/contents`
    expect((await fetch(address)).status).toBe(403)
    expect((await fetch(`${address}?token=${TOKEN}`)).status).toBe(200)
    expect(said).not.toContain(TOKEN)
  })

  test('a password opens it where its hash is given', async () => {
    const hash = (
      await stage.runIn(
        'notebook',
        [],
        '/opt/jupyter/bin/python3',
        '-c',
        'from jupyter_server.auth import passwd; print(passwd("correct horse battery"))'
      )
    ).said
    const port = await freePort()
    const container = await stage.start('notebook', ['--env', `PORT=${port}`, '--env', `JUPYTER_PASSWORD_HASH=${hash}`])
    await stage.saidBy(container, /is running at/)
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
