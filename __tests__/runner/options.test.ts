import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {makeEvent} from '../../scripts/runner/events.ts'
import {makeLocalRequest} from '../../scripts/runner/local-request.ts'
import {parseOptions} from '../../scripts/runner/options.ts'
import {makeFolder, removeFolders, writeAction} from './tiny-action.ts'

afterAll(removeFolders)

let action = ''
let checkout = ''

beforeAll(() => {
  action = writeAction(makeFolder(), {main: ''})
  checkout = makeFolder()
  const git = (...words: string[]) => execFileSync('git', ['-C', checkout, ...words], {encoding: 'utf8'})
  git('init', '-q', '-b', 'dev')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '--allow-empty', '-m', 'first')
  git('remote', 'add', 'origin', 'git@github.com:Acme/Vision.git')
  mkdirSync(join(checkout, 'sub'))
  writeFileSync(join(checkout, 'with.yml'), 'torch: 2.8\npush: never\ntags: |\n  a\n  b\nempty:\n')
  writeFileSync(join(checkout, 'job.yml'), 'with:\n  torch: 2.8.0\n')
  writeFileSync(join(checkout, 'list.yml'), 'tags: [a, b]\n')
})

function request(...words: readonly string[]) {
  const environment = {
    PATH: '/bin',
    MY_TOKEN: 'tok_123',
    EMPTY: '',
    http_proxy: 'http://p',
    OTHER: 'x',
    GITHUB_SHA: 'y'
  }
  return makeLocalRequest(parseOptions(words), {action, folder: join(checkout, 'sub'), environment})
}

describe('npm run local', () => {
  test('given nothing, it is a push of what is checked out here, by someone without a token', () => {
    const made = request()
    expect(made).toMatchObject({workspace: checkout, token: '', machine: 'github-hosted', keep: false, debug: false})
    expect(made.event).toMatchObject({name: 'push', ref: 'refs/heads/dev', repository: 'Acme/Vision'})
    expect(made.event.sha).toBe(execFileSync('git', ['-C', checkout, 'rev-parse', 'HEAD'], {encoding: 'utf8'}).trim())
  })

  test("of the person's environment it takes programs, proxies and certificates only", () => {
    expect(request().environment).toEqual({PATH: '/bin', http_proxy: 'http://p'})
  })

  test('given tokens by the name of a variable, they stand nowhere else', () => {
    const made = request('--token-env', 'MY_TOKEN', '--secret-env', 'MY_TOKEN')
    expect(made).toMatchObject({token: 'tok_123', secrets: {MY_TOKEN: 'tok_123'}})
  })

  test.each([
    {words: ['--event', 'push', '--ref', 'main'], then: 'refs/heads/main'},
    {words: ['--event=push', '--ref=refs/heads/x'], then: 'refs/heads/x'},
    {words: ['--event', 'push-tag', '--ref', 'v2.0.0'], then: 'refs/tags/v2.0.0'},
    {words: ['--event', 'release', '--ref', 'v2.0.0'], then: 'refs/tags/v2.0.0'},
    {words: ['--event', 'schedule'], then: 'refs/heads/main'},
    {words: ['--event', 'pull_request', '--ref', 'topic'], then: 'refs/pull/42/merge'}
  ])('given $words, the ref is $then', ({words, then}) => {
    expect(request(...words).event.ref).toBe(then)
  })

  test('given a pull request, the commit here is both what is built and what was proposed', () => {
    const {event} = request('--event', 'pull-request', '--ref', 'topic')
    const {pull_request: pull} = event.payload as {pull_request: {head: {sha: string; ref: string}}}
    expect(pull.head).toMatchObject({sha: event.sha, ref: 'topic'})
  })

  test('given pull_request_target, the commit here is the base, not the proposal', () => {
    const {event} = request('--event', 'fork-pull-request-target')
    const {pull_request: pull} = event.payload as {pull_request: {head: {sha: string}}}
    expect(pull.head.sha).not.toBe(event.sha)
  })

  test.each([
    {file: '../with.yml', then: {torch: '2.8', push: 'never', tags: 'a\nb\n', empty: ''}},
    {file: '../job.yml', then: {torch: '2.8.0'}}
  ])('given inputs from $file, they are text', ({file, then}) => {
    expect(request('--inputs', file).inputs).toEqual(then)
  })

  test('given an input twice, in a file and typed, the typed one counts', () => {
    const made = request('--inputs', '../with.yml', '--input', 'torch=2.9.0', '--input', 'tags=a=b')
    expect(made.inputs).toMatchObject({torch: '2.9.0', tags: 'a=b', push: 'never'})
  })

  test.each([
    {words: ['--evnet', 'push'], then: '--event?'},
    {words: ['--event', 'fork-pul-request'], then: 'fork-pull-request?'},
    {words: ['--zzzzzzzzz'], then: '--help'},
    {words: ['--event'], then: 'needs a value'},
    {words: ['--event', 'push', '--event', 'push'], then: 'twice'},
    {words: ['--keep=yes'], then: 'takes no value'},
    {words: ['word'], then: '"word"'},
    {words: ['--input', 'torch'], then: '--input name=value'},
    {words: ['--inputs', 'none.yml'], then: 'none.yml'},
    {words: ['--inputs', '../list.yml'], then: 'tags'},
    {words: ['--token-env', 'EMPTY'], then: 'EMPTY'},
    {words: ['--token-env', 'ABSENT'], then: 'ABSENT'},
    {words: ['--repository', 'vision'], then: 'owner/name'},
    {words: ['--event', './none.json'], then: 'none.json'}
  ])('given $words, it says $then and runs nothing', ({words, then}) => {
    expect(() => request(...words)).toThrow(then)
  })

  test('given an action that is not built, it says how to build it', () => {
    const unbuilt = makeFolder()
    writeFileSync(join(unbuilt, 'action.yml'), 'runs: {using: node24, main: dist/main/index.js}')
    const person = {action: unbuilt, folder: checkout, environment: {}}
    expect(() => makeLocalRequest({}, person)).toThrow('run bundle')
  })
})

