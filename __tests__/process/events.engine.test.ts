import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {EVENT_NAMES, EVENTS, type EventName} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {folderWithGit, removeFolders} from '../support/bare-job.ts'
import {ACTION, errorCodes, hasBuilt, logOf, told} from '../support/built-action.ts'
import {FROM_TINY_ARCHIVE, type JobWorld, makeJobWorld, REPOSITORY} from '../support/job-world.ts'

jest.setTimeout(60_000)

/** What each event comes to, written down here a second time: the policy must not be its own witness. */
interface Expected {
  readonly origin: string
  readonly trust: 'full' | 'limited' | 'none'
  readonly pushed: boolean
  readonly reason: string
}

const PUBLISHES = {trust: 'full', pushed: true, reason: 'allowed'} as const
const READS = {trust: 'limited', pushed: false} as const
const BUILDS = {trust: 'none', pushed: false} as const

const EXPECTED: Readonly<Record<EventName, Expected>> = {
  push: {origin: 'own-branch', ...PUBLISHES},
  'push-tag': {origin: 'own-tag', ...PUBLISHES},
  'push-deleted-branch': {origin: 'deleted-branch', ...BUILDS, reason: 'deleted-branch'},
  'push-in-fork': {origin: 'own-branch', ...PUBLISHES},
  'dependabot-push': {origin: 'dependabot', ...BUILDS, reason: 'dependabot'},
  'pull-request': {origin: 'own-pull-request', ...READS, reason: 'unmerged'},
  'fork-pull-request': {origin: 'fork-pull-request', ...BUILDS, reason: 'fork'},
  'fork-pull-request-with-secrets': {origin: 'fork-pull-request', ...BUILDS, reason: 'fork'},
  'deleted-fork-pull-request': {origin: 'fork-pull-request', ...BUILDS, reason: 'fork'},
  'pull-request-in-fork': {origin: 'own-pull-request', ...READS, reason: 'unmerged'},
  'dependabot-pull-request': {origin: 'dependabot', ...BUILDS, reason: 'dependabot'},
  'pull-request-target': {origin: 'pull-request-target', ...BUILDS, reason: 'privileged-event'},
  'fork-pull-request-target': {origin: 'pull-request-target', ...BUILDS, reason: 'privileged-event'},
  'deleted-fork-pull-request-target': {origin: 'pull-request-target', ...BUILDS, reason: 'privileged-event'},
  'dependabot-pull-request-target': {origin: 'pull-request-target', ...BUILDS, reason: 'privileged-event'},
  'pull-request-review': {origin: 'own-pull-request', ...READS, reason: 'unmerged'},
  'fork-pull-request-review': {origin: 'fork-pull-request', ...BUILDS, reason: 'fork'},
  'workflow-dispatch': {origin: 'dispatch', ...PUBLISHES},
  schedule: {origin: 'schedule', ...PUBLISHES},
  release: {origin: 'release', ...PUBLISHES},
  'merge-group': {origin: 'merge-queue', ...READS, reason: 'merge-queue'},
  'workflow-run': {origin: 'workflow-run', ...PUBLISHES},
  'fork-workflow-run': {origin: 'foreign-workflow-run', ...BUILDS, reason: 'foreign-run'},
  'repository-dispatch': {origin: 'repository-dispatch', ...PUBLISHES},
  'issue-comment': {origin: 'comment', ...BUILDS, reason: 'comment'},
  'pull-request-comment': {origin: 'comment', ...BUILDS, reason: 'comment'},
  watch: {origin: 'bystander', ...BUILDS, reason: 'bystander'},
  unheard: {origin: 'unknown', ...BUILDS, reason: 'unknown-event'}
}

const ROWS = EVENT_NAMES.map(event => ({event, says: EVENTS[event].says, ...EXPECTED[event]}))

const SECRETS = {
  KERNELS_READ_TOKEN: 'ghs_kernelsReadToken0123456789ab',
  API_TOKEN: 'api-token-of-the-build-5561'
}

