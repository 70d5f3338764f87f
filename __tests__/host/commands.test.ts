import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'
import {openCommands} from '../../src/host/commands.ts'
import type {Ending} from '../../src/host/follow.ts'
import {startTimeOf, trySignal} from '../../src/host/processes.ts'
import {Secret} from '../../src/model/secret.ts'

const OURS = {
  PATH: process.env.PATH,
  HOME: '/home/me',
  LC_ALL: 'C.UTF-8',
  https_proxy: 'http://proxy:3128',
  INPUT_TOKEN: 'input-value',
  'INPUT_GIT-CREDENTIALS': 'input-value',
  ACTIONS_RUNTIME_TOKEN: 'runtime-value',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'id-value',
  GITHUB_TOKEN: 'github-value',
  SSH_AUTH_SOCK: '/run/agent',
  SOMETHING: 'else'
}

const QUICK_ENDING: Ending = [
  {signal: 'SIGINT', afterMs: 0},
  {signal: 'SIGTERM', afterMs: 300},
  {signal: 'SIGKILL', afterMs: 600}
]

let directory = ''
const opened: {end(): void}[] = []

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'commands-'))
})
afterAll(() => rmSync(directory, {recursive: true, force: true}))
afterEach(() => {
  for (const one of opened.splice(0)) one.end()
})

function open({cover = (text: string) => text} = {}) {
  const cancelling = new AbortController()
  const commands = openCommands({ours: OURS, cover, cancelled: cancelling.signal, endingOnCancel: QUICK_ENDING})
  opened.push(commands)
  return {commands, cancel: () => cancelling.abort('SIGINT')}
}

const sh = (script: string) => ({file: 'sh', args: ['-c', script]})

async function pidIn(file: string): Promise<number> {
  for (let look = 0; look < 100; look += 1) {
    try {
      const pid = Number(readFileSync(join(directory, file), 'utf8'))
      if (pid > 0) return pid
    } catch {
      // Not written yet.
    }
    await sleep(20)
  }
  throw new Error(`no pid in ${file}`)
}

async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 50; look += 1) {
    // A killed orphan may wait as a zombie for whoever collects it; it runs no more.
    const state = stateOf(pid)
    if (state === undefined || state === 'Z') return true
    await sleep(20)
  }
  return false
}

function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0]
  } catch {
    return undefined
  }
}

describe('ask', () => {
  test('a non-zero exit is an answer', async () => {
    const {commands} = open()
    expect(await commands.ask(sh('echo out; echo err >&2; exit 3'))).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n'
    })
  })

  test.each([
    {given: 'a name that is not on PATH', file: 'no-such-program-here'},
    {given: 'a path that does not exist', file: '/nowhere/docker'}
  ])('$given answers 127', async ({file}) => {
    const {commands} = open()
    expect((await commands.ask({file, args: []})).exitCode).toBe(127)
  })

  test('a directory that does not exist answers 127 too', async () => {
    const {commands} = open()
    expect((await commands.ask({...sh('true'), cwd: '/nowhere'})).exitCode).toBe(127)
  })

  test('arguments arrive as they are, blanks and quotes included', async () => {
    const {commands} = open()
    const args = ['a b', '"c"', "d'", '$HOME', '', '--', '*']
    const {stdout} = await commands.ask({file: 'printf', args: ['%s\\n', ...args]})
    expect(stdout.split('\n').slice(0, -1)).toEqual(args)
  })

  test('a timeout answers 124 and ends all that was started', async () => {
    const {commands} = open()
    const ran = await commands.ask({
      ...sh(`sleep 60 & echo $! > ${directory}/asked; wait`),
      timeoutMs: 300
    })
    expect(ran.exitCode).toBe(124)
    expect(await isGone(await pidIn('asked'))).toBe(true)
  })

  test('a program that ignores SIGTERM is killed, and answers 124', async () => {
    const {commands} = open()
    const ran = await commands.ask({...sh("trap '' TERM; while :; do sleep 0.1; done"), timeoutMs: 200})
    expect(ran.exitCode).toBe(124)
  }, 10_000)

  test('a program that reads finds its input closed', async () => {
    const {commands} = open()
    expect(await commands.ask({file: 'cat', args: [], timeoutMs: 2_000})).toEqual({exitCode: 0, stdout: '', stderr: ''})
  })

  test('a secret goes in by standard input and comes back as the program prints it', async () => {
    const {commands} = open({cover: text => text.replaceAll('hunter2', '***')})
    const {stdout} = await commands.ask({file: 'cat', args: [], stdin: new Secret('password', 'hunter2')})
    expect(stdout).toBe('hunter2\n')
  })

  test('a program that ends without reading its input harms nobody', async () => {
    const {commands} = open()
    const ran = await commands.ask({file: 'true', args: [], stdin: 'x'.repeat(1_000_000)})
    expect(ran.exitCode).toBe(0)
  })

  test('a cancel ends what was asked before it, and lets run what is asked after it', async () => {
    const {commands, cancel} = open()
    const asked = commands.ask({...sh(`echo $$ > ${directory}/cancelled-ask; sleep 60`), timeoutMs: 60_000})
    const pid = await pidIn('cancelled-ask')
    cancel()
    await expect(asked).rejects.toMatchObject({code: 'cancelled'})
    expect(await isGone(pid)).toBe(true)
    expect((await commands.ask(sh('echo tidy'))).stdout).toBe('tidy\n')
  })
})