describe('a payload file', () => {
  const saved = (name: Parameters<typeof makeEvent>[0], file = 'event.json') => {
    const path = join(makeFolder(), file)
    writeFileSync(path, JSON.stringify(makeEvent(name, {repository: 'bee/hive', branch: 'topic'}).payload))
    return path
  }

  test.each([
    {name: 'push', then: {name: 'push', ref: 'refs/heads/topic', secretSource: 'Actions'}},
    {name: 'push-tag', then: {name: 'push', ref: 'refs/tags/v1.2.3'}},
    {name: 'push-deleted-branch', then: {name: 'push', ref: 'refs/heads/main'}},
    {name: 'pull-request', then: {name: 'pull_request', headRef: 'topic', secretSource: 'Actions'}},
    {name: 'fork-pull-request', then: {name: 'pull_request', secretSource: 'None', token: 'read-only'}},
    {name: 'deleted-fork-pull-request', then: {name: 'pull_request', secretSource: 'None'}},
    {name: 'dependabot-pull-request', then: {name: 'pull_request', secretSource: 'Dependabot'}},
    {name: 'workflow-run', then: {name: 'workflow_run'}},
    {name: 'release', then: {name: 'release', ref: 'refs/tags/v1.2.3'}},
    {name: 'issue-comment', then: {name: 'issue_comment'}},
    {name: 'merge-group', then: {name: 'merge_group'}},
    {name: 'repository-dispatch', then: {name: 'repository_dispatch'}},
    {name: 'schedule', then: {name: 'schedule'}},
    {name: 'workflow-dispatch', then: {name: 'workflow_dispatch', ref: 'refs/heads/topic'}}
  ] as const)('given one of $name, the event is found out', ({name, then}) => {
    expect(request('--event', saved(name)).event).toMatchObject({...then, repository: 'bee/hive'})
  })

  test('given a file named after an event, that is its name', () => {
    const path = saved('fork-pull-request-target', 'pull_request_target.json')
    expect(request('--event', path).event).toMatchObject({name: 'pull_request_target', ref: 'refs/heads/main'})
  })

  test('given a name for it, that wins', () => {
    const {event} = request('--event', saved('push'), '--event-name', 'gollum')
    expect(event).toMatchObject({name: 'gollum', ref: 'refs/heads/topic'})
  })

  test.each([
    {given: 'broken JSON', text: '{"a"', then: 'no JSON'},
    {given: 'a list', text: '[]', then: 'no JSON object'},
    {given: 'an object that tells nothing', text: '{}', then: '--event-name'}
  ])('given $given, it says so', ({text, then}) => {
    const path = join(makeFolder(), 'x.json')
    writeFileSync(path, text)
    expect(() => request('--event', path)).toThrow(then)
  })
})
