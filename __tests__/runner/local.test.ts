import {type ChildProcess, spawn} from 'node:child_process'
import {cpSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {makeFolder, removeFolders, writeAction} from './tiny-action.ts'

afterAll(removeFolders)

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
let action = ''
let folder = ''

// The command looks for the action beside itself, so the test gives it a small action to stand beside.
beforeAll(() => {
  action = makeFolder()
  folder = makeFolder()
  cpSync(join(ROOT, 'scripts'), join(action, 'scripts'), {recursive: true})
  for (const name of ['node_modules', 'src']) symlinkSync(join(ROOT, name), join(action, name))
  const local = `${process.execPath} scripts/local.ts`
  writeFileSync(join(action, 'package.json'), JSON.stringify({name: 'tiny', type: 'module', scripts: {local}}))
  writeAction(action, {
    inputs: "inputs:\n  say: {default: nothing}\n  token: {default: '${{ github.token }}'}\n",
    main: `
      console.log('::add-mask::hidden-value')
      console.log('::group::Build'); console.log('layer hidden-value'); console.log('::endgroup::')
      console.log('says ' + env.INPUT_SAY + ' ' + env.INPUT_TOKEN + ' in ' + process.cwd())
      console.log('::warning::careful')
      put('OUTPUT', 'digest=sha256:abc\\n')
      put('STEP_SUMMARY', '| a | b |\\n')
      if (env.INPUT_SAY === 'wait') { console.log('ready'); await sleep(20_000) }
      if (env.INPUT_SAY === 'leave') writeFileSync(env.RUNNER_TEMP + '/left', '')
      process.exitCode = env.INPUT_SAY === 'fail' ? 1 : 0
    `,
    post: "console.log('post of ' + env.GITHUB_EVENT_NAME)"
  })
})

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(
  words: readonly string[],
  variables: Record<string, string> = {},
  onText?: (child: ChildProcess, text: string) => void
) {
  const child = spawn(process.execPath, [join(action, 'scripts', 'local.ts'), ...words], {
    env: {PATH: process.env.PATH ?? '', INIT_CWD: folder, ...variables},
    cwd: action
  })
  return ended(child, onText)
}

function ended(child: ChildProcess, onText?: (child: ChildProcess, text: string) => void): Promise<Ran> {
  const texts = {stdout: '', stderr: ''}
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', chunk => {
      texts[name] += chunk
      onText?.(child, texts.stdout)
    })
  }
  return new Promise(resolve => child.on('close', code => resolve({code, ...texts})))
}

describe('npm run local', () => {
  test('given an action, it shows groups, annotations, outputs, summary and post, with secrets hidden', async () => {
    const {code, stdout} = await run(['--input', 'say=hello', '--token-env', 'T'], {T: 'tok_123456'})
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        '▾ Build',
        '  layer ***',
        `says hello *** in ${folder}`,
        'Warning: careful',
        'digest  sha256:abc',
        '| a | b |',
        'post of push'
      ])
    )
    expect(stdout).not.toMatch(/hidden-value|tok_123456/)
  })

  test('given no terminal, there are no colours', async () => {
    expect((await run([])).stdout).not.toContain('\u001b[')
  })

  test('given an action that fails, the exit code is 1 and post ran', async () => {
    const {code, stdout} = await run(['--input', 'say=fail', '--event', 'fork-pull-request'])
    expect(code).toBe(1)
    expect(stdout).toContain('post of pull_request')
    expect(stdout).toContain('The job failed')
  })

  test('given something is left behind, it says what', async () => {
    expect((await run(['--input', 'say=leave'])).stdout).toContain('left in RUNNER_TEMP: left')
  })

  test('given Ctrl-C, it cancels, runs post and exits with 130', async () => {
    let isSent = false
    const {code, stdout} = await run(['--input', 'say=wait'], {}, (child, text) => {
      if (!isSent && text.includes('ready')) isSent = child.kill('SIGINT')
    })
    expect(code).toBe(130)
    expect(stdout).toContain('post of push')
    expect(stdout).toContain('The job was cancelled')
  })

  test('given a mistake, it says so without a stack and exits with 2', async () => {
    const {code, stdout, stderr} = await run(['--evnt', 'push'])
    expect({code, stdout, stderr}).toEqual({
      code: 2,
      stdout: '',
      stderr: 'There is no option --evnt. Did you mean --event?\n'
    })
  })

  test('given an unknown command, it offers the nearest', async () => {
    expect((await run(['rum'])).stderr).toBe('There is no command rum. Did you mean run?\n')
  })

  test('given --help, it prints every option and event', async () => {
    const {code, stdout} = await run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/--token-env <NAME>/)
    expect(stdout).toMatch(/fork-pull-request {2}/)
  })

  test('given --temp, the work folder stays and RUNNER_TEMP is empty', async () => {
    const temp = join(folder, 'work')
    await run(['--temp', 'work', '--input', 'say=leave'])
    expect(readdirSync(join(temp, '_temp'))).toEqual([])
    await run(['--temp', 'work', '--keep', '--input', 'say=leave'])
    expect(readdirSync(join(temp, '_temp'))).toContain('left')
  })

  test('given npm started it from another folder, it works for that folder', async () => {
    const child = spawn('npm', ['--prefix', action, 'run', '--silent', 'local', '--', '--input', 'say=hello'], {
      cwd: folder,
      env: {PATH: process.env.PATH ?? '', HOME: folder}
    })
    expect((await ended(child)).stdout).toContain(`in ${folder}`)
  })
})