describe('the environment of a program', () => {
  async function environmentOf(run: 'ask' | 'follow', env: Record<string, string | Secret> = {}) {
    const {commands} = open()
    const command = {file: 'env', args: ['-0'], env}
    const {stdout} = run === 'ask' ? await commands.ask(command) : await commands.follow(command, () => {})
    return Object.fromEntries(
      stdout
        .split(/\0/)
        .filter(line => line.includes('='))
        .map(line => line.trim().split(/=(.*)/s).slice(0, 2))
    )
  }

  test.each(['ask', 'follow'] as const)('%s: the base, and nothing of ours besides', async run => {
    const environment = await environmentOf(run)
    expect(environment).toMatchObject({HOME: '/home/me', LC_ALL: 'C.UTF-8', https_proxy: 'http://proxy:3128'})
    // The shell that closes the input of what is asked says where it is.
    const {PWD: _, ...given} = environment
    expect(Object.keys(given).sort()).toEqual(['HOME', 'LC_ALL', 'PATH', 'https_proxy'])
  })

  test.each(['ask', 'follow'] as const)('%s: what a command names, with secrets revealed there', async run => {
    const environment = await environmentOf(run, {SSH_AUTH_SOCK: '/run/agent', T: new Secret('t', 'hunter2')})
    expect(environment).toMatchObject({SSH_AUTH_SOCK: '/run/agent', T: 'hunter2'})
  })

  test('no secret is in the command line of anything that runs', async () => {
    const {commands, cancel} = open()
    const following = commands.follow(
      {
        ...sh(`echo $$ > ${directory}/argv; sleep 30`),
        env: {T: new Secret('t', 'in-the-environment')},
        stdin: new Secret('s', 'in-the-input')
      },
      () => {}
    )
    const pid = await pidIn('argv')
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    cancel()
    await expect(following).rejects.toMatchObject({code: 'cancelled'})
    expect(commandLine).toContain('sleep 30')
    expect(commandLine).not.toMatch(/in-the-environment|in-the-input/)
  })
})

