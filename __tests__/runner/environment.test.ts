import {afterAll, describe, expect, test} from '@jest/globals'
import {makeEvent} from '../../scripts/runner/events.ts'
import {jsonOf, makeFolder, play, removeFolders} from './tiny-action.ts'

afterAll(removeFolders)

const PRINT = 'console.log(JSON.stringify(env))'
const INPUTS = `inputs:
  plain: {}
  with-default: {default: 'as it is'}
  Two words: {default: 2.8}
  token: {default: '\${{ github.token }}'}
  where: {default: '\${{ github.repository }} on \${{ runner.os }}'}
  source: {default: '\${{ github.secret_source }}'}
  either: {default: "\${{ github.head_ref || github.ref_name }}"}
  old: {default: x, deprecationMessage: 'Use plain.'}
`

describe('inputs of an action', () => {
  test('given a manifest, every declared input arrives, upper-cased, blanks as _, hyphens kept', async () => {
    const got = jsonOf(await play({main: PRINT, inputs: INPUTS}, {token: 'ghs_of_this_job'}))
    expect(got).toMatchObject({
      INPUT_PLAIN: '',
      'INPUT_WITH-DEFAULT': 'as it is',
      INPUT_TWO_WORDS: '2.8',
      INPUT_TOKEN: 'ghs_of_this_job',
      INPUT_WHERE: 'acme/vision on Linux',
      INPUT_SOURCE: 'Actions',
      INPUT_EITHER: 'main'
    })
  })

  test('given a value, it replaces the default; an empty one does too', async () => {
    const result = await play({main: PRINT, inputs: INPUTS}, {inputs: {'with-default': '', plain: 'a\nb'}})
    expect(jsonOf(result)).toMatchObject({'INPUT_WITH-DEFAULT': '', INPUT_PLAIN: 'a\nb'})
    expect(result.annotations).toEqual([])
  })

  test('given an unknown or deprecated input, it arrives and the runner warns', async () => {
    const result = await play({main: PRINT, inputs: INPUTS}, {inputs: {plian: 'oops', old: 'y'}})
    expect(jsonOf(result)).toMatchObject({INPUT_PLIAN: 'oops', INPUT_OLD: 'y'})
    expect(result.annotations.map(note => [note.by, note.level])).toEqual([
      ['runner', 'warning'],
      ['runner', 'warning']
    ])
  })

  test.each([
    {event: 'push', then: 'github.com pat_of_the_team'},
    {event: 'fork-pull-request', then: 'github.com '},
    {event: 'dependabot-pull-request', then: 'github.com '},
    {event: 'fork-pull-request-with-secrets', then: 'github.com pat_of_the_team'}
  ] as const)('given the same workflow, $event sees "$then"', async ({event, then}) => {
    const inputs = {plain: 'github.com ${{ secrets.KERNELS }}'}
    const secrets = {KERNELS: 'pat_of_the_team'}
    const result = await play({main: PRINT, inputs: INPUTS}, {event: makeEvent(event), inputs, secrets})
    expect(jsonOf(result)).toMatchObject({INPUT_PLAIN: then})
  })
})

describe('variables of a job', () => {
  test('given our own environment, nothing of it is inherited', async () => {
    process.env.TINY_CANARY = 'sings'
    const got = jsonOf(await play({main: PRINT}))
    delete process.env.TINY_CANARY
    expect(got).not.toHaveProperty('TINY_CANARY')
    expect(Object.keys(got).filter(name => !/^(GITHUB|RUNNER)_/.test(name))).toEqual(['PATH', 'HOME', 'LANG', 'CI'])
  })

  test.each([
    {
      event: 'push',
      then: {GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch', GITHUB_HEAD_REF: ''}
    },
    {event: 'push-tag', then: {GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3', GITHUB_REF_TYPE: 'tag'}},
    {
      event: 'pull-request',
      then: {
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_REF: 'refs/pull/42/merge',
        GITHUB_REF_NAME: '42/merge',
        GITHUB_HEAD_REF: 'faster-kernel',
        GITHUB_BASE_REF: 'main'
      }
    },
    {event: 'fork-pull-request-target', then: {GITHUB_REF: 'refs/heads/main', GITHUB_HEAD_REF: 'faster-kernel'}}
  ] as const)('given $event, the GITHUB_ variables are those of the real runner', async ({event, then}) => {
    expect(jsonOf(await play({main: PRINT}, {event: makeEvent(event)}))).toMatchObject(then)
  })

  test('given another server, its API is under paths', async () => {
    const event = makeEvent('push', {serverUrl: 'http://127.0.0.1:4000'})
    expect(jsonOf(await play({main: PRINT}, {event}))).toMatchObject({
      GITHUB_SERVER_URL: 'http://127.0.0.1:4000',
      GITHUB_API_URL: 'http://127.0.0.1:4000/api/v3',
      GITHUB_GRAPHQL_URL: 'http://127.0.0.1:4000/api/graphql'
    })
  })

  test.each([
    {event: 'push', given: true},
    {event: 'fork-pull-request', given: false}
  ] as const)('given id-token: write, $event gets the request variables: $given', async ({event, given}) => {
    const services = {ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/', ACTIONS_CACHE_MODE: 'read'}
    const got = jsonOf(await play({main: PRINT}, {event: makeEvent(event), services}))
    expect('ACTIONS_ID_TOKEN_REQUEST_URL' in got).toBe(given)
    expect(got.ACTIONS_CACHE_MODE).toBe('read')
  })

  test('given debug and a self-hosted machine, the variables say so', async () => {
    const got = jsonOf(await play({main: PRINT}, {debug: true, machine: 'self-hosted'}))
    expect(got).toMatchObject({RUNNER_DEBUG: '1', RUNNER_ENVIRONMENT: 'self-hosted'})
  })

  test('given a last word on variables, it wins over the runner and can take one away', async () => {
    const variables = {RUNNER_OS: 'Windows', GITHUB_EVENT_PATH: undefined}
    const got = jsonOf(await play({main: PRINT}, {variables}))
    expect(got.RUNNER_OS).toBe('Windows')
    expect(got).not.toHaveProperty('GITHUB_EVENT_PATH')
  })

  test('given a workspace, the action runs in it', async () => {
    const workspace = makeFolder()
    const result = await play({main: 'console.log(process.cwd())'}, {workspace})
    expect(result.main.stdout.toString()).toBe(`${workspace}\n`)
  })
})

describe('the event file', () => {
  const READ = "console.log(existsSync(env.GITHUB_EVENT_PATH) ? readFileSync(env.GITHUB_EVENT_PATH, 'utf8') : 'absent')"

  test('given a payload, the file holds it', async () => {
    const event = makeEvent('fork-pull-request')
    const result = await play({main: READ}, {event})
    expect(JSON.parse(result.main.stdout.toString())).toEqual(event.payload)
  })

  test.each([
    {given: 'a text instead', payloadText: '{"broken"', then: '{"broken"\n'},
    {given: 'none', payloadText: null, then: 'absent\n'}
  ])('given $given, the file is just that', async ({payloadText, then}) => {
    const result = await play({main: READ}, {event: {...makeEvent('push'), payloadText}})
    expect(result.main.stdout.toString()).toBe(then)
  })
})