let world: JobWorld
/** The same block for every event, as a workflow has it. */
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('events')
  await world.provideBuildkit()
  const {git} = world
  git.addToken({name: 'kernels', token: SECRETS.KERNELS_READ_TOKEN, repositories: ['acme/kernels']})
  const commit = await git.createRepository('acme/kernels', {'kernel.cu': '// fused\n'})
  world.checkout(
    {
      Dockerfile: [
        // Foreign code in a job with rights is built in a fresh builder, which has no images.
        FROM_TINY_ARCHIVE,
        // So that each event's steps run and print, whatever an earlier one left in the engine.
        'ARG EVENT',
        world.fresh,
        'COPY . /src',
        'RUN : $EVENT; if [ -e /src/kernels/kernel.cu ]; then echo "kernels are here"; else echo "kernels are absent"; fi',
        'RUN --mount=type=secret,id=api : $EVENT; if [ -s /run/secrets/api ]; then echo "secret is here"; else echo "secret is absent"; fi',
        ''
      ].join('\n')
    },
    {submodules: {kernels: {url: `${git.url}/acme/kernels.git`, commit}}, hasTiny: true}
  )
  inputs = {
    image: world.image,
    'registry-credentials': world.login,
    'git-credentials': `${git.url.replace('http://', '')}/acme/kernels \${{ secrets.KERNELS_READ_TOKEN }}`,
    secrets: 'api=${{ secrets.API_TOKEN }}'
  }
}, 900_000)

afterAll(async () => {
  removeFolders()
  await world?.stop()
})

/** Plays an event in a fresh checkout, and gives what registry and git server saw of it. */
async function play(event: EventName, given: Readonly<Record<string, string>> = {}) {
  const before = {tokens: world.registry.tokenLog().length, git: world.git.log().length}
  world.clearSubmodule('kernels')
  const result = await world.run({
    event,
    inputs: {...inputs, ...given, 'build-args': `EVENT=${event}`},
    secrets: SECRETS
  })
  const asked = world.registry.tokenLog().slice(before.tokens)
  return {
    result,
    scopes: asked.flatMap(row => row.asked),
    users: [...new Set(asked.map(({user}) => user))],
    logins: world.git
      .log()
      .slice(before.git)
      .filter(({authorization}) => authorization)
  }
}

describe('one workflow for every event', () => {
  test.each(ROWS)('given $says, the origin is $origin and the answer is $reason', async row => {
    const {result, scopes, users, logins} = await play(row.event)
    expect(told(result, 'error')).toEqual([])
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {
        origin: row.origin,
        trust: row.trust,
        pushed: String(row.pushed),
        'push-reason': row.reason,
        image: world.image
      }
    })
    expect(hasBuilt(result)).toBe(row.reason !== 'deleted-branch')
    expect(result.outputs.tags === '').toBe(!row.pushed)
    expect(scopes.some(scope => scope.includes('push'))).toBe(row.pushed)
    // Whoever is not trusted asks as anyone may, if at all: for a layer cache that lies in the open.
    if (row.trust === 'none') expect(users.filter(user => user !== '')).toEqual([])
    expectCodeAndSecrets(row, {result, isRead: row.trust !== 'none', logins: logins.length})
  })

  test('every trusted event reached what it may, so that the others could have', () => {
    expect(world.tags()).toEqual(expect.arrayContaining(['main', 'latest', '1.2.3', '1.2', '1', 'nightly']))
    expect(world.tags().filter(tag => /^(pr-|mq-|candidate|branch-dependabot)/.test(tag))).toEqual([])
  })
})

describe('what a registry is asked for code that is not trusted', () => {
  test('of a public repository: to read the layer cache as anyone may, without a login, and nothing else', async () => {
    const {scopes, users} = await play('fork-pull-request')
    expect(users).toEqual([''])
    expect(new Set(scopes)).toEqual(new Set(['repository:acme/app:pull']))
  })

  test('of a private repository: nothing at all, although the job holds secrets', async () => {
    const {scopes, users} = await play('fork-pull-request-with-secrets')
    expect({scopes, users}).toEqual({scopes: [], users: []})
  })
})

function expectCodeAndSecrets(
  {reason}: Expected,
  {result, isRead, logins}: {result: RunResult; isRead: boolean; logins: number}
): void {
  expect(logins > 0).toBe(isRead)
  if (reason === 'deleted-branch') return
  expect(logOf(result)).toContain(`kernels are ${isRead ? 'here' : 'absent'}`)
  expect(logOf(result)).toContain(`secret is ${isRead ? 'here' : 'absent'}`)
}