describe('follow', () => {
  test('hands over the lines of both streams as they come, covered', async () => {
    const {commands} = open({cover: text => text.replaceAll('hunter2', '***')})
    const lines: string[] = []
    const ran = await commands.follow(sh('echo one hunter2; sleep 0.1; echo two >&2; printf three'), (line, stream) =>
      lines.push(`${stream}: ${line}`)
    )
    expect(lines).toEqual(['stdout: one ***', 'stderr: two', 'stdout: three'])
    expect(ran).toEqual({exitCode: 0, stdout: 'one ***\nthree\n', stderr: 'two\n'})
  })

  test('lines that are encoded come as printed where the caller covers them; what is kept is covered', async () => {
    const {commands} = open({cover: text => text.replaceAll('hunter2', '***')})
    const lines: string[] = []
    const ran = await commands.follow({...sh('echo hunter2'), lines: 'as-printed'}, line => lines.push(line))
    expect(lines).toEqual(['hunter2'])
    expect(ran.stdout).toBe('***\n')
  })

  test.each([
    {given: 'carriage returns of a progress bar', text: '10\\r50\\r100\\n', lines: ['10', '50', '100']},
    {given: 'CRLF', text: 'a\\r\\nb\\r\\n', lines: ['a', 'b']},
    {given: 'empty lines', text: 'a\\n\\nb\\n', lines: ['a', '', 'b']},
    {given: 'a carriage return at the very end', text: 'a\\r', lines: ['a']}
  ])('splits at $given', async ({text, lines}) => {
    const {commands} = open()
    const seen: string[] = []
    await commands.follow({file: 'printf', args: [text]}, line => seen.push(line))
    expect(seen).toEqual(lines)
  })

  test.each([
    {given: 'a program that does not exist', file: '/nowhere/docker', exitCode: 127},
    {given: 'a file that is no program', file: '/etc/passwd', exitCode: 126}
  ])('$given answers $exitCode', async ({file, exitCode}) => {
    const {commands} = open()
    expect((await commands.follow({file, args: []}, () => {})).exitCode).toBe(exitCode)
  })

  test('a program that dies of a signal answers 128 and its number', async () => {
    const {commands} = open()
    expect((await commands.follow(sh('kill -9 $$'), () => {})).exitCode).toBe(137)
  })

  test('a timeout answers 124 and leaves nothing running', async () => {
    const {commands} = open()
    const ran = await commands.follow({...sh(`sleep 60 & echo $! > ${directory}/late; wait`), timeoutMs: 200}, () => {})
    expect(ran.exitCode).toBe(124)
    expect(await isGone(await pidIn('late'))).toBe(true)
  })

  test('what a program leaves behind in its group is killed, even when it holds the pipes', async () => {
    const {commands} = open()
    const ran = await commands.follow(sh(`sleep 60 & echo $! > ${directory}/left; exit 0`), () => {})
    expect(ran.exitCode).toBe(0)
    expect(await isGone(await pidIn('left'))).toBe(true)
  }, 10_000)

  test('on cancel the signal reaches the program at once', async () => {
    const {commands, cancel} = open()
    const lines: string[] = []
    const following = commands.follow(
      sh(`trap 'echo got INT; exit 130' INT; echo ready; while :; do sleep 0.05; done`),
      line => {
        lines.push(line)
        if (line === 'ready') cancel()
      }
    )
    await expect(following).rejects.toMatchObject({code: 'cancelled'})
    expect(lines).toEqual(['ready', 'got INT'])
  })

  test('a program that nobody wants any more ends as on a cancel, and how it ended is the answer', async () => {
    const {commands} = open()
    const stopping = new AbortController()
    const lines: string[] = []
    const ran = await commands.follow(
      {
        ...sh(`trap 'echo got INT; exit 130' INT; echo ready; while :; do sleep 0.05; done`),
        stopped: stopping.signal
      },
      line => {
        lines.push(line)
        if (line === 'ready') stopping.abort()
      }
    )
    expect(ran.exitCode).toBe(130)
    expect(lines).toEqual(['ready', 'got INT'])
    const late = await commands.follow({...sh('sleep 60'), stopped: stopping.signal}, () => {})
    expect(late.exitCode).not.toBe(0)
  })

  test('on cancel a program that stays is killed, with the children that it started', async () => {
    const {commands, cancel} = open()
    const following = commands.follow(
      sh(
        `trap '' INT TERM; sh -c 'trap "" INT TERM; echo $$ > ${directory}/stays; while :; do sleep 0.05; done' & wait`
      ),
      () => {}
    )
    const pid = await pidIn('stays')
    cancel()
    await expect(following).rejects.toMatchObject({code: 'cancelled'})
    expect(await isGone(pid)).toBe(true)
  })

  test('after a cancel nothing new begins', async () => {
    const {commands, cancel} = open()
    cancel()
    await expect(commands.follow(sh(`touch ${directory}/begun`), () => {})).rejects.toMatchObject({code: 'cancelled'})
    expect(() => readFileSync(join(directory, 'begun'))).toThrow()
  })

  test('a listener that throws stops the program, and its error is what comes out', async () => {
    const {commands} = open()
    const following = commands.follow(sh('echo line; sleep 60'), () => {
      throw new Error('no more')
    })
    await expect(following).rejects.toThrow('no more')
  })
})

describe('at the end', () => {
  test('whatever still runs is killed', async () => {
    const {commands} = open()
    const following = commands.follow(sh(`echo $$ > ${directory}/followed; sleep 60`), () => {})
    const asking = commands.ask(sh(`echo $$ > ${directory}/asking; sleep 60`))
    const pids = [await pidIn('followed'), await pidIn('asking')]
    commands.end()
    await Promise.all([following, asking])
    for (const pid of pids) expect(await isGone(pid)).toBe(true)
  })

  test('stop ends the process that started then, and never one that took over its number', async () => {
    const {commands} = open()
    const following = commands.follow(sh(`echo $$ > ${directory}/stopped; sleep 60`), () => {})
    const pid = await pidIn('stopped')
    await commands.stop(pid, '1')
    expect(trySignal(pid, 0)).toBe(true)
    await commands.stop(pid, startTimeOf(pid) ?? '')
    expect((await following).exitCode).toBe(143)
  })
})
