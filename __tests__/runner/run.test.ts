import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from '@jest/globals'
import {makeEvent} from '../../scripts/runner/events.ts'
import {runAction} from '../../scripts/runner/run.ts'
import {makeFolder, play, removeFolders, textOf, writeAction} from './tiny-action.ts'

afterAll(removeFolders)

describe('a job', () => {
  test('given outputs, state, variables and paths, later processes get them', async () => {
    const result = await play({
      main: `
        put('OUTPUT', 'one=1\\nmany<<E\\na\\nb\\nE\\n')
        put('STATE', 'k=first\\nk=last\\n')
        put('ENV', 'FROM_MAIN=yes\\n')
        put('PATH', '/opt/tiny\\n')
        put('STEP_SUMMARY', '# Done\\n')
      `,
      post: `
        console.log(env.STATE_k, env.FROM_MAIN, env.PATH.split(':')[0])
        put('OUTPUT', 'late=1\\n')
        put('STEP_SUMMARY', 'tidied\\n')
      `
    })
    expect(result).toMatchObject({conclusion: 'success', exitCode: 0, outputs: {one: '1', many: 'a\nb'}})
    expect(result.outputs).not.toHaveProperty('late')
    expect(result.state).toEqual({k: 'last'})
    expect(result.summary).toBe('# Done\n\ntidied\n')
    expect(textOf(result, 'post')).toEqual(['last yes /opt/tiny'])
  })

  test('given a main that fails, its state is read and post runs', async () => {
    const result = await play({
      main: "put('STATE', 'k=v\\n'); console.log('::error::no'); process.exit(3)",
      post: 'console.log(env.STATE_k)'
    })
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, main: {exitCode: 3}, post: {exitCode: 0}})
    expect(textOf(result, 'post')).toEqual(['v'])
  })

  test('given an error annotation and exit 0, the job succeeds', async () => {
    expect(await play({main: "console.log('::error::only words')"})).toMatchObject({conclusion: 'success'})
  })

  test('given a post that fails, the job fails', async () => {
    expect(await play({main: '', post: 'process.exit(1)'})).toMatchObject({conclusion: 'failure', main: {exitCode: 0}})
  })

  test('given a main that is killed by a signal, the job fails', async () => {
    const result = await play({main: "process.kill(process.pid, 'SIGKILL')"})
    expect(result).toMatchObject({conclusion: 'failure', main: {exitCode: null, signal: 'SIGKILL'}})
  })

  test.each([
    {postIf: 'success()', exit: 0, runs: true},
    {postIf: 'success()', exit: 1, runs: false},
    {postIf: 'failure()', exit: 1, runs: true},
    {postIf: "github.event_name == 'pull_request'", exit: 0, runs: false}
  ])('given post-if: $postIf and exit $exit, post runs: $runs', async ({postIf, exit, runs}) => {
    const result = await play({main: `process.exit(${exit})`, post: '', postIf: `  post-if: "${postIf}"\n`})
    expect(result.post !== undefined).toBe(runs)
  })

  test.each([
    {given: 'an unreadable output file', main: "put('OUTPUT', 'a=1\\nnonsense\\n')"},
    {given: 'NODE_OPTIONS for later steps', main: "put('ENV', 'NODE_OPTIONS=--inspect\\n')"},
    {given: 'a disabled command', main: "console.log('::set-env name=A::1')"}
  ])('given $given, the job fails and the runner says so', async ({main}) => {
    const result = await play({main})
    expect(result.conclusion).toBe('failure')
    expect(result.annotations.filter(note => note.by === 'runner' && note.level === 'error')).not.toEqual([])
  })

  test('given a summary beyond a mebibyte, it is not shown and the runner says so', async () => {
    const result = await play({main: "put('STEP_SUMMARY', 'x'.repeat(2 ** 20 + 1))"})
    expect(result.summary).toBe('')
    expect(result.annotations).toHaveLength(1)
  })

  test('given secrets, everything shown is masked and the raw bytes are kept', async () => {
    const result = await play(
      {
        main: "console.error('t ' + env.INPUT_TOKEN); put('STEP_SUMMARY', env.INPUT_TOKEN)",
        inputs: 'inputs: {token: {}}'
      },
      {secrets: {T: 'tok_123456'}, inputs: {token: '${{ secrets.T }}'}}
    )
    expect(textOf(result)).toEqual(['t ***'])
    expect(result.log.map(line => line.text)).toContain('  token: ***')
    expect(result.summary).toBe('***')
    expect(result.main.stderr.toString()).toBe('t tok_123456\n')
  })

  test('given a line without an end, it is shown', async () => {
    expect(textOf(await play({main: "process.stdout.write('no end')"}))).toEqual(['no end'])
  })

  test('given standard input, there is none to wait for', async () => {
    const result = await play({main: "process.stdin.on('end', () => console.log('closed')).resume()"})
    expect(textOf(result)).toEqual(['closed'])
  })

  test.each([
    {given: 'no action.yml', write: () => {}},
    {
      given: 'an action of another kind',
      write: (folder: string) => writeFileSync(join(folder, 'action.yml'), 'runs: {using: composite}')
    }
  ])('given $given, nothing is run', async ({write}) => {
    const folder = makeFolder()
    write(folder)
    await expect(runAction({action: folder, event: makeEvent('push')})).rejects.toThrow('action.yml')
  })
})

describe('RUNNER_TEMP', () => {
  const LEAVE =
    "mkdirSync(env.RUNNER_TEMP + '/own/deep', {recursive: true}); writeFileSync(env.RUNNER_TEMP + '/own/f', 'x')"

  test('given files left after post, they are listed and wiped', async () => {
    const root = makeFolder()
    const result = await play({main: LEAVE, post: ''}, {root})
    expect(result.leftInTemp.map(file => file.path).sort()).toEqual(['own/', 'own/deep/', 'own/f'])
    expect(readdirSync(result.places.temp)).toEqual([])
  })

  test('given files that post removes, nothing is listed', async () => {
    const post = "import('node:fs').then(fs => fs.rmSync(env.RUNNER_TEMP + '/own', {recursive: true}))"
    expect((await play({main: LEAVE, post})).leftInTemp).toEqual([])
  })

  test('given leftovers of an earlier job, they are wiped before main', async () => {
    const root = makeFolder()
    writeAction(join(root, '_temp', 'old'), {main: ''})
    const result = await play({main: "console.log(existsSync(env.RUNNER_TEMP + '/old'))"}, {root})
    expect(textOf(result)).toEqual(['false'])
  })

  test('given a private work folder, nothing of it stays unless it is kept', async () => {
    expect(existsSync((await play({main: LEAVE})).places.root)).toBe(false)
    const {places} = await play({main: LEAVE}, {root: makeFolder(), keep: true})
    expect(existsSync(join(places.temp, 'own/f'))).toBe(true)
  })

  test('given a home folder of our own, what is left in it is listed', async () => {
    const result = await play({main: "writeFileSync(env.HOME + '/.gitconfig', '[x]')"})
    expect(result.leftInHome.map(file => file.path)).toEqual(['.gitconfig'])
  })
})