describe('`mode: plan`, on a machine without docker and without network', () => {
  let path: string
  let isPlan: ReturnType<Ajv2020['compile']>

  beforeAll(() => {
    path = folderWithGit()
    isPlan = new Ajv2020({strict: false}).compile(
      JSON.parse(readFileSync(join(ACTION, 'docs/plan.schema.json'), 'utf8')) as object
    )
  })

  test.each(ROWS)('given $says, the plan is an output and nothing else happens', async row => {
    const before = {tokens: world.registry.tokenLog().length, git: world.git.log().length}
    const result = await world.run({
      event: row.event,
      inputs: {...inputs, mode: 'plan'},
      secrets: SECRETS,
      variables: {PATH: path, DOCKER_HOST: 'unix:///nowhere/docker.sock', https_proxy: 'http://127.0.0.1:9'}
    })
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {origin: row.origin, trust: row.trust, pushed: 'false', 'push-reason': row.reason, digest: ''}
    })
    const plan = JSON.parse(result.outputs.plan ?? '') as {
      schemaVersion: number
      origin: string
      steps: {name: string; verdict: {allowed: boolean; code: string; because: string}}[]
    }
    expect(isPlan(plan) ? [] : isPlan.errors).toEqual([])
    expect(plan).toMatchObject({schemaVersion: 1, origin: row.origin, trust: row.trust})
    expect(plan.steps.map(({name}) => name)).toEqual([
      'git',
      'lock',
      'preflight',
      'builder',
      'runtime',
      'build',
      'prove',
      'validate',
      'promote',
      'cache'
    ])
    expect(plan.steps.find(({name}) => name === 'promote')?.verdict).toMatchObject({
      allowed: row.pushed,
      code: row.reason,
      because: expect.stringMatching(/\w.*\.$/)
    })
    expect(world.registry.tokenLog().slice(before.tokens)).toEqual([])
    expect(world.git.log().slice(before.git)).toEqual([])
  })
})

describe('code that the event does not vouch for', () => {
  test('given a push with another commit in the workspace, it is built and nothing else', async () => {
    const {result, scopes, logins} = await playElsewhere('push')
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {origin: 'own-branch', trust: 'none', pushed: 'false', 'push-reason': 'unknown-code'}
    })
    expect(scopes).toEqual([])
    expect(logins).toEqual([])
    expect(logOf(result)).toContain('secret is absent')
  })

  test("given a privileged event with the pull request's commit in the workspace, nothing changes its refusal", async () => {
    const {result, scopes} = await playElsewhere('fork-pull-request-target')
    expect(result.outputs).toMatchObject({trust: 'none', pushed: 'false', 'push-reason': 'privileged-event'})
    expect(scopes).toEqual([])
  })

  async function playElsewhere(event: EventName) {
    const before = {tokens: world.registry.tokenLog().length, git: world.git.log().length}
    world.clearSubmodule('kernels')
    const result = await world.run({
      event,
      inputs,
      secrets: SECRETS,
      options: {sha: '1234567890123456789012345678901234567890', repository: REPOSITORY}
    })
    return {
      result,
      scopes: world.registry.tokenLog().slice(before.tokens),
      logins: world.git
        .log()
        .slice(before.git)
        .filter(({authorization}) => authorization)
    }
  }
})

describe('a self-hosted machine', () => {
  test('given code of a fork, nothing is built there', async () => {
    const result = await world.run({event: 'fork-pull-request', inputs, secrets: SECRETS, machine: 'self-hosted'})
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {trust: 'none', pushed: 'false', 'push-reason': 'self-hosted'}
    })
    expect(hasBuilt(result)).toBe(false)
  })

  test('given its own code, all is as elsewhere', async () => {
    const result = await world.run({inputs, secrets: SECRETS, machine: 'self-hosted'})
    expect(result).toMatchObject({conclusion: 'success', outputs: {trust: 'full', pushed: 'true'}})
  })
})

describe('a pull request that the registry refuses', () => {
  test('given a login that is wrong, its image is built all the same', async () => {
    const result = await world.run({
      event: 'pull-request',
      inputs,
      secrets: {...SECRETS, REGISTRY_PASSWORD: 'not-the-password-at-all'}
    })
    expect(errorCodes(result)).toEqual([])
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'push-reason': 'unmerged'}})
    expect(hasBuilt(result)).toBe(true)
  })
})
